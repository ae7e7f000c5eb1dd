package io.griffinfly.suites.cases;

import io.griffinfly.engine.io.FileDigest;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;

/// SHA-256 digests, in hexadecimal.
public final class Digests {
  private Digests() {}

  /// The digest of text.
  ///
  /// @param text hashed as UTF-8
  /// @return 64 digits
  public static String of(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(FileDigest.sha256().digest(bytes));
  }

  /// Reads a list of digests: lines of a digest, two spaces, a file name.
  ///
  /// @param file such as `SHA256SUMS`
  /// @return digest by file name
  public static SortedMap<String, String> read(Path file) {
    SortedMap<String, String> digests = new TreeMap<>();
    try {
      for (String line : Files.readAllLines(file)) {
        if (!line.matches("[0-9a-f]{64} [ *]\\S.*")) {
          throw new SuiteException(
              ExitCode.BUNDLE, file + ": not a line of SHA256SUMS: " + line.strip());
        }
        digests.put(line.substring(66), line.substring(0, 64));
      }
      return digests;
    } catch (NoSuchFileException e) {
      throw new SuiteException(ExitCode.BUNDLE, file + " is missing: not a case bundle", e);
    } catch (IOException e) {
      throw new SuiteException(ExitCode.BUNDLE, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
