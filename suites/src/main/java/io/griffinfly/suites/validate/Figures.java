package io.griffinfly.suites.validate;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Spelling of errors.
public final class Figures {
  private Figures() {}

  /// Three significant digits, such as `2.41e-06`: enough to see by how much a limit is missed.
  ///
  /// @param value an error; null if there is none
  /// @return the text; a dash for none
  public static String exact(@Nullable Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.2e", value);
  }

  /// Two significant digits, such as `2.4e-06`.
  ///
  /// @param value an error; null if there is none
  /// @return the text; a dash for none
  public static String error(@Nullable Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.1e", value);
  }
}
