package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Products of a few rows by a weight that lies along the columns, which is read once: some lanes
/// of a workgroup stand side by side along the columns, the others share the depth with them. Their
/// sums meet first by shuffles, where the device has them, then in shared memory; then each lane
/// finishes one result.
final class ColumnsProduct {
  private static final String COMPONENTS = "xyzw";

  private final Product product;
  private final ColumnsPlan plan;
  private final DeviceProfile.Gpu gpu;
  private final VectorLanes lanes;
  private final ShaderWriter shader;

  private ColumnsProduct(Product product, ColumnsPlan plan, DeviceProfile.Gpu gpu) {
    this.product = product;
    this.plan = plan;
    this.gpu = gpu;
    this.lanes = VectorLanes.begin(plan.lanes(), gpu);
    this.shader = lanes.shader();
  }

  /// Writes the stages of a product, two if the plan has parts of the depth.
  static List<Stage> write(
      Product product, ColumnsPlan plan, Workspace workspace, DeviceProfile.Gpu gpu) {
    if (plan.splits() == 1) {
      return List.of(new ColumnsProduct(product, plan, gpu).write(0));
    }
    Place slabs = SlabSum.take(product, plan.splits(), workspace);
    Product parts = product.sumsTo(SlabSum.first(slabs));
    return List.of(
        new ColumnsProduct(parts, plan, gpu).write(slabs.stride(0)), SlabSum.write(product, slabs));
  }

  /// @param slab elements from one part's sums to the next one's
  private Stage write(long slab) {
    Bound result = shader.writes(product.result());
    VectorOperand left =
        VectorOperand.bind(shader, product.left(), product.leftDepthAxis(0), plan.depths());
    VectorOperand right =
        VectorOperand.bind(shader, product.right(), product.rightColumnAxis(), plan.unit());
    Product.Bindings epilogue = product.epilogue().bind(shader);
    List<Integer> extents = new ArrayList<>(product.batch());
    if (plan.splits() > 1) {
      extents.add(plan.splits());
    }
    extents.add(Math.ceilDiv(product.n(), plan.columns()));
    long groups = extents.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    List<String> at = shader.coordinates("group", extents);
    List<String> batch = at.subList(0, product.batchAxes());
    String split = plan.splits() > 1 ? at.get(batch.size()) : "0";
    String first = shader.let("int", at.getLast(), " * ", plan.columns());
    String number = shader.let("int", "own % ", plan.results(product));
    String row = shader.let("int", number, " / ", plan.columns());
    String column = shader.let("int", first, " + ", number, " % ", plan.columns());
    List<String> element = new ArrayList<>(batch);
    element.add(row);
    element.add(inside(column, 1));
    UnaryOperator<String> finish = epilogue.prepare(element);
    List<String> sums = sums(left, right, batch, first, split);
    String sum = meet(sums, number);
    String value = finish.apply(sum);
    String last = isWhole() ? "" : " && " + column + " < " + product.n();
    String moved = slab == 0 ? "" : " + " + split + " * " + slab;
    shader
        .body()
        .block(
            "if (own < " + plan.results(product) + last + ")",
            () -> shader.store(result, product.position(result, element) + moved, value));
    return shader.stage(groups);
  }

  private boolean isWhole() {
    return product.n() % plan.columns() == 0;
  }

  /// Columns that the weight has: what lies outside is read from the last ones and not stored.
  private String inside(String column, int unit) {
    return isWhole() ? column : shader.let("int", "min(", column, ", ", product.n() - unit, ")");
  }

  private List<String> sums(
      VectorOperand left, VectorOperand right, List<String> batch, String first, String split) {
    String type = VectorOperand.type(plan.unit());
    List<String> sums = new ArrayList<>();
    for (int i = 0; i < product.m(); i++) {
      sums.add(shader.let(type, type, "(0.0)"));
    }
    String a = shader.let("int", product.start(left.bound(), batch));
    String own = first + " + own % " + plan.across() + " * " + plan.unit();
    String column = shader.let("int", inside(own, plan.unit()));
    String start = product.start(right.bound(), batch) + " + " + column + " * " + right.stride();
    String b = shader.let("int", start);
    int members = plan.lanes() / plan.across();
    int batches = Math.ceilDiv(plan.steps(), plan.together());
    String begin =
        shader.let("int", "own / ", plan.across(), " + ", split, " * ", plan.steps() * members);
    if (batches == 1) {
      terms(left, a, right, b, begin, sums);
      return sums;
    }
    String read = shader.variable("k");
    shader
        .body()
        .block(
            "for (int " + read + " = 0; " + read + " < " + batches + "; " + read + "++)",
            () -> {
              String step = read + " * " + plan.together() * members;
              terms(left, a, right, b, shader.let("int", begin, " + ", step), sums);
            });
    return sums;
  }

  /// Whether every lane's reads lie inside of the depth and of its part.
  private boolean allInside() {
    int members = plan.lanes() / plan.across();
    return plan.steps() % plan.together() == 0
        && (long) plan.steps() * plan.splits() * members * plan.depths() == product.depth(0);
  }

  /// Adds the terms of a batch of reads.
  private void terms(
      VectorOperand left, String a, VectorOperand right, String b, String from, List<String> sums) {
    int units = product.depth(0) / plan.depths();
    int members = plan.lanes() / plan.across();
    List<List<String>> weights = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    List<String> insides = new ArrayList<>();
    for (int i = 0; i < plan.together(); i++) {
      String unit = from + " + " + i * members;
      String at = allInside() ? "(" + unit + ")" : "min(" + unit + ", " + (units - 1) + ")";
      String depth = shader.let("int", at, " * ", plan.depths());
      insides.add(unit + " < " + units);
      List<String> read = new ArrayList<>();
      for (int k = 0; k < plan.depths(); k++) {
        String line = "(" + depth + " + " + k + ") * " + product.rightDepthStride(0);
        read.add(right.read(b + " + " + line));
      }
      weights.add(read);
      List<String> elements = new ArrayList<>();
      for (int row = 0; row < product.m(); row++) {
        String start = a + " + " + row * product.leftRowStride();
        elements.add(left.read(start + " + " + depth + " * " + left.stride()));
      }
      rows.add(elements);
    }
    for (int i = 0; i < plan.together(); i++) {
      if (!allInside()) {
        zeroOutside(weights.get(i), VectorOperand.type(plan.unit()), insides.get(i));
        zeroOutside(rows.get(i), VectorOperand.type(plan.depths()), insides.get(i));
      }
      multiply(weights.get(i), rows.get(i), sums);
    }
  }

  private void multiply(List<String> weights, List<String> rows, List<String> sums) {
    String type = VectorOperand.type(plan.unit());
    for (int row = 0; row < product.m(); row++) {
      String sum = sums.get(row);
      for (int k = 0; k < plan.depths(); k++) {
        String x = rows.get(row) + (plan.depths() == 4 ? "." + COMPONENTS.charAt(k) : "");
        String term = "fma(" + type + "(" + x + "), " + weights.get(k) + ", " + sum + ")";
        shader.body().line(sum, " = ", term, ";");
      }
    }
  }

  private void zeroOutside(List<String> variables, String type, String inside) {
    for (String variable : variables) {
      shader.body().line(variable, " = ", inside, " ? ", variable, " : ", type, "(0.0);");
    }
  }

  /// Brings the sums of all lanes of a workgroup together.
  ///
  /// @param number of the result that this lane finishes
  /// @return the variable of its sum
  private String meet(List<String> sums, String number) {
    CodeWriter body = shader.body();
    if (lanes.shuffles()) {
      lanes.add(sums, plan.across(), gpu.subgroupSize());
    }
    int results = plan.results(product);
    int parts = plan.parts(gpu);
    shader.declare("shared float partial[" + plan.sharedFloats(product, gpu) + "];");
    int together = plan.lanes() / parts;
    String part = shader.let("int", "own / ", together);
    String across = shader.let("int", "own % ", together);
    body.block(
        "if (" + across + " < " + plan.across() + ")",
        () -> {
          for (int row = 0; row < product.m(); row++) {
            for (int c = 0; c < plan.unit(); c++) {
              String line = part + " * " + results + " + " + row * plan.columns();
              String component = plan.unit() == 4 ? "[" + c + "]" : "";
              String to =
                  "partial[" + line + " + " + across + " * " + plan.unit() + " + " + c + "]";
              body.line(to, " = ", sums.get(row), component, ";");
            }
          }
        });
    body.line("barrier();");
    String sum = shader.let("float", "0.0");
    body.loop("i", parts, () -> body.line(sum, " += partial[i * ", results, " + ", number, "];"));
    return sum;
  }
}
