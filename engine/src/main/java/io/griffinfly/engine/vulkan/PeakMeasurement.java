package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.Shader.BindingKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.lwjgl.vulkan.VkCommandBuffer;

/// Measures a [VulkanPeak]. Used under the context's lock.
final class PeakMeasurement implements AutoCloseable {
  private static final int LANES = 256;

  /// Vectors of four chains: with their factor they fit into 16 registers, which is all that AVX2
  /// has.
  private static final int VECTORS = 3;

  private static final int UNROLLED = 16;
  private static final int ITERATIONS = 64;

  /// Vectors of four elements that a lane copies.
  private static final int COPIES = 4;

  private static final int GROUP_BYTES = LANES * COPIES * 16;

  /// Ten times what the largest last-level caches of GPUs hold.
  private static final long COPY_BYTES = 512L << 20;

  /// For software a fraction of it, which takes no shorter there.
  private static final long SOFTWARE_COPY_BYTES = 128L << 20;

  private static final int DISPATCHES = 256;

  /// A window so long that starting and ending it does not count.
  private static final long WINDOW_NANOS = 2_000_000;

  /// How long windows are repeated.
  private static final long BUSY_NANOS = 300_000_000;

  private static final int LEAST_WINDOWS = 5;

  private final VulkanDevice device;
  private final Owned owned;
  private final Commands commands;
  private final Timestamps timestamps;
  private final VkCommandBuffer buffer;
  private final List<Region> taken = new ArrayList<>();

  private PeakMeasurement(VulkanDevice device, Owned owned) {
    this.device = device;
    this.owned = owned;
    commands = new Commands(device.context(), owned);
    timestamps = new Timestamps(device.context(), owned, 2);
    buffer = commands.allocate();
  }

  static VulkanPeak measure(VulkanDevice device) {
    Owned owned = device.context().child();
    try (PeakMeasurement measurement = new PeakMeasurement(device, owned)) {
      return measurement.measure();
    } finally {
      device.context().close(owned);
    }
  }

  private VulkanPeak measure() {
    long bytes = copyBytes();
    Region from = take(bytes);
    Region to = take(bytes);
    // No number of a kind that arithmetic takes longer for.
    device.staging().fill(from, Float.floatToIntBits(0.5f));
    List<Binder.Placed> kernels =
        new ArrayList<>(
            List.of(
                placed(arithmetic(), from.slice(0, 16), to.slice(0, 4)),
                placed(copy(), from, to),
                placed(touch(), to.slice(0, 4 * LANES))));
    Optional<MatrixPeak> matrices =
        device.profile().gpu().flatMap(MatrixPeak::of).filter(peak -> peak.sumBytes() <= bytes);
    matrices.ifPresent(
        peak -> kernels.add(placed(peak.shader(), from.slice(0, 4), to.slice(0, peak.sumBytes()))));
    List<Recorder.Dispatch> dispatches = new Binder(device, owned).bind(kernels);
    return new VulkanPeak(
        arithmetic(dispatches.get(0), 2.0 * 4 * VECTORS * UNROLLED * ITERATIONS * LANES),
        matrices.stream()
            .mapToDouble(peak -> arithmetic(dispatches.getLast(), peak.flops()))
            .findFirst(),
        2e9 * bytes / best(times(dispatches.get(1), Math.toIntExact(bytes / GROUP_BYTES), 1)),
        best(times(dispatches.get(2), 1, DISPATCHES)) / DISPATCHES);
  }

  private long copyBytes() {
    Adapter adapter = device.context().adapter();
    boolean isSoftware = adapter.info().kind() == AdapterInfo.Kind.SOFTWARE;
    long most = isSoftware ? SOFTWARE_COPY_BYTES : COPY_BYTES;
    most = Math.min(most, adapter.info().memoryBytes() / 16);
    most =
        Math.min(
            most, Math.min(adapter.limits().storageBytes(), adapter.limits().allocationBytes()));
    long groups = Math.min(most / GROUP_BYTES, adapter.limits().workgroups());
    return Math.max(1, groups) * GROUP_BYTES;
  }

  private Region take(long bytes) {
    Region region = device.memory().take(bytes);
    taken.add(region);
    return region;
  }

  /// Operations a second: more and more workgroups, until a window is long enough.
  ///
  /// @param flops of a workgroup
  private double arithmetic(Recorder.Dispatch kernel, double flops) {
    int most = device.context().adapter().limits().workgroups();
    int groups = Math.min(64, most);
    while (groups < most && nanos(times(kernel, groups, 1)) < WINDOW_NANOS) {
      groups = Math.min(2 * groups, most);
    }
    return 1e9 * flops * groups / best(times(kernel, groups, 1));
  }

  /// The same dispatch several times, each behind a barrier.
  private static List<Recorder.Dispatch> times(Recorder.Dispatch kernel, int groups, int count) {
    var sized = new Recorder.Dispatch(kernel.pipeline(), kernel.set(), groups, 1, kernel.uses());
    return IntStream.range(0, count).mapToObj(_ -> sized).toList();
  }

  private long nanos(List<Recorder.Dispatch> dispatches) {
    record(dispatches);
    return nanos();
  }

  /// The shortest of many windows.
  private double best(List<Recorder.Dispatch> dispatches) {
    record(dispatches);
    long best = Long.MAX_VALUE;
    long begin = System.nanoTime();
    for (int i = 0; i < LEAST_WINDOWS || System.nanoTime() - begin < BUSY_NANOS; i++) {
      best = Math.min(best, nanos());
    }
    return Math.max(1, best);
  }

  private void record(List<Recorder.Dispatch> dispatches) {
    commands.record(
        buffer,
        into -> {
          timestamps.reset(into);
          Recorder recorder = new Recorder(into, _ -> true);
          recorder.barrier();
          timestamps.take(into, 0);
          dispatches.forEach(recorder::dispatch);
          recorder.barrier();
          timestamps.take(into, 1);
        });
  }

  private long nanos() {
    commands.run(buffer);
    return timestamps.nanos()[1];
  }

  private static Binder.Placed placed(Shader shader, Region... regions) {
    List<Stage.Binding> bindings = new ArrayList<>();
    for (int i = 0; i < regions.length; i++) {
      // What is written stands last.
      boolean writes = i == regions.length - 1;
      bindings.add(new Stage.Binding(new Slot.Operand(i), !writes, writes));
    }
    return new Binder.Placed(new Stage(shader, bindings, 1), List.of(regions));
  }

  private static CodeWriter head() {
    return new CodeWriter().line("#version 450").line("layout(local_size_x = ", LANES, ") in;");
  }

  private static Shader shader(CodeWriter code, int bindings) {
    return new Shader(
        code.toString(),
        IntStream.range(0, bindings).mapToObj(_ -> BindingKind.BUFFER).toList(),
        0);
  }

  /// The factor is data, so that nothing is computed beforehand, and one half: the chains converge
  /// to 1, neither infinite nor subnormal. The sum is then no 0, which only the reader knows.
  private static Shader arithmetic() {
    CodeWriter code =
        head()
            .line("layout(binding = 0, std430) readonly buffer Factor { vec4 factor; };")
            .line("layout(binding = 1, std430) writeonly buffer Sum { float sum; };");
    code.block(
        "void main()",
        () -> {
          code.line("vec4 f = factor;");
          for (int i = 0; i < VECTORS; i++) {
            code.line(
                "vec4 a",
                i,
                " = vec4(",
                4 * i + 1,
                ", ",
                4 * i + 2,
                ", ",
                4 * i + 3,
                ", ",
                4 * i + 4,
                ") + float(gl_LocalInvocationIndex);");
          }
          code.loop(
              "i",
              ITERATIONS,
              () -> {
                for (int i = 0; i < UNROLLED * VECTORS; i++) {
                  String chain = "a" + i % VECTORS;
                  code.line(chain, " = fma(", chain, ", f, f);");
                }
              });
          code.line("vec4 all = a0 + a1 + a2;");
          code.block("if (dot(all, all) == 0.0)", () -> code.line("sum = all.x;"));
        });
    return shader(code, 2);
  }

  private static Shader copy() {
    CodeWriter code =
        head()
            .line("layout(binding = 0, std430) readonly buffer From { vec4 from[]; };")
            .line("layout(binding = 1, std430) writeonly buffer To { vec4 to[]; };");
    code.block(
        "void main()",
        () -> {
          code.line(
              "uint first = gl_WorkGroupID.x * ", LANES * COPIES, "u + gl_LocalInvocationIndex;");
          for (int i = 0; i < COPIES; i++) {
            code.line("vec4 v", i, " = from[first + ", i * LANES, "u];");
          }
          for (int i = 0; i < COPIES; i++) {
            code.line("to[first + ", i * LANES, "u] = v", i, ";");
          }
        });
    return shader(code, 2);
  }

  private static Shader touch() {
    CodeWriter code =
        head().line("layout(binding = 0, std430) writeonly buffer To { float to[]; };");
    code.block("void main()", () -> code.line("to[gl_LocalInvocationIndex] = 1.0;"));
    return shader(code, 1);
  }

  @Override
  public void close() {
    taken.forEach(device.memory()::give);
  }
}
