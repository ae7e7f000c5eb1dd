package io.griffinfly.engine.jvm;

/// Transposes a matrix of f32: `target[j][i] = source[i][j]`.
@FunctionalInterface
interface Transposer {
  /// Transposes one matrix; source and target do not overlap.
  ///
  /// @param source address of element (0, 0)
  /// @param sourceStride bytes from one row of `source` to the next; columns are contiguous
  /// @param rows rows of `source`
  /// @param columns columns of `source`
  /// @param target address of element (0, 0)
  /// @param targetStride bytes from one row of `target` to the next; columns are contiguous
  void transpose(
      long source, long sourceStride, int rows, int columns, long target, long targetStride);
}
