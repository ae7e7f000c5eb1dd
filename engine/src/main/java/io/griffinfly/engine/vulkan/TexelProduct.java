package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Matrix products for devices whose lanes are those of a CPU's vector unit (lavapipe): operands
/// are read as texels of four elements, which costs a quarter of any other read there, and
/// exchanged by shuffles with literal lanes, which costs an eighth; there is no shared memory and
/// no barrier. A subgroup computes 16 rows by 4 columns a lane.
///
/// Of each operand either the depth is contiguous, then a texel is four elements of a sum, or its
/// rows or columns are, then a texel is four of those at one depth.
final class TexelProduct {
  /// Rows of a tile: with 4 columns a lane, 64 sums, as many as compile in a tenth of a second; 32
  /// by 6 gains 8 % and takes five times as long.
  private static final int ROWS = 16;

  private static final int COLUMNS = 4;

  private static final String COMPONENTS = "xyzw";

  private final Product product;
  private final ShaderWriter shader;
  private final int width;
  private final int tall;
  private final boolean leftAlongDepth;
  private final boolean rightAlongDepth;
  private final List<String> sums = new ArrayList<>();

  private TexelProduct(Product product, int width) {
    this.product = product;
    this.width = width;
    this.shader = new ShaderWriter(width, width);
    tall = Math.min(ROWS, product.m());
    int last = product.depthAxes() - 1;
    leftAlongDepth = isAlong(product.leftDepthStride(last), product.depth(last));
    rightAlongDepth = isAlong(product.rightDepthStride(last), product.depth(last));
  }

  private static boolean isAlong(long stride, int extent) {
    return stride == 1 && extent % 4 == 0;
  }

  /// Whether the product can be written so on a device.
  static boolean accepts(Product product, DeviceProfile.Gpu gpu) {
    int width = gpu.subgroupSize();
    if (!gpu.onCpu() || (width != 4 && width != 8 && width != 16)) {
      return false;
    }
    if (product.result().shape().size() == 0 || product.depth(0) == 0) {
      return false;
    }
    int last = product.depthAxes() - 1;
    int depth = product.depth(last);
    boolean left =
        isAlong(product.leftDepthStride(last), depth)
            || isAlong(product.leftRowStride(), product.m());
    boolean right =
        isAlong(product.rightDepthStride(last), depth)
            || isAlong(product.rightColumnStride(), product.n());
    return left && right && isTexels(product.left()) && isTexels(product.right());
  }

  /// Whether every stride but one of 1 is a multiple of a texel.
  private static boolean isTexels(Place place) {
    boolean strides =
        IntStream.range(0, place.shape().rank())
            .filter(axis -> place.dim(axis) > 1)
            .mapToLong(place::stride)
            .allMatch(stride -> stride == 1 || stride % 4 == 0);
    return strides && place.dtype() == DType.F32 && place.layout().offset() % 4 == 0;
  }

  static Stage write(Product product, DeviceProfile.Gpu gpu) {
    return new TexelProduct(product, gpu.subgroupSize()).write();
  }

  private Stage write() {
    Bound result = shader.writes(product.result());
    Bound left = shader.texels(product.left());
    Bound right = shader.texels(product.right());
    Product.Bindings epilogue = product.epilogue().bind(shader);
    int wide = width * COLUMNS;
    // Tiles that follow each other share their columns: a weight is read once.
    List<Integer> extents = new ArrayList<>(product.batch());
    extents.add(Math.ceilDiv(product.n(), wide));
    extents.add(Math.ceilDiv(product.m(), tall));
    long tiles = extents.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    List<String> at = shader.coordinates("group", extents);
    List<String> batch = at.subList(0, product.batchAxes());
    String own = shader.let("int", "int(gl_SubgroupInvocationID)");
    String column = shader.let("int", at.get(batch.size()), " * ", wide);
    String row = shader.let("int", at.getLast(), " * ", tall);
    int count = rightAlongDepth ? tall * COLUMNS : tall;
    String type = rightAlongDepth ? "float" : "vec4";
    for (int i = 0; i < count; i++) {
      sums.add(shader.let(type, type, "(0.0)"));
    }
    List<String> lefts = starts(left, batch, row, own, true);
    List<String> rights = starts(right, batch, column, own, false);
    if (product.depthAxes() == 2) {
      String outer = shader.variable("k");
      shader
          .body()
          .loop(
              outer,
              product.depth(0),
              () ->
                  depths(
                      left,
                      moved(lefts, outer, product.leftDepthStride(0)),
                      right,
                      moved(rights, outer, product.rightDepthStride(0))));
    } else {
      depths(left, lefts, right, rights);
    }
    store(result, epilogue, batch, row, column, own);
    return shader.stage(tiles);
  }

  private List<String> moved(List<String> starts, String variable, long stride) {
    return starts.stream()
        .map(start -> shader.let("int", start, " + ", variable, " * ", stride / 4))
        .toList();
  }

  /// Texels where this lane's reads of an operand begin.
  private List<String> starts(
      Bound bound, List<String> batch, String first, String own, boolean isLeft) {
    String start = shader.let("int", "(", product.start(bound, batch), ") / 4");
    int extent = isLeft ? product.m() : product.n();
    long stride = isLeft ? product.leftRowStride() : product.rightColumnStride();
    boolean alongDepth = isLeft ? leftAlongDepth : rightAlongDepth;
    if (alongDepth) {
      int count = isLeft ? Math.ceilDiv(tall, width) : COLUMNS;
      return IntStream.range(0, count)
          .mapToObj(i -> {
            String line = first + " + " + i * width + " + " + own;
            // What lies outside is read from the last line and not stored.
            String clamped = "min(" + line + ", " + (extent - 1) + ")";
            return shader.let("int", start, " + ", clamped, " * ", stride / 4);
          })
          .toList();
    }
    String quad = isLeft ? "(" + own + " & 3)" : own;
    String clamped = "min(" + first + " / 4 + " + quad + ", " + (extent / 4 - 1) + ")";
    return List.of(shader.let("int", start, " + ", clamped));
  }

  private void depths(Bound left, List<String> lefts, Bound right, List<String> rights) {
    int depth = product.depth(product.depthAxes() - 1);
    String quad = shader.variable("k");
    shader
        .body()
        .loop(
            quad,
            depth / 4,
            () -> {
              List<List<String>> columns =
                  IntStream.range(0, 4).mapToObj(c -> columns(right, rights, quad, c)).toList();
              List<String> rows = rows(left, lefts, quad);
              for (int r = 0; r < tall; r++) {
                for (int c = 0; c < 4; c++) {
                  multiply(r, element(rows, r, c), atDepth(columns, c));
                }
              }
            });
    for (int k = depth / 4 * 4; k < depth; k++) {
      // Neither operand lies along the depth, which else would be a multiple of 4.
      String a = fetch(left, lefts.getFirst(), k * product.leftDepthStride(lastDepth()) / 4);
      String b = fetch(right, rights.getFirst(), k * product.rightDepthStride(lastDepth()) / 4);
      for (int r = 0; r < tall; r++) {
        String shuffled =
            shader.let("float", "subgroupShuffle(", a, ".", component(r % 4), ", ", r / 4, ")");
        multiply(r, shuffled, List.of(b));
      }
    }
  }

  private List<String> atDepth(List<List<String>> columns, int depth) {
    return rightAlongDepth
        ? columns.getFirst().stream().map(texel -> texel + "." + component(depth)).toList()
        : columns.get(depth);
  }

  private int lastDepth() {
    return product.depthAxes() - 1;
  }

  private static char component(int index) {
    return COMPONENTS.charAt(index);
  }

  private String fetch(Bound bound, String start, Object offset) {
    return shader.let("vec4", "texelFetch(", bound.name(), ", ", start, " + ", offset, ")");
  }

  /// The texels of the left operand for four depths.
  private List<String> rows(Bound left, List<String> starts, String quad) {
    if (leftAlongDepth) {
      return starts.stream().map(start -> fetch(left, start, quad)).toList();
    }
    // Four lanes hold the rows at one depth, the next four at the next.
    long stride = product.leftDepthStride(lastDepth()) / 4;
    int depths = width / 4;
    return IntStream.range(0, 4 / depths)
        .mapToObj(i ->
            fetch(
                left,
                starts.getFirst(),
                "("
                    + quad
                    + " * 4 + "
                    + i * depths
                    + " + int(gl_SubgroupInvocationID) / 4) * "
                    + stride))
        .toList();
  }

  /// The left operand's element of a row at one of four depths, on every lane.
  private String element(List<String> rows, int row, int depth) {
    if (leftAlongDepth) {
      return shader.let(
          "float",
          "subgroupShuffle(",
          rows.get(row / width),
          ".",
          component(depth),
          ", ",
          row % width,
          ")");
    }
    int depths = width / 4;
    int lane = depth % depths * 4 + row / 4;
    return shader.let(
        "float",
        "subgroupShuffle(",
        rows.get(depth / depths),
        ".",
        component(row % 4),
        ", ",
        lane,
        ")");
  }

  /// The right operand's elements at one of four depths.
  private List<String> columns(Bound right, List<String> starts, String quad, int depth) {
    if (rightAlongDepth) {
      return depth == 0
          ? starts.stream().map(start -> fetch(right, start, quad)).toList()
          : List.of();
    }
    long stride = product.rightDepthStride(lastDepth()) / 4;
    return List.of(
        fetch(right, starts.getFirst(), "(" + quad + " * 4 + " + depth + ") * " + stride));
  }

  private void multiply(int row, String left, List<String> rights) {
    for (int j = 0; j < rights.size(); j++) {
      int sum = row * (rightAlongDepth ? COLUMNS : 1) + j;
      String factor = rightAlongDepth ? left : "vec4(" + left + ")";
      shader
          .body()
          .line(sums.get(sum), " = fma(", factor, ", ", rights.get(j), ", ", sums.get(sum), ");");
    }
  }

  /// One loop over the tile, because code for every element would take the driver long to compile.
  private void store(
      Bound result,
      Product.Bindings epilogue,
      List<String> batch,
      String row,
      String column,
      String own) {
    CodeWriter body = shader.body();
    String tile = shader.variable("t");
    body.line("float ", tile, "[", tall * COLUMNS, "];");
    for (int i = 0; i < tall * COLUMNS; i++) {
      String sum =
          rightAlongDepth ? sums.get(i) : sums.get(i / COLUMNS) + "." + component(i % COLUMNS);
      body.line(tile, "[", i, "] = ", sum, ";");
    }
    int rows = product.m();
    body.loop(
        "i",
        tall,
        () ->
            body.loop(
                "j",
                COLUMNS,
                () -> {
                  String r = shader.let("int", row, " + i");
                  String c =
                      rightAlongDepth
                          ? shader.let("int", column, " + j * ", width, " + ", own)
                          : shader.let("int", column, " + ", own, " * 4 + j");
                  body.block(
                      "if (" + r + " < " + rows + " && " + c + " < " + product.n() + ")",
                      () -> {
                        List<String> at = new ArrayList<>(batch);
                        at.add(r);
                        at.add(c);
                        String value = epilogue.write(tile + "[i * " + COLUMNS + " + j]", at);
                        shader.store(result, product.position(result, at), value);
                      });
                }));
  }
}
