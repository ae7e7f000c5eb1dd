package io.griffinfly.engine.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.jvm.JvmDevice;
import io.griffinfly.engine.nn.Nn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A trace is read back as any other program reads it.
class TraceTest {
  @TempDir Path folder;

  /// The scalars of each event by name; those of `args` as `args.name`.
  private static List<Map<String, String>> events(Path file) throws IOException {
    List<Map<String, String>> events = new ArrayList<>();
    try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
      Map<String, String> event = new LinkedHashMap<>();
      int depth = 0;
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.START_OBJECT && ++depth == 2) {
          event = new LinkedHashMap<>();
        } else if (token == JsonToken.END_OBJECT && --depth == 1) {
          events.add(event);
        } else if (token.isScalarValue() && depth >= 2) {
          event.put((depth == 3 ? "args." : "") + json.currentName(), json.getText());
        }
      }
    }
    return events;
  }

  private static String text(Map<String, String> event, String key) {
    return Objects.requireNonNull(event.get(key), () -> key + " of " + event);
  }

  private static double number(Map<String, String> event, String key) {
    return Double.parseDouble(text(event, key));
  }

  @Test
  void spansAreInMicrosecondsInOrderOfTimeAndHoldersFirst() throws IOException {
    Trace trace = new Trace("process \"one\"");
    trace.add(new Trace.Span("b", "late", 5_000_001, 1, Map.of()));
    trace.add(new Trace.Span("a", "within", 2_000_000, 1_234_567, Map.of("flops", 3.4e10)));
    trace.add(new Trace.Span("a", "holder", 2_000_000, 2_000_000, Map.of()));
    Path file = folder.resolve("trace.json");
    trace.write(file);
    List<Map<String, String>> all = events(file);
    assertEquals(
        List.of("process \"one\"", "b", "a"),
        all.subList(0, 3).stream().map(event -> text(event, "args.name")).toList());
    List<Map<String, String>> spans = all.subList(3, all.size());
    assertEquals(
        List.of("holder", "within", "late"),
        spans.stream().map(event -> text(event, "name")).toList());
    assertEquals(
        List.of("0.000", "0.000", "3000.001"),
        spans.stream().map(event -> text(event, "ts")).toList());
    assertEquals("1234.567", text(spans.get(1), "dur"));
    assertEquals(3.4e10, number(spans.get(1), "args.flops"));
    assertEquals("1", text(spans.get(2), "tid"));
    assertEquals("2", text(spans.get(0), "tid"));
  }

  @Test
  void kernelsOfARunLieInItInTheOrderOfThePlan() throws IOException {
    Path file = folder.resolve("trace.json");
    Trace trace = new Trace("test");
    List<String> labels;
    try (JvmDevice device = new JvmDevice(1);
        Parameters parameters = Parameters.allocate(device, network());
        Session session =
            Session.of(network(), parameters, trace.passes("net", CompilerOptions.defaults()))) {
      parameters.initialize(1);
      trace.record("net", "run", () -> session.run(trace.kernels("net")));
      labels =
          session.plan().levels().stream()
              .flatMap(List::stream)
              .map(step -> step.spec().label())
              .toList();
    }
    trace.write(file);
    List<Map<String, String>> spans =
        events(file).stream().filter(event -> text(event, "ph").equals("X")).toList();
    assertEquals(
        List.of("optimizer RAISE", "optimizer LOWER", "run"),
        spans.stream().limit(3).map(event -> text(event, "name")).toList());
    Map<String, String> run = spans.get(2);
    List<Map<String, String>> kernels = spans.subList(3, spans.size());
    assertFalse(labels.isEmpty());
    assertEquals(labels, kernels.stream().map(event -> text(event, "name")).toList());
    double before = number(run, "ts");
    for (Map<String, String> kernel : kernels) {
      assertTrue(number(kernel, "ts") >= before, "they do not overlap");
      before = number(kernel, "ts") + number(kernel, "dur");
      assertTrue(number(kernel, "args.bytes") > 0);
    }
    assertTrue(before <= number(run, "ts") + number(run, "dur") + 1e-3, "the run holds them");
  }

  private static Graph network() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 3, 20);
    Node hidden = g.relu(Nn.project(g, "fc1", x, 30, new Initializer.Normal(0.1)));
    g.output("y", Nn.project(g, "fc2", hidden, 7, new Initializer.Normal(0.1)));
    return g.build();
  }

  @Test
  void whatCannotBeWrittenLeavesNothingBehind() throws IOException {
    Path taken = folder.resolve("taken");
    Files.createDirectories(taken.resolve("full"));
    Trace trace = new Trace("test");
    assertThrows(IOException.class, () -> trace.write(taken));
    assertThrows(IOException.class, () -> trace.write(folder.resolve("nowhere/trace.json")));
    try (var all = Files.list(folder)) {
      assertEquals(List.of(taken), all.toList());
    }
  }
}
