package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;

/// Matrix products of any type and layout on GPUs: a workgroup computes a tile of the result, whose
/// operands it brings through shared memory some depths at a time, a lane a small tile of that.
final class TileProduct {
  /// Rows and columns of a workgroup's tile.
  static final int TILE = 64;

  /// Rows and columns of a lane's tile: 16 multiply-adds for 8 reads of shared memory.
  private static final int LANE_TILE = 4;

  private static final int LANES = (TILE / LANE_TILE) * (TILE / LANE_TILE);

  /// Depths that are in shared memory at a time.
  private static final int DEPTHS = 16;

  /// Elements from depth to depth in shared memory: more than a tile, so that lanes which write
  /// along the depth use different banks.
  private static final int PITCH = TILE + 1;

  private final Product product;
  private final ShaderWriter shader = new ShaderWriter(LANES, 0);

  private TileProduct(Product product) {
    this.product = product;
  }

  /// Whether a device has what a workgroup needs, and shared memory that is worth it.
  static boolean accepts(DeviceProfile.Gpu gpu) {
    return !gpu.onCpu()
        && gpu.workgroupLanes() >= LANES
        && gpu.sharedBytes() >= 2 * DEPTHS * PITCH * Float.BYTES;
  }

  static Stage write(Product product) {
    return new TileProduct(product).write();
  }

  private Stage write() {
    Bound result = shader.writes(product.result());
    Bound left = shader.reads(product.left());
    Bound right = shader.reads(product.right());
    Product.Bindings epilogue = product.epilogue().bind(shader);
    shader.declare("shared float lefts[" + DEPTHS * PITCH + "];");
    shader.declare("shared float rights[" + DEPTHS * PITCH + "];");
    List<Integer> extents = new ArrayList<>(product.batch());
    extents.add(Math.ceilDiv(product.n(), TILE));
    extents.add(Math.ceilDiv(product.m(), TILE));
    long tiles = extents.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    List<String> at = shader.coordinates("group", extents);
    List<String> batch = at.subList(0, product.batchAxes());
    String column = shader.let("int", at.get(batch.size()), " * ", TILE);
    String row = shader.let("int", at.getLast(), " * ", TILE);
    String a = shader.let("int", product.start(left, batch));
    String b = shader.let("int", product.start(right, batch));
    CodeWriter body = shader.body();
    body.line("float sums[", LANE_TILE * LANE_TILE, "];");
    body.loop("i", LANE_TILE * LANE_TILE, () -> body.line("sums[i] = 0.0;"));
    body.line("int laneRow = lane / ", TILE / LANE_TILE, " * ", LANE_TILE, ";");
    body.line("int laneColumn = lane % ", TILE / LANE_TILE, " * ", LANE_TILE, ";");
    if (product.depthAxes() == 2) {
      body.loop(
          "outer",
          product.depth(0),
          () -> {
            String movedA = shader.let("int", a, " + outer * ", product.leftDepthStride(0));
            String movedB = shader.let("int", b, " + outer * ", product.rightDepthStride(0));
            depths(left, movedA, row, right, movedB, column);
          });
    } else {
      depths(left, a, row, right, b, column);
    }
    new SumTile(LANE_TILE, LANE_TILE, row + " + laneRow", column + " + laneColumn", "sums")
        .store(shader, product, result, epilogue, batch);
    return shader.stage(product.result().shape().size() == 0 ? 0 : tiles);
  }

  private void depths(Bound left, String a, String row, Bound right, String b, String column) {
    CodeWriter body = shader.body();
    int axis = product.depthAxes() - 1;
    int depth = product.depth(axis);
    body.block(
        "for (int first = 0; first < " + depth + "; first += " + DEPTHS + ")",
        () -> {
          bring(
              "lefts",
              left,
              a,
              row,
              product.m(),
              product.leftRowStride(),
              product.leftDepthStride(axis),
              depth);
          bring(
              "rights",
              right,
              b,
              column,
              product.n(),
              product.rightColumnStride(),
              product.rightDepthStride(axis),
              depth);
          body.line("barrier();");
          body.loop(
              "k",
              DEPTHS,
              () -> {
                body.line("float l[", LANE_TILE, "];");
                body.line("float r[", LANE_TILE, "];");
                for (int i = 0; i < LANE_TILE; i++) {
                  body.line("l[", i, "] = lefts[k * ", PITCH, " + laneRow + ", i, "];");
                  body.line("r[", i, "] = rights[k * ", PITCH, " + laneColumn + ", i, "];");
                }
                for (int i = 0; i < LANE_TILE; i++) {
                  for (int j = 0; j < LANE_TILE; j++) {
                    String sum = "sums[" + (i * LANE_TILE + j) + "]";
                    body.line(sum, " = fma(l[", i, "], r[", j, "], ", sum, ");");
                  }
                }
              });
          body.line("barrier();");
        });
  }

  /// Brings a block of an operand; neighbouring lanes read neighbouring elements. What lies outside
  /// counts as zero.
  private void bring(
      String shared,
      Bound operand,
      String start,
      String line,
      int lines,
      long lineStride,
      long depthStride,
      int depth) {
    boolean alongDepth = depthStride <= lineStride;
    CodeWriter body = shader.body();
    body.block(
        "for (int i = lane; i < " + TILE * DEPTHS + "; i += " + LANES + ")",
        () -> {
          String k = shader.let("int", alongDepth ? "i % " + DEPTHS : "i / " + TILE);
          String at = shader.let("int", alongDepth ? "i / " + DEPTHS : "i % " + TILE);
          String inside = line + " + " + at + " < " + lines + " && first + " + k + " < " + depth;
          String position =
              start
                  + " + ("
                  + line
                  + " + "
                  + at
                  + ") * "
                  + lineStride
                  + " + (first + "
                  + k
                  + ") * "
                  + depthStride;
          String value = shader.let("float", "0.0");
          body.line("if (", inside, ") { ", value, " = ", shader.load(operand, position), "; }");
          body.line(shared, "[", k, " * ", PITCH, " + ", at, "] = ", value, ";");
        });
  }
}
