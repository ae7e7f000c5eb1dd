package io.griffinfly.engine.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.OpSamples;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class GraphTextTest {
  private static List<OpSamples.Sample> samples() {
    return OpSamples.of(DType.F32);
  }

  private static Graph graphOf(OpSamples.Sample sample) {
    var g = new GraphBuilder();
    List<Node> inputs = new ArrayList<>();
    for (OpSamples.Operand operand : sample.operands()) {
      inputs.add(g.add(new Leaf.Input("x" + inputs.size(), operand.type())));
    }
    List<Node> results = sample.apply(g, inputs);
    for (int i = 0; i < results.size(); i++) {
      g.output("y" + i, results.get(i));
    }
    return g.build();
  }

  private static void assertRoundTrip(Graph graph) {
    String text = GraphText.print(graph);
    Graph parsed = Verifier.verify(GraphText.parse(text), "parse");
    assertEquals(text, GraphText.print(parsed));
    assertEquals(
        graph.nodes().stream().map(Node::op).toList(),
        parsed.nodes().stream().map(Node::op).toList());
    assertEquals(
        graph.nodes().stream().map(Node::valueType).toList(),
        parsed.nodes().stream().map(Node::valueType).toList());
  }

  @ParameterizedTest
  @MethodSource("samples")
  void everyOperationReadsBack(OpSamples.Sample sample) {
    assertRoundTrip(graphOf(sample));
  }

  @Test
  void readsAsExpected() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 2, 5);
    Node w = g.parameter("fc \"1\"", Initializer.zeros(), 3, 5);
    Node y = g.output("y", g.matMul(x, w, false, true));
    Node loss = g.sum(y, false, 0, 1);
    g.assign(w, g.scale(w, 0.5));
    String expected =
        """
        %0 = Input{name="x", type=f32[2,5]} : f32[2,5]
        %1 = State{name="fc \\"1\\"", type=f32[3,5], role=PARAMETER, initializer=Fill{value=0.0}} : f32[3,5]
        %2 = MatMul{transposeRight=true}(%0, %1) : f32[2,3]
        %3 = Fold{fn=SUM, axes=[0,1]}(%2) : f32[]
        %4 = Constant{literal=f32[]{0.5}} : f32[]
        %5 = Map{fn=MUL}(%1, %4) : f32[3,5]
        output "y" = %2
        assign %1 = %5
        loss = %3
        """;
    assertEquals(expected, GraphText.print(g.build(loss)));
    Graph parsed = GraphText.parse("# a comment\n\n" + expected.replace(" ", "   "));
    assertEquals(1, parsed.assigns().size());
    assertEquals(expected.replace("fc ", "fc   "), GraphText.print(parsed));
  }

  @Test
  void awkwardAttributesReadBack() {
    var g = new GraphBuilder();
    g.input("a\\b\"c\n\tü€\uD83D\uDE00\u2028", DType.BOOL, 0);
    double[] numbers = {
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      -0.0,
      0.1,
      Double.MIN_VALUE,
      -Double.MAX_VALUE,
      1e-7,
      123456789012345.0,
      Math.PI
    };
    g.output("numbers", g.constant(Literal.of(TensorType.of(DType.F64, 2, 5), numbers)));
    for (double number : numbers) {
      g.output("splat " + number, g.constant(Literal.splat(TensorType.of(DType.F64, 2), number)));
    }
    g.output("none", g.constant(Literal.of(TensorType.of(DType.F32, 0))));
    double[] many = new Random(1).doubles(100_000).toArray();
    g.output("many", g.constant(Literal.of(TensorType.of(DType.F64, many.length), many)));
    Node logits = g.input("", DType.F32, 2, 3);
    Node labels = g.input("labels", DType.I32, 2);
    Node loss = g.add(new Loss.CrossEntropy(Long.MIN_VALUE), logits, labels);
    g.output("loss", g.project(loss, 0));
    assertRoundTrip(g.build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          %0 = Inputs{name="x", type=f32[]} : f32[]             | there is no Inputs
          %0 = Input{name="x"} : f32[]                          | Input lacks type
          %0 = Input{nam="x", type=f32[]} : f32[]               | has no attribute nam, only [name, type]
          %0 = Input{name="x", name="y", type=f32[]} : f32[]    | name is given twice
          %0 = Input{name="x", type=f31[]} : f32[]              | there is no F31
          %0 = Input{name="x", type=f32[-1]} : f32[]            | negative extent
          %0 = Input{name="x", type=f32[2}                      | expected ',' at column 32, found '}'
          %0 = Input{name="x, type=f32[]} : f32[]               | expected
          %0 = Input{name="x", type=f32[]} : f32[2]             | has type f32[], not f32[2]
          %0 = Input{name="x", type=f32[]} : f32[] more         | expected the end of the line
          %0 = Map{fn=SIN}(%7) : f32[]                          | %7 is used before it is made
          %0 = Iota{type=f32[2], axis=1.5} : f32[2]             | expected an integer
          %0 = Iota{type=f32[2], axis=99999999999} : f32[2]     | an integer of 32 bits
          %0 = Constant{literal=f32[2]{1.0,2.0,3.0}} : f32[2]   | takes 2 values, not 3
          %0 = Constant{literal=f32[2]{1.0,x}} : f32[2]         | expected a number
          %0 = Transpose{permutation=[0]} : f32[2]              | takes 1 operands
          outputs = %0                                          | expected
          loss = %0                                             | %0 is used before it is made
          hello                                                 | expected a node
          """)
  void namesTheLineThatIsWrong(String line, String message) {
    var e = assertThrows(GraphException.class, () -> GraphText.parse("# first\n" + line));
    String actual = String.valueOf(e.getMessage());
    assertTrue(actual.startsWith("line 2: ") && actual.contains(message), actual);
  }

  @Test
  void numbersAscend() {
    String x = "%1 = Input{name=\"x\", type=f32[]} : f32[]\n";
    String y = "%1 = Input{name=\"y\", type=f32[]} : f32[]\n";
    assertThrows(GraphException.class, () -> GraphText.parse(x + y));
    assertThrows(GraphException.class, () -> GraphText.parse(x + y.replace("%1", "%0")));
    assertEquals(2, GraphText.parse(x + y.replace("%1", "%5")).nodes().size());
  }

  /// Whatever is done to a text, it parses or names a line; nothing else comes out of the parser.
  @ParameterizedTest
  @MethodSource("samples")
  void damagedTextIsRefused(OpSamples.Sample sample) {
    String text = GraphText.print(graphOf(sample));
    Random random = new Random(7);
    for (int i = 0; i < 20; i++) {
      StringBuilder damaged = new StringBuilder(text);
      int at = random.nextInt(text.length());
      switch (random.nextInt(3)) {
        case 0 -> damaged.deleteCharAt(at);
        case 1 -> damaged.setCharAt(at, text.charAt(random.nextInt(text.length())));
        default -> damaged.insert(at, text.charAt(random.nextInt(text.length())));
      }
      try {
        Verifier.verify(GraphText.parse(damaged.toString()), "damage");
      } catch (GraphException e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith("line "), e::getMessage);
      }
    }
  }
}
