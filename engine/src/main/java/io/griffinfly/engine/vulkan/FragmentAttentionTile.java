package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.CoopShape;
import io.griffinfly.engine.device.DeviceProfile;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What a workgroup of attention has at a time whose subgroups multiply fragments.
///
/// @param shape what a subgroup multiplies at once
/// @param subgroupSize lanes of a subgroup
/// @param rows vectors whose results it makes
/// @param columns vectors that it runs through at a time
record FragmentAttentionTile(CoopShape shape, int subgroupSize, int rows, int columns) {
  /// Subgroups of a workgroup.
  static final int SUBGROUPS = 4;

  /// Rows in fragments: twice as many would leave a large GPU's processors idle at 128 queries.
  private static final int ROW_FRAGMENTS = 2;

  /// Columns of a block in fragments: the first for which shared memory suffices are taken.
  private static final int[] COLUMN_FRAGMENTS = {4, 2, 1};

  /// Columns in fragments up to which there may be one block: what a row's maximum is taken of is
  /// then at hand.
  private static final int ONE_BLOCK = 8;

  /// Those that a device may run, the best first: one block for all columns, or smaller ones.
  ///
  /// @param columns vectors that are run through
  static Stream<FragmentAttentionTile> of(DeviceProfile.Gpu gpu, int columns) {
    return FragmentTile.shape(gpu)
        .filter(shape ->
            gpu.workgroupLanes() >= SUBGROUPS * gpu.subgroupSize()
                && SUBGROUPS * gpu.subgroupSize() >= ROW_FRAGMENTS * shape.m())
        .stream()
        .flatMap(shape -> {
          int unit = unit(shape);
          int all = Math.ceilDiv(columns, unit);
          return IntStream.concat(
                  all <= ONE_BLOCK ? IntStream.of(all) : IntStream.empty(),
                  IntStream.of(COLUMN_FRAGMENTS))
              .mapToObj(count ->
                  new FragmentAttentionTile(
                      shape, gpu.subgroupSize(), ROW_FRAGMENTS * shape.m(), count * unit));
        });
  }

  /// The smaller blocks among them, for kernels that hold more of each.
  static Stream<FragmentAttentionTile> small(DeviceProfile.Gpu gpu, int columns) {
    return of(gpu, columns)
        .filter(tile -> tile.columns <= Math.min(2 * unit(tile.shape), tile.lanes()));
  }

  /// Columns are those of one product and the depth of another.
  private static int unit(CoopShape shape) {
    return Math.max(shape.n(), shape.k());
  }

  /// Whether fragments fill vectors of so many elements.
  boolean fills(int elements) {
    return elements % unit(shape) == 0;
  }

  int lanes() {
    return SUBGROUPS * subgroupSize;
  }

  /// Whether one block has all columns.
  boolean holds(int count) {
    return count <= columns;
  }

  /// Lanes that share a row of so many: a power of two.
  int lanesOf(int lines) {
    return Integer.highestOneBit(Math.max(1, lanes() / lines));
  }
}
