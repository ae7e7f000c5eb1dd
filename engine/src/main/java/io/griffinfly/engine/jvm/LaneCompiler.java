package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.jvm.LaneProgram.Operation;
import io.griffinfly.engine.jvm.TileLoop.Access;
import io.griffinfly.engine.kernel.TypedExpr;
import java.util.List;

/// Turns the expressions of a loop into a program over vectors, where all is in single precision
/// and contiguous or the same along a row.
///
/// SIN, COS and POW are left to scalar loops: they need more than single precision inside, and
/// models use them on tables and steps, not on activations.
final class LaneCompiler {
  private final LaneProgram program = new LaneProgram();
  private final LaneMath math = new LaneMath(program);

  private LaneCompiler() {}

  /// Whether a loop can be a program over vectors.
  static boolean accepts(LoopSpec spec) {
    for (int i = 0; i < spec.resultTypes().size(); i++) {
      boolean contiguous = spec.fold() != null || spec.resultAccess().get(i) == Access.CONTIGUOUS;
      if (spec.resultTypes().get(i) != DType.F32 || !contiguous) {
        return false;
      }
    }
    return spec.expressions().stream().allMatch(e -> e.type() == DType.F32 && accepts(e, spec));
  }

  private static boolean accepts(TypedExpr expression, LoopSpec spec) {
    return switch (expression) {
      case TypedExpr.Load(int operand, DType type) ->
          type == DType.F32 && spec.access(operand) != Access.STRIDED;
      case TypedExpr.Literal(_, DType type) -> type == DType.F32;
      case TypedExpr.Convert(DType to, TypedExpr value) ->
          isLane(to) && isLane(value.type()) && accepts(value, spec);
      case TypedExpr.Call(ScalarFn fn, DType type, List<TypedExpr> args) ->
          isLane(type) && accepts(fn, type) && args.stream().allMatch(arg -> accepts(arg, spec));
    };
  }

  private static boolean isLane(DType type) {
    return type == DType.F32 || type == DType.BOOL;
  }

  private static boolean accepts(ScalarFn fn, DType type) {
    return switch (fn.kind()) {
      case ARITHMETIC, COMPARISON, LOGIC -> true;
      case REAL -> fn != ScalarFn.SIN && fn != ScalarFn.COS && fn != ScalarFn.POW;
      case CHOICE -> type == DType.F32;
    };
  }

  /// The program of a loop.
  ///
  /// @param program the instructions
  /// @param values for each expression, the number of its value
  record Compiled(LaneProgram program, List<Integer> values) {}

  static Compiled compile(LoopSpec spec) {
    LaneCompiler compiler = new LaneCompiler();
    List<Integer> values = spec.expressions().stream().map(compiler::value).toList();
    return new Compiled(compiler.program, values);
  }

  private int value(TypedExpr expression) {
    return switch (expression) {
      case TypedExpr.Load(int operand, _) -> program.load(operand);
      case TypedExpr.Literal(double value, _) -> program.literal(value);
      case TypedExpr.Convert(DType to, TypedExpr from) -> convert(to, from);
      case TypedExpr.Call(ScalarFn fn, _, List<TypedExpr> args) ->
          call(fn, args.stream().map(this::value).toList());
    };
  }

  private int convert(DType to, TypedExpr from) {
    int value = value(from);
    if (from.type() == to) {
      return value;
    }
    return to == DType.BOOL
        ? program.apply(Operation.NOT_EQUAL, value, program.literal(0))
        : program.choose(value, program.literal(1), program.literal(0));
  }

  @SuppressWarnings("CyclomaticComplexity") // one row a function
  private int call(ScalarFn fn, List<Integer> args) {
    int a = args.getFirst();
    int b = args.get(Math.min(1, args.size() - 1));
    return switch (fn) {
      case NEG -> program.apply(Operation.NEG, a);
      case ABS -> program.apply(Operation.ABS, a);
      case SIGN -> math.sign(a);
      case EXP -> math.exp(a);
      case LOG -> math.log(a);
      case SQRT -> program.apply(Operation.SQRT, a);
      case RSQRT -> reciprocal(program.apply(Operation.SQRT, a));
      case RECIPROCAL -> reciprocal(a);
      case POWER_OF_TWO -> math.powerOfTwoWithin(a);
      case TANH -> math.tanh(a);
      case ERF -> math.erf(a);
      case SIGMOID -> math.sigmoid(a);
      case SILU -> math.silu(a);
      case RELU -> math.relu(a);
      case NOT -> program.apply(Operation.NOT, a);
      case ADD -> program.apply(Operation.ADD, a, b);
      case SUB -> program.apply(Operation.SUB, a, b);
      case MUL -> program.apply(Operation.MUL, a, b);
      case DIV -> program.apply(Operation.DIV, a, b);
      case MAX -> program.apply(Operation.MAX, a, b);
      case MIN -> program.apply(Operation.MIN, a, b);
      case SWIGLU -> program.apply(Operation.MUL, math.silu(a), b);
      case LESS -> program.apply(Operation.LESS, a, b);
      case LESS_EQUAL -> program.apply(Operation.LESS_EQUAL, a, b);
      case GREATER -> program.apply(Operation.LESS, b, a);
      case GREATER_EQUAL -> program.apply(Operation.LESS_EQUAL, b, a);
      case EQUAL -> program.apply(Operation.EQUAL, a, b);
      case NOT_EQUAL -> program.apply(Operation.NOT_EQUAL, a, b);
      case AND -> program.apply(Operation.AND, a, b);
      case OR -> program.apply(Operation.OR, a, b);
      case SELECT -> program.choose(a, b, args.getLast());
      case SIN, COS, POW -> throw new IllegalArgumentException(fn + " has no vector form");
    };
  }

  private int reciprocal(int value) {
    return program.apply(Operation.DIV, program.literal(1), value);
  }
}
