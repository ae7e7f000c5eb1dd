package io.griffinfly.engine.ir;

/// Reads one line of a graph's text from left to right; spaces between tokens do not matter.
final class TextScanner {
  private final String line;
  private int position;

  TextScanner(String line) {
    this.line = line;
  }

  private void skipSpaces() {
    while (position < line.length() && Character.isWhitespace(line.charAt(position))) {
      position++;
    }
  }

  /// Whether only spaces are left.
  boolean atEnd() {
    skipSpaces();
    return position == line.length();
  }

  /// Whether the next characters are these.
  boolean sees(String token) {
    skipSpaces();
    return line.startsWith(token, position);
  }

  /// Steps over a token if it is next.
  boolean take(String token) {
    boolean found = sees(token);
    if (found) {
      position += token.length();
    }
    return found;
  }

  /// Steps over a token that must be next.
  void expect(String token) {
    if (!take(token)) {
      throw unexpected("'" + token + "'");
    }
  }

  GraphException unexpected(String expected) {
    String rest = line.substring(position);
    String shown = rest.length() > 30 ? rest.substring(0, 30) + "..." : rest;
    return new GraphException(
        "expected " + expected + " at column " + (position + 1) + ", found '" + shown + "'");
  }

  /// A name of letters, digits and underscores.
  String word() {
    skipSpaces();
    int start = position;
    while (position < line.length() && Character.isJavaIdentifierPart(line.charAt(position))) {
      position++;
    }
    if (start == position) {
      throw unexpected("a name");
    }
    return line.substring(start, position);
  }

  private String numeral() {
    skipSpaces();
    int start = position;
    while (position < line.length()
        && (Character.isLetterOrDigit(line.charAt(position))
            || "+-.".indexOf(line.charAt(position)) >= 0)) {
      position++;
    }
    return line.substring(start, position);
  }

  long integer() {
    int start = position;
    String text = numeral();
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException _) {
      position = start;
      throw unexpected("an integer");
    }
  }

  int smallInteger() {
    int start = position;
    long value = integer();
    if (value != (int) value) {
      position = start;
      throw unexpected("an integer of 32 bits");
    }
    return (int) value;
  }

  double number() {
    int start = position;
    String text = numeral();
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException _) {
      position = start;
      throw unexpected("a number");
    }
  }

  /// Whether a number is next, in any spelling of [Double#toString].
  boolean seesNumber() {
    skipSpaces();
    return position < line.length()
        && (Character.isDigit(line.charAt(position))
            || line.charAt(position) == '-'
            || sees("NaN")
            || sees("Infinity"));
  }

  /// A text in quotes, as [#quote] writes it.
  String quoted() {
    expect("\"");
    StringBuilder text = new StringBuilder();
    while (position < line.length() && line.charAt(position) != '"') {
      char next = line.charAt(position++);
      text.append(next == '\\' ? escape() : next);
    }
    expect("\"");
    return text.toString();
  }

  private char escape() {
    if (position >= line.length()) {
      throw unexpected("the rest of an escape");
    }
    char kind = line.charAt(position++);
    if (kind != 'u') {
      return kind;
    }
    try {
      int end = Math.min(position + 4, line.length());
      char code = (char) Integer.parseInt(line.substring(position, end), 16);
      position = end;
      return code;
    } catch (NumberFormatException _) {
      throw unexpected("four hexadecimal digits");
    }
  }

  /// Puts a text in quotes so that it fits on a line: `\"`, `\\`, and `\\u` with four digits for
  /// control characters.
  static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char next = text.charAt(i);
      if (next == '"' || next == '\\') {
        out.append('\\').append(next);
      } else if (Character.isISOControl(next) || Character.isSurrogate(next) || next > 0x2000) {
        out.append("\\u").append(java.util.HexFormat.of().toHexDigits(next));
      } else {
        out.append(next);
      }
    }
    return out.append('"').toString();
  }
}
