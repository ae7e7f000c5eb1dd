package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Writes folds across rows. A workgroup takes few columns, so that there are workgroups enough,
/// and its lanes share the rows; each lane folds four columns.
final class WideColumnFold {
  private static final int LANES = 256;
  private static final int FEWEST_LANES = 64;

  /// Rows that a lane takes at most before rows are cut into chunks, and how many it takes then: a
  /// second stage costs as much as some 30 reads one behind the other.
  private static final int MANY_ROWS = 64;

  private static final int CHUNK_ROWS = 16;

  private final WideFold fold;
  private final DeviceProfile.Gpu gpu;
  private final long fours;
  private final int rows;
  private final int width;
  private final int lanes;
  private final int chunks;

  private WideColumnFold(WideFold fold, DeviceProfile.Gpu gpu) {
    this.fold = fold;
    this.gpu = gpu;
    this.fours = fold.kept().size() / 4;
    this.rows = Math.toIntExact(fold.folded().size());
    int most = Math.min(LANES, Integer.highestOneBit(gpu.workgroupLanes()));
    int columns = gpu.subgroupSize() == 0 ? 32 : Math.min(32, gpu.subgroupSize());
    // 8 halves are 16 bytes, half of what memory hands out at once.
    int fewest = fold.from().getFirst().dtype() == DType.F32 ? 2 : 4;
    while (columns > fewest && groups(columns, most) < WideFold.ENOUGH_GROUPS) {
      columns /= 2;
    }
    this.width = columns;
    int wanted = width * Integer.highestOneBit(2 * Math.min(rows, most) - 1);
    this.lanes =
        Math.clamp(wanted, Math.min(most, Math.max(FEWEST_LANES, gpu.subgroupSize())), most);
    this.chunks = chunks(lanes / width);
  }

  private long groups(int columns, int most) {
    return Math.ceilDiv(fours, columns) * chunks(most / columns);
  }

  private int chunks(int rowLanes) {
    return rows > MANY_ROWS * rowLanes ? Math.ceilDiv(rows, CHUNK_ROWS * rowLanes) : 1;
  }

  private static List<List<Long>> strides(WideFold fold) {
    return IntStream.range(0, fold.from().size())
        .mapToObj(i -> {
          List<Long> strides = new ArrayList<>(fold.folded().strides().get(i));
          strides.addAll(fold.keptStrides().get(i));
          return strides;
        })
        .toList();
  }

  static boolean accepts(WideFold fold) {
    List<Integer> extents = fold.kept().extents();
    if (extents.isEmpty() || extents.getLast() % 4 != 0) {
      return false;
    }
    List<List<Long>> strides = strides(fold);
    return FourReader.accepts(fold.from(), strides) && FourReader.anyInFours(fold.from(), strides);
  }

  static List<Stage> write(WideFold fold, Place to, Workspace workspace, DeviceProfile.Gpu gpu) {
    WideColumnFold writer = new WideColumnFold(fold, gpu);
    return fold.stages(writer.chunks, to, workspace, gpu, writer::stage);
  }

  private Stage stage(WideFold.Target target) {
    ShaderWriter shader = new ShaderWriter(lanes, gpu.subgroupSize());
    boolean wideStore = target.inFours();
    Bound into = wideStore ? shader.writesFours(target.place()) : shader.writes(target.place());
    FourReader reader = new FourReader(shader, fold.from(), strides(fold));
    CodeWriter body = shader.body();
    int subgroup = gpu.subgroupSize();
    // Which invocations form a subgroup is the device's affair.
    String own =
        subgroup == 0
            ? "lane"
            : shader.let("int", "int(gl_SubgroupID * ", subgroup, "u + gl_SubgroupInvocationID)");
    long columnGroups = Math.ceilDiv(fours, width);
    String chunk = chunks == 1 ? "0" : shader.let("int", "group / ", columnGroups);
    String group =
        chunks == 1 ? "group" : shader.let("int", "group - ", chunk, " * ", columnGroups);
    String column = shader.let("int", group, " * ", width, " + ", own, " % ", width);
    boolean whole = fours % width == 0;
    String four = whole ? column : "min(" + column + ", " + (fours - 1) + ")";
    String first = shader.let("int", four, " * 4");
    List<String> at = shader.coordinates(first, fold.kept().extents());
    String result = shader.let("vec4", "vec4(", fold.neutral(), ")");
    rows(shader, reader, own, chunk, at, result);
    acrossLanes(shader, own, result);
    String inside = own + " < " + width + (whole ? "" : " && " + column + " < " + fours);
    body.block(
        "if (" + inside + ")",
        () -> {
          String position = target.position(into, chunk, at);
          if (wideStore) {
            shader.storeFour(into, position, result);
          } else {
            long stride = target.strides().getLast();
            for (int c = 0; c < 4; c++) {
              shader.store(into, position + " + " + c * stride, result + "[" + c + "]");
            }
          }
        });
    return shader.stage(columnGroups * chunks);
  }

  /// Folds the rows of a lane.
  private void rows(
      ShaderWriter shader,
      FourReader reader,
      String own,
      String chunk,
      List<String> at,
      String result) {
    int step = lanes / width;
    int chunkRows = Math.ceilDiv(rows, chunks);
    String begin = shader.let("int", chunk, " * ", chunkRows, " + ", own, " / ", width);
    int each = Math.ceilDiv(chunkRows, step);
    boolean full = chunkRows * chunks == rows && each * step == chunkRows;
    String end =
        full ? "" : shader.let("int", "min((", chunk, " + 1) * ", chunkRows, ", ", rows, ")");
    if (each <= 2 * WideFold.BATCH) {
      batch(shader, reader, begin, each, end, at, result);
      return;
    }
    int batches = Math.ceilDiv(each, WideFold.BATCH);
    boolean even = full && each % WideFold.BATCH == 0;
    String last = even || !full ? end : shader.let("int", "(", chunk, " + 1) * ", chunkRows);
    shader
        .body()
        .loop(
            "t",
            batches,
            () -> {
              String from = shader.let("int", begin, " + t * ", WideFold.BATCH * step);
              batch(shader, reader, from, WideFold.BATCH, last, at, result);
            });
  }

  /// Reads some rows, all of them first, and adds them.
  ///
  /// @param end variable of the first row that is none of the lane's, empty if it takes all
  private void batch(
      ShaderWriter shader,
      FourReader reader,
      String begin,
      int count,
      String end,
      List<String> keptAt,
      String result) {
    List<FourReader.Fours> read = new ArrayList<>();
    List<String> insides = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String row = shader.let("int", begin, " + ", i * (lanes / width));
      insides.add(end.isEmpty() ? "" : shader.let("bool", row, " < ", end));
      String there = end.isEmpty() ? row : shader.let("int", "min(", row, ", ", end, " - 1)");
      List<String> at = new ArrayList<>(shader.coordinates(there, fold.folded().extents()));
      at.addAll(keptAt);
      read.add(reader.read(at));
    }
    for (int i = 0; i < count; i++) {
      String values = String.join(", ", read.get(i).write(fold.prologue(), DType.F32));
      String value = shader.let("vec4", "vec4(", values, ")");
      if (!insides.get(i).isEmpty()) {
        String neutral = "vec4(" + fold.neutral() + ")";
        shader.body().line(value, " = ", insides.get(i), " ? ", value, " : ", neutral, ";");
      }
      combine(shader, result, value);
    }
  }

  private void combine(ShaderWriter shader, String result, String value) {
    switch (fold.fn()) {
      case SUM -> shader.body().line(result, " += ", value, ";");
      case MAX -> {
        List<String> each = new ArrayList<>();
        for (String component : List.of(".x", ".y", ".z", ".w")) {
          each.add(shader.call("larger", result + component, value + component));
        }
        shader.body().line(result, " = vec4(", String.join(", ", each), ");");
      }
    }
  }

  /// Folds what the lanes of the same columns have; the first `width` lanes get the result.
  private void acrossLanes(ShaderWriter shader, String own, String result) {
    CodeWriter body = shader.body();
    int subgroup = gpu.subgroupSize();
    if (subgroup > 0) {
      for (int distance = width; distance < subgroup; distance *= 2) {
        String other = shader.let("vec4", "subgroupShuffleXor(", result, ", ", distance, "u)");
        combine(shader, result, other);
      }
      int subgroups = lanes / subgroup;
      if (subgroups > 1) {
        shader.declare("shared vec4 exchange[" + subgroups * width + "];");
        String slot = "gl_SubgroupID * " + width + "u + gl_SubgroupInvocationID";
        body.line(
            "if (gl_SubgroupInvocationID < ", width, "u) { exchange[", slot, "] = ", result, "; }");
        body.line("barrier();");
        body.block(
            "if (" + own + " < " + width + ")",
            () -> {
              body.line(result, " = exchange[", own, "];");
              body.block(
                  "for (int s = 1; s < " + subgroups + "; s++)",
                  () -> {
                    String other = shader.let("vec4", "exchange[s * ", width, " + ", own, "]");
                    combine(shader, result, other);
                  });
            });
      }
      return;
    }
    shader.declare("shared vec4 exchange[" + lanes + "];");
    for (int distance = lanes / 2; distance >= width; distance /= 2) {
      body.line("exchange[lane] = ", result, ";");
      body.line("barrier();");
      int far = distance;
      body.block(
          "if (lane < " + distance + ")",
          () -> {
            String other = shader.let("vec4", "exchange[lane + ", far, "]");
            combine(shader, result, other);
          });
      body.line("barrier();");
    }
  }
}
