package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.jvm.TileLoop.Access;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The axes of a kernel's domain as loops, outermost first: axes of extent 1 are gone, axes that
/// every view crosses with one stride are joined, and the innermost is the one along which the
/// first of the views to matter is contiguous.
final class LoopNest {
  private final int[] extents;
  private final List<Cursor> views;

  private LoopNest(int[] extents, List<Cursor> views) {
    this.extents = extents;
    this.views = views;
  }

  /// A view's place in the loops.
  static final class Cursor {
    private final int bytes;
    private final long address;
    private final long[] strides;

    private Cursor(int bytes, long address, long[] strides) {
      this.bytes = bytes;
      this.address = address;
      this.strides = strides;
    }

    /// Address of the view's first element.
    long address() {
      return address;
    }

    /// How it lies along the innermost loop.
    Access access() {
      if (columnStride() == bytes) {
        return Access.CONTIGUOUS;
      }
      return columnStride() == 0 ? Access.SPLAT : Access.STRIDED;
    }

    /// Bytes from column to column.
    long columnStride() {
      return strides[strides.length - 1];
    }

    /// Bytes from row to row, where rows follow each other at a fixed distance.
    long rowStride() {
      return strides[strides.length - 2];
    }
  }

  /// Loops over some of the axes of a domain.
  ///
  /// @param domain extents
  /// @param axes which of its axes, in any order
  /// @param views each of the domain's shape; the first ones decide the order of the loops
  static LoopNest over(Shape domain, List<Integer> axes, List<View> views) {
    List<Integer> order = order(domain, axes, views);
    List<Integer> extents = new ArrayList<>();
    List<Integer> lasts = new ArrayList<>();
    for (int axis : order) {
      int top = lasts.size() - 1;
      if (top >= 0 && joins(domain, views, lasts.get(top), axis)) {
        extents.set(top, extents.get(top) * domain.dim(axis));
        lasts.set(top, axis);
      } else {
        extents.add(domain.dim(axis));
        lasts.add(axis);
      }
    }
    while (extents.size() < 2) {
      extents.addFirst(1);
      lasts.addFirst(-1);
    }
    return new LoopNest(
        extents.stream().mapToInt(Integer::intValue).toArray(),
        views.stream().map(view -> cursor(view, lasts)).toList());
  }

  /// The axes of extent other than 1, from outermost to innermost.
  static List<Integer> order(Shape domain, List<Integer> axes, List<View> views) {
    List<Integer> order = new ArrayList<>(axes);
    order.removeIf(axis -> domain.dim(axis) == 1);
    order.sort(outermostFirst(views));
    return order;
  }

  private static Cursor cursor(View view, List<Integer> axes) {
    long[] strides = axes.stream().mapToLong(axis -> axis < 0 ? 0 : view.stride(axis)).toArray();
    return new Cursor(view.type().bytes(), view.address(), strides);
  }

  /// Larger strides outside, by the first view that tells two axes apart.
  private static Comparator<Integer> outermostFirst(List<View> views) {
    return (a, b) -> {
      for (View view : views) {
        int order = Long.compare(Math.abs(view.stride(b)), Math.abs(view.stride(a)));
        if (order != 0) {
          return order;
        }
      }
      return Integer.compare(a, b);
    };
  }

  private static boolean joins(Shape domain, List<View> views, int outer, int inner) {
    long joined = (long) domain.dim(inner);
    return joined * domain.dim(outer) <= Integer.MAX_VALUE
        && views.stream().allMatch(v -> v.stride(outer) == v.stride(inner) * joined);
  }

  /// The views' places, in the order given.
  List<Cursor> views() {
    return views;
  }

  /// How many rows follow each other at a fixed distance, from the first on.
  int rowExtent() {
    return extents[extents.length - 2];
  }

  /// Length of the innermost loop.
  int columns() {
    return extents[extents.length - 1];
  }

  /// Number of times the innermost loop runs.
  long rows() {
    long rows = 1;
    for (int i = 0; i < extents.length - 1; i++) {
      rows *= extents[i];
    }
    return rows;
  }

  /// How many rows follow each other at a fixed distance, from a row on.
  long rowsInARow(long row) {
    return rowExtent() - row % rowExtent();
  }

  /// Bytes from a view's first element to the one at (row, column).
  long offset(int view, long row, long column) {
    Cursor cursor = views.get(view);
    int last = extents.length - 1;
    long offset = column * cursor.strides[last];
    long rest = row;
    for (int i = last - 1; i >= 0; i--) {
      offset += rest % extents[i] * cursor.strides[i];
      rest /= extents[i];
    }
    return offset;
  }

  /// Writes the entry of a view for a tile whose first element is at (row, column).
  void enter(long block, int entry, int view, long row, long column) {
    Cursor cursor = views.get(view);
    TileLoop.set(
        block,
        entry,
        cursor.address + offset(view, row, column),
        cursor.rowStride(),
        cursor.columnStride());
  }
}
