package io.griffinfly.engine.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.conformance.KernelData;
import io.griffinfly.engine.conformance.Subject;
import io.griffinfly.engine.conformance.Subjects;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Interpreter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Updates of many states of equal extents, which devices may put together: every state becomes
/// what it should, whatever else reads its old value.
@ParameterizedClass(name = "{0}")
@MethodSource(Subjects.ALL_KINDS)
class MultiTensorUpdateTest {
  /// More than one kernel takes.
  private static final int STATES = 23;

  private static final int STEPS = 3;

  private final Subject subject;

  MultiTensorUpdateTest(Subject subject) {
    this.subject = subject;
  }

  /// What a state is updated from besides itself and what all share.
  enum Reads {
    NOTHING,
    /// The state before it.
    THE_ONE_BEFORE,
    /// The state behind it, which another update overwrites later.
    THE_ONE_BEHIND,
    /// What the state before it has become.
    THE_NEW_ONE_BEFORE
  }

  private static Graph graph(Reads reads) {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 7);
    List<Node> states = new ArrayList<>();
    for (int i = 0; i < STATES; i++) {
      states.add(g.parameter("s" + i, new Initializer.Normal(1), 7));
    }
    List<Node> values = new ArrayList<>();
    for (int i = 0; i < STATES; i++) {
      Node value = g.add(g.mul(states.get(i), g.constant(DType.F32, 0.5 + i / 100.0)), x);
      values.add(
          switch (reads) {
            case NOTHING -> value;
            case THE_ONE_BEFORE -> i == 0 ? value : g.sub(value, states.get(i - 1));
            case THE_ONE_BEHIND -> i == STATES - 1 ? value : g.sub(value, states.get(i + 1));
            case THE_NEW_ONE_BEFORE -> i == 0 ? value : g.sub(value, values.get(i - 1));
          });
      g.assign(states.get(i), values.getLast());
    }
    return g.build();
  }

  @ParameterizedTest
  @EnumSource
  void everyStateBecomesWhatItShould(Reads reads) {
    Graph graph = graph(reads);
    Tensor x = KernelData.random(TensorType.of(DType.F32, 7), 1).toTensor();
    try (var device = subject.open();
        var parameters = Parameters.initialize(device, graph, 5);
        var session = Session.of(graph, parameters, CompilerOptions.defaults())) {
      Map<String, Tensor> truth = new LinkedHashMap<>();
      parameters.names().forEach(name -> truth.put(name, parameters.get(name)));
      for (int step = 0; step < STEPS; step++) {
        truth.putAll(Interpreter.run(graph, Map.of("x", x), truth).states());
        session.run(Map.of("x", x));
      }
      truth.forEach((name, value) ->
          assertEquals(
              0,
              KernelData.distance(Objects.requireNonNull(parameters.get(name)), value),
              1e-6,
              name));
    }
    subject.requireNoComplaints();
  }
}
