package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Matrix products of halves, summed in single precision, on matrix units that all lanes of a
/// workgroup use together (VK_NV_cooperative_matrix2): a tile is read by a tensor address, every
/// sum passes through the epilogue as a function of its row and column, and edges are clamped by
/// the address.
final class CoopProduct {
  /// Steps up to which the loop over the depth is written out: 0 to 13 % faster than a loop in a
  /// sweep on an H200.
  private static final int UNROLLED_STEPS = 8;

  private static final String CLAMP = "gl_CooperativeMatrixClampModeConstantNV";

  private final Product product;
  private final CoopTile tile;
  private final ShaderWriter shader;

  private final boolean pairs;

  private CoopProduct(Product product, CoopTile tile) {
    this.product = product;
    this.tile = tile;
    pairs = product.right().dim(-1) != product.n();
    shader = new ShaderWriter(tile.lanes(), 0);
    shader.extension("GL_KHR_memory_scope_semantics");
    shader.extension("GL_KHR_cooperative_matrix");
    shader.extension("GL_NV_cooperative_matrix2");
    shader.extension("GL_EXT_shader_explicit_arithmetic_types_float16");
  }

  /// Whether the kernel takes a product: halves that a tensor address reaches, which begins at
  /// multiples of 16 bytes, and enough rows and columns to fill a part of a tile.
  static boolean accepts(Product product) {
    return product.depthAxes() == 1
        && product.m() >= 16
        && product.n() >= 16
        && product.depth(0) >= 16
        && isAddressable(product.left())
        && isAddressable(product.right())
        && product.left().dtype() == DType.F16
        && product.right().dtype() == DType.F16
        && isStorable(product.result());
  }

  private static boolean isAddressable(Place place) {
    return (place.stride(-1) == 1 && isAligned(place, -2))
        || (place.stride(-2) == 1 && isAligned(place, -1));
  }

  private static boolean isStorable(Place place) {
    return (place.dtype() == DType.F32 || place.dtype() == DType.F16)
        && place.stride(-1) == 1
        && isAligned(place, -2);
  }

  /// Whether every stride but that of the contiguous axis, and the beginning, are whole groups of
  /// 8.
  private static boolean isAligned(Place place, int axis) {
    boolean aligned = place.stride(axis) % 8 == 0 && place.layout().offset() % 8 == 0;
    for (int batch = 0; batch < place.shape().rank() - 2; batch++) {
      aligned &= place.stride(batch) % 8 == 0;
    }
    return aligned;
  }

  static List<Stage> write(Product product, CoopTile tile, Workspace workspace) {
    Optional<Place> slabs = SlabSum.slabs(product, tile.splits(), workspace);
    Stage sums = new CoopProduct(product, tile).write(slabs);
    return slabs
        .map(place -> List.of(sums, SlabSum.write(product, place)))
        .orElseGet(() -> List.of(sums));
  }

  /// The stage that leaves the sums over the parts of the depth.
  ///
  /// @param slabs `[parts, batch.., m, n]`
  static Stage sums(Product product, CoopTile tile, Place slabs) {
    return new CoopProduct(product, tile).write(Optional.of(slabs));
  }

  private Stage write(Optional<Place> slabs) {
    Place into = slabs.orElse(product.result());
    Bound result = shader.matrix(into, true);
    Bound left = shader.matrix(product.left(), false);
    Bound right = shader.matrix(product.right(), false);
    List<Integer> extents = new ArrayList<>();
    extents.add(tile.splits());
    extents.addAll(product.batch());
    extents.add(Math.ceilDiv(product.n(), tile.columns()));
    extents.add(Math.ceilDiv(product.m(), tile.rows()));
    long groups = extents.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    List<String> at = shader.coordinates("group", extents);
    String split = at.getFirst();
    List<String> batch = at.subList(1, 1 + product.batchAxes());
    String column = shader.let("int", at.get(at.size() - 2), " * ", tile.columns());
    String row = shader.let("int", at.getLast(), " * ", tile.rows());
    CodeWriter body = shader.body();
    String sums = matrix("float", tile.rows(), tile.columns(), "Accumulator");
    body.line(sums, " sum = ", sums, "(0.0);");
    if (pairs) {
      body.line(sums, " second = ", sums, "(0.0);");
    }
    String a = shader.let("int", product.start(left, batch));
    String b = shader.let("int", product.start(right, batch));
    Operand lefts =
        new Operand(
            "A",
            left,
            a,
            row,
            tile.rows(),
            product.m(),
            product.leftDepthStride(0),
            product.leftRowStride());
    Operand rights =
        new Operand(
            "B",
            right,
            b,
            column,
            tile.columns(),
            product.right().dim(-1),
            product.rightDepthStride(0),
            product.rightColumnStride());
    declare(lefts);
    declare(rights);
    depths(lefts, rights, split);
    store(result, slabs.isPresent(), split, batch, row, column);
    return shader.stage(product.result().shape().size() == 0 ? 0 : groups);
  }

  /// An operand of the tile's product.
  ///
  /// @param use A or B
  /// @param bound its memory
  /// @param start where its matrix begins
  /// @param first the tile's first row of A, first column of B
  /// @param extent the tile's rows or columns
  /// @param all rows or columns of the matrix
  /// @param depthStride from depth to depth
  /// @param lineStride from row to row of A, from column to column of B
  private record Operand(
      String use,
      Bound bound,
      String start,
      String first,
      int extent,
      int all,
      long depthStride,
      long lineStride) {
    /// The same at another place.
    Operand from(String other) {
      return new Operand(use, bound, start, other, extent, all, depthStride, lineStride);
    }

    /// Whether rows of A or columns of B lie along the depth.
    boolean alongDepth() {
      return depthStride == 1;
    }

    /// Whether the memory's order is not that of the matrix: A is by rows, B by depths.
    boolean turned() {
      return use.equals("A") != alongDepth();
    }
  }

  private static String matrix(String type, int rows, int columns, String use) {
    return "coopmat<"
        + type
        + ", gl_ScopeWorkgroup, "
        + rows
        + ", "
        + columns
        + ", gl_MatrixUse"
        + use
        + ">";
  }

  private void declare(Operand operand) {
    int depth = product.depth(0);
    boolean whole = operand.all % operand.extent == 0 && depth % tile.depth() == 0;
    long stride = operand.alongDepth() ? operand.lineStride : operand.depthStride;
    layout(
        "layout" + operand.use,
        whole,
        operand.alongDepth() ? operand.all : depth,
        operand.alongDepth() ? depth : operand.all,
        stride);
    if (operand.turned()) {
      shader
          .body()
          .line(
              "tensorViewNV<2, false, 1, 0> view",
              operand.use,
              " = createTensorViewNV(2, false, 1, 0);");
    }
  }

  private void layout(String name, boolean whole, int lines, int line, long stride) {
    CodeWriter body = shader.body();
    String type = "<2" + (whole ? "" : ", " + CLAMP) + ">";
    body.line(
        "tensorLayoutNV",
        type,
        " ",
        name,
        " = createTensorLayoutNV(2",
        whole ? "" : ", " + CLAMP,
        ");");
    body.line(name, " = setTensorLayoutDimensionNV(", name, ", ", lines, ", ", line, ");");
    body.line(name, " = setTensorLayoutStrideNV(", name, ", ", stride, ", 1);");
  }

  private void depths(Operand left, Operand right, String split) {
    CodeWriter body = shader.body();
    int steps = tile.steps(product);
    String first = shader.let("int", split, " * ", steps * tile.depth());
    if (steps <= UNROLLED_STEPS) {
      for (int step = 0; step < steps; step++) {
        String depth = first + " + " + step * tile.depth();
        body.block("", () -> step(left, right, depth));
      }
    } else {
      body.loop("s", steps, () -> step(left, right, first + " + s * " + tile.depth()));
    }
  }

  private void step(Operand left, Operand right, String depth) {
    load("left", matrix("float16_t", tile.rows(), tile.depth(), "A"), left, depth);
    load("right", matrix("float16_t", tile.depth(), tile.columns(), "B"), right, depth);
    shader.body().line("sum = coopMatMulAdd(left, right, sum);");
    if (pairs) {
      Operand behind = right.from(right.first + " + " + product.n());
      load("other", matrix("float16_t", tile.depth(), tile.columns(), "B"), behind, depth);
      shader.body().line("second = coopMatMulAdd(left, other, second);");
    }
  }

  private void load(String name, String type, Operand operand, String depth) {
    String lines = operand.first + ", " + operand.extent;
    String depths = depth + ", " + tile.depth();
    shader.body().line(type, " ", name, ";");
    shader
        .body()
        .line(
            "coopMatLoadTensorNV(",
            name,
            ", ",
            operand.bound.name(),
            ", uint(",
            operand.start,
            "), sliceTensorLayoutNV(layout",
            operand.use,
            ", ",
            operand.alongDepth() ? lines + ", " + depths : depths + ", " + lines,
            ")",
            operand.turned() ? ", view" + operand.use : "",
            ");");
  }

  private void store(
      Bound result, boolean partial, String split, List<String> batch, String row, String column) {
    CodeWriter body = shader.body();
    List<String> start = new ArrayList<>();
    if (partial) {
      start.add(split);
    } else {
      finish(batch, row, column);
    }
    start.addAll(batch);
    Place place = result.place();
    List<Long> strides = new ArrayList<>();
    for (int axis = 0; axis < start.size(); axis++) {
      strides.add(place.stride(axis));
    }
    boolean whole = product.m() % tile.rows() == 0 && product.n() % tile.columns() == 0;
    layout("layoutC", whole, product.m(), product.n(), place.stride(-2));
    String sums = "sum";
    if (place.dtype() == DType.F16) {
      String halves = matrix("float16_t", tile.rows(), tile.columns(), "Accumulator");
      body.line(halves, " rounded = ", halves, "(sum);");
      sums = "rounded";
    }
    body.line(
        "coopMatStoreTensorNV(",
        sums,
        ", ",
        result.name(),
        ", uint(",
        result.position(start, strides),
        "), sliceTensorLayoutNV(layoutC, ",
        row,
        ", ",
        tile.rows(),
        ", ",
        column,
        ", ",
        tile.columns(),
        "));");
  }

  /// Passes every sum through the epilogue. A lane may be asked for elements in any order and
  /// behind the edges.
  private void finish(List<String> batch, String row, String column) {
    if (product.isPlain()) {
      return;
    }
    Product.Bindings epilogue = product.epilogue().bind(shader);
    List<String> passed = new ArrayList<>(List.of(row, column));
    batch.stream().filter(name -> !name.equals("0")).forEach(passed::add);
    StringBuilder head =
        new StringBuilder("float finish(const in uint r, const in uint c, const in float sum");
    if (pairs) {
      head.append(", const in float second");
    }
    passed.forEach(name -> head.append(", const in int ").append(name));
    shader.function(
        head.append(")").toString(),
        () -> {
          CodeWriter body = shader.body();
          List<String> at = new ArrayList<>(batch);
          at.add(shader.let("int", row, " + int(r)"));
          at.add(shader.let("int", column, " + int(c)"));
          int last = at.size() - 1;
          if (product.m() % tile.rows() != 0 || product.n() % tile.columns() != 0) {
            body.line(
                "if (",
                at.get(last - 1),
                " >= ",
                product.m(),
                " || ",
                at.get(last),
                " >= ",
                product.n(),
                ") { return 0.0; }");
          }
          body.line("return ", epilogue.write("sum", at), ";");
        });
    String others = (pairs ? "second, " : "") + String.join(", ", passed);
    shader.body().line("coopMatPerElementNV(sum, sum, finish, ", others, ");");
  }
}
