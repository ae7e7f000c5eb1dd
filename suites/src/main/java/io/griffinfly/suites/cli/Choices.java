package io.griffinfly.suites.cli;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Names that users type.
final class Choices {
  private Choices() {}

  /// Finds what is meant: the name itself, or the only one that begins so. Case does not matter.
  ///
  /// @param kind what is named, for the message
  /// @param asked what was typed
  /// @param known all names
  /// @return the names that are meant, in the order typed, each once
  static List<String> resolve(String kind, List<String> asked, List<String> known) {
    Set<String> found = new LinkedHashSet<>();
    for (String each : asked) {
      found.add(resolve(kind, each.strip(), known));
    }
    return List.copyOf(found);
  }

  private static String resolve(String kind, String asked, List<String> known) {
    String wanted = asked.toLowerCase(Locale.ROOT);
    for (String name : known) {
      if (name.toLowerCase(Locale.ROOT).equals(wanted)) {
        return name;
      }
    }
    List<String> matches =
        wanted.isEmpty()
            ? List.of()
            : known.stream()
                .filter(name -> name.toLowerCase(Locale.ROOT).startsWith(wanted))
                .toList();
    if (matches.size() == 1) {
      return matches.getFirst();
    }
    throw new SuiteException(
        ExitCode.USAGE,
        matches.isEmpty()
            ? "unknown " + kind + " '" + asked + "'; there is " + String.join(", ", known)
            : kind + " '" + asked + "' could be " + String.join(" or ", matches));
  }
}
