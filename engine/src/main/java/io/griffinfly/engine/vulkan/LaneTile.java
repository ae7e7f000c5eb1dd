package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;

/// A lane's tile of sums in fours of columns, each four a variable: an array with indices that are
/// no literals would live in memory. A tile of eight rows or columns is two halves, so that
/// neighbouring lanes have neighbouring fours.
final class LaneTile {
  private final TileShape shape;
  private final List<String> sums = new ArrayList<>();

  private LaneTile(TileShape shape) {
    this.shape = shape;
  }

  /// Where the sums go.
  ///
  /// @param result the tensor
  /// @param fours whether it is bound in fours
  /// @param batch variables of the batch coordinates
  /// @param row variable of the workgroup's first row
  /// @param column variable of the workgroup's first column
  /// @param moved GLSL of what to add to positions
  record Target(
      Bound result, boolean fours, List<String> batch, String row, String column, String moved) {}

  /// Declares the sums, all zero, and where the lane's tile lies in that of the workgroup:
  /// `laneRow` and `laneColumn`, in fours.
  static LaneTile declare(ShaderWriter shader, TileShape shape) {
    LaneTile tile = new LaneTile(shape);
    int across = shape.columns() / shape.laneColumns();
    shader.body().line("int laneRow = lane / ", across, ";");
    shader.body().line("int laneColumn = lane % ", across, ";");
    for (int i = 0; i < shape.laneRows() * tile.columnFours(); i++) {
      tile.sums.add(shader.let("vec4", "vec4(0.0)"));
    }
    return tile;
  }

  int rowFours() {
    return shape.laneRows() / 4;
  }

  int columnFours() {
    return shape.laneColumns() / 4;
  }

  /// GLSL of the number of a four of this lane's rows in the workgroup's tile.
  String rowFour(int index) {
    return "laneRow + " + index * (shape.rows() / shape.laneRows());
  }

  /// GLSL of the number of a four of this lane's columns in the workgroup's tile.
  String columnFour(int index) {
    return "laneColumn + " + index * (shape.columns() / shape.laneColumns());
  }

  /// The variable of a row and a four of columns.
  String sum(int row, int columnFour) {
    return sums.get(row * columnFours() + columnFour);
  }

  /// Writes the epilogue and the store of every sum that the product has, as one loop over the
  /// fours: drivers take long for many copies.
  void store(ShaderWriter shader, Product product, Target target) {
    CodeWriter body = shader.body();
    Product.Fours fours = target.fours ? product.epilogue().bindFours(shader) : null;
    Product.Bindings singles = target.fours ? null : product.epilogue().bind(shader);
    body.loop(
        "i",
        sums.size(),
        () -> {
          String row = "i / " + columnFours();
          String line =
              "(" + row + ") / 4 * " + shape.rows() / shape.laneRows() * 4 + " + (" + row + ") % 4";
          String r = shader.let("int", target.row, " + laneRow * 4 + ", line);
          String half = "i % " + columnFours() + " * " + shape.columns() / shape.laneColumns();
          String c = shader.let("int", target.column, " + (laneColumn + ", half, ") * 4");
          String sum = shader.let("vec4", VectorLanes.chosen("i", sums));
          List<String> at = new ArrayList<>(target.batch);
          at.add(r);
          at.add(c);
          String inside = r + " < " + product.m() + " && " + c + " < " + product.n();
          if (fours != null) {
            body.block(
                "if (" + inside + ")",
                () ->
                    shader.storeFour(
                        target.result,
                        product.position(target.result, at) + target.moved,
                        fours.prepare(at).apply(sum)));
          } else if (singles != null) {
            single(shader, product, target, singles, at, sum);
          }
        });
  }

  private static void single(
      ShaderWriter shader,
      Product product,
      Target target,
      Product.Bindings epilogue,
      List<String> at,
      String sum) {
    shader
        .body()
        .loop(
            "j",
            4,
            () -> {
              String c = shader.let("int", at.getLast(), " + j");
              List<String> element = new ArrayList<>(at);
              element.set(at.size() - 1, c);
              String r = at.get(at.size() - 2);
              shader
                  .body()
                  .block(
                      "if (" + r + " < " + product.m() + " && " + c + " < " + product.n() + ")",
                      () -> {
                        String one = shader.let("float", one(sum));
                        shader.store(
                            target.result,
                            product.position(target.result, element) + target.moved,
                            epilogue.write(one, element));
                      });
            });
  }

  private static String one(String sum) {
    return "j < 2 ? (j == 0 ? "
        + sum
        + ".x : "
        + sum
        + ".y) : (j == 2 ? "
        + sum
        + ".z : "
        + sum
        + ".w)";
  }
}
