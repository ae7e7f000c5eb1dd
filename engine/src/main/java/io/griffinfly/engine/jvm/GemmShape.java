package io.griffinfly.engine.jvm;

/// The extents of a matrix product `[rows, depth] x [depth, columns]`.
///
/// @param rows rows of the left operand and of the result
/// @param columns columns of the right operand and of the result
/// @param depth terms of each sum; 0 gives zeros
record GemmShape(int rows, int columns, int depth) {
  /// Checks the extents.
  GemmShape {
    if (rows < 0 || columns < 0 || depth < 0) {
      throw new IllegalArgumentException(
          "extents of a matrix product must not be negative: "
              + rows
              + "x"
              + columns
              + "x"
              + depth);
    }
  }

  /// The extents of the transposed product.
  @SuppressWarnings("ArgumentSelectionDefectChecker")
  GemmShape transposed() {
    return new GemmShape(columns, rows, depth);
  }
}
