package io.griffinfly.engine.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Interpreter;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every layer, evaluated by the reference, against its equation written as loops.
class NnAgainstReferenceTest {
  /// Sums of a few dozen terms of size one, in doubles.
  private static final double TOLERANCE = 1e-13;

  private static final Initializer ONES = Initializer.ones();

  private final Map<String, Tensor> inputs = new HashMap<>();
  private final Map<String, Tensor> states = new HashMap<>();
  private GraphBuilder g = new GraphBuilder();
  private Random random = new Random(1);

  @BeforeEach
  void begin() {
    g = new GraphBuilder();
    random = new Random(1);
  }

  private Tensor draw(int... dims) {
    double[] values = new double[Math.toIntExact(Shape.of(dims).size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Tensor.of(values, dims);
  }

  private Node input(String name, int... dims) {
    inputs.put(name, draw(dims));
    return g.input(name, DType.F32, dims);
  }

  private double[] given(String name) {
    Tensor tensor = inputs.containsKey(name) ? inputs.get(name) : states.get(name);
    return java.util.Objects.requireNonNull(tensor).toDoubles();
  }

  /// Draws all states of the graph and runs it.
  private Tensor run(Node result) {
    g.output("y", result);
    var graph = g.build();
    for (Node state : graph.states()) {
      states.put(((Leaf.State) state.op()).name(), draw(state.shape().dims()));
    }
    return Interpreter.run(graph, inputs, states).output("y");
  }

  private static void assertClose(double[] expected, Tensor found) {
    assertArrayEquals(expected, found.toDoubles(), TOLERANCE);
  }

  private static double[] timesTransposed(double[] x, double[] weight, int features) {
    int n = weight.length / features;
    double[] out = new double[x.length / n * features];
    for (int i = 0; i < out.length; i++) {
      for (int j = 0; j < n; j++) {
        out[i] += x[i / features * n + j] * weight[i % features * n + j];
      }
    }
    return out;
  }

  @ParameterizedTest
  @CsvSource({"'5', 3", "'4,5', 3", "'2,3,5', 7", "'1,1,1,5', 1", "'0,5', 2"})
  void linear(String extents, int features) {
    int[] dims = java.util.Arrays.stream(extents.split(",")).mapToInt(Integer::parseInt).toArray();
    Tensor y = run(Nn.linear(g, "fc", input("x", dims), features));
    assertEquals(Shape.of(dims).with(-1, features), y.shape());
    double[] expected = timesTransposed(given("x"), given("fc.weight"), features);
    double[] bias = given("fc.bias");
    for (int i = 0; i < expected.length; i++) {
      expected[i] += bias[i % features];
    }
    assertClose(expected, y);
  }

  @Test
  void linearDeclaresItsParameters() {
    Nn.linear(g, "fc", g.input("x", DType.F32, 2, 16), 3);
    Node weight = g.parameter("fc.weight", Initializer.fanIn(16), 3, 16);
    assertEquals(new Initializer.Uniform(-0.25, 0.25), ((Leaf.State) weight.op()).initializer());
    g.parameter("fc.bias", Initializer.fanIn(16), 3);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "3,7", "2,64"})
  void rmsNorm(int rows, int width) {
    Tensor y = run(Nn.rmsNorm(g, "norm", input("x", rows, width), 1e-2));
    double[] x = given("x");
    double[] gain = given("norm.weight");
    double[] expected = new double[x.length];
    for (int row = 0; row < rows; row++) {
      double squares = 0;
      for (int i = 0; i < width; i++) {
        squares += x[row * width + i] * x[row * width + i];
      }
      for (int i = 0; i < width; i++) {
        expected[row * width + i] =
            x[row * width + i] / Math.sqrt(squares / width + 1e-2) * gain[i];
      }
    }
    assertClose(expected, y);
  }

  @Test
  void gatedFeedForward() {
    Tensor y = run(Nn.gatedFeedForward(g, "mlp", input("x", 3, 5), 7, ONES));
    double[] gate = timesTransposed(given("x"), given("mlp.gate_proj.weight"), 7);
    double[] up = timesTransposed(given("x"), given("mlp.up_proj.weight"), 7);
    for (int i = 0; i < up.length; i++) {
      up[i] *= gate[i] / (1 + Math.exp(-gate[i]));
    }
    assertClose(timesTransposed(up, given("mlp.down_proj.weight"), 5), y);
  }

  @Test
  void softmaxOfLargeAndHiddenValues() {
    inputs.put(
        "x", Tensor.of(new double[] {1000, 1001, Double.NEGATIVE_INFINITY, -5, -5, -5}, 2, 3));
    Tensor y = run(Nn.softmax(g, g.input("x", DType.F32, 2, 3)));
    double e = Math.E;
    assertClose(new double[] {1 / (1 + e), e / (1 + e), 0, 1 / 3.0, 1 / 3.0, 1 / 3.0}, y);
  }

  @Test
  void probeLoss() {
    Tensor y = run(Nn.probeLoss(g, input("x", 2, 3), input("p", 2, 3)));
    double sum = 0;
    for (int i = 0; i < 6; i++) {
      sum += given("x")[i] * given("p")[i];
    }
    assertClose(new double[] {sum / Math.sqrt(6)}, y);
    Node x = g.input("other", DType.F32, 3, 2);
    Node p = g.input("probe", DType.F32, 2, 3);
    assertThrows(GraphException.class, () -> Nn.probeLoss(g, x, p));
  }

  @ParameterizedTest
  @CsvSource({"1,2", "5,2", "7,8", "3,10"})
  void rotary(int length, int headDim) {
    RotaryTable table = RotaryTable.of(g, Nn.positions(g, length), headDim, 100);
    Tensor y = run(table.apply(g, input("x", 2, length, headDim)));
    double[] x = given("x");
    double[] expected = new double[x.length];
    int half = headDim / 2;
    for (int row = 0; row < 2 * length; row++) {
      for (int i = 0; i < half; i++) {
        double angle = row % length * Math.pow(100, -2.0 * i / headDim);
        double a = x[row * headDim + i];
        double b = x[row * headDim + half + i];
        expected[row * headDim + i] = a * Math.cos(angle) - b * Math.sin(angle);
        expected[row * headDim + half + i] = b * Math.cos(angle) + a * Math.sin(angle);
      }
    }
    assertClose(expected, y);
  }

  @Test
  void rotaryTurnsPairs() {
    Node positions = Nn.positions(g, 3);
    assertThrows(GraphException.class, () -> RotaryTable.of(g, positions, 5, 100));
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1,1", "2,3,5,4,3", "1,9,64,7,1"})
  void splitAndMergeAreInverse(int batch, int heads, int headDim, int length, int unused) {
    Node x = input("x", batch * length, heads * headDim);
    Node split = Heads.split(g, x, batch, heads);
    assertEquals(Shape.of(batch, heads, length, headDim), split.shape());
    g.output("split", split);
    assertClose(given("x"), run(Heads.merge(g, split)));
    double[] apart = Interpreter.run(g.build(), inputs, states).output("split").toDoubles();
    // Element (b, h, t, i) is at row b·length + t, column h·headDim + i.
    int last = ((batch - 1) * length + length - 1) * heads * headDim;
    assertEquals(given("x")[last], apart[((batch - 1) * heads * length + length - 1) * headDim]);
  }

  /// One query head against its key head.
  private static double[] attend(
      double[] query, double[] key, double[] value, int[] sizes, double scale, boolean causal) {
    int queries = sizes[0];
    int keys = sizes[1];
    int depth = sizes[2];
    int width = sizes[3];
    double[] out = new double[queries * width];
    for (int i = 0; i < queries; i++) {
      double total = 0;
      for (int j = 0; j < keys; j++) {
        if (!causal || j <= i + keys - queries) {
          double score = 0;
          for (int d = 0; d < depth; d++) {
            score += query[i * depth + d] * key[j * depth + d];
          }
          double weight = Math.exp(score * scale);
          total += weight;
          for (int d = 0; d < width; d++) {
            out[i * width + d] += weight * value[j * width + d];
          }
        }
      }
      for (int d = 0; d < width; d++) {
        out[i * width + d] /= total;
      }
    }
    return out;
  }

  private static double[] block(double[] all, int index, int size) {
    return java.util.Arrays.copyOfRange(all, index * size, (index + 1) * size);
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,1,1,1,2,2,true",
    "2,6,2,5,5,4,3,true",
    "2,6,3,5,5,4,4,false",
    "1,4,4,3,7,2,5,true",
    "1,4,1,3,7,2,5,false"
  })
  void attention(
      int batch,
      int heads,
      int groups,
      int queries,
      int keys,
      int depth,
      int width,
      boolean causal) {
    Node q = input("q", batch, heads, queries, depth);
    Node k = input("k", batch, groups, keys, depth);
    Node v = input("v", batch, groups, keys, width);
    Tensor y = run(Heads.attend(g, q, k, v, 0.3, causal));
    assertEquals(Shape.of(batch, heads, queries, width), y.shape());
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        int group = b * groups + h / (heads / groups);
        double[] expected =
            attend(
                block(given("q"), b * heads + h, queries * depth),
                block(given("k"), group, keys * depth),
                block(given("v"), group, keys * width),
                new int[] {queries, keys, depth, width},
                0.3,
                causal);
        assertArrayEquals(
            expected, block(y.toDoubles(), b * heads + h, queries * width), TOLERANCE);
      }
    }
  }

  @Test
  void headsThatDoNotShareAreRefused() {
    Node k = g.input("k", DType.F32, 1, 4, 3, 2);
    assertThrows(GraphException.class, () -> Heads.repeat(g, k, 6));
    assertSame(k, Heads.repeat(g, k, 4));
  }

  @Test
  void anEmbeddingIsAlsoAHead() {
    inputs.put("ids", Tensor.of(new long[] {2, 0, 2}, 3));
    Node table = Nn.embedding(g, "embed", 4, 5, ONES);
    Node rows = g.take(table, g.input("ids", DType.I64, 3), 0);
    Tensor y = run(Nn.timesTransposed(g, rows, table));
    double[] weight = given("embed.weight");
    double[] looked = new double[15];
    System.arraycopy(weight, 10, looked, 0, 5);
    System.arraycopy(weight, 0, looked, 5, 5);
    System.arraycopy(weight, 10, looked, 10, 5);
    assertClose(timesTransposed(looked, weight, 4), y);
    assertEquals(TensorType.of(DType.F64, 3, 4), y.type());
  }
}
