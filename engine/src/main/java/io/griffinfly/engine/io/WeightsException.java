package io.griffinfly.engine.io;

import java.nio.file.Path;

/// A weight file that is not what its format, or the one who reads it, demands. The message is one
/// line: the file, the tensor where one is concerned, what was expected and what was found.
public final class WeightsException extends RuntimeException {
  private static final int LONGEST_QUOTE = 120;

  private WeightsException(String message) {
    super(message);
  }

  /// A defect of a whole file.
  ///
  /// @param file the file
  /// @param expected what should be there
  /// @param found what is there
  /// @return the exception
  public static WeightsException ofFile(Path file, String expected, String found) {
    return new WeightsException(file + ": expected " + expected + ", found " + found);
  }

  /// A defect of one tensor.
  ///
  /// @param file the file
  /// @param tensor the tensor's name, which is quoted
  /// @param expected what should be there
  /// @param found what is there
  /// @return the exception
  public static WeightsException ofTensor(Path file, String tensor, String expected, String found) {
    return ofFile(file, "tensor " + quote(tensor) + " to " + expected, found);
  }

  /// Makes foreign text fit for a message: control characters are escaped and the tail of a long
  /// text is dropped, so that a hostile file cannot forge lines of a log.
  ///
  /// @param text any text
  /// @return the text in double quotes
  public static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.codePoints()
        .limit(LONGEST_QUOTE)
        .forEach(c -> {
          if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
            out.append("\\u").append(Integer.toHexString(0x10000 | c).substring(1));
          } else {
            out.appendCodePoint(c);
          }
        });
    boolean cut = text.codePointCount(0, text.length()) > LONGEST_QUOTE;
    return out.append(cut ? "…\"" : "\"").toString();
  }
}
