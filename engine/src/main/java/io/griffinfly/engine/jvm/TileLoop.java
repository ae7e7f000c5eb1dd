package io.griffinfly.engine.jvm;

import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/// A generated loop over the rows and columns of a tile, for a fused scalar expression.
///
/// It finds its operands and results through a block of memory, so that one class serves every
/// shape and calling it allocates nothing: for each of them, operands first, the address of its
/// element (0, 0), the bytes from row to row, and the bytes from column to column (read only where
/// [Access#STRIDED]), each as a 64-bit integer. The block has room for a few vectors behind it.
@FunctionalInterface
interface TileLoop {
  /// Bytes that one operand or result takes in a block.
  int ENTRY_BYTES = 3 * Long.BYTES;

  /// The type of [#run].
  MethodTypeDesc RUN =
      MethodTypeDesc.of(
          ConstantDescs.CD_void, ConstantDescs.CD_long, ConstantDescs.CD_int, ConstantDescs.CD_int);

  /// Runs the loop.
  ///
  /// @param block address of the block
  /// @param rows number of rows, 1 or more
  /// @param columns number of columns, 1 or more
  void run(long block, int rows, int columns);

  /// How an operand's elements lie along a row.
  enum Access {
    /// One after the other.
    CONTIGUOUS,
    /// One element for the whole row.
    SPLAT,
    /// At a distance that the block names.
    STRIDED
  }

  /// Where a block's vectors are.
  ///
  /// @param entries number of operands and results
  /// @return their offset in bytes, a multiple of a cache line
  static long vectorsAt(int entries) {
    return (entries * (long) ENTRY_BYTES + Memory.ALIGNMENT - 1)
        / Memory.ALIGNMENT
        * Memory.ALIGNMENT;
  }

  /// Where a block has another block, and behind it a vector for each entry, for what is left of a
  /// row.
  ///
  /// @param entries number of operands and results
  /// @return its offset in bytes, a multiple of a cache line
  static long restAt(int entries) {
    return vectorsAt(entries) + 4 * Memory.ALIGNMENT;
  }

  /// Size of a block.
  ///
  /// @param entries number of operands and results
  /// @return the bytes
  static long blockBytes(int entries) {
    return restAt(entries) + vectorsAt(entries) + entries * Memory.ALIGNMENT;
  }

  /// Writes one entry of a block.
  ///
  /// @param block its address
  /// @param entry which operand or result
  /// @param address of element (0, 0)
  /// @param rowStride bytes from row to row
  /// @param columnStride bytes from column to column
  static void set(long block, int entry, long address, long rowStride, long columnStride) {
    long at = block + (long) entry * ENTRY_BYTES;
    Memory.ALL.set(Memory.LONG, at, address);
    Memory.ALL.set(Memory.LONG, at + Long.BYTES, rowStride);
    Memory.ALL.set(Memory.LONG, at + 2 * Long.BYTES, columnStride);
  }
}
