package io.griffinfly.suites.report;

import java.util.List;

/// One cell of a table.
///
/// @param lines its text
/// @param style how it looks
record Cell(List<String> lines, Style style) {
  /// How a text looks.
  enum Style {
    /// As it is.
    PLAIN,
    /// The best of its column, or as good.
    BEST,
    /// Right.
    GOOD,
    /// Wrong.
    BAD,
    /// Of less weight.
    FAINT
  }

  /// Copies the list.
  Cell {
    lines = List.copyOf(lines);
  }

  /// A cell of one line.
  static Cell of(String text) {
    return new Cell(List.of(text), Style.PLAIN);
  }

  /// A cell without anything to show.
  static Cell none() {
    return new Cell(List.of("-"), Style.FAINT);
  }
}
