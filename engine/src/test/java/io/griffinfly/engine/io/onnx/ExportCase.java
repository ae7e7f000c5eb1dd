package io.griffinfly.engine.io.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Interpretation;
import io.griffinfly.engine.ref.Interpreter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/// A graph with the output `out`, which is exported, run in ONNX Runtime and compared with the
/// double-precision interpreter.
///
/// @param name what it is
/// @param build writes the graph and hands back the output
record ExportCase(String name, Function<GraphBuilder, Node> build) {
  /// Rounding of f32 over sums of at most 35 terms, with room for the runtime's approximations of
  /// exponentials (MLAS: 2 units in the last place) that feed softmax and sigmoid.
  private static final double TOLERANCE = 64 * Math.ulp(1.0f);

  /// One test a form.
  static Stream<DynamicTest> inEveryForm(List<ExportCase> cases) {
    return cases.stream()
        .flatMap(one ->
            Stream.of(OnnxForm.values())
                .map(
                    form -> DynamicTest.dynamicTest(one.name + " " + form, () -> one.check(form))));
  }

  private void check(OnnxForm form) throws OrtException {
    GraphBuilder g = new GraphBuilder();
    g.output("out", build.apply(g));
    Graph graph = g.build();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    Map<String, Tensor> states = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      switch (node.op()) {
        case Leaf.Input(String name, TensorType type) -> inputs.put(name, random(name, type));
        case Leaf.State(String name, TensorType type, _, _) -> states.put(name, random(name, type));
        default -> {}
      }
    }
    Interpretation expected = Interpreter.run(graph, inputs, states);
    byte[] model = OnnxExporter.export(graph, form).toBytes(states);
    Map<String, Tensor> actual = OrtRun.of(model, inputs);
    assertEquals(graph.outputs().sequencedKeySet().stream().toList(), List.copyOf(actual.keySet()));
    agree(expected.output("out"), Objects.requireNonNull(actual.get("out")));
  }

  /// Values that suit the name: positions stay below 5, labels below 7, the others lie in ±2.
  private static Tensor random(String name, TensorType type) {
    Tensor tensor = Tensor.zeros(type);
    Random random = new Random(name.hashCode());
    for (long i = 0; i < tensor.size(); i++) {
      double real = random.nextDouble(-2, 2);
      tensor.setDouble(
          i,
          switch (type.dtype()) {
            case F64, F32, F16, BF16 -> name.startsWith("positive") ? Math.abs(real) + 0.1 : real;
            case I64, I32 -> name.startsWith("signed") ? random.nextInt(-9, 10) : random.nextInt(5);
            case BOOL -> random.nextInt(2);
          });
    }
    return tensor;
  }

  private static void agree(Tensor expected, Tensor actual) {
    assertEquals(expected.shape(), actual.shape());
    for (long i = 0; i < expected.size(); i++) {
      double e = expected.getDouble(i);
      double a = actual.getDouble(i);
      double ulps =
          switch (actual.dtype()) {
            case F64, F32 -> 1;
            case F16 -> 1 << 13;
            case BF16 -> 1 << 16;
            case I64, I32, BOOL -> 0;
          };
      boolean close =
          e == a
              || (Double.isNaN(e) && Double.isNaN(a))
              || Math.abs(e - a) <= TOLERANCE * ulps * Math.max(1, Math.abs(e));
      long position = i;
      assertTrue(close, () -> "element " + position + ": " + e + " but " + a);
    }
  }

  /// A single-precision input.
  static Node f32(GraphBuilder g, String name, int... dims) {
    return g.input(name, DType.F32, dims);
  }
}
