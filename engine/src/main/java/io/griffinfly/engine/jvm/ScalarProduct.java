package io.griffinfly.engine.jvm;

/// The twin of the vector products: the same sums in the same order, but rounded after the
/// multiplication too, because a fused multiply-add without hardware for it is very slow.
///
/// @param rows rows of the tile
/// @param panel columns of the tile
record ScalarProduct(int rows, int panel) implements TileProduct {
  @Override
  public void multiply(
      long left,
      long rowStride,
      long termStride,
      long right,
      int depth,
      long out,
      long outStride,
      boolean add) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < panel; j++) {
        float sum = 0;
        for (int k = 0; k < depth; k++) {
          sum +=
              Memory.load(left + i * rowStride + k * termStride)
                  * Memory.load(right + Float.BYTES * ((long) k * panel + j));
        }
        long at = out + i * outStride + (long) j * Float.BYTES;
        Memory.store(at, add ? Memory.load(at) + sum : sum);
      }
    }
  }
}
