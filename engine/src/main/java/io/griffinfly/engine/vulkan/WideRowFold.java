package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Writes folds along the axis in which neighbours lie: the lanes of a workgroup share a row.
final class WideRowFold {
  private static final int LONG_ROW_LANES = 256;

  private final WideFold fold;
  private final DeviceProfile.Gpu gpu;
  private final int fours;
  private final long rows;
  private final int chunkFours;
  private final int chunks;

  private WideRowFold(WideFold fold, DeviceProfile.Gpu gpu) {
    this.fold = fold;
    this.gpu = gpu;
    this.fours = Math.toIntExact(fold.folded().size() / 4);
    this.rows = fold.kept().size();
    int few = LONG_ROW_LANES * WideFold.BATCH;
    long wanted =
        rows >= WideFold.ENOUGH_GROUPS
            ? 1
            : Math.clamp(2L * WideFold.ENOUGH_GROUPS / rows, 1, Math.max(1, fours / few));
    this.chunkFours = Math.ceilDiv(fours, (int) wanted);
    this.chunks = Math.ceilDiv(fours, chunkFours);
  }

  private static List<List<Long>> strides(WideFold fold) {
    return IntStream.range(0, fold.from().size())
        .mapToObj(i -> {
          List<Long> strides = new ArrayList<>(fold.keptStrides().get(i));
          strides.addAll(fold.folded().strides().get(i));
          return strides;
        })
        .toList();
  }

  static boolean accepts(WideFold fold) {
    List<Integer> extents = fold.folded().extents();
    if (extents.isEmpty() || extents.getLast() % 4 != 0) {
      return false;
    }
    List<List<Long>> strides = strides(fold);
    return FourReader.accepts(fold.from(), strides) && FourReader.anyInFours(fold.from(), strides);
  }

  static List<Stage> write(WideFold fold, Place to, Workspace workspace, DeviceProfile.Gpu gpu) {
    WideRowFold writer = new WideRowFold(fold, gpu);
    return fold.stages(writer.chunks, to, workspace, gpu, writer::stage);
  }

  private Stage stage(WideFold.Target target) {
    boolean held = chunks == 1 && fours <= LONG_ROW_LANES * WideFold.BATCH;
    GroupRows lanes = held ? GroupRows.holding(fours, gpu) : GroupRows.wide(LONG_ROW_LANES, gpu);
    ShaderWriter shader = lanes.shader();
    Bound into = shader.writes(target.place());
    FourReader reader = new FourReader(shader, fold.from(), strides(fold));
    String row = lanes.row(rows * chunks);
    List<Integer> extents = new ArrayList<>(fold.kept().extents());
    if (chunks > 1) {
      extents.addFirst(chunks);
    }
    List<String> at = new ArrayList<>(shader.coordinates(row, extents));
    String chunk = chunks > 1 ? at.removeFirst() : "0";
    String result = shader.let("float", fold.neutral());
    if (held) {
      accumulate(shader, reader, lanes.fours(fours), at, result);
    } else {
      String begin = shader.let("int", chunk, " * ", chunkFours);
      String end = shader.let("int", "min(", begin, " + ", chunkFours, ", ", fours, ")");
      String f = shader.variable("f");
      int step = lanes.width() * WideFold.BATCH;
      shader
          .body()
          .block(
              "for (int "
                  + f
                  + " = "
                  + begin
                  + "; "
                  + f
                  + " < "
                  + end
                  + "; "
                  + f
                  + " += "
                  + step
                  + ")",
              () ->
                  accumulate(
                      shader, reader, lanes.fours(f, WideFold.BATCH, end, false), at, result));
    }
    switch (fold.fn()) {
      case SUM -> lanes.sum(result);
      case MAX -> lanes.max(result);
    }
    lanes.once(() -> shader.store(into, target.position(into, chunk, at), result));
    return lanes.stage(rows * chunks);
  }

  /// Reads fours of the row, all of them first, and adds them.
  private void accumulate(
      ShaderWriter shader,
      FourReader reader,
      List<GroupRows.Four> own,
      List<String> keptAt,
      String result) {
    List<FourReader.Fours> read = new ArrayList<>();
    for (GroupRows.Four four : own) {
      List<String> at = new ArrayList<>(keptAt);
      at.addAll(shader.coordinates(four.element(), fold.folded().extents()));
      read.add(reader.read(at));
    }
    for (int i = 0; i < own.size(); i++) {
      List<String> values = read.get(i).write(fold.prologue(), DType.F32);
      String left = fold.combined(shader, values.get(0), values.get(1));
      String right = fold.combined(shader, values.get(2), values.get(3));
      String four = shader.let("float", fold.combined(shader, "(" + left + ")", "(" + right + ")"));
      String value = own.get(i).or(four, fold.neutral());
      shader.body().line(result, " = ", fold.combined(shader, result, value), ";");
    }
  }
}
