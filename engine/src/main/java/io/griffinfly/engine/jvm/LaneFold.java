package io.griffinfly.engine.jvm;

/// Folds the lanes of a vector that lies in memory, in a fixed order: the Vector API's own
/// `reduceLanes` may add in another order each time.
final class LaneFold {
  private LaneFold() {}

  /// Sum of the vector at an address, halves added to each other.
  static float sum(long address) {
    return switch (Lanes.COUNT) {
      case 1 -> Memory.load(address);
      case 2 -> sum2(address);
      case 4 -> sum4(address);
      case 8 -> sum8(address);
      default -> {
        float sum = 0;
        for (int lane = 0; lane < Lanes.COUNT; lane += 8) {
          sum += sum8(address + (long) lane * Float.BYTES);
        }
        yield sum;
      }
    };
  }

  private static float sum2(long address) {
    return Memory.load(address) + Memory.load(address + Float.BYTES);
  }

  private static float sum4(long address) {
    return sum2(address) + sum2(address + 2 * Float.BYTES);
  }

  private static float sum8(long address) {
    return sum4(address) + sum4(address + 4 * Float.BYTES);
  }

  /// Largest element of the vector at an address; NaN if one is.
  static float max(long address) {
    float max = Memory.load(address);
    for (int lane = 1; lane < Lanes.COUNT; lane++) {
      max = Math.max(max, Memory.load(address + (long) lane * Float.BYTES));
    }
    return max;
  }
}
