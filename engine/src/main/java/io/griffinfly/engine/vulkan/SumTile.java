package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;

/// A lane's tile of finished sums in a GLSL array, and where in a product it lies.
///
/// @param rows of the tile
/// @param columns of the tile
/// @param row GLSL of its first row in the product
/// @param column GLSL of its first column in the product
/// @param sums name of the array, row-major
record SumTile(int rows, int columns, String row, String column, String sums) {
  /// Writes the epilogue and the store of every element that the product has, as one loop over the
  /// tile, because code for every element would take the driver long to compile.
  void store(
      ShaderWriter shader,
      Product product,
      Bound result,
      Product.Bindings epilogue,
      List<String> batch) {
    CodeWriter body = shader.body();
    body.loop(
        "i",
        rows,
        () ->
            body.loop(
                "j",
                columns,
                () -> {
                  String r = shader.let("int", row, " + i");
                  String c = shader.let("int", column, " + j");
                  body.block(
                      "if (" + r + " < " + product.m() + " && " + c + " < " + product.n() + ")",
                      () -> {
                        List<String> at = new ArrayList<>(batch);
                        at.add(r);
                        at.add(c);
                        String value = epilogue.write(sums + "[i * " + columns + " + j]", at);
                        shader.store(result, product.position(result, at), value);
                      });
                }));
  }
}
