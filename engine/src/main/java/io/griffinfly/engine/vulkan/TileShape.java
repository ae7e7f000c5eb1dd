package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import java.util.List;

/// How a workgroup and its lanes cut a matrix product. Every extent is a power of two.
///
/// @param rows of a workgroup's tile
/// @param columns of a workgroup's tile
/// @param laneRows of a lane's tile, 4 or 8
/// @param laneColumns of a lane's tile, 4 or 8
/// @param depths that are in shared memory at a time
record TileShape(int rows, int columns, int laneRows, int laneColumns, int depths) {
  /// Shapes that are worth a try; of equally fast ones the first is taken. Lanes share reads of
  /// shared memory the better the larger their tile, small tiles make more workgroups.
  static final List<TileShape> ALL =
      List.of(
          new TileShape(128, 128, 8, 8, 16),
          new TileShape(128, 64, 8, 8, 16),
          new TileShape(64, 128, 8, 8, 16),
          new TileShape(64, 64, 8, 4, 32),
          new TileShape(64, 64, 8, 4, 16),
          new TileShape(64, 64, 4, 4, 32),
          new TileShape(64, 32, 4, 4, 32),
          new TileShape(32, 64, 4, 4, 32),
          new TileShape(32, 32, 4, 4, 32),
          new TileShape(32, 32, 4, 4, 16),
          new TileShape(16, 64, 4, 4, 32));

  /// Lanes of a workgroup.
  int lanes() {
    return rows / laneRows * (columns / laneColumns);
  }

  /// Fours from depth to depth in shared memory, for a tile of so many lines: one more than the
  /// tile, so that lanes which write along the depth use different banks.
  static int pitch(int lines) {
    return lines / 4 + 1;
  }

  /// Bytes of shared memory that hold one block of both operands.
  int blockBytes() {
    return depths * (pitch(rows) + pitch(columns)) * 4 * Float.BYTES;
  }

  /// Blocks in shared memory: two where they fit, so that a block is written while the one before
  /// is still read.
  int buffers(DeviceProfile.Gpu gpu) {
    return 2 * blockBytes() <= gpu.sharedBytes() ? 2 : 1;
  }

  /// Whether a device can run it, and is one whose shared memory is worth it.
  boolean fits(DeviceProfile.Gpu gpu) {
    return !gpu.onCpu() && lanes() <= gpu.workgroupLanes() && blockBytes() <= gpu.sharedBytes();
  }
}
