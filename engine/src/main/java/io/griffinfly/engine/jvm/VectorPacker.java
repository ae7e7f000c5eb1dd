package io.griffinfly.engine.jvm;

import jdk.incubator.vector.FloatVector;

/// Packs whole panels of contiguous columns by vectors, everything else element by element.
final class VectorPacker implements Packer {
  private static final long PANEL_BYTES = 2L * Lanes.BYTES;

  private final ScalarPacker odd = new ScalarPacker();

  @Override
  public void pack(
      long source,
      long laneStride,
      long depthStride,
      int lanes,
      int width,
      int depth,
      long target) {
    if (lanes == 2 * Lanes.COUNT && width == lanes && laneStride == Float.BYTES) {
      copy(source, depthStride, depth, target);
    } else {
      odd.pack(source, laneStride, depthStride, lanes, width, depth, target);
    }
  }

  private static void copy(long source, long depthStride, int depth, long target) {
    long from = source & Memory.MASK;
    long to = target & Memory.MASK;
    long end = to + depth * PANEL_BYTES;
    while (to != end) {
      FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, from, Memory.ORDER)
          .intoMemorySegment(Memory.ALL, to, Memory.ORDER);
      FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, from + Lanes.BYTES, Memory.ORDER)
          .intoMemorySegment(Memory.ALL, to + Lanes.BYTES, Memory.ORDER);
      from = (from + depthStride) & Memory.MASK;
      to = (to + PANEL_BYTES) & Memory.MASK;
    }
  }
}
