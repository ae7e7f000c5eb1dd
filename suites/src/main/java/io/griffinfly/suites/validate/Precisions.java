package io.griffinfly.suites.validate;

import java.util.List;

/// Precision classes: what a framework's error says of its arithmetic, whatever it declares.
public final class Precisions {
  /// All classes, by falling precision.
  public static final List<String> STRICTEST_FIRST = List.of("fp32", "tf32", "f16", "bf16");

  private Precisions() {}
}
