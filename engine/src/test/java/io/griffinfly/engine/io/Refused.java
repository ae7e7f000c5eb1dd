package io.griffinfly.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/// Checks that weights are refused in one line.
public final class Refused {
  private Refused() {}

  /// Runs what must fail.
  ///
  /// @param expected a part of the message
  /// @param executable what must fail with a [WeightsException]
  /// @return the message
  public static String with(String expected, Executable executable) {
    String message = String.valueOf(assertThrows(WeightsException.class, executable).getMessage());
    assertTrue(message.contains(expected), message);
    assertEquals(1, message.lines().count(), message);
    return message;
  }
}
