package io.griffinfly.engine.ir;

import java.util.List;

/// A function of one element each of several operands, as a tree of scalar functions: what a fused
/// kernel applies to a value while it is still in a register. Equal subtrees are computed once by
/// whoever compiles the expression.
public sealed interface ScalarExpr {
  /// An operand.
  ///
  /// @param index its position, 0 or more
  record Arg(int index) implements ScalarExpr {}

  /// A number.
  ///
  /// @param value the number
  record Scalar(double value) implements ScalarExpr {}

  /// Another element type, converted as [Elementwise.Cast] does.
  ///
  /// @param to the type to convert to
  /// @param value what is converted
  record Convert(DType to, ScalarExpr value) implements ScalarExpr {}

  /// A function of other expressions.
  ///
  /// @param fn the function
  /// @param args its operands
  record Apply(ScalarFn fn, List<ScalarExpr> args) implements ScalarExpr {
    /// Checks the arity.
    public Apply {
      args = List.copyOf(args);
      if (args.size() != fn.arity()) {
        throw new GraphException(fn + " takes " + fn.arity() + " operands, not " + args.size());
      }
    }
  }

  /// Applies a function.
  ///
  /// @param fn the function
  /// @param args its operands
  /// @return the expression
  static ScalarExpr apply(ScalarFn fn, ScalarExpr... args) {
    return new Apply(fn, List.of(args));
  }

  /// Puts other expressions in the place of the operands.
  ///
  /// @param replacements one expression for each operand index that occurs
  /// @return the expression with every operand replaced
  default ScalarExpr substitute(List<ScalarExpr> replacements) {
    return switch (this) {
      case Arg(int index) -> replacements.get(index);
      case Scalar scalar -> scalar;
      case Convert(DType to, ScalarExpr value) -> new Convert(to, value.substitute(replacements));
      case Apply(ScalarFn fn, List<ScalarExpr> args) ->
          new Apply(fn, args.stream().map(arg -> arg.substitute(replacements)).toList());
    };
  }

  /// The highest operand index that occurs, plus one.
  ///
  /// @return the number of operands
  default int arity() {
    return switch (this) {
      case Arg(int index) -> index + 1;
      case Scalar _ -> 0;
      case Convert(_, ScalarExpr value) -> value.arity();
      case Apply(_, List<ScalarExpr> args) ->
          args.stream().mapToInt(ScalarExpr::arity).max().orElse(0);
    };
  }

  /// Number of function applications in the tree.
  ///
  /// @return the count
  default int operations() {
    return switch (this) {
      case Arg _, Scalar _ -> 0;
      case Convert(_, ScalarExpr value) -> 1 + value.operations();
      case Apply(_, List<ScalarExpr> args) ->
          1 + args.stream().mapToInt(ScalarExpr::operations).sum();
    };
  }
}
