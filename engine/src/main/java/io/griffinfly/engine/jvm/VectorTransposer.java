package io.griffinfly.engine.jvm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/// Transposes blocks of as many rows and columns as a vector has lanes, by exchanging ever smaller
/// quarters (Eklundh, "A Fast Computer Method for Matrix Transposing", 1972). The rows between two
/// exchanges are kept where the result goes, which is in L1, so the code is the same for every
/// vector width.
final class VectorTransposer implements Transposer {
  private static final int COUNT = Lanes.COUNT;

  private final ScalarTransposer edge = new ScalarTransposer();

  /// Exchanges with the lane at a distance, and the lanes that take what was exchanged.
  private static final class Exchange {
    private static final VectorShuffle<Float> BY_8 = shuffle(8);
    private static final VectorShuffle<Float> BY_4 = shuffle(4);
    private static final VectorShuffle<Float> BY_2 = shuffle(2);
    private static final VectorShuffle<Float> BY_1 = shuffle(1);
    private static final VectorMask<Float> HIGH_8 = high(8);
    private static final VectorMask<Float> HIGH_4 = high(4);
    private static final VectorMask<Float> HIGH_2 = high(2);
    private static final VectorMask<Float> HIGH_1 = high(1);

    private Exchange() {}

    private static VectorShuffle<Float> shuffle(int distance) {
      return VectorShuffle.fromOp(Lanes.FLOATS, lane -> (lane ^ distance) % COUNT);
    }

    private static VectorMask<Float> high(int distance) {
      boolean[] lanes = new boolean[COUNT];
      for (int lane = 0; lane < COUNT; lane++) {
        lanes[lane] = (lane & distance) != 0;
      }
      return VectorMask.fromArray(Lanes.FLOATS, lanes, 0);
    }
  }

  @Override
  public void transpose(
      long source, long sourceStride, int rows, int columns, long target, long targetStride) {
    int wholeRows = COUNT < 2 || COUNT > 16 ? 0 : rows / COUNT * COUNT;
    int wholeColumns = columns / COUNT * COUNT;
    for (int i = 0; i < wholeRows; i += COUNT) {
      for (int j = 0; j < wholeColumns; j += COUNT) {
        block(
            source + i * sourceStride + (long) j * Float.BYTES,
            sourceStride,
            target + j * targetStride + (long) i * Float.BYTES,
            targetStride);
      }
    }
    if (wholeRows > 0 && wholeColumns < columns) {
      edge.transpose(
          source + (long) wholeColumns * Float.BYTES,
          sourceStride,
          wholeRows,
          columns - wholeColumns,
          target + wholeColumns * targetStride,
          targetStride);
    }
    if (wholeRows < rows) {
      edge.transpose(
          source + wholeRows * sourceStride,
          sourceStride,
          rows - wholeRows,
          columns,
          target + (long) wholeRows * Float.BYTES,
          targetStride);
    }
  }

  private static void block(long source, long sourceStride, long target, long targetStride) {
    long from = source;
    long stride = sourceStride;
    if (COUNT > 8) {
      exchange(from, stride, target, targetStride, 8, Exchange.BY_8, Exchange.HIGH_8);
      from = target;
      stride = targetStride;
    }
    if (COUNT > 4) {
      exchange(from, stride, target, targetStride, 4, Exchange.BY_4, Exchange.HIGH_4);
      from = target;
      stride = targetStride;
    }
    if (COUNT > 2) {
      exchange(from, stride, target, targetStride, 2, Exchange.BY_2, Exchange.HIGH_2);
      from = target;
      stride = targetStride;
    }
    exchange(from, stride, target, targetStride, 1, Exchange.BY_1, Exchange.HIGH_1);
  }

  private static void exchange(
      long source,
      long sourceStride,
      long target,
      long targetStride,
      int distance,
      VectorShuffle<Float> swap,
      VectorMask<Float> high) {
    for (int pair = 0; pair < COUNT / 2; pair++) {
      int row = pair / distance * 2 * distance + pair % distance;
      FloatVector a = Lanes.load((source + row * sourceStride) & Memory.MASK);
      FloatVector b = Lanes.load((source + (row + distance) * sourceStride) & Memory.MASK);
      Lanes.store((target + row * targetStride) & Memory.MASK, a.blend(b.rearrange(swap), high));
      Lanes.store(
          (target + (row + distance) * targetStride) & Memory.MASK,
          a.rearrange(swap).blend(b, high));
    }
  }
}
