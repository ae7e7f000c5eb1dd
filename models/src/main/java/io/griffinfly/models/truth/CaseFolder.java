package io.griffinfly.models.truth;

import io.griffinfly.engine.io.AtomicFile;
import io.griffinfly.engine.io.FileDigest;
import io.griffinfly.engine.io.Progress;
import io.griffinfly.engine.io.WeightsException;
import io.griffinfly.models.Model;
import io.griffinfly.models.ModelException;
import io.griffinfly.models.synthetic.SyntheticFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Case bundles on disk: the committed files of a case, and its tensors, which are regenerated and
/// must have the committed digests.
public final class CaseFolder {
  /// Digests of the other files, `<hex> <name>` a line; written last, so that a folder that has it
  /// is complete.
  public static final String SUMS = "SHA256SUMS";

  /// The definition.
  public static final String DEFINITION = "case.json";

  /// The parameters.
  public static final String WEIGHTS = "weights.safetensors";

  /// The inputs.
  public static final String INPUTS = "inputs.safetensors";

  /// The truth.
  public static final String EXPECTED = "expected.safetensors";

  private CaseFolder() {}

  /// Reads the definition of a case.
  ///
  /// @param caseName the folder of its resources, such as `smollm2/s128`
  /// @return the definition
  /// @throws IOException if it cannot be read
  /// @throws ModelException if there is no such case
  public static CaseDefinition definition(String caseName) throws IOException {
    try (InputStream stream = resource(caseName, DEFINITION)) {
      return CaseDefinition.read(caseName + "/" + DEFINITION, stream);
    }
  }

  /// Makes the bundle of a case, unless it is there. What is there is not digested again: that is
  /// for whoever reads it, who has [#SUMS].
  ///
  /// @param caseName the folder of its resources, such as `smollm2/s128`
  /// @param root where bundles lie, created if it is absent
  /// @param progress hears of bytes drawn
  /// @return the bundle's folder under the root, named by the case and its digest
  /// @throws IOException if a file cannot be written
  /// @throws WeightsException if regenerated tensors have another digest than the committed one
  public static Path prepare(String caseName, Path root, Progress progress) throws IOException {
    byte[] sums = bytes(caseName, SUMS);
    CaseDefinition definition = definition(caseName);
    String sha256 = HexFormat.of().formatHex(FileDigest.sha256().digest(sums));
    Path folder = root.resolve(definition.id() + "-" + sha256.substring(0, 16));
    if (isComplete(folder)) {
      return folder;
    }
    Files.createDirectories(folder);
    Map<String, String> digests = parse(caseName, new String(sums, StandardCharsets.UTF_8));
    for (String name : List.of(DEFINITION, EXPECTED)) {
      Path file = folder.resolve(name);
      AtomicFile.write(file, bytes(caseName, name));
      String found = FileDigest.sha256(file);
      if (!found.equals(digests.get(name))) {
        throw WeightsException.ofFile(file, "SHA-256 " + digests.get(name), found);
      }
    }
    SyntheticFile.ensure(
        folder.resolve(INPUTS), definition.inputs(), digests.get(INPUTS) + "", Progress.NONE);
    SyntheticFile.ensure(
        folder.resolve(WEIGHTS), definition.weights(), digests.get(WEIGHTS) + "", progress);
    AtomicFile.write(folder.resolve(SUMS), sums);
    return folder;
  }

  private static boolean isComplete(Path folder) {
    return List.of(SUMS, DEFINITION, EXPECTED, INPUTS, WEIGHTS).stream()
        .allMatch(name -> Files.isRegularFile(folder.resolve(name)));
  }

  private static Map<String, String> parse(String caseName, String sums) {
    Map<String, String> digests = new TreeMap<>();
    for (String line : sums.lines().toList()) {
      String[] fields = line.split("  ", 2);
      if (fields.length != 2 || fields[0].length() != 64) {
        throw new ModelException(caseName + "/" + SUMS + ": not a digest and a name: " + line);
      }
      digests.put(fields[1], fields[0]);
    }
    return digests;
  }

  private static byte[] bytes(String caseName, String name) throws IOException {
    try (InputStream stream = resource(caseName, name)) {
      return stream.readAllBytes();
    }
  }

  private static InputStream resource(String caseName, String name) {
    InputStream stream = Model.class.getResourceAsStream(caseName + "/" + name);
    if (stream == null) {
      throw new ModelException("there is no case " + caseName + ": its " + name + " is absent");
    }
    return stream;
  }
}
