package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Writes reads and writes at positions that are data. An index outside of its axis raises the
/// fault word; it reads zero and adds nothing.
final class GatherWriter {
  private final int axis;
  private final Place indices;
  private final Place table;
  private final Place taken;
  private final int extent;
  private final int indexAxes;

  private GatherWriter(int axis, Place indices, Place table, Place taken) {
    this.axis = axis;
    this.indices = indices;
    this.table = table;
    this.taken = taken;
    this.extent = table.dim(axis);
    this.indexAxes = indices.shape().rank();
  }

  static List<Stage> write(Gather gather, List<Place> from, List<Place> to, Workspace workspace) {
    return switch (gather) {
      case Gather.Take(int axis) ->
          List.of(new GatherWriter(axis, from.get(1), from.get(0), to.getFirst()).take());
      case Gather.ScatterAdd(int axis, _) ->
          new GatherWriter(axis, from.get(0), to.getFirst(), from.get(1)).scatter(workspace);
    };
  }

  private static List<Integer> extents(Shape shape) {
    return IntStream.of(shape.dims()).boxed().toList();
  }

  private static List<Long> strides(Place place) {
    return IntStream.range(0, place.shape().rank()).mapToObj(place::stride).toList();
  }

  /// The index at some coordinates, in its own type.
  private String index(ShaderWriter shader, Bound bound, List<String> at) {
    return shader.load(bound, bound.position(at, strides(indices)));
  }

  private String inside(String index) {
    DType type = indices.dtype();
    return "("
        + index
        + " >= "
        + Glsl.literal(type, 0)
        + " && "
        + index
        + " < "
        + Glsl.literal(type, extent)
        + ")";
  }

  /// The row-major position of an index.
  private String number(List<String> at) {
    List<Long> dense =
        IntStream.range(0, indexAxes).mapToObj(i -> indices.shape().strides()[i]).toList();
    return Glsl.position(0, at, dense);
  }

  /// The position in the table of an element of what is taken.
  private String tablePosition(Bound bound, List<String> at, String index) {
    List<String> variables = new ArrayList<>(at.subList(0, axis));
    variables.add(index);
    variables.addAll(at.subList(axis + indexAxes, at.size()));
    return bound.position(variables, strides(table));
  }

  /// Takes rows that lie in groups of four, a group a lane.
  static Optional<Stage> fours(Gather.Take take, Place table, Place indices, Place taken) {
    boolean wide =
        taken.shape().size() > 0
            && table.inFours()
            && taken.inFours()
            && take.axis() < table.shape().rank() - 1;
    return wide
        ? Optional.of(new GatherWriter(take.axis(), indices, table, taken).takeFours())
        : Optional.empty();
  }

  private Stage takeFours() {
    ShaderWriter shader = new ShaderWriter(WidePointwise.LANES, 0);
    Bound into = shader.writesFours(taken);
    Bound rows = shader.readsFours(table);
    Bound given = shader.reads(indices);
    long fours = taken.shape().size() / 4;
    String item = shader.let("int", "group * ", shader.lanes(), " + lane");
    shader.body().line("if (", item, " >= ", fours, ") { return; }");
    String element = shader.let("int", item, " * 4");
    List<String> at = shader.coordinates(element, extents(taken.shape()));
    Row row = row(shader, given, at);
    String there = tablePosition(rows, at, row.index);
    String value = shader.let("vec4", extent > 0 ? shader.loadFour(rows, there) : "vec4(0.0)");
    shader.storeFour(
        into,
        into.position(at, strides(taken)),
        "(" + row.inside + " ? " + value + " : vec4(0.0))");
    return shader.stage(Math.ceilDiv(fours, shader.lanes()));
  }

  /// A row of the table.
  ///
  /// @param index variable of its number, that of some row in any case
  /// @param inside variable that says whether the table has the row that was asked for
  private record Row(String index, String inside) {}

  /// Reads which row an element of what is taken comes from, and reports one that is none.
  private Row row(ShaderWriter shader, Bound given, List<String> at) {
    String fault = shader.fault();
    List<String> indexAt = at.subList(axis, axis + indexAxes);
    String index = shader.let(Glsl.register(indices.dtype()), index(shader, given, indexAt));
    String inside = shader.let("bool", inside(index));
    shader
        .body()
        .line("if (!", inside, ") { atomicMin(", fault, "[0], uint(", number(indexAt), ")); }");
    return new Row(shader.let("int", inside, " ? int(", index, ") : 0"), inside);
  }

  private Stage take() {
    ShaderWriter shader = new ShaderWriter(PointwiseWriter.LANES, 0);
    Bound into = shader.writes(taken);
    Bound rows = shader.reads(table);
    Bound given = shader.reads(indices);
    long items = taken.shape().size();
    String item = shader.let("int", "group * ", shader.lanes(), " + lane");
    shader.body().line("if (", item, " >= ", items, ") { return; }");
    List<String> at = shader.coordinates(item, extents(taken.shape()));
    Row row = row(shader, given, at);
    String register = Glsl.register(table.dtype());
    String value = shader.let(register, Glsl.literal(table.dtype(), 0));
    if (extent > 0) {
      String element = shader.load(rows, tablePosition(rows, at, row.index));
      shader.body().line("if (", row.inside, ") { ", value, " = ", element, "; }");
    }
    shader.store(into, into.position(at, strides(taken)), value);
    return shader.stage(Math.ceilDiv(items, shader.lanes()));
  }

  /// Zeros; then, for each position whose index stands nowhere before it, the sum of the updates of
  /// all positions with that index, in their order. So no two lanes add to one element.
  private List<Stage> scatter(Workspace workspace) {
    Stage zeros =
        PointwiseWriter.write(
            table.shape(), List.of(new ScalarExpr.Scalar(0)), List.of(), List.of(table));
    if (taken.shape().size() == 0 || indices.shape().size() == 0) {
      return List.of(zeros);
    }
    int count = Math.toIntExact(indices.shape().size());
    Place chains = workspace.take(DType.I32, Shape.of(2, count));
    return List.of(zeros, chain(chains, count), add(chains, count));
  }

  /// For each position, whether it is the first with its index, and the next one with it.
  private Stage chain(Place chains, int count) {
    ShaderWriter shader = new ShaderWriter(PointwiseWriter.LANES, 0);
    Bound into = shader.writes(chains);
    Bound given = shader.reads(indices);
    String fault = shader.fault();
    String item = shader.let("int", "group * ", shader.lanes(), " + lane");
    shader.body().line("if (", item, " >= ", count, ") { return; }");
    String own =
        shader.let(
            Glsl.register(indices.dtype()),
            index(shader, given, shader.coordinates(item, extents(indices.shape()))));
    String first = shader.let("int", inside(own), " ? 1 : 0");
    shader.body().line("if (", first, " == 0) { atomicMin(", fault, "[0], uint(", item, ")); }");
    String next = shader.let("int", "-1");
    String found = "if (" + own + " == ";
    Runnable before =
        () -> shader.body().line(found, indexAtJ(shader, given), ") { ", first, " = 0; break; }");
    shader.body().loop("j", item, before);
    shader
        .body()
        .block(
            "for (int j = " + item + " + 1; j < " + count + "; j++)",
            () ->
                shader.body().line(found, indexAtJ(shader, given), ") { ", next, " = j; break; }"));
    shader.store(into, item, first);
    shader.store(into, item + " + " + count, next);
    return shader.stage(Math.ceilDiv(count, shader.lanes()));
  }

  /// The index at position `j`.
  private String indexAtJ(ShaderWriter shader, Bound given) {
    return index(shader, given, shader.coordinates("j", extents(indices.shape())));
  }

  private Stage add(Place chains, int count) {
    ShaderWriter shader = new ShaderWriter(PointwiseWriter.LANES, 0);
    Bound into = shader.writes(table);
    Bound updates = shader.reads(taken);
    Bound given = shader.reads(indices);
    Bound links = shader.reads(chains);
    long items = taken.shape().size();
    String item = shader.let("int", "group * ", shader.lanes(), " + lane");
    shader.body().line("if (", item, " >= ", items, ") { return; }");
    List<String> at = shader.coordinates(item, extents(taken.shape()));
    List<String> indexAt = at.subList(axis, axis + indexAxes);
    String position = shader.let("int", number(indexAt));
    shader.body().line("if (", shader.load(links, position), " == 0) { return; }");
    String row = shader.let("int", "int(", index(shader, given, indexAt), ")");
    String sum = shader.let(Glsl.register(table.dtype()), Glsl.literal(table.dtype(), 0));
    shader
        .body()
        .block(
            "while (" + position + " >= 0)",
            () -> {
              List<String> here = new ArrayList<>(at.subList(0, axis));
              here.addAll(shader.coordinates(position, extents(indices.shape())));
              here.addAll(at.subList(axis + indexAxes, at.size()));
              String update = shader.load(updates, updates.position(here, strides(taken)));
              shader.body().line(sum, " += ", update, ";");
              shader
                  .body()
                  .line(position, " = ", shader.load(links, position + " + " + count), ";");
            });
    shader.store(into, tablePosition(into, at, row), sum);
    return shader.stage(Math.ceilDiv(items, shader.lanes()));
  }
}
