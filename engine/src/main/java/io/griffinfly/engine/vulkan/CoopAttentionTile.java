package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.CoopShape;
import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
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
  static Optional<CoopAttentionTile> of(DeviceProfile.Gpu gpu, long groups, int rows, int columns) {
    // Where processors are left over, more lanes share the work of a workgroup.
    boolean few = groups * Math.ceilDiv(rows, ROWS) < gpu.processors();
    return Stream.of(few ? 256 : 128, few ? 128 : 256)
        .map(lanes -> new CoopAttentionTile(ROWS, block(columns), lanes))
        .filter(tile -> tile.runsOn(gpu))
        .findFirst();
  }

  private static int block(int columns) {
    return columns <= ONE_BLOCK ? Math.ceilDiv(columns, 32) * 32 : BLOCK;
  }

  private boolean runsOn(DeviceProfile.Gpu gpu) {
    return gpu.coopShapes().stream()
        .anyMatch(shape ->
            shape.scope() == CoopShape.Scope.WORKGROUP
                && shape.operands() == DType.F16
                && shape.sums() == DType.F32
                && shape.lanes() == lanes
                && rows % shape.m() == 0
                && 32 % shape.m() == 0
                && 16 % shape.k() == 0
                && 32 % shape.n() == 0);
  }

  /// Whether one block has all columns.
  boolean holds(int count) {
    return count <= columns;
  }
}
