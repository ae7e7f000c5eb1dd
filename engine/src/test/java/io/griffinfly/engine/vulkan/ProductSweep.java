package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.plan.Executable;
import io.griffinfly.engine.plan.ExecutionPlan;
import io.griffinfly.engine.plan.Planner;
import io.griffinfly.engine.plan.Step;
import io.griffinfly.engine.plan.View;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;

/// Measures the ways in which a GPU can cut products of halves, and prints the fastest of each
/// shape: what the tables of [CoopTile] and [FragmentTile] are made from. A program, not a test.
/// Every way computes the same product, and what it computes is compared.
final class ProductSweep {
  private static final int RUNS = 15;

  private static final long WARM_NANOS = 400_000_000;

  private ProductSweep() {}

  private record Shape(int m, int n, int k, String order) {}

  /// The products of a forward and a training step of SmolLM2 with 128 tokens.
  private static final List<Shape> SHAPES =
      List.of(
          new Shape(128, 960, 576, "NT"),
          new Shape(128, 576, 576, "NT"),
          new Shape(128, 3072, 576, "NT"),
          new Shape(128, 576, 1536, "NT"),
          new Shape(128, 49152, 576, "NT"),
          new Shape(128, 1536, 576, "NN"),
          new Shape(128, 576, 3072, "NN"),
          new Shape(128, 576, 576, "NN"),
          new Shape(128, 576, 960, "NN"),
          new Shape(128, 576, 49152, "NN"),
          new Shape(576, 1536, 128, "TN"),
          new Shape(1536, 576, 128, "TN"),
          new Shape(576, 576, 128, "TN"),
          new Shape(192, 576, 128, "TN"),
          new Shape(49152, 576, 128, "TN"));

  /// One way: exactly one of the two tiles.
  private record Way(Optional<CoopTile> coop, Optional<FragmentTile> fragments) {
    @Override
    public String toString() {
      return coop.map(tile ->
              String.format(
                  Locale.ROOT,
                  "workgroup %dx%dx%d, %d lanes, %d splits",
                  tile.rows(),
                  tile.columns(),
                  tile.depth(),
                  tile.lanes(),
                  tile.splits()))
          .orElseGet(() -> {
            FragmentTile tile = fragments.orElseThrow();
            return String.format(
                Locale.ROOT,
                "subgroup %dx%dx%d, %dx%dx%d groups, %d splits",
                tile.rows(),
                tile.columns(),
                tile.depth(),
                tile.rowGroups(),
                tile.columnGroups(),
                tile.depthGroups(),
                tile.splits());
          });
    }
  }

  private static final int[][] TILES = {
    {32, 32, 64},
    {32, 32, 128},
    {64, 32, 128},
    {64, 64, 128},
    {128, 64, 128},
    {128, 64, 256},
    {128, 128, 256}
  };

  private static final int[][] CUTS = {
    {32, 32, 1, 1, 4},
    {32, 32, 1, 1, 2},
    {32, 32, 1, 2, 2},
    {16, 32, 1, 1, 4},
    {32, 64, 1, 2, 2},
    {32, 64, 1, 1, 4},
    {64, 32, 2, 1, 2},
    {64, 64, 2, 2, 1},
    {64, 64, 2, 2, 2},
    {128, 64, 4, 2, 1},
    {128, 64, 4, 1, 1},
    {128, 128, 4, 2, 1},
    {64, 128, 2, 2, 1}
  };

  private static final int[] DEPTHS = {32, 64, 96, 128, 192, 288};

  /// Most elements of both operands' part of a step.
  private static final int MOST_STAGED = 24_576;

  private static int[] splits(Shape shape) {
    if (shape.k > 4096) {
      return new int[] {16, 32, 64};
    }
    return shape.k > 500 ? new int[] {1, 2, 4} : new int[] {1};
  }

  private static List<Way> ways(Shape shape, DeviceProfile.Gpu gpu) {
    List<Way> ways = new ArrayList<>();
    for (int depth : DEPTHS) {
      for (int split : splits(shape)) {
        if (shape.k % (depth * split) == 0) {
          addWays(ways, shape, depth, split, gpu);
        }
      }
    }
    return ways;
  }

  /// Whether tiles are large enough that there are not too many of them.
  private static boolean isLargeEnough(int[] tile, Shape shape) {
    return 8192L * tile[0] * tile[1] >= (long) shape.m * shape.n;
  }

  private static void addWays(
      List<Way> ways, Shape shape, int depth, int split, DeviceProfile.Gpu gpu) {
    for (int[] tile : TILES) {
      if ((tile[0] + tile[1]) * depth <= MOST_STAGED && isLargeEnough(tile, shape)) {
        CoopTile coop = new CoopTile(tile[0], tile[1], depth, tile[2], split);
        ways.add(new Way(Optional.of(coop), Optional.empty()));
      }
    }
    for (int[] cut : CUTS) {
      FragmentTile.shape(gpu)
          .map(fragment ->
              new FragmentTile(
                  fragment,
                  gpu.subgroupSize(),
                  cut[0],
                  cut[1],
                  depth,
                  cut[2],
                  cut[3],
                  cut[4],
                  split))
          .filter(tile ->
              depth / 16 % cut[4] == 0
                  && tile.scratch() * 16 <= gpu.sharedBytes()
                  && isLargeEnough(cut, shape))
          .ifPresent(tile -> ways.add(new Way(Optional.empty(), Optional.of(tile))));
    }
  }

  private static int number(KernelSpec.Contract spec) {
    return spec.epilogue() instanceof ScalarExpr.Apply(_, List<ScalarExpr> args)
            && args.get(1) instanceof ScalarExpr.Scalar(double value)
        ? (int) value - 1
        : -1;
  }

  private static ExecutionPlan plan(Shape shape, List<Way> ways, DeviceProfile profile) {
    var g = new GraphBuilder();
    boolean left = shape.order.charAt(0) == 'T';
    boolean right = shape.order.charAt(1) == 'T';
    Node a =
        left
            ? g.input("a", DType.F16, shape.k, shape.m)
            : g.input("a", DType.F16, shape.m, shape.k);
    Node b =
        right
            ? g.input("b", DType.F16, shape.n, shape.k)
            : g.input("b", DType.F16, shape.k, shape.n);
    for (int i = 0; i < ways.size(); i++) {
      ScalarExpr scaled =
          ScalarExpr.apply(ScalarFn.MUL, new ScalarExpr.Arg(0), new ScalarExpr.Scalar(i + 1));
      g.output("y" + i, g.add(new Contract.FusedMatMul(left, right, scaled), a, b));
    }
    CoopSchedule coop = new CoopSchedule((spec, _, _) -> ways.get(number(spec)).coop());
    FragmentSchedule fragments =
        new FragmentSchedule((spec, _, _) -> ways.get(number(spec)).fragments());
    return Planner.plan(g.build(), profile, List.of(coop, fragments), _ -> false);
  }

  private static Tensor random(TensorType type, SplittableRandom random) {
    Tensor tensor = Tensor.zeros(type);
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, random.nextDouble() - 0.5);
    }
    return tensor;
  }

  private static void sweep(VulkanDevice device, Shape shape) {
    DeviceProfile profile = device.profile();
    List<Way> ways = ways(shape, profile.gpu().orElseThrow());
    ExecutionPlan plan = plan(shape, ways, profile);
    long start = System.nanoTime();
    try (Executable executable = device.load(plan, Map.of())) {
      double compile = (System.nanoTime() - start) / 1e9;
      var random = new SplittableRandom(5);
      plan.inputs()
          .forEach((_, view) -> executable.write(view, random(view.type(), random).data()));
      // Idle GPUs run at a fraction of their clock.
      long warm = System.nanoTime() + WARM_NANOS;
      while (System.nanoTime() < warm) {
        executable.run();
      }
      Map<Integer, double[]> micros = new HashMap<>();
      for (int run = 0; run < RUNS; run++) {
        int column = run;
        executable.run((Step step, long _, long elapsedNanos) ->
            micros
                    .computeIfAbsent(
                        number((KernelSpec.Contract) step.spec()), _ -> new double[RUNS])[column] =
                elapsedNanos / 1e3);
      }
      System.out.printf(
          Locale.ROOT, "%s: %d ways, compiled in %.1f s%n", shape, ways.size(), compile);
      Map<Integer, Double> medians = new HashMap<>();
      micros.forEach((way, times) -> {
        Arrays.sort(times);
        medians.put(way, times[RUNS / 2]);
      });
      float[] first = sample(executable, output(plan, 0), 1);
      List<Map.Entry<Integer, Double>> ranked =
          medians.entrySet().stream().sorted(Map.Entry.comparingByValue()).toList();
      for (boolean coop : new boolean[] {true, false}) {
        ranked.stream()
            .filter(entry -> ways.get(entry.getKey()).coop().isPresent() == coop)
            .limit(5)
            .forEach(entry ->
                System.out.printf(
                    Locale.ROOT, "  %7.2f us  %s%n", entry.getValue(), ways.get(entry.getKey())));
      }
      double worst = 0;
      String wrong = "";
      for (int i = 1; i < ways.size(); i++) {
        double difference = difference(first, sample(executable, output(plan, i), i + 1));
        if (!(difference <= worst)) {
          worst = difference;
          wrong = ways.get(i).toString();
        }
      }
      System.out.printf(Locale.ROOT, "  largest difference %.2e (%s)%n", worst, wrong);
    }
  }

  private static View output(ExecutionPlan plan, int way) {
    return Objects.requireNonNull(plan.outputs().get("y" + way));
  }

  private static float[] sample(Executable executable, View view, float scale) {
    Tensor tensor = Tensor.zeros(view.type());
    MemorySegment data = tensor.data();
    executable.read(view, data);
    float[] values = tensor.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] /= scale;
    }
    return values;
  }

  private static double difference(float[] a, float[] b) {
    double error = 0;
    double size = 0;
    for (int i = 0; i < a.length; i++) {
      error += (a[i] - (double) b[i]) * (a[i] - (double) b[i]);
      size += a[i] * (double) a[i];
    }
    return Math.sqrt(error / size);
  }

  public static void main(String[] arguments) {
    try (VulkanDevice device = VulkanDevice.open("", VulkanOptions.defaults())) {
      SHAPES.stream()
          .sorted(Comparator.comparingInt(shape -> shape.n * shape.m))
          .filter(shape -> arguments.length == 0 || List.of(arguments).contains(shape.order))
          .forEach(shape -> sweep(device, shape));
    }
  }
}
