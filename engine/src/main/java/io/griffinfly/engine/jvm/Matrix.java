package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import java.util.Arrays;

/// The matrices of a batch in memory, all of the same strides. A transposed matrix is the same
/// memory with its strides exchanged.
final class Matrix {
  private final DType type;
  private final long[] addresses;
  private final long rowStride;
  private final long columnStride;

  /// Matrices at addresses that the caller has checked.
  ///
  /// @param type element type
  /// @param addresses of each matrix's element (0, 0), not copied
  /// @param rowStride bytes from one row to the next
  /// @param columnStride bytes from one column to the next
  Matrix(DType type, long[] addresses, long rowStride, long columnStride) {
    this.type = type;
    this.addresses = addresses;
    this.rowStride = rowStride;
    this.columnStride = columnStride;
  }

  /// The matrices in the last two axes of a view, its other axes repeated to those of a batch.
  ///
  /// @param view of rank 2 or more, checked to lie in its memory
  /// @param leading extents of the batch
  static Matrix of(View view, Shape leading) {
    int rank = view.shape().rank();
    View batches = view.axes(0, rank - 2).broadcast(leading);
    long[] addresses = new long[Math.toIntExact(leading.size())];
    for (int batch = 0; batch < addresses.length; batch++) {
      addresses[batch] = batches.at(batch);
    }
    return new Matrix(view.type(), addresses, view.stride(-2), view.stride(-1));
  }

  Matrix transposed() {
    return new Matrix(type, addresses, columnStride, rowStride);
  }

  DType type() {
    return type;
  }

  /// Number of matrices, some of which may be the same memory.
  int batch() {
    return addresses.length;
  }

  /// Address of element (0, 0) of one matrix.
  long address(int batch) {
    return addresses[batch];
  }

  /// Address of an element.
  long address(int batch, int row, int column) {
    return addresses[batch] + row * rowStride + column * columnStride;
  }

  /// Bytes from one row to the next.
  long rowStride() {
    return rowStride;
  }

  /// Bytes from one column to the next.
  long columnStride() {
    return columnStride;
  }

  /// The addresses that differ, in order.
  long[] distinct() {
    return Arrays.stream(addresses).distinct().toArray();
  }

  /// For each matrix of the batch the one of `targets` that stands where its address stands in
  /// [#distinct()].
  long[] spread(long[] targets) {
    long[] distinct = distinct();
    long[] spread = new long[addresses.length];
    for (int i = 0; i < distinct.length; i++) {
      for (int batch = 0; batch < spread.length; batch++) {
        if (addresses[batch] == distinct[i]) {
          spread[batch] = targets[i];
        }
      }
    }
    return spread;
  }
}
