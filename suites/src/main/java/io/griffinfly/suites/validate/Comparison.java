package io.griffinfly.suites.validate;

import io.griffinfly.models.truth.Truth;
import java.util.function.LongToDoubleFunction;

/// Values to be held against the truth.
///
/// @param name what they are called in the unit's outputs
/// @param key what the truth calls them
/// @param family what they are
/// @param size how many
/// @param values one by flat position
record Comparison(
    String name, String key, Check.Family family, long size, LongToDoubleFunction values) {
  /// Measures their error.
  Measured measure(Truth truth) {
    long nonFinite = 0;
    for (long i = 0; i < size; i++) {
      if (!Double.isFinite(values.applyAsDouble(i))) {
        nonFinite++;
      }
    }
    return new Measured(name, key, family, truth.deviation(key, size, values), nonFinite);
  }
}
