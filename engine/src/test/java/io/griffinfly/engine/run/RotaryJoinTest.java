package io.griffinfly.engine.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.conformance.KernelData;
import io.griffinfly.engine.conformance.Subject;
import io.griffinfly.engine.conformance.Subjects;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.nn.Heads;
import io.griffinfly.engine.nn.Nn;
import io.griffinfly.engine.nn.RotaryTable;
import io.griffinfly.engine.opt.HalfFactors;
import io.griffinfly.engine.ref.Interpreter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Queries and keys that are turned where the product left them, and those that are not because
/// somebody needs them as they were.
@ParameterizedClass(name = "{0}")
@MethodSource(Subjects.HALVES)
class RotaryJoinTest {
  private static final int WIDTH = 48;
  private static final int SIZE = 32;

  /// Roundings to halves of two factors and of a result.
  private static final double TOLERANCE = 2e-3;

  private final Subject subject;

  RotaryJoinTest(Subject subject) {
    this.subject = subject;
  }

  /// Who reads the heads of a product.
  enum Readers {
    /// Queries and keys are turned, values are not.
    ROTARY,
    /// Somebody reads queries before they are turned.
    OTHERS_TOO,
    /// Keys are turned by other angles.
    OTHER_ANGLES,
    /// Keys are turned back.
    OTHER_DIRECTION,
    /// Nobody turns the first head.
    NOT_THE_FIRST,
    /// Somebody reads columns of queries and keys together.
    ACROSS
  }

  private static Graph graph(Readers readers, int rows) {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, rows, WIDTH);
    Node all = Nn.project(g, "qkv", x, 5 * SIZE, new Initializer.Normal(0.3));
    // The first position is turned as well.
    Node positions =
        g.add(Nn.positions(g, rows), g.constant(Literal.splat(TensorType.of(DType.F32), 1)));
    RotaryTable table = RotaryTable.of(g, positions, SIZE, 1e4);
    RotaryTable other = RotaryTable.of(g, positions, SIZE, 1e2);
    Node queries = heads(g, all, 0, 2);
    Node keys = heads(g, all, 2, 1);
    g.output("q", readers == Readers.NOT_THE_FIRST ? queries : table.apply(g, queries));
    g.output(
        "k",
        switch (readers) {
          case OTHER_ANGLES -> other.apply(g, keys);
          case OTHER_DIRECTION -> g.add(new Attention.Rotary(true), keys, table.cos(), table.sin());
          default -> table.apply(g, keys);
        });
    g.output("v", g.slice(all, 1, 3 * SIZE, 2 * SIZE));
    if (readers == Readers.OTHERS_TOO) {
      g.output("before", g.mul(queries, queries));
    }
    if (readers == Readers.ACROSS) {
      g.output("across", g.slice(all, 1, SIZE, 2 * SIZE));
    }
    return g.build();
  }

  private static Node heads(GraphBuilder g, Node all, int first, int count) {
    Node part = g.slice(all, 1, first * SIZE, count * SIZE);
    return Heads.split(g, part, 1, count);
  }

  @ParameterizedTest
  @EnumSource
  void everyReaderFindsWhatItReads(Readers readers) {
    // Matrix units take many rows, others a few.
    for (int rows : new int[] {32, 3, 1}) {
      check(readers, rows);
    }
  }

  private void check(Readers readers, int rows) {
    Graph exact = graph(readers, rows);
    Graph graph = HalfFactors.round(exact, Set.of(), 1);
    Map<String, Tensor> inputs =
        Map.of("x", KernelData.random(TensorType.of(DType.F32, rows, WIDTH), 1).toTensor());
    try (var device = subject.open();
        var parameters = Parameters.initialize(device, graph, 5);
        var session = Session.of(graph, parameters, CompilerOptions.defaults())) {
      Map<String, Tensor> states = new LinkedHashMap<>();
      parameters.names().forEach(name -> states.put(name, parameters.get(name)));
      Map<String, Tensor> found = session.run(inputs);
      Interpreter.run(exact, inputs, states)
          .outputs()
          .forEach((name, truth) ->
              assertEquals(
                  0,
                  KernelData.distance(Objects.requireNonNull(found.get(name)), truth),
                  TOLERANCE,
                  () -> name + " of " + rows + " rows"));
    }
    subject.requireNoComplaints();
  }
}
