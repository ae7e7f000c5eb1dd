package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Products of a few rows by a weight that lies along the depth, which is read once: the lanes of a
/// team share the depth of some columns and add up what each has found; then each lane finishes one
/// result. All reads of a lane are under way before the first is used, those of the epilogue too.
final class DotProduct {
  private final Product product;
  private final DotPlan plan;
  private final VectorLanes lanes;
  private final ShaderWriter shader;

  private DotProduct(Product product, DotPlan plan, DeviceProfile.Gpu gpu) {
    this.product = product;
    this.plan = plan;
    this.lanes = VectorLanes.begin(plan.lanes(), gpu);
    this.shader = lanes.shader();
  }

  static Stage write(Product product, DotPlan plan, DeviceProfile.Gpu gpu) {
    return new DotProduct(product, plan, gpu).write();
  }

  private Stage write() {
    Bound result = shader.writes(product.result());
    VectorOperand left =
        VectorOperand.bind(shader, product.left(), product.leftDepthAxis(0), plan.unit());
    VectorOperand right =
        VectorOperand.bind(shader, product.right(), product.rightDepthAxis(0), plan.unit());
    Product.Bindings epilogue = product.epilogue().bind(shader);
    List<Integer> extents = new ArrayList<>(product.batch());
    extents.add(Math.ceilDiv(product.n(), plan.columns()));
    long teams = extents.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    int teamsOfGroup = plan.lanes() / plan.team();
    CodeWriter body = shader.body();
    String team = shader.let("int", "group * ", teamsOfGroup, " + own / ", plan.team());
    String guard = "";
    if (teams % teamsOfGroup != 0) {
      guard = team + " < " + teams + " && ";
      // Lanes stay for barriers.
      String inside = "min(" + team + ", " + (teams - 1) + ")";
      team = lanes.shuffles() ? team : shader.let("int", inside);
      if (lanes.shuffles()) {
        body.line("if (", team, " >= ", teams, ") { return; }");
        guard = "";
      }
    }
    List<String> at = shader.coordinates(team, extents);
    List<String> batch = at.subList(0, product.batchAxes());
    String first = shader.let("int", at.getLast(), " * ", plan.columns());
    String member = shader.let("int", "own % ", plan.team());
    int count = plan.columns() * product.m();
    String number = shader.let("int", member, " % ", count);
    String row = shader.let("int", number, " / ", plan.columns());
    String column = shader.let("int", first, " + ", number, " % ", plan.columns());
    List<String> element = new ArrayList<>(batch);
    element.add(row);
    element.add(inside(column));
    UnaryOperator<String> finish = epilogue.prepare(element);
    List<String> sums = sums(left, right, batch, first, member);
    lanes.add(sums, 1, plan.team());
    String sum = shader.let("float", VectorLanes.chosen(number, sums));
    String value = finish.apply(sum);
    String last = product.n() % plan.columns() == 0 ? "" : " && " + column + " < " + product.n();
    body.block(
        "if (" + guard + member + " < " + count + last + ")",
        () -> shader.store(result, product.position(result, element), value));
    return shader.stage(Math.ceilDiv(teams, teamsOfGroup));
  }

  /// A column that the weight has: what lies outside is read from the last one and not stored.
  private String inside(String column) {
    return product.n() % plan.columns() == 0
        ? column
        : shader.let("int", "min(", column, ", ", product.n() - 1, ")");
  }

  private List<String> sums(
      VectorOperand left, VectorOperand right, List<String> batch, String first, String member) {
    List<String> sums = new ArrayList<>();
    for (int i = 0; i < plan.columns() * product.m(); i++) {
      sums.add(shader.let("float", "0.0"));
    }
    List<String> starts = new ArrayList<>();
    String b = shader.let("int", product.start(right.bound(), batch));
    for (int i = 0; i < plan.columns(); i++) {
      String column = inside(first + " + " + i);
      starts.add(shader.let("int", b, " + (", column, ") * ", product.rightColumnStride()));
    }
    String a = shader.let("int", product.start(left.bound(), batch));
    int units = product.depth(0) / plan.unit();
    int reads = Math.ceilDiv(units, plan.team());
    int batches = Math.ceilDiv(reads, plan.together());
    boolean whole = units == batches * plan.together() * plan.team();
    if (batches == 1) {
      terms(left, a, right, starts, member, whole, sums);
    } else {
      String read = shader.variable("k");
      shader
          .body()
          .block(
              "for (int " + read + " = 0; " + read + " < " + batches + "; " + read + "++)",
              () -> {
                int step = plan.together() * plan.team();
                String from = shader.let("int", member, " + ", read, " * ", step);
                terms(left, a, right, starts, from, whole, sums);
              });
    }
    return sums;
  }

  /// Adds the terms of a batch of reads.
  private void terms(
      VectorOperand left,
      String a,
      VectorOperand right,
      List<String> starts,
      String from,
      boolean whole,
      List<String> sums) {
    int units = product.depth(0) / plan.unit();
    List<List<String>> columns = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    List<String> inside = new ArrayList<>();
    for (int i = 0; i < plan.together(); i++) {
      String unit = from + " + " + i * plan.team();
      String at = whole ? "(" + unit + ")" : "min(" + unit + ", " + (units - 1) + ")";
      String depth = shader.let("int", at, " * ", plan.unit());
      inside.add(unit + " < " + units);
      columns.add(
          starts.stream()
              .map(start -> right.read(start + " + " + depth + " * " + right.stride()))
              .toList());
      List<String> read = new ArrayList<>();
      for (int row = 0; row < product.m(); row++) {
        String start = a + " + " + row * product.leftRowStride();
        read.add(left.read(start + " + " + depth + " * " + left.stride()));
      }
      rows.add(read);
    }
    for (int i = 0; i < plan.together(); i++) {
      if (!whole) {
        zeroOutside(columns.get(i), inside.get(i));
        zeroOutside(rows.get(i), inside.get(i));
      }
      for (int row = 0; row < product.m(); row++) {
        for (int column = 0; column < plan.columns(); column++) {
          String sum = sums.get(row * plan.columns() + column);
          String x = rows.get(i).get(row);
          String w = columns.get(i).get(column);
          String added =
              plan.unit() == 4
                  ? sum + " + dot(" + x + ", " + w + ")"
                  : "fma(" + x + ", " + w + ", " + sum + ")";
          shader.body().line(sum, " = ", added, ";");
        }
      }
    }
  }

  private void zeroOutside(List<String> variables, String inside) {
    String type = VectorOperand.type(plan.unit());
    for (String variable : variables) {
      shader.body().line(variable, " = ", inside, " ? ", variable, " : ", type, "(0.0);");
    }
  }
}
