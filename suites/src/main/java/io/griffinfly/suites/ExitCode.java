package io.griffinfly.suites;

import java.util.Collection;
import java.util.List;

/// What a command ends with. The numbers are public: scripts depend on them.
public enum ExitCode {
  /// All that was asked for is done and right.
  OK(0),
  /// A fault of ours, or results that cannot be written.
  INTERNAL(1),
  /// A wrong flag, or an unknown model, device or framework.
  USAGE(2),
  /// A framework failed, timed out, or is not ready although it was asked for by name.
  FRAMEWORK(3),
  /// Some framework's values are wrong.
  WRONG(4),
  /// The machine lacks what is needed and cannot be given it: a JDK, or packages without root.
  UNFIT(6),
  /// Nothing was there to run.
  NOTHING_RAN(8),
  /// A bundle or weights are missing, malformed, or not what their digest says.
  BUNDLE(9),
  /// Interrupted; `--resume` goes on.
  INTERRUPTED(130);

  /// From the one that hides all others to the mildest.
  private static final List<ExitCode> BY_SEVERITY =
      List.of(INTERRUPTED, INTERNAL, BUNDLE, WRONG, UNFIT, FRAMEWORK, NOTHING_RAN, USAGE, OK);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  /// The process exit status.
  ///
  /// @return the number
  public int number() {
    return number;
  }

  /// The one that a run with several outcomes ends with.
  ///
  /// @param outcomes what happened
  /// @return the most severe of them; [#OK] if there are none
  public static ExitCode worst(Collection<ExitCode> outcomes) {
    return BY_SEVERITY.stream().filter(outcomes::contains).findFirst().orElse(OK);
  }
}
