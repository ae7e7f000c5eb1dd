package io.griffinfly.engine.jvm;

/// The extents of a matrix product `[rows, depth] x [depth, columns]`.
///
/// @param rows rows of the left operand and of the result
/// @param columns columns of the right operand and of the result
/// @param depth terms of each sum; 0 gives zeros
public record GemmShape(int rows, int columns, int depth) {
  /// Checks the extents.
  public GemmShape {
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

  /// Multiplications and additions.
  ///
  /// @return 2 * rows * columns * depth
  public double flops() {
    return 2.0 * rows * columns * depth;
  }
}
