package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Products of a few rows by a weight that lies along the depth, which is read once: the lanes of a
/// team share the depth of some columns and add up what each has found; then each lane finishes one
/// result. All reads of a lane are under way before the first is used, those of the epilogue too.
///
/// What belongs to the product ([DotForm]) is done by the same lanes: of pairs ([DotPairs]) they
/// have both columns, of a norm the squares of the rows that they read anyway.
final class DotProduct {
  private final DotForm form;
  private final Product product;
  private final DotPlan plan;
  private final VectorLanes lanes;
  private final ShaderWriter shader;

  private DotProduct(DotForm form, DotPlan plan, DeviceProfile.Gpu gpu) {
    this.form = form;
    this.product = form.product();
    this.plan = plan;
    this.lanes = VectorLanes.begin(plan.lanes(), gpu);
    this.shader = lanes.shader();
  }

  static Stage write(DotForm form, DotPlan plan, DeviceProfile.Gpu gpu) {
    return new DotProduct(form, plan, gpu).write();
  }

  /// What lanes read along the depth.
  private record Operands(
      VectorOperand left, VectorOperand right, Optional<VectorOperand> normWeight) {}

  /// Sums of a lane.
  ///
  /// @param products of the first column of each pair, then of the second, those of a row next to
  ///   each other
  /// @param squares of each row, where a norm needs them
  private record Sums(List<List<String>> products, List<String> squares) {
    List<String> all() {
      List<String> all = new ArrayList<>();
      products.forEach(all::addAll);
      all.addAll(squares);
      return all;
    }
  }

  private Stage write() {
    Bound result = shader.writes(product.result());
    Operands operands =
        new Operands(
            VectorOperand.bind(shader, product.left(), product.leftDepthAxis(0), plan.unit()),
            VectorOperand.bind(shader, product.right(), product.rightDepthAxis(0), plan.unit()),
            form.norm().map(norm -> VectorOperand.bind(shader, norm.weight(), 0, plan.unit())));
    DotPairs.Writer pairs = form.pairs().bind(shader, product, result);
    List<Integer> extents = new ArrayList<>(product.batch());
    extents.add(Math.ceilDiv(form.count(), plan.columns()));
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
    Function<List<String>, List<DotPairs.Store>> finish = pairs.prepare(element);
    Sums sums = sums(operands, batch, first, member);
    lanes.add(sums.all(), 1, plan.team());
    List<DotPairs.Store> stores = finish.apply(chosen(sums, number, row));
    String last = form.count() % plan.columns() == 0 ? "" : " && " + column + " < " + form.count();
    body.block(
        "if (" + guard + member + " < " + count + last + ")",
        () -> stores.forEach(store -> store.write(shader)));
    return shader.stage(Math.ceilDiv(teams, teamsOfGroup));
  }

  /// The sums that a lane finishes, of each column of its pair.
  private List<String> chosen(Sums sums, String number, String row) {
    List<String> chosen = new ArrayList<>();
    Optional<String> scale = form.norm().map(norm -> scale(norm, sums, row));
    for (List<String> columns : sums.products) {
      String sum = VectorLanes.chosen(number, columns);
      String value = scale.map(each -> "(" + sum + ") * " + each).orElse(sum);
      if (chosen.isEmpty()) {
        chosen.add(shader.let("float", value));
      } else {
        shader.body().line("float ", DotPairs.SECOND, " = ", value, ";");
        chosen.add(DotPairs.SECOND);
      }
    }
    return chosen;
  }

  /// What a norm multiplies a row by: 1/√(mean of squares + ε).
  private String scale(DotForm.RowNorm norm, Sums sums, String row) {
    String squares = shader.let("float", VectorLanes.chosen(row, sums.squares));
    String count = Glsl.literal((float) product.depth(0));
    String epsilon = Glsl.literal((float) norm.epsilon());
    return shader.let("float", "1.0 / sqrt(", squares, " / ", count, " + ", epsilon, ")");
  }

  /// A column or pair that the weight has: what lies outside is read from the last one and not
  /// stored.
  private String inside(String column) {
    return form.count() % plan.columns() == 0
        ? column
        : shader.let("int", "min(", column, ", ", form.count() - 1, ")");
  }

  private List<String> zeros(int count) {
    return IntStream.range(0, count).mapToObj(_ -> shader.let("float", "0.0")).toList();
  }

  private Sums sums(Operands operands, List<String> batch, String first, String member) {
    List<List<String>> products = new ArrayList<>();
    List<String> starts = new ArrayList<>();
    String b = shader.let("int", product.start(operands.right.bound(), batch));
    for (int which = 0; which < form.pairs().together(); which++) {
      products.add(zeros(plan.columns() * product.m()));
      for (int i = 0; i < plan.columns(); i++) {
        String column = form.pairs().column(product, inside(first + " + " + i), which);
        starts.add(shader.let("int", b, " + (", column, ") * ", product.rightColumnStride()));
      }
    }
    Sums sums = new Sums(products, zeros(form.norm().isPresent() ? product.m() : 0));
    String a = shader.let("int", product.start(operands.left.bound(), batch));
    int units = product.depth(0) / plan.unit();
    int reads = Math.ceilDiv(units, plan.team());
    int batches = Math.ceilDiv(reads, plan.together());
    boolean whole = units == batches * plan.together() * plan.team();
    if (batches == 1) {
      terms(operands, a, starts, member, whole, sums);
    } else {
      String read = shader.variable("k");
      shader
          .body()
          .block(
              "for (int " + read + " = 0; " + read + " < " + batches + "; " + read + "++)",
              () -> {
                int step = plan.together() * plan.team();
                String from = shader.let("int", member, " + ", read, " * ", step);
                terms(operands, a, starts, from, whole, sums);
              });
    }
    return sums;
  }

  /// Adds the terms of a batch of reads.
  private void terms(
      Operands operands, String a, List<String> starts, String from, boolean whole, Sums sums) {
    VectorOperand left = operands.left;
    VectorOperand right = operands.right;
    int units = product.depth(0) / plan.unit();
    List<List<String>> columns = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    List<List<String>> weights = new ArrayList<>();
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
      weights.add(
          operands.normWeight.stream()
              .map(weight ->
                  weight.read(weight.bound().position(List.of(depth), List.of(weight.stride()))))
              .toList());
    }
    for (int i = 0; i < plan.together(); i++) {
      if (!whole) {
        zeroOutside(columns.get(i), inside.get(i));
        zeroOutside(rows.get(i), inside.get(i));
        zeroOutside(weights.get(i), inside.get(i));
      }
      for (int row = 0; row < product.m(); row++) {
        String x = rows.get(i).get(row);
        for (String weight : weights.get(i)) {
          add(sums.squares.get(row), x, x);
          shader.body().line(x, " *= ", weight, ";");
        }
        for (int column = 0; column < columns.get(i).size(); column++) {
          List<String> found = sums.products.get(column / plan.columns());
          String sum = found.get(row * plan.columns() + column % plan.columns());
          add(sum, x, columns.get(i).get(column));
        }
      }
    }
  }

  /// Adds a product to a sum, or the products of four elements.
  private void add(String sum, String x, String w) {
    String added =
        plan.unit() == 4
            ? sum + " + dot(" + x + ", " + w + ")"
            : "fma(" + x + ", " + w + ", " + sum + ")";
    shader.body().line(sum, " = ", added, ";");
  }

  private void zeroOutside(List<String> variables, String inside) {
    String type = VectorOperand.type(plan.unit());
    for (String variable : variables) {
      shader.body().line(variable, " = ", inside, " ? ", variable, " : ", type, "(0.0);");
    }
  }
}
