package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import java.util.Optional;
import java.util.stream.Stream;

/// What a workgroup of matrix units has of attention at a time.
///
/// @param rows vectors whose results it makes
/// @param columns vectors that it runs through at a time
/// @param lanes of a workgroup
record CoopAttentionTile(int rows, int columns, int lanes) {
  private static final int ROWS = 32;

  /// Columns up to which there is one block: what a row's maximum is taken of is then at hand.
  private static final int ONE_BLOCK = 128;

  private static final int BLOCK = 64;

  /// The tile for vectors of some heads.
  ///
  /// @param groups heads and batches together
  /// @param rows vectors of a head whose results are made
  /// @param columns vectors of a head that are run through
  /// @param d elements of a query and of a key
  /// @param e elements of a value
  static Optional<CoopAttentionTile> of(
      DeviceProfile.Gpu gpu, long groups, int rows, int columns, int d, int e) {
    // Where processors are left over, more lanes share the work of a workgroup.
    boolean few = groups * Math.ceilDiv(rows, ROWS) < gpu.processors();
    // Values are rows of a matrix as well, and all of them are columns of some.
    int asRows = grain(e);
    int asColumns = Math.min(grain(d), grain(e));
    return (few ? Stream.of(256, 128, 64) : Stream.of(128, 64, 256))
        .filter(lanes -> CoopTile.multiplies(gpu, lanes, asRows, asColumns))
        .map(lanes -> new CoopAttentionTile(ROWS, block(columns), lanes))
        .findFirst();
  }

  /// The largest power of two up to the rows of a tile that divides an extent.
  private static int grain(int extent) {
    return Math.min(ROWS, Integer.lowestOneBit(extent));
  }

  private static int block(int columns) {
    return columns <= ONE_BLOCK ? Math.ceilDiv(columns, 32) * 32 : BLOCK;
  }

  /// Whether one block has all columns.
  boolean holds(int count) {
    return count <= columns;
  }
}
