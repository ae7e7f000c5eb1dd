package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.vulkan.CoopWriter.Use;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

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
  private final Optional<Second> second;

  /// A second tile of columns beside the first.
  ///
  /// @param step columns from one tile to the next
  /// @param behind columns from the first to the second
  private record Second(int step, int behind) {}

  private CoopProduct(Product product, CoopTile tile) {
    this(product, tile, Optional.empty());
  }

  private CoopProduct(Product product, CoopTile tile, Optional<Second> second) {
    this.product = product;
    this.tile = tile;
    this.second = second;
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

  /// Whether tiles can be written to a matrix.
  static boolean isStorable(Place place) {
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
    return slabs
        .map(place -> List.of(sums(product, tile, place), SlabSum.write(product, place)))
        .orElseGet(() -> List.of(new CoopProduct(product, tile).whole(Optional.empty())));
  }

  /// The stage that leaves the sums over the parts of the depth.
  ///
  /// @param slabs `[parts, batch.., m, n]`
  static Stage sums(Product product, CoopTile tile, Place slabs) {
    CoopProduct kernel = new CoopProduct(product, tile);
    Bound result = kernel.shader.matrix(slabs, true);
    return kernel.write(corner -> {
      List<String> start = new ArrayList<>(List.of(corner.split));
      start.addAll(corner.batch);
      kernel.store("sum", result, start, corner);
    });
  }

  /// The stage of a product whose columns come together with those half of all behind them.
  ///
  /// @param kept takes all columns, if they are kept
  static Stage pairs(Product product, CoopTile tile, Optional<Place> kept) {
    Second half = new Second(tile.columns(), product.n());
    return new CoopProduct(product, tile, Optional.of(half)).whole(kept);
  }

  /// The stage of a product of which the first columns are heads that are turned.
  static Stage rotated(Product product, CoopTile tile, CoopRotary rotary) {
    int half = tile.columns();
    CoopProduct kernel = new CoopProduct(product, tile, Optional.of(new Second(2 * half, half)));
    Bound result = kernel.shader.matrix(product.result(), true);
    CoopRotary.Writer writer = rotary.writer(kernel.coop, tile);
    return kernel.write(
        corner -> writer.load(corner.row),
        corner -> {
          writer.turn("sum", "second", corner.column);
          kernel.keep(result, corner, half);
        });
  }

  /// A result of a product.
  ///
  /// @param place where it goes, of the product's extents
  /// @param epilogue what is stored there
  record Output(Place place, Product.Epilogue epilogue) {}

  /// The stage of a product of which every sum becomes several values.
  static Stage spread(Product product, CoopTile tile, List<Output> outputs) {
    CoopProduct kernel = new CoopProduct(product, tile);
    List<Bound> bound =
        outputs.stream().map(each -> kernel.shader.matrix(each.place, true)).toList();
    return kernel.write(corner -> {
      for (int i = 0; i < outputs.size(); i++) {
        String value = "value" + i;
        kernel.coop.convert(value, CoopWriter.sums(tile.rows(), tile.columns()), "sum");
        kernel.finish("finish" + i, outputs.get(i).epilogue, value, corner);
        kernel.store(value, bound.get(i), corner.batch, corner);
      }
    });
  }

  /// The stage that sums the whole depth.
  private Stage whole(Optional<Place> kept) {
    Bound result = shader.matrix(product.result(), true);
    Optional<Bound> all = kept.map(place -> shader.matrix(place, true));
    return write(corner -> {
      all.ifPresent(bound -> keep(bound, corner, product.n()));
      if (!product.isPlain()) {
        finish("finish", product.epilogue(), "sum", corner);
      }
      store("sum", result, corner.batch, corner);
    });
  }

  /// Variables of where a tile is.
  ///
  /// @param split the part of the depth
  /// @param batch coordinates of its matrix
  /// @param row its first
  /// @param column its first
  private record Corner(String split, List<String> batch, String row, String column) {}

  /// Writes the stage.
  ///
  /// @param end writes what becomes of the sums
  private Stage write(Consumer<Corner> end) {
    return write(_ -> {}, end);
  }

  /// The same.
  ///
  /// @param begin writes what comes before the first product
  private Stage write(Consumer<Corner> begin, Consumer<Corner> end) {
    Bound left = shader.matrix(product.left(), false);
    Bound right = shader.matrix(product.right(), false);
    List<Integer> extents = new ArrayList<>();
    extents.add(tile.splits());
    extents.addAll(product.batch());
    int columns = second.map(Second::step).orElse(tile.columns());
    extents.add(Math.ceilDiv(product.n(), columns));
    extents.add(Math.ceilDiv(product.m(), tile.rows()));
    long groups = extents.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    List<String> at = shader.coordinates("group", extents);
    String split = at.getFirst();
    List<String> batch = at.subList(1, 1 + product.batchAxes());
    String column = shader.let("int", at.get(at.size() - 2), " * ", columns);
    String row = shader.let("int", at.getLast(), " * ", tile.rows());
    coop.zeros("sum", tile.rows(), tile.columns());
    if (second.isPresent()) {
      coop.zeros("second", tile.rows(), tile.columns());
    }
    Corner corner = new Corner(split, batch, row, column);
    begin.accept(corner);
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
    end.accept(corner);
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
    second.ifPresent(columns -> {
      Operand behind = right.from(right.first + " + " + columns.behind);
      coop.load("other", type, behind.tensor, behind.slice(depth, tile.depth()));
      coop.multiply("second", "left", "other");
    });
  }

  /// Stores both sums.
  ///
  /// @param behind columns from the first to the second
  private void keep(Bound bound, Corner corner, int behind) {
    CoopWriter.Tensor tensor =
        tensor(bound, Long.toString(bound.place().layout().offset()), bound.place().dim(-1));
    coop.store("sum", tensor, slice(corner, corner.column));
    coop.store("second", tensor, slice(corner, corner.column + " + " + behind));
  }

  /// Stores a tile.
  ///
  /// @param start coordinates of its matrix in the result
  private void store(String sums, Bound result, List<String> start, Corner corner) {
    List<Long> strides = new ArrayList<>();
    for (int axis = 0; axis < start.size(); axis++) {
      strides.add(result.place().stride(axis));
    }
    String position = result.position(start, strides);
    coop.store(sums, tensor(result, position, product.n()), slice(corner, corner.column));
  }

  private CoopWriter.Slice slice(Corner corner, String column) {
    return new CoopWriter.Slice(corner.row, tile.rows(), column, tile.columns());
  }

  /// A matrix that tiles are written to.
  private CoopWriter.Tensor tensor(Bound bound, String start, int columns) {
    boolean whole = product.m() % tile.rows() == 0 && product.n() % tile.columns() == 0;
    return coop.tensor(
        shader.variable("layout"),
        bound,
        start,
        new CoopWriter.Extents(product.m(), columns, bound.place().stride(-2)),
        whole,
        false);
  }

  /// Passes every sum through an epilogue. A lane may be asked for elements in any order and behind
  /// the edges.
  ///
  /// @param function its name
  /// @param sums the matrix
  private void finish(String function, Product.Epilogue epilogue, String sums, Corner corner) {
    Product.Bindings bindings = epilogue.bind(shader);
    List<String> passed = new ArrayList<>(List.of(corner.row, corner.column));
    corner.batch.stream().filter(name -> !name.equals("0")).forEach(passed::add);
    StringBuilder head =
        new StringBuilder("float ")
            .append(function)
            .append("(const in uint r, const in uint c, const in float sum");
    if (second.isPresent()) {
      head.append(", const in float second");
    }
    passed.forEach(name -> head.append(", const in int ").append(name));
    shader.function(
        head.append(")").toString(),
        () -> {
          CodeWriter body = shader.body();
          String row = shader.let("int", corner.row, " + int(r)");
          String column = shader.let("int", corner.column, " + int(c)");
          if (product.m() % tile.rows() != 0 || product.n() % tile.columns() != 0) {
            String behind = row + " >= " + product.m() + " || " + column + " >= " + product.n();
            body.line("if (", behind, ") { return 0.0; }");
          }
          List<String> at = new ArrayList<>(corner.batch);
          at.addAll(List.of(row, column));
          body.line("return ", bindings.write("sum", at), ";");
        });
    if (second.isPresent()) {
      passed.addFirst("second");
    }
    coop.each(sums, function, passed.toArray(String[]::new));
  }
}
