package io.griffinfly.suites.validate;

import io.griffinfly.suites.adapter.AdapterResult.MetricSamples;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Whether the samples of a metric can be what they claim to be.
///
/// @param bracket sum of the samples over the wall time from the first to readable outputs, less
///   one readback: an unsynchronised timer drains its queue after the samples (too small), a timer
///   that drops its worst samples leaves a gap (too small). One that counts twice exceeds the whole
///   wall time; the readback is not taken off there, because the one before may have taken longer
///   than the one within: new pages, a busy machine
/// @param poisoned whether the outputs were filled with NaN before the timed iterations
/// @param problem what makes the samples invalid; null if nothing does
public record Audit(double bracket, boolean poisoned, @Nullable String problem) {
  private static final double LEAST = 0.85;
  private static final double MOST = 1.02;

  /// Audits a metric.
  ///
  /// @param metric its name
  /// @param samples what the framework reported
  /// @param leastSamples how many were asked for
  /// @param wallNs how long its process lived
  /// @return the audit
  public static Audit of(String metric, MetricSamples samples, int leastSamples, long wallNs) {
    double sum = samples.samplesNs().stream().mapToDouble(Long::doubleValue).sum();
    double wall = Math.max(1.0, samples.bracketNs() - (double) samples.readbackNs());
    double bracket = sum / wall;
    double ofWhole = sum / Math.max(1.0, (double) samples.bracketNs());
    String problem = null;
    if (samples.innerBatch() < 1 || samples.samplesNs().stream().anyMatch(nanos -> nanos <= 0)) {
      problem = "samples that are not positive";
    } else if (samples.samplesNs().size() < leastSamples) {
      problem = samples.samplesNs().size() + " samples, asked for " + leastSamples;
    } else if (samples.bracketNs() > wallNs) {
      problem = "timed for longer than the process lived";
    } else if (bracket < LEAST || ofWhole > MOST) {
      problem =
          String.format(
              Locale.ROOT,
              "samples add up to %.2f of the wall time around them (%.2f to %.2f is plausible)",
              bracket < LEAST ? bracket : ofWhole,
              LEAST,
              MOST);
    }
    return new Audit(bracket, samples.poisoned(), problem == null ? null : metric + ": " + problem);
  }
}
