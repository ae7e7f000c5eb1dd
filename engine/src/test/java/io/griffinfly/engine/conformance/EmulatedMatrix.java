package io.griffinfly.engine.conformance;

import io.griffinfly.engine.device.CoopShape;

/// A matrix that [EmulatedMatrices] stands for.
///
/// @param half whether its elements are halves
/// @param use Accumulator, whose elements lanes have; A or B, which are read where they lie
record EmulatedMatrix(boolean half, int rows, int columns, String use) {
  boolean isSum() {
    return use.equals("Accumulator");
  }

  int size() {
    return rows * columns;
  }

  /// Elements of a lane, the last perhaps behind the end.
  int laneSize(int lanes) {
    return Math.ceilDiv(size(), lanes);
  }

  /// Demands extents that are multiples of what the lanes of a workgroup have together.
  void check(CoopShape grain) {
    boolean fits =
        switch (use) {
          case "A" -> rows % grain.m() == 0 && columns % grain.k() == 0;
          case "B" -> rows % grain.k() == 0 && columns % grain.n() == 0;
          case "Accumulator" -> rows % grain.m() == 0 && columns % grain.n() == 0;
          default -> throw new IllegalArgumentException("a matrix for " + use);
        };
    if (!fits) {
      throw new IllegalArgumentException(this + " does not divide into " + grain);
    }
  }
}
