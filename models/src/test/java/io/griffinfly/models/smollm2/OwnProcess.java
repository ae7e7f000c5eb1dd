package io.griffinfly.models.smollm2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Programs whose HotSpot has compiled nothing for other tests.
final class OwnProcess {
  private OwnProcess() {}

  /// Runs a program on the test's class path, which must end well.
  ///
  /// @return the lines that it wrote
  static List<String> run(Path log, List<String> options, Class<?> program)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(), program.getName()));
    int status =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    List<String> lines = Files.readAllLines(log);
    assertEquals(
        0,
        status,
        () -> String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size())));
    return lines;
  }

  private static String classPath() {
    return Stream.of("java.class.path", "jdk.module.path", "surefire.test.class.path")
        .map(System::getProperty)
        .filter(path -> path != null && !path.isEmpty())
        .distinct()
        .reduce(
            Path.of("target", "test-classes") + File.pathSeparator + Path.of("target", "classes"),
            (a, b) -> a + File.pathSeparator + b);
  }
}
