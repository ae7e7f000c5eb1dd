package io.griffinfly.suites.report;

import io.griffinfly.suites.stats.Interval;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Spelling of numbers for people: three significant digits or so, always with a point.
final class Quantity {
  private Quantity() {}

  /// A number.
  static String number(double value) {
    double magnitude = Math.abs(value);
    if (magnitude != 0 && magnitude < 0.001) {
      return String.format(Locale.ROOT, "%.1e", value);
    }
    int decimals = magnitude < 1 ? 3 : magnitude < 10 ? 2 : magnitude < 100 ? 1 : 0;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /// A value in the unit of its column; memory changes to GB where that is shorter.
  static String of(double value, String unit) {
    if (unit.equals("MB")) {
      return value >= 1000
          ? String.format(Locale.ROOT, "%.2f GB", value / 1000)
          : String.format(Locale.ROOT, "%.0f MB", value);
    }
    return number(value);
  }

  /// The ends of an interval. A range is not an interval of confidence and looks different.
  static String of(Interval interval) {
    return switch (interval.method()) {
      case ORDER_STAT -> "[" + number(interval.low()) + ", " + number(interval.high()) + "]";
      case RANGE -> number(interval.low()) + " - " + number(interval.high());
    };
  }

  /// An error, two digits.
  static String error(@Nullable Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.1e", value);
  }

  /// A ratio, such as `1.36x`.
  static String ratio(double value) {
    return String.format(Locale.ROOT, "%.2fx", value);
  }
}
