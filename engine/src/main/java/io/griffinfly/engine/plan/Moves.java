package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.kernel.Layout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What moving operations do to a layout, so that no element has to move.
final class Moves {
  private Moves() {}

  static Layout transpose(Layout layout, List<Integer> permutation) {
    return Layout.of(layout.offset(), permutation.stream().mapToLong(layout::stride).toArray());
  }

  static Layout slice(Layout layout, int axis, int start) {
    return Layout.of(layout.offset() + start * layout.stride(axis), layout.strides());
  }

  /// The layout of the same elements under another shape, or null if no strides express it. Axes
  /// are matched from the left in groups of equal product; inside a group the old axes must be
  /// evenly spaced, and the new ones divide them.
  static @Nullable Layout reshape(Layout layout, Shape from, Shape to) {
    if (from.size() == 0) {
      return Layout.dense(to);
    }
    long[] strides = new long[to.rank()];
    int i = 0;
    int j = 0;
    while (i < from.rank() || j < to.rank()) {
      int firstNew = j;
      int firstOld = i;
      long oldProduct = i < from.rank() ? from.dim(i++) : 1;
      long newProduct = j < to.rank() ? to.dim(j++) : 1;
      while (oldProduct != newProduct) {
        if (oldProduct < newProduct) {
          oldProduct *= from.dim(i++);
        } else {
          newProduct *= to.dim(j++);
        }
      }
      Long innermost = evenStride(layout, from, firstOld, i);
      if (innermost == null) {
        return null;
      }
      long stride = innermost;
      for (int axis = j - 1; axis >= firstNew; axis--) {
        strides[axis] = stride;
        stride *= to.dim(axis);
      }
    }
    return Layout.of(layout.offset(), strides);
  }

  /// The distance of neighbours when axes `first` to `end` are read as one, or null if it varies.
  private static @Nullable Long evenStride(Layout layout, Shape shape, int first, int end) {
    long innermost = 1;
    long expected = -1;
    for (int axis = end - 1; axis >= first; axis--) {
      if (shape.dim(axis) == 1) {
        continue;
      }
      if (expected < 0) {
        innermost = layout.stride(axis);
        expected = innermost;
      } else if (layout.stride(axis) != expected) {
        return null;
      }
      expected *= shape.dim(axis);
    }
    return innermost;
  }

  /// A gapless layout whose axes follow each other in memory as those of another layout do.
  static Layout denseInOrderOf(Layout layout, Shape shape) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, shape.rank()).boxed().toList());
    order.sort(Comparator.comparingLong((Integer axis) -> layout.stride(axis)).reversed());
    return denseInOrder(order, shape);
  }

  /// A gapless layout with the axes from outermost to innermost as given.
  static Layout denseInOrder(List<Integer> order, Shape shape) {
    long[] strides = new long[shape.rank()];
    long stride = 1;
    for (int axis : order.reversed()) {
      strides[axis] = stride;
      stride *= shape.dim(axis);
    }
    return Layout.of(0, strides);
  }
}
