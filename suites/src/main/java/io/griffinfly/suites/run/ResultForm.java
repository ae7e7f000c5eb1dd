package io.griffinfly.suites.run;

import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.Mode;
import io.griffinfly.suites.adapter.ProgramSpec;
import org.jspecify.annotations.Nullable;

/// Whether a result answers its request.
final class ResultForm {
  private ResultForm() {}

  /// What is missing or contradicts.
  ///
  /// @return one line; null if nothing does
  @SuppressWarnings("ConstantValue") // A record read from JSON may lack what its type demands.
  static @Nullable String problem(AdapterResult result, AdapterRequest request) {
    if (result.protocol() != AdapterRequest.PROTOCOL) {
      return "result.json speaks protocol " + result.protocol();
    }
    if (!request.nonce().equals(result.nonce())) {
      return "result.json is not of this unit: nonce " + result.nonce();
    }
    if (result.framework() == null || result.device() == null) {
      return "result.json lacks framework or device";
    }
    if (!request.framework().equals(result.framework().name())) {
      return "result.json is of " + result.framework().name();
    }
    Integer threads = result.device().threads();
    if (threads != null && threads != request.threads()) {
      return "ran on " + threads + " threads instead of " + request.threads();
    }
    for (ProgramSpec spec : request.programs()) {
      if (result.programs() == null || !result.programs().containsKey(spec.name())) {
        return "result.json has no times of program " + spec.name();
      }
      if (request.mode() == Mode.BENCH
          && spec.metric() != null
          && (result.metrics() == null || !result.metrics().containsKey(spec.metric()))) {
        return "result.json has no samples of " + spec.metric();
      }
    }
    return null;
  }
}
