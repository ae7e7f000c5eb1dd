package io.griffinfly.engine.io.onnx;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import java.util.ArrayList;
import java.util.List;

/// Writes scalar functions. ONNX broadcasts as the graph does.
final class ElementwiseNodes {
  private final NodeWriter writer;

  ElementwiseNodes(NodeWriter writer) {
    this.writer = writer;
  }

  String write(Elementwise op, Node node, List<String> inputs) {
    return switch (op) {
      case Elementwise.Map(ScalarFn fn) ->
          apply(fn, node.input(node.inputs().size() - 1).dtype(), inputs);
      case Elementwise.Cast(DType to) -> writer.cast(inputs.getFirst(), to);
    };
  }

  /// A written value and its element type.
  ///
  /// @param name the value
  /// @param dtype its element type
  record Typed(String name, DType dtype) {}

  /// Writes an expression over values.
  ///
  /// @param dtype the element type of numbers that stand beside no value
  Typed write(ScalarExpr expression, DType dtype, List<Typed> operands) {
    return switch (expression) {
      case ScalarExpr.Arg(int index) -> operands.get(index);
      case ScalarExpr.Scalar(double value) -> new Typed(writer.scalar(dtype, value), dtype);
      case ScalarExpr.Convert(DType to, ScalarExpr value) -> {
        Typed typed = write(value, dtype, operands);
        yield typed.dtype == to ? typed : new Typed(writer.cast(typed.name, to), to);
      }
      case ScalarExpr.Apply(ScalarFn fn, List<ScalarExpr> arguments) ->
          apply(fn, dtype, arguments, operands);
    };
  }

  /// Numbers take the element type of the values beside them, so values are written first.
  private Typed apply(ScalarFn fn, DType dtype, List<ScalarExpr> arguments, List<Typed> operands) {
    Typed[] written = new Typed[arguments.size()];
    DType common = dtype;
    for (int i = arguments.size() - 1; i >= 0; i--) {
      if (!(arguments.get(i) instanceof ScalarExpr.Scalar)) {
        written[i] = write(arguments.get(i), dtype, operands);
        boolean condition = fn.kind() == ScalarFn.Kind.CHOICE && i == 0;
        common = condition ? common : written[i].dtype;
      }
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < written.length; i++) {
      names.add(
          arguments.get(i) instanceof ScalarExpr.Scalar(double value)
              ? writer.scalar(common, value)
              : written[i].name);
    }
    DType result =
        switch (fn.kind()) {
          case ARITHMETIC, REAL, CHOICE -> common;
          case COMPARISON, LOGIC -> DType.BOOL;
        };
    return new Typed(apply(fn, common, names), result);
  }

  /// Writes one function of operands of an element type.
  @SuppressWarnings("CyclomaticComplexity") // one row a function
  String apply(ScalarFn fn, DType dtype, List<String> in) {
    return switch (fn) {
      case NEG -> writer.node("Neg", in);
      case ABS -> writer.node("Abs", in);
      case SIGN -> writer.node("Sign", in);
      case EXP -> writer.node("Exp", in);
      case LOG -> writer.node("Log", in);
      case SQRT -> writer.node("Sqrt", in);
      case RSQRT -> writer.node("Reciprocal", List.of(writer.node("Sqrt", in)));
      case RECIPROCAL -> writer.node("Reciprocal", in);
      case POWER_OF_TWO -> powerOfTwo(in.getFirst(), dtype);
      case SIN -> writer.node("Sin", in);
      case COS -> writer.node("Cos", in);
      case TANH -> writer.node("Tanh", in);
      case ERF -> writer.node("Erf", in);
      case SIGMOID -> writer.node("Sigmoid", in);
      case SILU -> silu(in.getFirst());
      // Relu takes floating point alone in the runtimes, Max any number.
      case RELU -> writer.node("Max", List.of(in.getFirst(), writer.scalar(dtype, 0)));
      case NOT -> writer.node("Not", in);
      case ADD -> writer.node("Add", in);
      case SUB -> writer.node("Sub", in);
      case MUL -> writer.node("Mul", in);
      case DIV -> writer.node("Div", in);
      case MAX -> writer.node("Max", in);
      case MIN -> writer.node("Min", in);
      case POW -> writer.node("Pow", in);
      case SWIGLU -> writer.node("Mul", List.of(silu(in.get(0)), in.get(1)));
      case LESS -> writer.node("Less", in);
      case LESS_EQUAL -> writer.node("LessOrEqual", in);
      case GREATER -> writer.node("Greater", in);
      case GREATER_EQUAL -> writer.node("GreaterOrEqual", in);
      case EQUAL -> writer.node("Equal", in);
      case NOT_EQUAL -> writer.node("Not", List.of(writer.node("Equal", in)));
      case AND -> writer.node("And", in);
      case OR -> writer.node("Or", in);
      case SELECT -> writer.node("Where", in);
    };
  }

  /// 2 to the power of the integer below log |x| / log 2: ONNX has no bits of floats. Where a
  /// runtime's logarithm is not exact, a number next to a power of two may get the one beside it.
  private String powerOfTwo(String x, DType dtype) {
    String log = writer.node("Log", List.of(writer.node("Abs", List.of(x))));
    String quotient = writer.node("Div", List.of(log, writer.scalar(dtype, Math.log(2))));
    String exponent = writer.node("Floor", List.of(quotient));
    return writer.node("Pow", List.of(writer.scalar(dtype, 2), exponent));
  }

  private String silu(String x) {
    return writer.form().usesContrib()
        ? writer.contrib("QuickGelu", List.of(x), NodeWriter.real("alpha", 1))
        : writer.node("Mul", List.of(x, writer.node("Sigmoid", List.of(x))));
  }
}
