package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import java.util.Optional;
import java.util.function.ToIntFunction;

/// How the lanes of a workgroup divide attention. A workgroup owns some rows of the result and runs
/// through blocks of columns: queries and keys, or the other way round for the gradients of keys.
///
/// For products of rows and columns, `slices` lanes share [#COLUMNS] columns, each a part of their
/// elements. For weighted sums of columns, a lane has four elements of some rows and every
/// `splits`th four of the block's columns.
///
/// @param rows of a workgroup, a power of two
/// @param lanes of a workgroup
/// @param slices lanes that share a column, a power of two
/// @param rowGroups lanes that share the rows in a weighted sum, a power of two
/// @param subgroupSize lanes that exchange values; 0 to exchange all through shared memory
record AttentionTile(int rows, int lanes, int slices, int rowGroups, int subgroupSize) {
  /// Columns of a lane: a vector of theirs is an element of each.
  static final int COLUMNS = 4;

  /// Fours of a column in a lane's registers.
  private static final int CHUNKS = 4;

  /// Workgroups for each processor of the device, at least: more rows a workgroup would leave
  /// processors idle, fewer would read the columns more often. On 132 processors 128 queries of 9
  /// heads are 144 workgroups of 8 rows, and 128 keys of 3 heads 96 of 4.
  private static final double WORKGROUPS = 0.7;

  private static final int MOST_ROWS = 32;

  /// Rows of a lane in a weighted sum, four registers each.
  private static final int MOST_LANE_ROWS = 8;

  /// Chooses a tile.
  ///
  /// @param heads batches times key heads
  /// @param rows of a head
  /// @param columns of a head
  /// @param widestFours fours of the widest vector
  /// @param mostLanes lanes that are wanted
  /// @param sharedBytes shared memory of a tile
  /// @return the tile; empty if nothing fits
  static Optional<AttentionTile> choose(
      DeviceProfile.Gpu gpu,
      long heads,
      int rows,
      int columns,
      int widestFours,
      int mostLanes,
      ToIntFunction<AttentionTile> sharedBytes) {
    int unit = Math.max(32, gpu.subgroupSize());
    int slices = ceilingPower(Math.ceilDiv(widestFours, CHUNKS));
    int most = Math.min(mostLanes, gpu.workgroupLanes()) / unit * unit;
    if (most < widestFours || most < slices) {
      return Optional.empty();
    }
    int widestBlock = most / slices * COLUMNS;
    int block = Math.ceilDiv(columns, Math.ceilDiv(columns, widestBlock));
    int wanted = Math.max(Math.ceilDiv(block, COLUMNS) * slices, widestFours);
    int lanes = Math.ceilDiv(wanted, unit) * unit;
    int subgroup = slices <= gpu.subgroupSize() ? gpu.subgroupSize() : 0;
    return fit(gpu, heads, rows, widestFours, sharedBytes, lanes, slices, subgroup)
        // Half the lanes need half the shared memory.
        .or(() -> choose(gpu, heads, rows, columns, widestFours, lanes / 2, sharedBytes));
  }

  private static Optional<AttentionTile> fit(
      DeviceProfile.Gpu gpu,
      long heads,
      int rows,
      int widestFours,
      ToIntFunction<AttentionTile> sharedBytes,
      int lanes,
      int slices,
      int subgroup) {
    int lines = floorPower(lanes / widestFours);
    for (int r = Math.min(MOST_ROWS, ceilingPower(rows)); r >= 1; r /= 2) {
      if (r > 1 && heads * Math.ceilDiv(rows, r) < WORKGROUPS * gpu.processors()) {
        continue;
      }
      for (int groups = 1; groups <= Math.min(r, lines); groups *= 2) {
        AttentionTile tile = new AttentionTile(r, lanes, slices, groups, subgroup);
        boolean last = groups * 2 > Math.min(r, lines);
        if ((r / groups <= MOST_LANE_ROWS || last)
            && sharedBytes.applyAsInt(tile) <= gpu.sharedBytes()) {
          return Optional.of(tile);
        }
      }
    }
    return Optional.empty();
  }

  private static int ceilingPower(int n) {
    return n <= 1 ? 1 : Integer.highestOneBit(n - 1) * 2;
  }

  private static int floorPower(int n) {
    return Integer.highestOneBit(n);
  }

  /// Columns of a block.
  int columns() {
    return lanes / slices * COLUMNS;
  }

  /// Fours of columns of a block.
  int columnFours() {
    return lanes / slices;
  }

  /// Fours of a vector that each lane of a column has, the last perhaps beyond the vector.
  int chunks(int fours) {
    return Math.ceilDiv(fours, slices);
  }

  /// Fours of a row in shared memory, so many that every lane finds some.
  int pitch(int fours) {
    return chunks(fours) * slices;
  }

  /// Lanes that divide the columns of a weighted sum of vectors.
  int splits(int fours) {
    return lanes / fours / rowGroups;
  }

  /// Rows of a lane in a weighted sum.
  int laneRows() {
    return rows / rowGroups;
  }

  /// Lanes that share a row of the block when its elements are looked at one by one.
  int lanesOfRow() {
    return floorPower(Math.min(lanes / rows, columnFours()));
  }

  boolean shuffles() {
    return subgroupSize > 0;
  }

  /// How many sums a score consists of in shared memory.
  int parts() {
    return shuffles() ? 1 : slices;
  }

  /// Bytes of scores.
  int scoreBytes() {
    return parts() * rows * columns() * Float.BYTES;
  }

  /// Bytes of rows in shared memory.
  int rowBytes(int fours) {
    return rows * pitch(fours) * 4 * Float.BYTES;
  }

  /// Bytes of weighted sums.
  int sumBytes(int fours) {
    return splits(fours) * rows * fours * 4 * Float.BYTES;
  }
}
