package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Brings a tile's finished sums through shared memory to the lanes that store them.
///
/// @param shader the kernel
/// @param product what is computed
/// @param tile how it is cut
/// @param result where it is stored
/// @param epilogue from a sum to what is stored; empty for the sum over a part of the depth
/// @param split which part of the depth that is
/// @param batch which matrix
/// @param row the tile's first row
/// @param column the tile's first column
record FragmentStore(
    ShaderWriter shader,
    Product product,
    FragmentTile tile,
    Bound result,
    Optional<Product.Bindings> epilogue,
    String split,
    List<String> batch,
    String row,
    String column) {
  /// Elements whose epilogue a lane computes before it stores them: their loads run side by side.
  private static final int TOGETHER = 8;

  void write() {
    int m = tile.shape().m();
    if (tile.finishedRows() == tile.rows()) {
      for (int i = 0; i < tile.fragmentRows(); i++) {
        put(i, "(rowGroup * " + tile.fragmentRows() + " + " + i + ") * " + m);
      }
      shader.body().line("barrier();");
      store(r -> row + " + " + r);
      return;
    }
    for (int i = 0; i < tile.fragmentRows(); i++) {
      put(i, "rowGroup * " + m);
      shader.body().line("barrier();");
      String subgroupRows = " * " + tile.fragmentRows() * m;
      String begin = row + " + " + i * m;
      store(r -> begin + " + " + r + " / " + m + subgroupRows + " + " + r + " % " + m);
      shader.body().line("barrier();");
    }
  }

  /// Stores a row of a subgroup's fragments.
  private void put(int i, String line) {
    for (int j = 0; j < tile.fragmentColumns(); j++) {
      int n = tile.shape().n();
      String at = "(columnGroup * " + tile.fragmentColumns() + " + " + j + ") * " + n + " / 4";
      String start = "(depthGroup * " + tile.finishedRows() + " + " + line + ") * " + tile.pitch();
      shader
          .body()
          .line(
              "coopMatStore(",
              FragmentTile.sum(i, j),
              ", scratch, ",
              start + " + " + at,
              ", ",
              tile.pitch(),
              ", gl_CooperativeMatrixLayoutRowMajor);");
    }
  }

  private void store(UnaryOperator<String> rowOf) {
    int each = tile.finishedRows() * tile.columns() / tile.lanes();
    int together = Math.min(TOGETHER, each);
    shader
        .body()
        .loop(
            "e",
            each / together,
            () -> {
              List<Runnable> stores = new ArrayList<>();
              for (int i = 0; i < together; i++) {
                String first = "(e * " + together + " + " + i + ") * " + tile.lanes();
                stores.add(element(shader.let("int", first, " + lane"), rowOf));
              }
              stores.forEach(Runnable::run);
            });
  }

  /// Computes an element.
  ///
  /// @return writes its store
  private Runnable element(String number, UnaryOperator<String> rowOf) {
    String inRow = shader.let("int", number, " / ", tile.columns());
    String inColumn = shader.let("int", number, " % ", tile.columns());
    List<String> parts = new ArrayList<>();
    for (int group = 0; group < tile.depthGroups(); group++) {
      String line = "(" + group * tile.finishedRows() + " + " + inRow + ") * " + tile.pitch();
      parts.add(
          "uintBitsToFloat(scratch[" + line + " + (" + inColumn + " >> 2)][" + inColumn + " & 3])");
    }
    String sum = shader.let("float", String.join(" + ", parts));
    String r = shader.let("int", rowOf.apply(inRow));
    String c = shader.let("int", column, " + ", inColumn);
    boolean whole = product.m() % tile.rows() == 0 && product.n() % tile.columns() == 0;
    List<String> at = new ArrayList<>(batch);
    // Elements behind the edges compute what the last one does, and are not stored.
    at.add(whole ? r : shader.let("int", "min(", r, ", ", product.m() - 1, ")"));
    at.add(whole ? c : shader.let("int", "min(", c, ", ", product.n() - 1, ")"));
    String type = Glsl.register(result.place().dtype());
    String value = epilogue.map(bindings -> shader.let(type, bindings.write(sum, at))).orElse(sum);
    List<String> full = new ArrayList<>();
    if (epilogue.isEmpty()) {
      full.add(split);
    }
    full.addAll(at);
    List<Long> strides = new ArrayList<>();
    for (int axis = 0; axis < full.size(); axis++) {
      strides.add(result.place().stride(axis));
    }
    Runnable store = () -> shader.store(result, result.position(full, strides), value);
    String inside = "if (" + r + " < " + product.m() + " && " + c + " < " + product.n() + ")";
    return whole ? store : () -> shader.body().block(inside, store);
  }
}
