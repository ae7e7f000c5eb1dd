package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Writes norms of the rows of a product of which only sums over parts of the depth are in memory.
///
/// @param product the product
/// @param slabs the sums, `[parts, m, n]`
/// @param gpu the device
record NormedRows(Product product, Place slabs, DeviceProfile.Gpu gpu) {
  /// A row of a workgroup: the lane's fours of it, and the product there.
  private final class Row {
    private final GroupRows lanes = GroupRows.holding(product.n() / 4, gpu);
    private final ShaderWriter shader = lanes.shader();
    private final String row = lanes.row(product.m());
    private final List<GroupRows.Four> fours = lanes.fours(product.n() / 4);

    /// Writes the reads of the product; the values follow when they are asked for.
    List<UnaryOperator<String>> finishes(Product.Fours epilogue) {
      return fours.stream().map(four -> epilogue.prepare(List.of(row, four.element()))).toList();
    }

    List<List<String>> parts(Bound bound) {
      List<List<String>> all = new ArrayList<>();
      for (GroupRows.Four four : fours) {
        List<String> parts = new ArrayList<>();
        for (int part = 0; part < slabs.dim(0); part++) {
          long first = slabs.layout().offset() + part * slabs.stride(0);
          String position = row + " * " + slabs.stride(1) + " + " + first + " + " + four.element();
          parts.add(shader.let("vec4", shader.loadFour(bound, position)));
        }
        all.add(parts);
      }
      return all;
    }

    /// The lane's fours of a tensor of rows.
    List<String> read(Bound bound) {
      return fours.stream()
          .map(four -> shader.let("vec4", shader.loadFour(bound, position(bound, four))))
          .toList();
    }

    /// The lane's fours of a vector that every row has a factor of.
    List<String> readWeight(Bound bound) {
      return fours.stream()
          .map(four ->
              shader.let(
                  "vec4",
                  shader.loadFour(bound, bound.position(List.of(four.element()), List.of(1L)))))
          .toList();
    }

    String position(Bound bound, GroupRows.Four four) {
      return bound.position(List.of(row, four.element()), List.of(bound.place().stride(0), 1L));
    }

    void store(Bound bound, int i, String value) {
      GroupRows.Four four = fours.get(i);
      four.when(shader.body(), () -> shader.storeFour(bound, position(bound, four), value));
    }

    void add(String sum, int i, String a, String b) {
      String product = fours.get(i).or("dot(" + a + ", " + b + ")", "0.0");
      shader.body().line(sum, " += ", product, ";");
    }

    /// 1/√(mean of squares + ε) from the sum of the squares.
    String scale(String squares, double epsilon) {
      String mean = squares + " / " + Glsl.literal((float) product.n());
      return shader.let("float", "1.0 / sqrt(", mean, " + ", Glsl.literal((float) epsilon), ")");
    }
  }

  /// A second store of a gradient.
  ///
  /// @param expression what is stored: its operand 0 is the gradient, its operand `i` the `i`-th
  ///   scalar
  /// @param scalars what it reads besides
  /// @param result where it goes
  record Also(ScalarExpr expression, List<Place> scalars, Place result) {
    private AlsoStore bind(ShaderWriter shader) {
      Bound into = shader.writesFours(result);
      List<String> values = new ArrayList<>();
      for (Place place : scalars) {
        Bound scalar = shader.reads(place);
        String position = scalar.position(List.of(), List.of());
        values.add(shader.let(Glsl.register(place.dtype()), shader.load(scalar, position)));
      }
      return new AlsoStore(this, into, values);
    }
  }

  /// The same in a shader.
  ///
  /// @param also the store
  /// @param into where it goes
  /// @param scalars variables that hold them
  private record AlsoStore(Also also, Bound into, List<String> scalars) {
    String four(ShaderWriter shader, String gradient) {
      List<DType> types = new ArrayList<>(List.of(DType.F32));
      also.scalars.forEach(place -> types.add(place.dtype()));
      List<String> values = new ArrayList<>();
      for (int c = 0; c < 4; c++) {
        String element = gradient + "[" + c + "]";
        values.add(
            new ExpressionWriter(shader, types, i -> i == 0 ? element : scalars.get(i - 1))
                .write(also.expression, DType.F32));
      }
      return "vec4(" + String.join(", ", values) + ")";
    }
  }

  private static String sum(List<String> parts) {
    return "(" + String.join(" + ", parts) + ")";
  }

  /// The finished product on the lane's fours.
  private static List<String> values(
      Row row, List<UnaryOperator<String>> finishes, List<List<String>> parts) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      String total = row.shader.let("vec4", sum(parts.get(i)));
      values.add(row.shader.let("vec4", finishes.get(i).apply(total)));
    }
    return values;
  }

  /// The stage of a norm.
  ///
  /// @param epsilon of the norm
  /// @param keeps whether the product is stored too
  /// @param weight `[n]`
  /// @param y `[m, n]`
  Stage norm(double epsilon, boolean keeps, Place weight, Place y) {
    Row row = new Row();
    ShaderWriter shader = row.shader;
    Bound into = shader.writesFours(y);
    Bound parts = shader.readsFours(slabs);
    Bound factor = shader.readsFours(weight);
    Product.Fours epilogue = product.epilogue().bindFours(shader);
    List<List<String>> read = row.parts(parts);
    List<UnaryOperator<String>> finishes = row.finishes(epilogue);
    List<String> weights = row.readWeight(factor);
    List<String> values = values(row, finishes, read);
    if (keeps) {
      Bound kept = shader.writesFours(product.result());
      for (int i = 0; i < values.size(); i++) {
        row.store(kept, i, values.get(i));
      }
    }
    String squares = shader.let("float", "0.0");
    for (int i = 0; i < values.size(); i++) {
      row.add(squares, i, values.get(i), values.get(i));
    }
    row.lanes.sum(squares);
    String scale = row.scale(squares, epsilon);
    for (int i = 0; i < values.size(); i++) {
      row.store(into, i, values.get(i) + " * " + scale + " * " + weights.get(i));
    }
    return row.lanes.stage(product.m());
  }

  /// The stage of the gradient of a norm's input.
  ///
  /// @param epsilon of the norm
  /// @param operands x, the weight, and what is added
  /// @param adds whether there is something to add
  /// @param result where the gradient goes
  /// @param also what else is stored of it
  /// @param upstream where the product goes, for the gradient of the weight
  /// @param scales where the rows' scales go
  Stage gradient(
      double epsilon,
      List<Place> operands,
      boolean adds,
      Place result,
      Optional<Also> also,
      Place upstream,
      Place scales) {
    Row row = new Row();
    ShaderWriter shader = row.shader;
    Bound into = shader.writesFours(result);
    Optional<AlsoStore> second = also.map(each -> each.bind(shader));
    Bound kept = shader.writesFours(upstream);
    Bound keptScales = shader.writes(scales);
    Bound parts = shader.readsFours(slabs);
    Bound input = shader.readsFours(operands.get(0));
    Bound factor = shader.readsFours(operands.get(1));
    Product.Fours epilogue = product.epilogue().bindFours(shader);
    List<List<String>> read = row.parts(parts);
    List<UnaryOperator<String>> finishes = row.finishes(epilogue);
    List<String> xs = row.read(input);
    List<String> weights = row.readWeight(factor);
    List<String> added = adds ? row.read(shader.readsFours(operands.get(2))) : List.of();
    List<String> dys = values(row, finishes, read);
    String squares = shader.let("float", "0.0");
    String dot = shader.let("float", "0.0");
    List<String> direct = new ArrayList<>();
    for (int i = 0; i < xs.size(); i++) {
      row.store(kept, i, dys.get(i));
      direct.add(shader.let("vec4", dys.get(i), " * ", weights.get(i)));
      row.add(squares, i, xs.get(i), xs.get(i));
      row.add(dot, i, direct.get(i), xs.get(i));
    }
    row.lanes.sum(squares, dot);
    String scale = row.scale(squares, epsilon);
    String count = Glsl.literal((float) product.n());
    String own = shader.let("float", scale, " * ", scale, " * ", dot, " / ", count);
    for (int i = 0; i < xs.size(); i++) {
      String value = scale + " * (" + direct.get(i) + " - " + xs.get(i) + " * " + own + ")";
      String all = shader.let("vec4", adds ? added.get(i) + " + " + value : value);
      row.store(into, i, all);
      int four = i;
      second.ifPresent(store -> row.store(store.into(), four, store.four(shader, all)));
    }
    row.lanes.once(() -> shader.store(keptScales, row.row, scale));
    return row.lanes.stage(product.m());
  }
}
