package io.griffinfly.engine.ir;

import java.util.List;

/// Operations that combine the elements along some axes.
public sealed interface Reduce extends Op {
  /// Folds the elements along axes into one.
  ///
  /// @param fn how two elements combine
  /// @param axes the axes, 0 or more, ascending
  /// @param keepDims whether the folded axes stay, with extent 1
  record Fold(ReduceFn fn, List<Integer> axes, boolean keepDims) implements Reduce {
    /// Copies the axes.
    public Fold {
      axes = List.copyOf(axes);
    }
  }

  /// The index of the largest element along an axis, the first of equals; yields I64.
  ///
  /// @param axis the axis, 0 or more
  /// @param keepDims whether the axis stays, with extent 1
  record ArgMax(int axis, boolean keepDims) implements Reduce {}
}
