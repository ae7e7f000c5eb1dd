package io.griffinfly.engine.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Schedule;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// How many kernels update the states of a graph on a GPU; that they do it right is what
/// `MultiTensorUpdateTest` tests.
class MultiTensorUpdatesTest {
  private static final DeviceProfile GPU =
      new DeviceProfile(
          "fake",
          2,
          1e6,
          1e5,
          Optional.of(
              new DeviceProfile.Gpu(32, 48 << 10, 1024, 65_535, 1L << 30, false, List.of(), 100)));

  private static final Schedule ANY =
      new Schedule() {
        @Override
        public String name() {
          return "any";
        }

        @Override
        public Optional<Offer> offer(
            KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
          return Optional.of(new Offer(1, 0));
        }
      };

  /// Numbers of results of the kernels that update some states with one gradient.
  private static List<Integer> results(int... sizes) {
    var g = new GraphBuilder();
    for (int i = 0; i < sizes.length; i++) {
      Node state = g.parameter("s" + i, new Initializer.Normal(1), sizes[i]);
      g.assign(state, g.add(state, g.input("x" + i, DType.F32, sizes[i])));
    }
    List<Step> steps =
        Planner.plan(g.build(), GPU, List.of(ANY), _ -> false).levels().stream()
            .flatMap(List::stream)
            .toList();
    assertTrue(steps.stream().allMatch(step -> step.operands().size() <= 16), steps::toString);
    return steps.stream().map(step -> step.results().size()).toList();
  }

  @Test
  void updatesOfEqualExtentsAreOneKernel() {
    assertEquals(List.of(3, 2), results(5, 5, 7, 5, 7));
  }

  @Test
  void aKernelTakesNoMoreTensorsThanDriversBind() {
    // Each has an operand, a gradient and a result.
    assertEquals(List.of(8, 8, 1), results(IntStream.generate(() -> 5).limit(17).toArray()));
  }

  @Test
  void largeUpdatesAreKernelsOfTheirOwn() {
    assertEquals(List.of(1, 1), results(1 << 16, 1 << 16));
  }
}
