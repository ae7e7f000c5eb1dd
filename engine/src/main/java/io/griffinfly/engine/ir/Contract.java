package io.griffinfly.engine.ir;

/// Products that sum over a shared axis.
public sealed interface Contract extends Op {
  /// Whether the left operand's last two axes are exchanged.
  ///
  /// @return true for `[.., k, m]` instead of `[.., m, k]`
  boolean transposeLeft();

  /// Whether the right operand's last two axes are exchanged.
  ///
  /// @return true for `[.., n, k]` instead of `[.., k, n]`
  boolean transposeRight();

  /// The matrix product of the last two axes; the axes before them broadcast as in numpy. Takes a
  /// left operand of shape `[.., m, k]` and a right one of shape `[.., k, n]`, each of rank 2 or
  /// more.
  ///
  /// @param transposeLeft whether the left operand is `[.., k, m]`
  /// @param transposeRight whether the right operand is `[.., n, k]`
  record MatMul(boolean transposeLeft, boolean transposeRight) implements Contract {}

  /// A matrix product whose elements pass through an expression before they are stored. Inputs:
  /// left, right, then the operands of the epilogue, which broadcast to the product's shape.
  /// Products of F16 or BF16 are summed in F32 and give F32.
  ///
  /// @param transposeLeft as in [MatMul]
  /// @param transposeRight as in [MatMul]
  /// @param epilogue the expression; operand 0 is the product, operand `i` the input `1 + i`
  record FusedMatMul(boolean transposeLeft, boolean transposeRight, ScalarExpr epilogue)
      implements Contract {}
}
