package io.griffinfly.engine.jvm;

/// Packs element by element: the twin of [VectorPacker], and its fallback for pieces of odd form.
final class ScalarPacker implements Packer {
  @Override
  public void pack(
      long source,
      long laneStride,
      long depthStride,
      int lanes,
      int width,
      int depth,
      long target) {
    for (int k = 0; k < depth; k++) {
      packStep(source + k * depthStride, laneStride, lanes, width, target);
      target += (long) width * Float.BYTES;
    }
  }

  private static void packStep(long source, long laneStride, int lanes, int width, long target) {
    long from = source & Memory.MASK;
    long to = target & Memory.MASK;
    for (int lane = 0; lane < lanes; lane++) {
      Memory.ALL.set(Memory.FLOAT, to, Memory.ALL.get(Memory.FLOAT, from));
      from = (from + laneStride) & Memory.MASK;
      to = (to + Float.BYTES) & Memory.MASK;
    }
    for (int lane = lanes; lane < width; lane++) {
      Memory.ALL.set(Memory.FLOAT, to, 0);
      to = (to + Float.BYTES) & Memory.MASK;
    }
  }
}
