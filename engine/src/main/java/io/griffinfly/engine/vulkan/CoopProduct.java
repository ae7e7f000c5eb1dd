package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.vulkan.CoopWriter.Use;
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

  private final Product product;
  private final CoopTile tile;
  private final CoopWriter coop;
  private final ShaderWriter shader;
  private final boolean pairs;

  private CoopProduct(Product product, CoopTile tile) {
    this.product = product;
    this.tile = tile;
    pairs = product.right().dim(-1) != product.n();
    coop = new CoopWriter(tile.lanes());
    shader = coop.shader();
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
    coop.zeros("sum", tile.rows(), tile.columns());
    if (pairs) {
      coop.zeros("second", tile.rows(), tile.columns());
    }
    String a = shader.let("int", product.start(left, batch));
    String b = shader.let("int", product.start(right, batch));
    Operand lefts =
        operand(
            "layoutA",
            left,
            a,
            new Lines(row, tile.rows(), product.m(), product.leftRowStride()),
            product.leftDepthStride(0));
    Operand rights =
        operand(
            "layoutB",
            right,
            b,
            new Lines(column, tile.columns(), right.place().dim(-1), product.rightColumnStride()),
            product.rightDepthStride(0));
    depths(lefts, rights, split);
    store(result, slabs.isPresent(), split, batch, row, column);
    return shader.stage(product.result().shape().size() == 0 ? 0 : groups);
  }

  /// Rows of the left operand, columns of the right one.
  ///
  /// @param first the tile's first
  /// @param count those of the tile
  /// @param all those of the matrix
  /// @param stride from one to the next
  private record Lines(String first, int count, int all, long stride) {}

  /// An operand of the tile's product.
  ///
  /// @param tensor its memory
  /// @param alongDepth whether its lines lie along the depth
  /// @param first the tile's first line
  /// @param count the tile's lines
  private record Operand(CoopWriter.Tensor tensor, boolean alongDepth, String first, int count) {
    /// The same at other lines.
    Operand from(String other) {
      return new Operand(tensor, alongDepth, other, count);
    }

    CoopWriter.Slice slice(String depth, int depths) {
      return alongDepth
          ? new CoopWriter.Slice(first, count, depth, depths)
          : new CoopWriter.Slice(depth, depths, first, count);
    }
  }

  private Operand operand(String name, Bound bound, String start, Lines lines, long depthStride) {
    int depth = product.depth(0);
    boolean alongDepth = depthStride == 1;
    boolean whole = lines.all % lines.count == 0 && depth % tile.depth() == 0;
    CoopWriter.Extents extents =
        alongDepth
            ? new CoopWriter.Extents(lines.all, depth, lines.stride)
            : new CoopWriter.Extents(depth, lines.all, depthStride);
    // Memory's order is that of the matrix where rows of the left lie along the depth, or columns
    // of the right do not.
    boolean turned = name.equals("layoutA") != alongDepth;
    CoopWriter.Tensor tensor = coop.tensor(name, bound, start, extents, whole, turned);
    return new Operand(tensor, alongDepth, lines.first, lines.count);
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
    String type = CoopWriter.halves(tile.depth(), tile.columns(), Use.RIGHT);
    coop.load(
        "left",
        CoopWriter.halves(tile.rows(), tile.depth(), Use.LEFT),
        left.tensor,
        left.slice(depth, tile.depth()));
    coop.load("right", type, right.tensor, right.slice(depth, tile.depth()));
    coop.multiply("sum", "left", "right");
    if (pairs) {
      Operand behind = right.from(right.first + " + " + product.n());
      coop.load("other", type, behind.tensor, behind.slice(depth, tile.depth()));
      coop.multiply("second", "left", "other");
    }
  }

  private void store(
      Bound result, boolean partial, String split, List<String> batch, String row, String column) {
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
    String sums = "sum";
    if (place.dtype() == DType.F16) {
      sums = "rounded";
      coop.convert(sums, CoopWriter.halves(tile.rows(), tile.columns(), Use.SUMS), "sum");
    }
    coop.store(
        sums,
        coop.tensor(
            "layoutC",
            result,
            result.position(start, strides),
            new CoopWriter.Extents(product.m(), product.n(), place.stride(-2)),
            whole,
            false),
        new CoopWriter.Slice(row, tile.rows(), column, tile.columns()));
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
    if (pairs) {
      passed.addFirst("second");
    }
    coop.each("sum", "finish", passed.toArray(String[]::new));
  }
}
