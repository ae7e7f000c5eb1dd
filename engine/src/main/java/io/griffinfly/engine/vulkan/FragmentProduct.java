package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Matrix products of halves, summed in single precision, on the matrix units of subgroups
/// (VK_KHR_cooperative_matrix). A workgroup brings a part of the depth of its tile's operands into
/// shared memory by 16 bytes a lane, and has the next part on its way in registers while it
/// multiplies. Subgroups share the tile's rows, columns or depth; finished sums go through shared
/// memory to lanes that apply the epilogue and store, neighbours next to each other.
final class FragmentProduct {
  /// Parts of the depth up to which the loop over them is written out.
  private static final int UNROLLED_STEPS = 4;

  private final Product product;
  private final FragmentTile tile;
  private final ShaderWriter shader;

  private FragmentProduct(Product product, FragmentTile tile) {
    this.product = product;
    this.tile = tile;
    shader = new ShaderWriter(tile.lanes(), tile.subgroupSize());
    shader.extension("GL_KHR_memory_scope_semantics");
    shader.extension("GL_KHR_cooperative_matrix");
    shader.extension("GL_EXT_shader_explicit_arithmetic_types_float16");
  }

  /// Whether the kernel takes a product: halves in groups of eight, and enough rows and columns to
  /// fill a part of a tile.
  static boolean accepts(Product product) {
    return product.depthAxes() == 1
        && product.m() >= 16
        && product.n() >= 16
        && product.depth(0) >= 16
        && isInEights(product.left())
        && isInEights(product.right());
  }

  private static boolean isInEights(Place place) {
    if (place.dtype() != DType.F16 || place.layout().offset() % 8 != 0) {
      return false;
    }
    int contiguous = place.stride(-1) == 1 ? -1 : -2;
    boolean eights =
        place.stride(contiguous) == 1
            && place.dim(contiguous) % 8 == 0
            && place.stride(-3 - contiguous) % 8 == 0;
    for (int batch = 0; batch < place.shape().rank() - 2; batch++) {
      eights &= place.stride(batch) % 8 == 0;
    }
    return eights;
  }

  static List<Stage> write(Product product, FragmentTile tile, Workspace workspace) {
    Optional<Place> slabs = SlabSum.slabs(product, tile.splits(), workspace);
    Stage sums = new FragmentProduct(product, tile).write(slabs);
    return slabs
        .map(place -> List.of(sums, SlabSum.write(product, place)))
        .orElseGet(() -> List.of(sums));
  }

  private Stage write(Optional<Place> slabs) {
    Bound result = shader.writes(slabs.orElse(product.result()));
    Bound left = shader.readsEights(product.left());
    Bound right = shader.readsEights(product.right());
    Optional<Product.Bindings> epilogue =
        slabs.isPresent() ? Optional.empty() : Optional.of(product.epilogue().bind(shader));
    shader.declare("shared uvec4 scratch[" + tile.scratch() + "];");
    List<Integer> extents = new ArrayList<>();
    extents.add(tile.splits());
    extents.addAll(product.batch());
    extents.add(Math.ceilDiv(product.n(), tile.columns()));
    extents.add(Math.ceilDiv(product.m(), tile.rows()));
    long workgroups = extents.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    List<String> at = shader.coordinates("group", extents);
    List<String> batch = at.subList(1, 1 + product.batchAxes());
    String column = shader.let("int", at.get(at.size() - 2), " * ", tile.columns());
    String row = shader.let("int", at.getLast(), " * ", tile.rows());
    String a = shader.let("int", product.start(left, batch));
    String b = shader.let("int", product.start(right, batch));
    FragmentOperand lefts =
        new FragmentOperand(
            shader,
            tile,
            product.depth(0),
            "A",
            left,
            a,
            row,
            tile.rows(),
            product.m(),
            product.leftDepthStride(0),
            product.leftRowStride(),
            0);
    FragmentOperand rights =
        new FragmentOperand(
            shader,
            tile,
            product.depth(0),
            "B",
            right,
            b,
            column,
            tile.columns(),
            product.n(),
            product.rightDepthStride(0),
            product.rightColumnStride(),
            lefts.end());
    subgroups();
    depths(lefts, rights, at.getFirst());
    new FragmentStore(shader, product, tile, result, epilogue, at.getFirst(), batch, row, column)
        .write();
    return shader.stage(product.result().shape().size() == 0 ? 0 : workgroups);
  }

  /// Declares which part of the tile a subgroup computes, and its sums.
  private void subgroups() {
    CodeWriter body = shader.body();
    List<String> at =
        shader.coordinates(
            "int(gl_SubgroupID)",
            List.of(tile.depthGroups(), tile.rowGroups(), tile.columnGroups()));
    body.line("int depthGroup = ", at.get(0), ";");
    body.line("int rowGroup = ", at.get(1), ";");
    body.line("int columnGroup = ", at.get(2), ";");
    for (int i = 0; i < tile.fragmentRows(); i++) {
      for (int j = 0; j < tile.fragmentColumns(); j++) {
        String type =
            FragmentTile.fragment("float", tile.shape().m(), tile.shape().n(), "Accumulator");
        body.line(type, " ", FragmentTile.sum(i, j), " = ", type, "(0.0);");
      }
    }
  }

  private void depths(FragmentOperand left, FragmentOperand right, String split) {
    CodeWriter body = shader.body();
    int steps = tile.steps(product);
    int depth = tile.depth();
    String first = shader.let("int", split, " * ", steps * depth);
    List<String> next = new ArrayList<>();
    for (int i = 0; i < left.count() + right.count(); i++) {
      next.add(shader.let("uvec4", "uvec4(0u)"));
    }
    bring(left, right, first, next);
    if (steps <= UNROLLED_STEPS) {
      for (int step = 0; step < steps; step++) {
        String behind = first + " + " + (step + 1) * depth;
        boolean last = step == steps - 1;
        step(
            left,
            right,
            next,
            () -> {
              if (!last) {
                bring(left, right, behind, next);
              }
            });
      }
      return;
    }
    body.loop(
        "s",
        steps,
        () ->
            step(
                left,
                right,
                next,
                () ->
                    body.block(
                        "if (s < " + (steps - 1) + ")",
                        () -> bring(left, right, first + " + (s + 1) * " + depth, next))));
  }

  /// Multiplies what is in registers, by way of the shared memory.
  private void step(
      FragmentOperand left, FragmentOperand right, List<String> next, Runnable behind) {
    CodeWriter body = shader.body();
    left.keep(next.subList(0, left.count()));
    right.keep(next.subList(left.count(), next.size()));
    body.line("barrier();");
    behind.run();
    multiply(left, right);
    body.line("barrier();");
  }

  private static void bring(
      FragmentOperand left, FragmentOperand right, String depth, List<String> into) {
    left.load(depth, into.subList(0, left.count()));
    right.load(depth, into.subList(left.count(), into.size()));
  }

  private void multiply(FragmentOperand left, FragmentOperand right) {
    int slices = tile.depth() / tile.shape().k() / tile.depthGroups();
    CodeWriter body = shader.body();
    for (int slice = 0; slice < slices; slice++) {
      String depth = "(depthGroup + " + slice * tile.depthGroups() + ") * " + tile.shape().k();
      body.block(
          "",
          () -> {
            left.fragments("rowGroup", tile.fragmentRows(), depth);
            right.fragments("columnGroup", tile.fragmentColumns(), depth);
            for (int i = 0; i < tile.fragmentRows(); i++) {
              for (int j = 0; j < tile.fragmentColumns(); j++) {
                String sum = FragmentTile.sum(i, j);
                body.line(sum, " = coopMatMulAdd(A", i, ", B", j, ", ", sum, ");");
              }
            }
          });
    }
  }
}
