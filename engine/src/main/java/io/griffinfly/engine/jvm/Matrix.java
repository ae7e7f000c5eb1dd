package io.griffinfly.engine.jvm;

import java.lang.foreign.MemorySegment;

/// A matrix of f32 in memory, or several of equal strides at different offsets (a batch). A
/// transposed matrix is the same memory with its strides swapped.
public final class Matrix {
  private final MemorySegment memory;
  private final long rowStride;
  private final long columnStride;
  private final long[] offsets;

  private Matrix(MemorySegment memory, long rowStride, long columnStride, long[] offsets) {
    this.memory = memory;
    this.rowStride = rowStride;
    this.columnStride = columnStride;
    this.offsets = offsets;
  }

  /// One matrix.
  ///
  /// @param memory native memory
  /// @param offset of element (0, 0), in elements
  /// @param rowStride from one row to the next, in elements
  /// @param columnStride from one column to the next, in elements
  /// @return the matrix
  public static Matrix of(MemorySegment memory, long offset, long rowStride, long columnStride) {
    return new Matrix(memory, rowStride, columnStride, new long[] {offset});
  }

  /// As many matrices as there are offsets; an offset may occur more than once.
  ///
  /// @param memory native memory
  /// @param offsets of each matrix's element (0, 0), in elements
  /// @param rowStride from one row to the next, in elements
  /// @param columnStride from one column to the next, in elements
  /// @return the batch
  public static Matrix batch(
      MemorySegment memory, long[] offsets, long rowStride, long columnStride) {
    return new Matrix(memory, rowStride, columnStride, offsets.clone());
  }

  /// The same memory read with rows and columns exchanged.
  ///
  /// @return the transposed matrix
  public Matrix transposed() {
    return new Matrix(memory, columnStride, rowStride, offsets);
  }

  /// How many matrices.
  ///
  /// @return the number of offsets
  public int batch() {
    return offsets.length;
  }

  /// Bytes from one row to the next.
  long rowBytes() {
    return rowStride * Float.BYTES;
  }

  /// Bytes from one column to the next.
  long columnBytes() {
    return columnStride * Float.BYTES;
  }

  /// The address of each matrix of `rows` rows and `columns` columns, each checked to lie in the
  /// memory whole.
  long[] addresses(int rows, int columns) {
    if (rowStride < 0 || columnStride < 0) {
      throw new IllegalArgumentException("strides of a matrix must not be negative");
    }
    long extent =
        rows == 0 || columns == 0 ? 0 : (rows - 1) * rowStride + (columns - 1) * columnStride + 1;
    long[] addresses = new long[offsets.length];
    for (int i = 0; i < offsets.length; i++) {
      addresses[i] = Memory.address(memory, offsets[i] * Float.BYTES, extent * Float.BYTES);
    }
    return addresses;
  }
}
