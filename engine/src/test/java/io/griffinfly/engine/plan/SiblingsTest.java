package io.griffinfly.engine.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.jvm.JvmDevice;
import io.griffinfly.engine.kernel.KernelSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class SiblingsTest {
  private static List<KernelSpec> specs(Graph graph) {
    try (var device = new JvmDevice(1)) {
      return Planner.plan(graph, device.profile(), device.schedules(), _ -> false).levels().stream()
          .flatMap(List::stream)
          .map(Step::spec)
          .toList();
    }
  }

  @Test
  void partsOfAJoinAreOneKernelThatReadsEachOperandOnce() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 4, 8);
    Node y = g.input("y", DType.F32, 4, 8);
    g.output("out", g.concat(1, g.mul(x, y), g.map(ScalarFn.EXP, y), g.sub(y, x)));
    List<KernelSpec> specs = specs(g.build());
    assertEquals(1, specs.size(), specs::toString);
    assertEquals(2, specs.getFirst().operands().size());
    assertEquals(3, specs.getFirst().results().size());
  }

  /// The second needs the first, or something that comes after it.
  @Test
  void whatIsNotReadyIsComputedLater() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 8, 8);
    Node first = g.map(ScalarFn.EXP, x);
    g.output("out", g.concat(1, first, g.map(ScalarFn.RELU, g.matMul(first, x))));
    assertEquals(3, specs(g.build()).size());
  }

  @Test
  void partsOfOtherExtentsAreKernelsOfTheirOwn() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 4, 8);
    Node y = g.input("y", DType.F32, 4, 6);
    g.output("out", g.concat(1, g.map(ScalarFn.EXP, x), g.map(ScalarFn.EXP, y)));
    assertEquals(2, specs(g.build()).size());
  }
}
