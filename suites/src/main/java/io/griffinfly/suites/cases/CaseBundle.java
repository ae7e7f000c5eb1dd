package io.griffinfly.suites.cases;

import io.griffinfly.engine.io.FileDigest;
import io.griffinfly.engine.io.WeightsException;
import io.griffinfly.engine.io.safetensors.Entry;
import io.griffinfly.engine.io.safetensors.Safetensors;
import io.griffinfly.models.truth.CaseFolder;
import io.griffinfly.models.truth.Truth;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.Json;
import io.griffinfly.suites.SuiteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A bundle on disk that was found whole: digests, names, element types and shapes.
///
/// @param directory the folder
/// @param description its case.json
/// @param sha256 digest of SHA256SUMS, and with it of everything
public record CaseBundle(Path directory, CaseDescription description, String sha256) {
  private static final List<String> FILES =
      List.of(CaseFolder.DEFINITION, CaseFolder.EXPECTED, CaseFolder.INPUTS, CaseFolder.WEIGHTS);

  /// Opens a bundle and checks all of it.
  ///
  /// @param directory the folder
  /// @return the bundle
  public static CaseBundle open(Path directory) {
    SortedMap<String, String> sums = Digests.read(directory.resolve(CaseFolder.SUMS));
    for (String name : FILES) {
      if (!sums.containsKey(name)) {
        throw new SuiteException(
            ExitCode.BUNDLE, directory.resolve(CaseFolder.SUMS) + " has no line for " + name);
      }
      if (!Files.isRegularFile(directory.resolve(name))) {
        throw new SuiteException(ExitCode.BUNDLE, directory.resolve(name) + " is missing");
      }
    }
    // The largest file takes nearly all of the time; the others ride along.
    FILES.parallelStream().forEach(name -> verify(directory.resolve(name), sums.get(name)));
    CaseDescription description =
        Json.read(directory.resolve(CaseFolder.DEFINITION), CaseDescription.class, ExitCode.BUNDLE);
    if (!CaseDescription.SCHEMA.equals(description.schema())) {
      throw new SuiteException(
          ExitCode.BUNDLE,
          directory.resolve(CaseFolder.DEFINITION)
              + ": schema "
              + description.schema()
              + ", this version reads "
              + CaseDescription.SCHEMA);
    }
    CaseBundle bundle =
        new CaseBundle(directory, description, digest(directory.resolve(CaseFolder.SUMS)));
    bundle.checkTensors(
        CaseFolder.WEIGHTS, description.weights().tensors(), description.weights().dtype());
    bundle.checkTensors(CaseFolder.INPUTS, description.inputs().tensors(), "F32");
    bundle.checkExpected();
    return bundle;
  }

  private static void verify(Path file, @Nullable String expected) {
    if (!digest(file).equals(expected)) {
      throw new SuiteException(
          ExitCode.BUNDLE,
          file
              + " is not what SHA256SUMS says: it was changed or cut off; delete the folder "
              + file.getParent()
              + " to have it made again");
    }
  }

  private static String digest(Path file) {
    try {
      return FileDigest.sha256(file);
    } catch (IOException e) {
      throw new SuiteException(ExitCode.BUNDLE, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private void checkTensors(
      String name, Map<String, CaseDescription.TensorSpec> specs, String defaultType) {
    Path file = directory.resolve(name);
    try (Safetensors tensors = Safetensors.open(file)) {
      Set<String> surplus = new TreeSet<>(tensors.names());
      surplus.removeAll(specs.keySet());
      if (!surplus.isEmpty()) {
        throw WeightsException.ofFile(
            file, "the tensors of case.json only", "also " + surplus.iterator().next());
      }
      specs.forEach((tensor, spec) -> {
        String dtype = spec.dtype() == null ? defaultType : spec.dtype();
        Entry entry = tensors.entry(tensor);
        if (!entry.storage().name().equals(dtype) || !entry.shape().equals(spec.extents())) {
          throw WeightsException.ofTensor(
              file, tensor, "be " + dtype + spec.extents(), entry.toString());
        }
      });
    } catch (WeightsException e) {
      throw new SuiteException(ExitCode.BUNDLE, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new SuiteException(ExitCode.BUNDLE, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private void checkExpected() {
    try (Truth truth = Truth.open(directory)) {
      for (CaseDescription.Program program : description.programs()) {
        for (String key : program.expected().values()) {
          String next = truth.names().ceiling(key + ".");
          boolean family = next != null && next.startsWith(key + ".");
          if (!truth.contains(key) && !family) {
            throw new SuiteException(
                ExitCode.BUNDLE,
                directory.resolve(CaseFolder.EXPECTED)
                    + ": nothing is expected under "
                    + key
                    + ", which case.json names");
          }
        }
      }
    } catch (WeightsException e) {
      throw new SuiteException(ExitCode.BUNDLE, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new SuiteException(
          ExitCode.BUNDLE, "cannot read " + directory + ": " + e.getMessage(), e);
    }
  }
}
