package io.griffinfly.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A program of somebody else's, compiled and started with nothing but the engine and the libraries
/// that it cannot do without: as a class-path program and as a named module. LWJGL is not there.
class ConsumerTest {
  /// What the engine cannot be loaded without; the test that fails when this grows is meant to.
  private static final List<String> REQUIRED = List.of("jackson-core");

  private static final String PROGRAM =
      """
      package consumer;

      import io.griffinfly.engine.ir.DType;
      import io.griffinfly.engine.ir.Graph;
      import io.griffinfly.engine.ir.GraphBuilder;
      import io.griffinfly.engine.ir.Initializer;
      import io.griffinfly.engine.ir.Shape;
      import io.griffinfly.engine.ir.Tensor;
      import io.griffinfly.engine.jvm.JvmDevice;
      import io.griffinfly.engine.plan.DeviceException;
      import io.griffinfly.engine.run.Parameters;
      import io.griffinfly.engine.run.Session;
      import io.griffinfly.engine.vulkan.VulkanDevice;
      import io.griffinfly.engine.vulkan.VulkanOptions;
      import java.util.Map;

      public final class Program {
        public static void main(String[] arguments) {
          for (String absent : arguments) {
            try {
              Class.forName(absent);
              throw new AssertionError(absent + " is present");
            } catch (ClassNotFoundException expected) {
              System.out.println("without " + absent);
            }
          }
          Tensor tensor = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
          System.out.println(
              tensor.to(DType.F16).row(1).shape() + " " + tensor.row(1).getDouble(2) + " "
                  + Shape.broadcast(Shape.of(2, 1), Shape.of(3)));
          GraphBuilder g = new GraphBuilder();
          g.output(
              "y",
              g.matMul(
                  g.input("x", DType.F32, 2, 3),
                  g.parameter("w", Initializer.zeros(), 3, 4)));
          Graph graph = g.build();
          try (JvmDevice device = new JvmDevice(1);
              Parameters parameters = Parameters.initialize(device, graph, 1);
              Session session = Session.inference(graph, parameters)) {
            parameters.set("w", Tensor.of(new float[] {1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1}, 3, 4));
            System.out.println(session.run(Map.of("x", tensor)).get("y").getDouble(7));
          } catch (DeviceException e) {
            System.out.println(e.getMessage());
          }
          if (arguments.length > 0) {
            try (VulkanDevice device = VulkanDevice.open("", VulkanOptions.defaults())) {
              System.out.println(device.info().name());
            } catch (DeviceException e) {
              System.out.println(e.getMessage());
            }
          }
          System.out.println(
              "module " + Shape.class.getModule().getName()
                  + ", used by " + Program.class.getModule().getName());
        }
      }
      """;

  private static final String WITHOUT_VECTORS =
      "the jvm device computes on the Vector API: start java with --add-modules"
          + " jdk.incubator.vector";

  private static final String WITHOUT_LWJGL =
      "the vulkan device needs LWJGL: put org.lwjgl:lwjgl, lwjgl-vulkan and lwjgl-shaderc beside"
          + " the engine, with the natives of this platform";

  private static final String LWJGL = "org.lwjgl.system.Library";

  @TempDir Path folder;

  @Test
  void fromTheClassPath() throws Exception {
    String path = String.join(File.pathSeparator, engineAndItsLibraries());
    Path classes = compile(List.of("-cp", path), source("consumer/Program.java", PROGRAM));
    List<String> lines =
        start("-cp", path + File.pathSeparator + classes, "consumer.Program", LWJGL);
    assertEquals(
        List.of(
            "without " + LWJGL,
            "[3] 6.0 [2,3]",
            WITHOUT_VECTORS,
            WITHOUT_LWJGL,
            "module null, used by null"),
        lines);
  }

  @Test
  void fromTheModulePath() throws Exception {
    String path = String.join(File.pathSeparator, engineAndItsLibraries());
    Path classes =
        compile(
            List.of("-p", path),
            source("module-info.java", "module consumer { requires io.griffinfly.engine; }"),
            source("consumer/Program.java", PROGRAM));
    List<String> lines =
        start("-p", path + File.pathSeparator + classes, "-m", "consumer/consumer.Program", LWJGL);
    assertEquals(
        List.of(
            "without " + LWJGL,
            "[3] 6.0 [2,3]",
            WITHOUT_VECTORS,
            WITHOUT_LWJGL,
            "module io.griffinfly.engine, used by consumer"),
        lines);
  }

  @Test
  void computesOnceTheVectorApiIsThere() throws Exception {
    String path = String.join(File.pathSeparator, engineAndItsLibraries());
    Path classes = compile(List.of("-cp", path), source("consumer/Program.java", PROGRAM));
    List<String> lines =
        start(
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            path + File.pathSeparator + classes,
            "consumer.Program");
    // Row 1 of the input is 4, 5, 6; the last column of the weight is all ones.
    assertEquals(
        List.of("[3] 6.0 [2,3]", "15.0", "module null, used by null"),
        lines.stream().filter(line -> !line.startsWith("WARNING")).toList());
  }

  private Path source(String name, String text) throws IOException {
    Path file = folder.resolve("src").resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private Path compile(List<String> options, Path... sources) {
    Path classes = folder.resolve("classes");
    List<String> arguments = new ArrayList<>(options);
    arguments.addAll(
        List.of("-d", classes.toString(), "-Xlint:all,-incubating", "-Werror", "-implicit:none"));
    Stream.of(sources).map(Path::toString).forEach(arguments::add);
    StringWriter said = new StringWriter();
    int status =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(new PrintWriter(said), new PrintWriter(said), arguments.toArray(String[]::new));
    assertEquals(0, status, said::toString);
    return classes;
  }

  private List<String> start(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(arguments));
    Path log = folder.resolve("said.txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    int status = process.waitFor();
    assertEquals(0, status, () -> read(log));
    return Files.readAllLines(log);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static List<String> engineAndItsLibraries() {
    List<String> kept = new ArrayList<>();
    Path engine = Path.of("target", "classes").toAbsolutePath();
    assertTrue(Files.exists(engine.resolve("module-info.class")), engine::toString);
    kept.add(engine.toString());
    List<String> present =
        Stream.of("java.class.path", "jdk.module.path", "surefire.test.class.path")
            .map(System::getProperty)
            .filter(path -> path != null)
            .flatMap(path -> Arrays.stream(path.split(File.pathSeparator)))
            .distinct()
            .toList();
    for (String library : REQUIRED) {
      List<String> found =
          present.stream()
              .filter(path -> Path.of(path).getFileName().toString().startsWith(library + "-"))
              .toList();
      assertEquals(1, found.size(), () -> library + " in " + present);
      kept.addAll(found);
    }
    return kept;
  }
}
