package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Writes folds in single precision whose operands lie in groups of four: along rows
/// ([WideRowFold]) or across them ([WideColumnFold]).
final class WideFold {
  /// Workgroups that fill a device of 132 cores.
  static final int ENOUGH_GROUPS = 128;

  /// Fours that a lane asks for before it uses the first.
  static final int BATCH = 4;

  private final ReduceFn fn;
  private final ScalarExpr prologue;
  private final List<Place> from;
  private final Nest folded;
  private final Nest kept;

  private WideFold(
      ReduceFn fn,
      ScalarExpr prologue,
      Shape domain,
      List<Integer> axes,
      List<Place> from,
      Place to) {
    this.fn = fn;
    this.prologue = prologue;
    this.from = from;
    List<Place> places = new ArrayList<>();
    from.forEach(place -> places.add(place.broadcast(domain)));
    this.folded = Nest.over(domain, axes, places);
    List<Integer> others =
        IntStream.range(0, domain.rank()).boxed().filter(axis -> !axes.contains(axis)).toList();
    long[] strides = new long[domain.rank()];
    for (int i = 0; i < others.size(); i++) {
      strides[others.get(i)] = to.stride(i);
    }
    places.addFirst(to.with(domain, to.layout().offset(), strides));
    this.kept = Nest.over(domain, others, places);
  }

  /// Writes the stages of a fold: [FoldWriter#write] says of what.
  static Optional<List<Stage>> write(
      ReduceFn fn,
      ScalarExpr prologue,
      Shape domain,
      List<Integer> axes,
      List<Place> from,
      Place to,
      Workspace workspace,
      DeviceProfile.Gpu gpu) {
    boolean real = to.dtype() == DType.F32 || to.dtype() == DType.F16;
    if (!real || domain.size() == 0 || domain.size() == to.shape().size() || from.isEmpty()) {
      return Optional.empty();
    }
    WideFold fold = new WideFold(fn, prologue, domain, axes, from, to);
    if (WideRowFold.accepts(fold)) {
      return Optional.of(WideRowFold.write(fold, to, workspace, gpu));
    }
    return WideColumnFold.accepts(fold)
        ? Optional.of(WideColumnFold.write(fold, to, workspace, gpu))
        : Optional.empty();
  }

  /// The same by [FoldWriter] where this writer does not take it.
  static List<Stage> orGeneral(
      ReduceFn fn,
      ScalarExpr prologue,
      Shape domain,
      List<Integer> axes,
      List<Place> from,
      Place to,
      Workspace workspace,
      DeviceProfile.Gpu gpu) {
    return write(fn, prologue, domain, axes, from, to, workspace, gpu)
        .orElseGet(() -> FoldWriter.write(fn, prologue, domain, axes, from, to, workspace, gpu));
  }

  /// Where a stage writes.
  ///
  /// @param place the tensor
  /// @param strides of it along the kept axes
  /// @param chunkStride from what one chunk yields to what the next does
  record Target(Place place, List<Long> strides, long chunkStride) {
    /// The position of an element.
    String position(ShaderWriter.Bound bound, String chunk, List<String> at) {
      List<String> variables = new ArrayList<>(List.of(chunk));
      variables.addAll(at);
      List<Long> all = new ArrayList<>(List.of(chunkStride));
      all.addAll(strides);
      return bound.position(variables, all);
    }

    /// Whether four neighbours can be written at once.
    boolean inFours() {
      return FourReader.inFours(place, strides) && chunkStride % 4 == 0;
    }
  }

  /// Writes a stage for a target.
  interface Writer {
    Stage write(Target target);
  }

  /// The stages: one that folds chunks, and where there are several those that fold what they
  /// yield.
  List<Stage> stages(
      int chunks, Place to, Workspace workspace, DeviceProfile.Gpu gpu, Writer writer) {
    Shape shape = Shape.of(kept.extents().stream().mapToInt(extent -> extent).toArray());
    List<Long> strides = kept.strides().getFirst();
    if (chunks == 1) {
      return List.of(writer.write(new Target(to, strides, 0)));
    }
    int[] dims = new int[shape.rank() + 1];
    dims[0] = chunks;
    System.arraycopy(shape.dims(), 0, dims, 1, shape.rank());
    Place partial = workspace.take(DType.F32, Shape.of(dims));
    List<Long> dense = LongStream.of(shape.strides()).boxed().toList();
    List<Stage> stages = new ArrayList<>();
    stages.add(writer.write(new Target(partial, dense, shape.size())));
    long[] flat = strides.stream().mapToLong(stride -> stride).toArray();
    stages.addAll(
        orGeneral(
            fn,
            new ScalarExpr.Arg(0),
            partial.shape(),
            List.of(0),
            List.of(partial),
            to.with(shape, to.layout().offset(), flat),
            workspace,
            gpu));
    return stages;
  }

  /// Strides of the operands along the kept axes.
  List<List<Long>> keptStrides() {
    return kept.strides().subList(1, kept.strides().size());
  }

  /// How two numbers combine.
  String combined(ShaderWriter shader, String a, String b) {
    return switch (fn) {
      case SUM -> a + " + " + b;
      case MAX -> shader.call("larger", a, b);
    };
  }

  /// What changes nothing.
  String neutral() {
    return switch (fn) {
      case SUM -> "0.0";
      case MAX -> Glsl.literal(Float.NEGATIVE_INFINITY);
    };
  }

  ReduceFn fn() {
    return fn;
  }

  ScalarExpr prologue() {
    return prologue;
  }

  List<Place> from() {
    return from;
  }

  /// The folded axes, with the strides of the operands along them.
  Nest folded() {
    return folded;
  }

  /// The axes of the result, with its strides along them and then those of the operands.
  Nest kept() {
    return kept;
  }
}
