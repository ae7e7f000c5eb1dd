package io.griffinfly.engine.kernel;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A scalar expression whose every part has an element type. Literals take the type of what they
/// are combined with; operands of different types are converted to the first one's.
///
/// Arithmetic on F16 and BF16 is done in single precision and rounded when it is stored or
/// converted.
public sealed interface TypedExpr {
  /// The element type of the value.
  ///
  /// @return the type
  DType type();

  /// An operand's element.
  ///
  /// @param operand its position, 0 or more
  /// @param type its element type
  record Load(int operand, DType type) implements TypedExpr {}

  /// A literal.
  ///
  /// @param value the number
  /// @param type the type that it takes
  record Literal(double value, DType type) implements TypedExpr {}

  /// A conversion, as [io.griffinfly.engine.ir.Elementwise.Cast] does it.
  ///
  /// @param type the type to convert to
  /// @param value what is converted
  record Convert(DType type, TypedExpr value) implements TypedExpr {}

  /// A function; its operands have one type, but for the condition of a choice.
  ///
  /// @param fn the function
  /// @param type the type of its value
  /// @param args its operands
  record Call(ScalarFn fn, DType type, List<TypedExpr> args) implements TypedExpr {}

  /// Gives every part of an expression its type.
  ///
  /// @param expression the expression
  /// @param operands types of the operands
  /// @param result the type wanted
  /// @return the expression
  static TypedExpr of(ScalarExpr expression, List<DType> operands, DType result) {
    return convert(result, infer(expression, operands, result));
  }

  /// The value as another type.
  ///
  /// @param to the type wanted
  /// @param value the value
  /// @return the value itself if it has the type
  static TypedExpr convert(DType to, TypedExpr value) {
    return value.type() == to ? value : new Convert(to, value);
  }

  private static TypedExpr infer(ScalarExpr expression, List<DType> operands, DType wanted) {
    return switch (expression) {
      case ScalarExpr.Arg(int index) -> new Load(index, operands.get(index));
      case ScalarExpr.Scalar(double value) -> new Literal(value, wanted);
      case ScalarExpr.Convert(DType to, ScalarExpr value) -> {
        DType from = Objects.requireNonNullElse(known(value, operands), to);
        TypedExpr inner = infer(value, operands, from);
        // A conversion to the type a value has already still rounds: F16 + F16 is done in F32.
        yield inner instanceof Call && !isExact(to) ? new Convert(to, inner) : convert(to, inner);
      }
      case ScalarExpr.Apply(ScalarFn fn, List<ScalarExpr> args) -> call(fn, args, operands, wanted);
    };
  }

  private static boolean isExact(DType type) {
    return type != DType.F16 && type != DType.BF16;
  }

  private static TypedExpr call(
      ScalarFn fn, List<ScalarExpr> args, List<DType> operands, DType wanted) {
    List<ScalarExpr> alike = fn.kind() == ScalarFn.Kind.CHOICE ? args.subList(1, 3) : args;
    DType common =
        switch (fn.kind()) {
          case ARITHMETIC, REAL, CHOICE ->
              Objects.requireNonNullElse(firstKnown(alike, operands), wanted);
          case COMPARISON -> Objects.requireNonNullElse(firstKnown(alike, operands), DType.F32);
          case LOGIC -> DType.BOOL;
        };
    List<TypedExpr> typed =
        alike.stream().map(arg -> convert(common, infer(arg, operands, common))).toList();
    return switch (fn.kind()) {
      case ARITHMETIC, REAL -> new Call(fn, common, typed);
      case COMPARISON, LOGIC -> new Call(fn, DType.BOOL, typed);
      case CHOICE -> {
        TypedExpr condition = convert(DType.BOOL, infer(args.getFirst(), operands, DType.BOOL));
        yield new Call(fn, common, Stream.concat(Stream.of(condition), typed.stream()).toList());
      }
    };
  }

  private static @Nullable DType firstKnown(List<ScalarExpr> args, List<DType> operands) {
    for (ScalarExpr arg : args) {
      DType type = known(arg, operands);
      if (type != null) {
        return type;
      }
    }
    return null;
  }

  /// The type of an expression if it does not depend on what surrounds it.
  private static @Nullable DType known(ScalarExpr expression, List<DType> operands) {
    return switch (expression) {
      case ScalarExpr.Arg(int index) -> operands.get(index);
      case ScalarExpr.Scalar _ -> null;
      case ScalarExpr.Convert(DType to, _) -> to;
      case ScalarExpr.Apply(ScalarFn fn, List<ScalarExpr> args) ->
          switch (fn.kind()) {
            case ARITHMETIC, REAL -> firstKnown(args, operands);
            case COMPARISON, LOGIC -> DType.BOOL;
            case CHOICE -> firstKnown(args.subList(1, 3), operands);
          };
    };
  }
}
