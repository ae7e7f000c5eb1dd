package io.griffinfly.engine.io.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The container: names, versions, and where the states lie.
class OnnxModelTest {
  @TempDir Path folder;

  /// Two layers whose parameters have odd sizes.
  private static Graph network() {
    GraphBuilder g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 3, 7);
    Node hidden =
        g.add(
            g.matMul(x, g.parameter("fc1.weight", Initializer.zeros(), 5, 7), false, true),
            g.parameter("fc1.bias", Initializer.zeros(), 5));
    Node norm = g.add(new Norm.RmsNorm(1e-5), hidden, g.parameter("norm", Initializer.ones(), 5));
    g.output("out", g.matMul(norm, g.parameter("fc2.weight", Initializer.zeros(), 5, 11)));
    return g.build();
  }

  private static Map<String, Tensor> values(Graph graph) {
    Map<String, Tensor> values = new HashMap<>();
    Random random = new Random(1);
    for (Node node : graph.states()) {
      if (node.op() instanceof Leaf.State(String name, TensorType type, _, _)) {
        Tensor tensor = Tensor.zeros(type);
        for (long i = 0; i < tensor.size(); i++) {
          tensor.setDouble(i, random.nextDouble(-1, 1));
        }
        values.put(name, tensor);
      }
    }
    return values;
  }

  private static final Tensor X =
      Tensor.of(
          new float[] {1, 2, 3, 4, 5, 6, 7, -1, 0, 1, 0, -1, 0, 1, 9, 8, 7, 6, 5, 4, 3}, 3, 7);

  private static float[] out(Map<String, Tensor> outputs) {
    return Objects.requireNonNull(outputs.get("out")).toFloats();
  }

  @ParameterizedTest
  @EnumSource
  void statesInsideBesideAndInMemoryAreTheSameModel(OnnxForm form) throws Exception {
    Graph graph = network();
    Map<String, Tensor> values = values(graph);
    Map<String, Tensor> inputs = Map.of("x", X);
    OnnxModel model = OnnxExporter.export(graph, form);
    float[] inside = out(OrtRun.of(model.toBytes(values), inputs));
    assertTrue(inside[0] != 0 && inside[10] != inside[0]);
    Path file = folder.resolve("model.onnx");
    model.write(file, values);
    assertEquals(List.of("model.onnx"), names());
    assertArrayEquals(inside, out(OrtRun.of(file.toString(), inputs)));
    model.write(file, values, 1);
    assertEquals(List.of("model.onnx", "model.onnx.data"), names());
    assertArrayEquals(inside, out(OrtRun.of(file.toString(), inputs)));
    assertArrayEquals(inside, out(OrtRun.of(model.toBytesWithoutStates(), inputs, values)));
  }

  private List<String> names() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void externalDataIsAlignedAndComplete() throws Exception {
    Graph graph = network();
    Map<String, Tensor> values = values(graph);
    Path file = folder.resolve("model.onnx");
    OnnxExporter.export(graph, OnnxForm.PLAIN).write(file, values, 1);
    byte[] data = Files.readAllBytes(folder.resolve("model.onnx.data"));
    Set<String> seen = new HashSet<>();
    for (TensorProto tensor : read(Files.readAllBytes(file)).getGraph().getInitializerList()) {
      if (tensor.getDataLocation() != TensorProto.DataLocation.EXTERNAL) {
        assertTrue(tensor.getName().startsWith("%c"), tensor.getName());
        continue;
      }
      Map<String, String> where = new HashMap<>();
      for (StringStringEntryProto entry : tensor.getExternalDataList()) {
        where.put(entry.getKey(), entry.getValue());
      }
      assertEquals("model.onnx.data", where.get("location"));
      int offset = Integer.parseInt(Objects.requireNonNull(where.get("offset")));
      int length = Integer.parseInt(Objects.requireNonNull(where.get("length")));
      assertEquals(0, offset % OnnxModel.ALIGNMENT_BYTES, tensor.getName());
      byte[] expected =
          Objects.requireNonNull(values.get(tensor.getName()))
              .data()
              .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
      assertArrayEquals(expected, java.util.Arrays.copyOfRange(data, offset, offset + length));
      seen.add(tensor.getName());
    }
    assertEquals(values.keySet(), seen);
  }

  private static ModelProto read(byte[] model) throws Exception {
    return ModelProto.parseFrom(model);
  }

  @ParameterizedTest
  @EnumSource
  void equalGraphsGiveEqualBytes(OnnxForm form) {
    Graph graph = network();
    byte[] first = OnnxExporter.export(graph, form).toBytes(values(graph));
    byte[] second = OnnxExporter.export(network(), form).toBytes(values(graph));
    assertArrayEquals(first, second);
  }

  @Test
  void eachFormUsesItsOperators() {
    assertEquals(
        List.of(
            "Transpose",
            "MatMul",
            "Add",
            "Pow",
            "ReduceMean",
            "Add",
            "Sqrt",
            "Div",
            "Mul",
            "MatMul"),
        OnnxExporter.export(network(), OnnxForm.PLAIN).operators());
    assertEquals(
        List.of("Transpose", "MatMul", "Add", "RMSNormalization", "MatMul"),
        OnnxExporter.export(network(), OnnxForm.FUSED).operators());
    assertEquals(
        List.of("Transpose", "MatMul", "Add", "SimplifiedLayerNormalization", "MatMul"),
        OnnxExporter.export(network(), OnnxForm.CONTRIB).operators());
  }

  @Test
  void versionsAreThoseOfTheForm() throws Exception {
    for (OnnxForm form : OnnxForm.values()) {
      Graph graph = network();
      ModelProto model = read(OnnxExporter.export(graph, form).toBytes(values(graph)));
      assertEquals(form.irVersion(), model.getIrVersion());
      assertEquals(form.opset(), model.getOpsetImport(0).getVersion());
      assertEquals(form.usesContrib() ? 2 : 1, model.getOpsetImportCount());
    }
  }

  @Test
  void whatNothingNeedsIsLeftOut() {
    GraphBuilder g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 2);
    g.output("out", g.relu(x));
    // A constant that only a dead branch of the writer would have used.
    g.constant(Literal.of(TensorType.of(DType.F32, 2), 1, 2));
    OnnxModel model = OnnxExporter.export(g.build(), OnnxForm.PLAIN);
    assertEquals(List.of("Max"), model.operators());
  }

  @Test
  void whatCannotBeWrittenIsNamed() {
    GraphBuilder assigning = new GraphBuilder();
    Node state = assigning.parameter("w", Initializer.zeros(), 3);
    assigning.assign(state, assigning.relu(state));
    says("changes states", assigning.build());

    GraphBuilder clashing = new GraphBuilder();
    Node x = clashing.input("same", DType.F32, 3);
    clashing.output("out", clashing.add(x, clashing.parameter("same", Initializer.zeros(), 3)));
    says("same is taken", clashing.build());

    GraphBuilder backward = new GraphBuilder();
    Node a = backward.input("a", DType.F32, 3);
    Node w = backward.parameter("w", Initializer.zeros(), 3);
    backward.output("out", backward.project(backward.add(new Norm.RmsNormGrad(1e-5), a, w, a), 0));
    says("RmsNormGrad", backward.build());

    says("no outputs", new GraphBuilder().build());
  }

  private static void says(String expected, Graph graph) {
    OnnxExportException e =
        assertThrows(OnnxExportException.class, () -> OnnxExporter.export(graph, OnnxForm.PLAIN));
    assertTrue(String.valueOf(e.getMessage()).contains(expected), e.getMessage());
  }

  @Test
  void aMissingOrMisshapenValueIsNamedAndNothingIsLeftBehind() throws Exception {
    Graph graph = network();
    OnnxModel model = OnnxExporter.export(graph, OnnxForm.PLAIN);
    Map<String, Tensor> values = values(graph);
    values.put("fc1.bias", Tensor.zeros(TensorType.of(DType.F32, 6)));
    for (long large : new long[] {1, 1 << 20}) {
      OnnxExportException e =
          assertThrows(
              OnnxExportException.class,
              () -> model.write(folder.resolve("model.onnx"), values, large));
      assertTrue(String.valueOf(e.getMessage()).contains("fc1.bias"), e.getMessage());
      assertEquals(List.of(), names());
    }
    values.remove("fc1.bias");
    assertThrows(OnnxExportException.class, () -> model.toBytes(values));
    assertFalse(Files.exists(folder.resolve("model.onnx")));
  }
}
