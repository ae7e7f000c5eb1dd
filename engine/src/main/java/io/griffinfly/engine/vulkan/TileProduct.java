package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;

/// Matrix products of any type and layout on GPUs: a workgroup computes a tile of the result, whose
/// operands it brings through shared memory a block of depths at a time, a lane a small tile of
/// that. The reads of a block are under way while the one before is computed.
final class TileProduct {
  /// Depths of which the code is written out: so many reads of shared memory can be under way.
  private static final int UNROLLED = 4;

  private static final String COMPONENTS = "xyzw";

  private final Product product;
  private final TilePlan plan;
  private final TileShape shape;
  private final int buffers;
  private final ShaderWriter shader;

  private TileProduct(Product product, TilePlan plan, DeviceProfile.Gpu gpu) {
    this.product = product;
    this.plan = plan;
    this.shape = plan.shape();
    this.buffers = shape.buffers(gpu);
    this.shader = new ShaderWriter(shape.lanes(), 0);
  }

  /// Writes the stage of a product in one stage.
  static Stage write(Product product, DeviceProfile.Gpu gpu) {
    TilePlan plan =
        TilePlan.fastest(TilePlan.Extents.of(product), TileShape.ALL, 1, gpu).orElseThrow();
    return new TileProduct(product, plan, gpu).write(0);
  }

  /// Writes the stages of a product, several if the plan has parts of the depth.
  static List<Stage> write(
      Product product, TilePlan plan, Workspace workspace, DeviceProfile.Gpu gpu) {
    if (plan.splits() == 1) {
      return List.of(new TileProduct(product, plan, gpu).write(0));
    }
    Place slabs = SlabSum.take(product, plan.splits(), workspace);
    Product parts = product.sumsTo(SlabSum.first(slabs));
    return List.of(
        new TileProduct(parts, plan, gpu).write(slabs.stride(0)), SlabSum.write(product, slabs));
  }

  /// @param slab elements from one part's sums to the next one's
  private Stage write(long slab) {
    Place to = product.result();
    boolean fours = to.inFours();
    Bound result = fours ? shader.writesFours(to) : shader.writes(to);
    int axis = product.depthAxes() - 1;
    int depth = product.depth(axis);
    TileOperand left =
        TileOperand.bind(
            shader,
            product.left(),
            "lefts",
            new TileOperand.Axis(
                product.leftRowAxis(), shape.rows(), product.m(), product.leftRowStride()),
            new TileOperand.Axis(
                product.leftDepthAxis(axis), shape.depths(), depth, product.leftDepthStride(axis)),
            buffers);
    TileOperand right =
        TileOperand.bind(
            shader,
            product.right(),
            "rights",
            new TileOperand.Axis(
                product.rightColumnAxis(),
                shape.columns(),
                product.n(),
                product.rightColumnStride()),
            new TileOperand.Axis(
                product.rightDepthAxis(axis),
                shape.depths(),
                depth,
                product.rightDepthStride(axis)),
            buffers);
    List<Integer> extents = new ArrayList<>(product.batch());
    if (plan.splits() > 1) {
      extents.add(plan.splits());
    }
    // Tiles that follow each other share their columns: a weight is read once.
    extents.add(Math.ceilDiv(product.n(), shape.columns()));
    extents.add(Math.ceilDiv(product.m(), shape.rows()));
    long tiles = extents.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    if (to.shape().size() == 0) {
      return shader.stage(0);
    }
    List<String> at = shader.coordinates("group", extents);
    List<String> batch = at.subList(0, product.batchAxes());
    String split = plan.splits() > 1 ? at.get(batch.size()) : "0";
    String column = shader.let("int", at.get(at.size() - 2), " * ", shape.columns());
    String row = shader.let("int", at.getLast(), " * ", shape.rows());
    LaneTile tile = LaneTile.declare(shader, shape);
    if (outer() * depth > 0) {
      left.begin(shader.let("int", product.start(left.bound(), batch)), row);
      right.begin(shader.let("int", product.start(right.bound(), batch)), column);
      blocks(left, right, tile, split);
    }
    String moved = slab == 0 ? "" : " + " + split + " * " + slab;
    tile.store(shader, product, new LaneTile.Target(result, fours, batch, row, column, moved));
    return shader.stage(tiles);
  }

  private int outer() {
    return product.depthAxes() == 2 ? product.depth(0) : 1;
  }

  private void blocks(TileOperand left, TileOperand right, LaneTile tile, String split) {
    CodeWriter body = shader.body();
    int all = outer() * Math.ceilDiv(product.depth(product.depthAxes() - 1), shape.depths());
    boolean whole = plan.splits() == 1;
    String begin = whole ? "0" : shader.let("int", split, " * ", plan.steps());
    String after = begin + " + " + plan.steps();
    String last = all % plan.steps() == 0 ? after : "min(" + after + ", " + all + ")";
    String end = whole ? Integer.toString(all) : shader.let("int", last);
    load(left, right, begin);
    body.block(
        "for (int step = " + begin + "; step < " + end + "; step++)",
        () -> {
          String a = buffers == 1 ? "0" : shader.let("int", "(step & 1) * ", left.block());
          String b = buffers == 1 ? "0" : shader.let("int", "(step & 1) * ", right.block());
          left.put(a);
          right.put(b);
          body.line("barrier();");
          body.block("if (step + 1 < " + end + ")", () -> load(left, right, "step + 1"));
          body.block(
              "for (int k = 0; k < " + shape.depths() + "; k += " + UNROLLED + ")",
              () -> {
                for (int i = 0; i < UNROLLED; i++) {
                  multiply(left, a, right, b, tile, "k + " + i);
                }
              });
          if (buffers == 1) {
            body.line("barrier();");
          }
        });
  }

  /// Reads the block of a step.
  private void load(TileOperand left, TileOperand right, String step) {
    if (product.depthAxes() == 1) {
      String first = shader.let("int", "(", step, ") * ", shape.depths());
      left.load(first, "");
      right.load(first, "");
      return;
    }
    int inner = Math.ceilDiv(product.depth(1), shape.depths());
    String outer = shader.let("int", "(", step, ") / ", inner);
    String first = shader.let("int", "(", step, " - ", outer, " * ", inner, ") * ", shape.depths());
    left.load(first, " + " + outer + " * " + product.leftDepthStride(0));
    right.load(first, " + " + outer + " * " + product.rightDepthStride(0));
  }

  private void multiply(
      TileOperand left, String a, TileOperand right, String b, LaneTile tile, String depth) {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < tile.rowFours(); i++) {
      rows.add(shader.let("vec4", left.read(a, depth, tile.rowFour(i))));
    }
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < tile.columnFours(); i++) {
      columns.add(shader.let("vec4", right.read(b, depth, tile.columnFour(i))));
    }
    for (int r = 0; r < shape.laneRows(); r++) {
      String value = "vec4(" + rows.get(r / 4) + "." + COMPONENTS.charAt(r % 4) + ")";
      for (int c = 0; c < columns.size(); c++) {
        String sum = tile.sum(r, c);
        shader.body().line(sum, " = fma(", value, ", ", columns.get(c), ", ", sum, ");");
      }
    }
  }
}
