package io.griffinfly.engine.jvm;

/// The rows of a matrix cut into strips, the high ones first; the last strip may be padded.
///
/// @param rows rows of the matrix
/// @param highRows rows of a high strip
/// @param lowRows rows of a low strip
/// @param highCount how many high strips
/// @param lowCount how many low strips
record Strips(int rows, int highRows, int lowRows, int highCount, int lowCount) {
  /// The cut that pads the fewest rows, and of those the one with the fewest low strips.
  static Strips of(int rows, int highRows, int lowRows) {
    Strips best = new Strips(rows, highRows, lowRows, Math.ceilDiv(rows, highRows), 0);
    int mostLow = Math.min(highRows, Math.ceilDiv(rows, lowRows));
    for (int low = 1; low <= mostLow; low++) {
      int high = Math.ceilDiv(Math.max(0, rows - low * lowRows), highRows);
      Strips cut = new Strips(rows, highRows, lowRows, high, low);
      if (cut.paddedRows() < best.paddedRows()) {
        best = cut;
      }
    }
    return best;
  }

  int count() {
    return highCount + lowCount;
  }

  int paddedRows() {
    return highCount * highRows + lowCount * lowRows;
  }

  /// First row of a strip; of strip [#count()] the number of padded rows.
  int start(int strip) {
    return strip <= highCount
        ? strip * highRows
        : highCount * highRows + (strip - highCount) * lowRows;
  }

  /// Rows of a strip, padding included.
  int height(int strip) {
    return strip < highCount ? highRows : lowRows;
  }

  /// Rows of a strip that exist.
  int validRows(int strip) {
    return Math.min(height(strip), rows - start(strip));
  }
}
