package io.griffinfly.suites.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.io.safetensors.SafetensorsWriter;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.suites.fake.LinearCase;
import io.griffinfly.suites.fake.TestProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A bundle that is not whole is exit 9 with one line, before any framework is started.
class MalformedBundleTest {
  @TempDir Path root;

  /// A way to spoil a bundle.
  interface Damage {
    void to(Path bundle) throws IOException;
  }

  static Stream<Arguments> damages() {
    return Stream.of(
        damage("weights.safetensors is not what SHA256SUMS says", false, b -> cut(b, "weights")),
        damage("expected.safetensors is not what SHA256SUMS says", false, b -> flip(b, "expected")),
        damage("weights.safetensors: expected", true, b -> cut(b, "weights")),
        damage(
            "weights.safetensors: expected tensor \"w\" to be F32[40,50], found F32[50,40]",
            true,
            b -> weights(b, "w", Tensor.of(new float[2000], 50, 40))),
        damage(
            "weights.safetensors: expected tensor \"w\" to be F32[40,50], found F64[40,50]",
            true,
            b -> weights(b, "w", Tensor.of(new double[2000], 40, 50))),
        damage(
            "weights.safetensors: expected tensor \"w\" to be there",
            true,
            b -> SafetensorsWriter.write(b.resolve("weights.safetensors"), Map.of(), Map.of())),
        damage(
            "weights.safetensors: expected the tensors of case.json only, found also v",
            true,
            b -> weights(b, "v", Tensor.of(new float[2000], 40, 50))),
        damage(
            "inputs.safetensors: expected tensor \"labels\" to be there",
            true,
            b -> SafetensorsWriter.write(b.resolve("inputs.safetensors"), Map.of(), Map.of())),
        damage(
            "expected.safetensors: nothing is expected under out.y",
            true,
            b ->
                SafetensorsWriter.write(
                    b.resolve("expected.safetensors"),
                    Map.of("other", Tensor.of(new double[1], 1)),
                    Map.of())),
        damage("case.json is not a valid CaseDescription", true, b -> text(b, "case.json", "{")),
        damage(
            "schema bench-case/9.0, this version reads bench-case/1.0",
            true,
            b ->
                text(
                    b,
                    "case.json",
                    Files.readString(b.resolve("case.json"))
                        .replace("bench-case/1.0", "bench-case/9.0"))),
        damage("SHA256SUMS is missing", false, b -> Files.delete(b.resolve("SHA256SUMS"))),
        damage("not a line of SHA256SUMS: nonsense", false, b -> text(b, "SHA256SUMS", "nonsense")),
        damage("has no line for case.json", false, b -> text(b, "SHA256SUMS", "")),
        damage(
            "inputs.safetensors is missing",
            false,
            b -> Files.delete(b.resolve("inputs.safetensors"))));
  }

  private static Arguments damage(String line, boolean sealed, Damage damage) {
    return Arguments.of(line, sealed, damage);
  }

  private static void cut(Path bundle, String name) throws IOException {
    Path file = bundle.resolve(name + ".safetensors");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));
  }

  private static void flip(Path bundle, String name) throws IOException {
    Path file = bundle.resolve(name + ".safetensors");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
  }

  private static void weights(Path bundle, String name, Tensor tensor) throws IOException {
    SafetensorsWriter.write(bundle.resolve("weights.safetensors"), Map.of(name, tensor), Map.of());
  }

  private static void text(Path bundle, String name, String text) throws IOException {
    Files.writeString(bundle.resolve(name), text);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("damages")
  void isExitNine(String line, boolean sealed, Damage damage) throws IOException {
    TestProject project = new TestProject(root).jvmPeer("fake", TestProject.ALL_PROGRAMS, "ok");
    Path bundle = project.bundle(true);
    damage.to(bundle);
    if (sealed) {
      LinearCase.seal(bundle);
    }
    TestProject.Outcome outcome = project.run("--case", bundle.toString(), "--progress", "none");
    assertAll(
        () -> assertEquals(9, outcome.status(), outcome.err()),
        () -> assertTrue(outcome.err().contains(line), outcome.err()),
        () -> assertEquals(1, outcome.err().lines().count(), outcome.err()),
        () -> assertFalse(Files.exists(root.resolve("results")), "a run was begun"));
  }
}
