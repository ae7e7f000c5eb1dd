package io.griffinfly.engine.jvm;

/// Transposes element by element: the twin of [VectorTransposer], and its fallback at the edges.
final class ScalarTransposer implements Transposer {
  @Override
  public void transpose(
      long source, long sourceStride, int rows, int columns, long target, long targetStride) {
    for (int i = 0; i < rows; i++) {
      long from = (source + i * sourceStride) & Memory.MASK;
      long to = (target + (long) i * Float.BYTES) & Memory.MASK;
      for (int j = 0; j < columns; j++) {
        Memory.ALL.set(Memory.FLOAT, to, Memory.ALL.get(Memory.FLOAT, from));
        from = (from + Float.BYTES) & Memory.MASK;
        to = (to + targetStride) & Memory.MASK;
      }
    }
  }
}
