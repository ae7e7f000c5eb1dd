package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.ShaderWriter.Bound;

/// The rotary embedding of sums on the matrix units of a workgroup: first halves of heads are in
/// one matrix, second halves in another, and their factors in two more.
///
/// @param cos cosines, `[positions, headSize/2]`
/// @param sin sines, likewise
/// @param turned columns of the product that are turned
/// @param inverse whether sines change their sign
record CoopRotary(Place cos, Place sin, int turned, boolean inverse) {
  /// Whether factors are read by tensor addresses.
  boolean isAddressable() {
    return CoopProduct.isStorable(cos) && CoopProduct.isStorable(sin);
  }

  /// Whether no tile has rows of two sequences.
  ///
  /// @param rows of the product
  boolean divides(int rows, CoopTile tile) {
    int positions = cos.dim(-2);
    return positions == rows || (rows % positions == 0 && positions % tile.rows() == 0);
  }

  Writer writer(CoopWriter coop, CoopTile tile) {
    ShaderWriter shader = coop.shader();
    return new Writer(this, coop, tile, shader.matrix(cos, false), shader.matrix(sin, false));
  }

  /// Writes it into a kernel.
  ///
  /// @param cosines memory of the cosines
  /// @param sines memory of the sines
  record Writer(CoopRotary rotary, CoopWriter coop, CoopTile tile, Bound cosines, Bound sines) {
    /// Reads the factors.
    ///
    /// @param row GLSL of the tile's first row
    void load(String row) {
      String position = coop.shader().let("int", row, " % ", rotary.cos.dim(-2));
      load("cosines", cosines, position);
      load("sines", sines, position);
    }

    private void load(String name, Bound bound, String position) {
      Place place = bound.place();
      boolean whole = place.dim(-2) % tile.rows() == 0;
      CoopWriter.Tensor tensor =
          coop.tensor(
              "layout_" + name,
              bound,
              Long.toString(place.layout().offset()),
              new CoopWriter.Extents(place.dim(-2), place.dim(-1), place.stride(-2)),
              whole,
              false);
      coop.load(
          name,
          CoopWriter.sums(tile.rows(), tile.columns()),
          tensor,
          new CoopWriter.Slice(position, tile.rows(), "0", tile.columns()));
    }

    /// Turns the sums of a head.
    ///
    /// @param first matrix of its first half
    /// @param second matrix of its second half
    /// @param column GLSL of the first half's first column
    void turn(String first, String second, String column) {
      String sign = rotary.inverse ? "-" : "";
      function("turnFirst", "sum * cosine - other * " + sign + "sine");
      function("turnSecond", "sum * cosine + other * " + sign + "sine");
      CodeWriter body = coop.shader().body();
      body.block(
          "if (" + column + " < " + rotary.turned + ")",
          () -> {
            coop.convert("before", CoopWriter.sums(tile.rows(), tile.columns()), first);
            coop.each(first, "turnFirst", second, "cosines", "sines");
            coop.each(second, "turnSecond", "before", "cosines", "sines");
          });
    }

    private void function(String name, String value) {
      ShaderWriter shader = coop.shader();
      shader.function(
          "float "
              + name
              + "(const in uint r, const in uint c, const in float sum, const in float other,"
              + " const in float cosine, const in float sine)",
          () -> shader.body().line("return ", value, ";"));
    }
  }
}
