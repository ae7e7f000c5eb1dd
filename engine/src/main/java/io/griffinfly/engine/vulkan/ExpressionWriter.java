package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.kernel.TypedExpr;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/// Writes scalar expressions into a shader, equal parts once.
final class ExpressionWriter {
  private final ShaderWriter shader;
  private final List<DType> types;
  private final IntFunction<String> operands;
  private final Map<TypedExpr, String> values = new HashMap<>();

  /// @param shader where to
  /// @param types types of the operands
  /// @param operands the GLSL of each operand, read at most once
  ExpressionWriter(ShaderWriter shader, List<DType> types, IntFunction<String> operands) {
    this.shader = shader;
    this.types = types;
    this.operands = operands;
  }

  /// Writes an expression.
  ///
  /// @param wanted the type of its value
  /// @return a variable that holds it
  String write(ScalarExpr expression, DType wanted) {
    return value(TypedExpr.of(expression, types, wanted));
  }

  private String value(TypedExpr expression) {
    String known = values.get(expression);
    if (known != null) {
      return known;
    }
    String text =
        switch (expression) {
          case TypedExpr.Load(int operand, _) -> operands.apply(operand);
          case TypedExpr.Literal(double value, DType type) -> Glsl.literal(type, value);
          case TypedExpr.Convert(DType to, TypedExpr from) -> convert(from.type(), to, value(from));
          case TypedExpr.Call call ->
              call(call, call.args().stream().map(this::value).toArray(String[]::new));
        };
    String name = shader.let(Glsl.register(expression.type()), text);
    values.put(expression, name);
    return name;
  }

  private String convert(DType from, DType to, String value) {
    return switch (to) {
      case F32 -> toFloat(from, value);
      case F16 -> "unpackHalf2x16(" + shader.call("half_bits", toFloat(from, value)) + ").x";
      case BF16 ->
          "uintBitsToFloat(" + shader.call("bfloat_bits", toFloat(from, value)) + " << 16)";
      case I32 -> toInt(from, value);
      case I64 -> toLong(from, value);
      case BOOL -> from == DType.BOOL ? value : "(" + value + " != " + Glsl.literal(from, 0) + ")";
      case F64 -> throw doublePrecision();
    };
  }

  private static IllegalArgumentException doublePrecision() {
    return new IllegalArgumentException("no kernel of the vulkan device takes F64");
  }

  private String toInt(DType from, String value) {
    return switch (from) {
      case F32, F16, BF16 -> shader.call("to_int", value);
      case I64 -> shader.call("long_to_int", value);
      case I32 -> value;
      case BOOL -> "(" + value + " ? 1 : 0)";
      case F64 -> throw doublePrecision();
    };
  }

  private String toLong(DType from, String value) {
    return switch (from) {
      case F32, F16, BF16 -> shader.call("to_long", value);
      case I32, I64 -> "int64_t(" + value + ")";
      case BOOL -> "(" + value + " ? 1L : 0L)";
      case F64 -> throw doublePrecision();
    };
  }

  private static String toFloat(DType from, String value) {
    return switch (from) {
      case F32, F16, BF16 -> value;
      case I32, I64 -> "float(" + value + ")";
      case BOOL -> "(" + value + " ? 1.0 : 0.0)";
      case F64 -> throw doublePrecision();
    };
  }

  @SuppressWarnings("CyclomaticComplexity") // one row a function
  private String call(TypedExpr.Call call, String... args) {
    boolean real = call.args().getLast().type().isFloat();
    String a = args[0];
    String b = args.length > 1 ? args[1] : "";
    return switch (call.fn()) {
      case NEG -> "-" + a;
      case ABS -> "abs(" + a + ")";
      case SIGN -> real ? shader.call("signum", a) : "sign(" + a + ")";
      case EXP -> shader.call("exponential", a);
      case LOG -> shader.call("logarithm", a);
      case SQRT -> "sqrt(" + a + ")";
      case RSQRT -> "1.0 / sqrt(" + a + ")";
      case RECIPROCAL -> "1.0 / " + a;
      case POWER_OF_TWO -> shader.call("power_within", a);
      case SIN -> shader.call("sine", a);
      case COS -> shader.call("cosine", a);
      case TANH -> shader.call("hyperbolic_tangent", a);
      case ERF -> shader.call("error_function", a);
      case SIGMOID -> shader.call("sigmoid", a);
      case SILU -> a + " * " + shader.call("sigmoid", a);
      case SWIGLU -> a + " * " + shader.call("sigmoid", a) + " * " + b;
      case RELU ->
          real
              ? shader.call("rectified", a)
              : "max(" + a + ", " + Glsl.literal(call.type(), 0) + ")";
      case POW -> shader.call("power", a, b);
      case MAX -> real ? shader.call("larger", a, b) : "max(" + a + ", " + b + ")";
      case MIN -> real ? shader.call("smaller", a, b) : "min(" + a + ", " + b + ")";
      case NOT -> "!" + a;
      case ADD -> a + " + " + b;
      case SUB -> a + " - " + b;
      case MUL -> a + " * " + b;
      case DIV -> a + " / " + b;
      case LESS -> a + " < " + b;
      case LESS_EQUAL -> a + " <= " + b;
      case GREATER -> a + " > " + b;
      case GREATER_EQUAL -> a + " >= " + b;
      case EQUAL -> a + " == " + b;
      case NOT_EQUAL -> a + " != " + b;
      case AND -> a + " && " + b;
      case OR -> a + " || " + b;
      case SELECT -> a + " ? " + b + " : " + args[2];
    };
  }
}
