package io.griffinfly.models.truth;

import io.griffinfly.engine.io.WeightsException;
import io.griffinfly.engine.io.safetensors.Safetensors;
import io.griffinfly.engine.ir.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.NavigableSet;
import java.util.function.LongToDoubleFunction;

/// The expected results of a case, in double precision: under a key either every value, or norm,
/// samples and sketch.
public final class Truth implements AutoCloseable {
  private final Path file;
  private final Safetensors tensors;

  private Truth(Path file, Safetensors tensors) {
    this.file = file;
    this.tensors = tensors;
  }

  /// How far values lie from the truth. NaN and infinity carry through to both differences.
  ///
  /// @param difference L2 norm of the difference, estimated within 8 % where the truth is a summary
  /// @param reference L2 norm of the truth
  /// @param maxAbs largest difference, among the samples where the truth is a summary
  public record Deviation(double difference, double reference, double maxAbs) {
    /// Difference over reference.
    ///
    /// @return the relative L2 error; 0 for two zeros
    public double relativeL2() {
      return difference == 0 ? 0 : difference / reference;
    }
  }

  /// Opens the truth of a bundle.
  ///
  /// @param folder the bundle, as [CaseFolder#prepare] makes it
  /// @return its truth, to be closed
  /// @throws IOException if it cannot be read
  public static Truth open(Path folder) throws IOException {
    Path file = folder.resolve(CaseFolder.EXPECTED);
    return new Truth(file, Safetensors.open(file));
  }

  /// All keys, those of summaries with their suffixes.
  ///
  /// @return the names of the file's tensors, sorted
  public NavigableSet<String> names() {
    return tensors.names();
  }

  /// Whether anything is known under a key.
  ///
  /// @param key family and name, such as `grad.model.norm.weight`
  /// @return whether there are values or a summary
  public boolean contains(String key) {
    return tensors.contains(key) || tensors.contains(key + ".sketch");
  }

  /// The values under a key that is kept in full.
  ///
  /// @param key family and name
  /// @return the values
  /// @throws WeightsException if there are none in full
  public Tensor full(String key) {
    return tensors.tensor(key);
  }

  /// Holds a tensor against the truth.
  ///
  /// @param key family and name, such as `grad.model.norm.weight`
  /// @param tensor what came out
  /// @return how far it is off
  /// @throws WeightsException if nothing is known under the key, or values of another count
  public Deviation deviation(String key, Tensor tensor) {
    return deviation(key, tensor.size(), tensor::getDouble);
  }

  /// Holds values against the truth.
  ///
  /// @param key family and name
  /// @param size number of values
  /// @param values value by flat position, called from several threads
  /// @return how far they are off
  /// @throws WeightsException if nothing is known under the key, or values of another count
  public Deviation deviation(String key, long size, LongToDoubleFunction values) {
    return tensors.contains(key) ? ofAll(key, size, values) : ofSummary(key, size, values);
  }

  private Deviation ofAll(String key, long size, LongToDoubleFunction values) {
    Tensor truth = tensors.tensor(key);
    if (truth.size() != size) {
      throw WeightsException.ofTensor(
          file, key, "have the " + size + " values of the result", truth.size() + " values");
    }
    double difference = 0;
    double reference = 0;
    double maxAbs = 0;
    for (long i = 0; i < size; i++) {
      double expected = truth.getDouble(i);
      double gap = values.applyAsDouble(i) - expected;
      difference += gap * gap;
      reference += expected * expected;
      maxAbs = Math.max(maxAbs, Math.abs(gap));
    }
    return new Deviation(Math.sqrt(difference), Math.sqrt(reference), maxAbs);
  }

  private Deviation ofSummary(String key, long size, LongToDoubleFunction values) {
    double[] expected = tensors.tensor(key + ".sketch").toDoubles();
    double[] found = Summary.sketch(key, size, values, expected.length);
    double difference = 0;
    for (int bucket = 0; bucket < expected.length; bucket++) {
      double gap = found[bucket] - expected[bucket];
      difference += gap * gap;
    }
    double[] samples = tensors.tensor(key + ".sample").toDoubles();
    long[] positions = Summary.positions(key, size, samples.length);
    double maxAbs = 0;
    for (int j = 0; j < samples.length; j++) {
      double gap = values.applyAsDouble(positions[j]) - samples[j];
      maxAbs = Math.max(maxAbs, Math.abs(gap));
    }
    double reference = tensors.tensor(key + ".norm").getDouble(0);
    return new Deviation(Math.sqrt(difference), reference, maxAbs);
  }

  /// Closes the file.
  @Override
  public void close() {
    tensors.close();
  }
}
