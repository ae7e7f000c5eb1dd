package io.griffinfly.suites.fake;

import io.griffinfly.engine.io.Progress;
import io.griffinfly.models.truth.CaseFolder;
import io.griffinfly.suites.Json;
import io.griffinfly.suites.cli.SuiteCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A project's folder with peers that only tests have.
///
/// @param root the folder
public record TestProject(Path root) {
  /// What a command came to.
  ///
  /// @param status exit code
  /// @param out stdout
  /// @param err stderr
  public record Outcome(int status, String out, String err) {}

  /// Programs of the whole case.
  public static final List<String> ALL_PROGRAMS = List.of("forward", "gradients", "train_sgd");

  /// Adds a framework inside the JVM.
  ///
  /// @param name the framework
  /// @param programs kinds of programs
  /// @param variants its variants, each a fault of LinearAdapter
  /// @return this
  /// @throws IOException if it cannot be written
  public TestProject jvmPeer(String name, List<String> programs, String... variants)
      throws IOException {
    return peer(
        name,
        programs,
        List.of(variants),
        Map.of(
            "adapter",
            LinearAdapter.class.getName(),
            "jvm_args",
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")));
  }

  /// Adds the engine of this project, as its own manifest has it.
  ///
  /// @return this
  /// @throws IOException if it cannot be written
  public TestProject griffinfly() throws IOException {
    Path folder = Files.createDirectories(root.resolve("suites/peers/griffinfly"));
    Files.copy(Path.of("peers/griffinfly/manifest.json"), folder.resolve("manifest.json"));
    return this;
  }

  /// The bundle of the tiny SmolLM2: three layers, every program.
  ///
  /// @return its folder
  /// @throws IOException if it cannot be written
  public Path tinyBundle() throws IOException {
    return CaseFolder.prepare("smollm2/tiny", root.resolve("cases"), Progress.NONE);
  }

  /// Adds a peer that is a plain process.
  ///
  /// @param fault how it misbehaves; also its name
  /// @return this
  /// @throws IOException if it cannot be written
  public TestProject rogue(String fault) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classes = System.getProperty("java.class.path");
    return peer(
        fault,
        ALL_PROGRAMS,
        List.of("default"),
        Map.of(
            "command",
            List.of(
                java,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classes,
                RogueProcess.class.getName(),
                fault,
                "${state}")));
  }

  private TestProject peer(
      String name, List<String> programs, List<String> variants, Map<String, Object> launch)
      throws IOException {
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("schema", "griffinfly-peer/1.0");
    manifest.put("name", name);
    manifest.put("title", name);
    manifest.put("variants", variants);
    manifest.put("devices", List.of("cpu"));
    manifest.put("programs", programs);
    manifest.put("architectures", List.of("linear"));
    manifest.put("mutants", List.of("zeros"));
    manifest.put("launch", launch);
    return manifest(name, manifest);
  }

  /// Adds a manifest as it is.
  ///
  /// @param name its folder
  /// @param manifest its content
  /// @return this
  /// @throws IOException if it cannot be written
  public TestProject manifest(String name, Map<String, Object> manifest) throws IOException {
    Path folder = Files.createDirectories(root.resolve("suites").resolve("peers").resolve(name));
    Files.writeString(folder.resolve("manifest.json"), Json.pretty(manifest));
    return this;
  }

  /// The bundle of the test case, written once.
  ///
  /// @param trains whether it has more than the forward program
  /// @return its folder
  /// @throws IOException if it cannot be written
  public Path bundle(boolean trains) throws IOException {
    Path folder = root.resolve(trains ? "case" : "forward-case");
    if (!Files.exists(folder)) {
      LinearCase.write(folder, trains);
    }
    return folder;
  }

  /// Runs the command in this process.
  ///
  /// @param arguments besides --root
  /// @return what it came to
  public Outcome run(String... arguments) {
    List<String> all = new ArrayList<>(List.of("--root", root.toString()));
    all.addAll(List.of(arguments));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status =
        SuiteCommand.execute(
            new PrintWriter(out), new PrintWriter(err), all.toArray(String[]::new));
    return new Outcome(status, out.toString(), err.toString());
  }

  /// The folder of the only run.
  ///
  /// @return its folder
  /// @throws IOException if it cannot be read
  public Path onlyRun() throws IOException {
    try (Stream<Path> runs = Files.list(root.resolve("results").resolve("runs"))) {
      List<Path> all = runs.toList();
      if (all.size() != 1) {
        throw new IllegalStateException("expected one run, found " + all);
      }
      return all.getFirst();
    }
  }
}
