package io.griffinfly.suites.report;

import java.util.ArrayList;
import java.util.List;

/// A table as text: the first columns to the left, the others to the right, cells of several lines.
///
/// @param headings of the columns
/// @param rows cells, as many in each as there are headings
/// @param textColumns how many columns stand to the left
record Grid(List<String> headings, List<List<Cell>> rows, int textColumns) {
  private static final String GAP = "  ";

  /// A table of numbers behind a name.
  Grid(List<String> headings, List<List<Cell>> rows) {
    this(headings, rows, 1);
  }

  /// Lays it out.
  String render(Painter painter) {
    int[] widths = new int[headings.size()];
    for (int column = 0; column < widths.length; column++) {
      widths[column] = headings.get(column).length();
      for (List<Cell> row : rows) {
        for (String line : row.get(column).lines()) {
          widths[column] = Math.max(widths[column], line.length());
        }
      }
    }
    StringBuilder out = new StringBuilder();
    List<Cell> heads =
        headings.stream().map(head -> new Cell(List.of(head), Cell.Style.BEST)).toList();
    append(heads, widths, painter, out);
    int total = GAP.length() * (widths.length - 1);
    for (int width : widths) {
      total += width;
    }
    out.append(painter.faint("-".repeat(total))).append('\n');
    rows.forEach(row -> append(row, widths, painter, out));
    return out.toString();
  }

  private void append(List<Cell> row, int[] widths, Painter painter, StringBuilder out) {
    int height = row.stream().mapToInt(cell -> cell.lines().size()).max().orElse(0);
    for (int line = 0; line < height; line++) {
      List<String> parts = new ArrayList<>();
      for (int column = 0; column < widths.length; column++) {
        Cell cell = row.get(column);
        String text = line < cell.lines().size() ? cell.lines().get(line) : "";
        String padding = " ".repeat(widths[column] - text.length());
        // The first line carries the value; those under it explain it.
        String painted = line == 0 ? paint(cell, text, painter) : painter.faint(text);
        parts.add(column < textColumns ? painted + padding : padding + painted);
      }
      out.append(String.join(GAP, parts).stripTrailing()).append('\n');
    }
  }

  private static String paint(Cell cell, String text, Painter painter) {
    return switch (cell.style()) {
      case PLAIN -> text;
      case BEST -> painter.strong(text);
      case GOOD -> painter.good(text);
      case BAD -> painter.bad(text);
      case FAINT -> painter.faint(text);
    };
  }
}
