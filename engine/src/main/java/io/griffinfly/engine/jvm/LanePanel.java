package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.Memory.MASK;

import jdk.incubator.vector.FloatVector;

/// A matrix of two vectors a row, row after row: a few rows of a strided matrix, transposed, so
/// that each of them has a lane of its own.
final class LanePanel {
  /// Lanes of a panel.
  static final int WIDTH = 2 * Lanes.COUNT;

  /// Bytes of a row.
  static final long ROW = 2L * Lanes.BYTES;

  private static final Transposer TRANSPOSER = new VectorTransposer();

  private static final LaneLoop TO_LANES =
      OutOfLine.of((source, stride, depth, panel, count) ->
          TRANSPOSER.transpose(source, stride, count, (int) depth, panel, ROW));
  private static final LaneLoop TO_ROWS =
      OutOfLine.of((panel, depth, target, stride, count) ->
          TRANSPOSER.transpose(panel, ROW, (int) depth, count, target, stride));
  private static final LaneLoop FILL =
      OutOfLine.of((panel, valueBits, _, _, rows) -> fillWith(panel, rows, valueBits));
  private static final LaneLoop SCALE =
      OutOfLine.of((panel, factors, _, _, rows) -> scaleLanes(panel, rows, factors));
  private static final LaneLoop SCALE_ALL =
      OutOfLine.of((panel, factorBits, _, _, rows) -> scaleAll(panel, rows, factorBits));

  private LanePanel() {}

  /// Bytes of so many rows.
  static long bytes(int rows) {
    return rows * ROW;
  }

  /// Writes `count` rows of a matrix, times a factor, as the first lanes of a panel, and zeros into
  /// its other lanes.
  ///
  /// @param source address of the first of the rows, whose elements are contiguous
  /// @param stride bytes from row to row
  /// @param count of them, 1 to [#WIDTH]
  /// @param depth elements of each
  static void pack(long source, long stride, int count, int depth, float factor, long panel) {
    if (count < WIDTH) {
      fill(panel, depth, 0);
    }
    TO_LANES.run(source, stride, depth, panel, count);
    if (factor != 1) {
      SCALE_ALL.run(panel, Float.floatToRawIntBits(factor), 0, 0, depth);
    }
  }

  /// Writes the first `count` lanes of a panel, each times its own factor, as rows of a matrix; the
  /// panel's lanes are multiplied in place.
  ///
  /// @param factors address of one a lane
  /// @param target address of the first of the rows, whose elements are contiguous
  /// @param stride bytes from row to row
  static void unpack(long panel, int depth, int count, long factors, long target, long stride) {
    scale(panel, depth, factors);
    TO_ROWS.run(panel, depth, target, stride, count);
  }

  /// Writes one number everywhere.
  static void fill(long panel, int rows, float value) {
    FILL.run(panel, Float.floatToRawIntBits(value), 0, 0, rows);
  }

  private static void fillWith(long panel, int rows, long valueBits) {
    FloatVector vector = splat(valueBits);
    long at = panel & MASK;
    long end = at + rows * ROW;
    while (at != end) {
      Lanes.store(at, vector);
      Lanes.store(at + Lanes.BYTES, vector);
      at = (at + ROW) & MASK;
    }
  }

  private static FloatVector splat(long bits) {
    return FloatVector.broadcast(Lanes.FLOATS, Float.intBitsToFloat((int) bits));
  }

  private static void scaleAll(long panel, int rows, long factorBits) {
    FloatVector factor = splat(factorBits);
    long at = panel & MASK;
    long end = at + rows * ROW;
    while (at != end) {
      Lanes.store(at, Lanes.load(at).mul(factor));
      Lanes.store(at + Lanes.BYTES, Lanes.load(at + Lanes.BYTES).mul(factor));
      at = (at + ROW) & MASK;
    }
  }

  /// Multiplies every row by the same row of factors.
  static void scale(long panel, int rows, long factors) {
    SCALE.run(panel, factors, 0, 0, rows);
  }

  private static void scaleLanes(long panel, int rows, long factors) {
    FloatVector factor = Lanes.load(factors & MASK);
    FloatVector next = Lanes.load((factors & MASK) + Lanes.BYTES);
    long at = panel & MASK;
    long end = at + rows * ROW;
    while (at != end) {
      Lanes.store(at, Lanes.load(at).mul(factor));
      Lanes.store(at + Lanes.BYTES, Lanes.load(at + Lanes.BYTES).mul(next));
      at = (at + ROW) & MASK;
    }
  }
}
