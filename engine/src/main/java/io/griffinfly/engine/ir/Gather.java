package io.griffinfly.engine.ir;

/// Reads and writes at positions that are data.
public sealed interface Gather extends Op {
  /// Rows of a table: inputs are the table `[.., extent, ..]` and integer indices of any shape; the
  /// indices' axes take the place of the axis.
  ///
  /// @param axis the table's axis, 0 or more
  record Take(int axis) implements Gather {}

  /// The transpose of [Take]: inputs are integer indices and updates shaped as [Take] yields them;
  /// each update is added to the row of a tensor of zeros that its index names.
  ///
  /// @param axis the axis of the result that the indices run over
  /// @param extent that axis' extent
  record ScatterAdd(int axis, int extent) implements Gather {}
}
