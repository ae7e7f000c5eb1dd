package io.griffinfly.suites.run;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskSpaceTest {
  @TempDir private Path folder;

  @Test
  void whatFitsIsWrittenAndWhatDoesNotIsRefused() {
    DiskSpace.require(folder, 1);
    SuiteException refused =
        assertThrows(SuiteException.class, () -> DiskSpace.require(folder, Long.MAX_VALUE));
    assertEquals(ExitCode.INTERNAL, refused.exitCode());
    assertTrue(
        String.valueOf(refused.getMessage())
            .matches("cannot write .* free, \\d+ MB needed; .*--out"),
        refused.getMessage());
  }

  /// A folder of which the system cannot say how much room it has.
  @Test
  void whereTheRoomCannotBeToldWritingGoesOn() {
    Path unknown = folder.resolve("missing");
    assertDoesNotThrow(() -> DiskSpace.require(unknown, Long.MAX_VALUE));
  }
}
