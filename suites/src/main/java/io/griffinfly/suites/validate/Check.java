package io.griffinfly.suites.validate;

import org.jspecify.annotations.Nullable;

/// One thing that was held against the truth.
///
/// @param name what: `forward/out/logits`, `gradients/grad/model.norm.weight`
/// @param family outputs, gradients, updates or form
/// @param status how it ended
/// @param relL2 relative L2 error; null where it could not be measured
/// @param maxAbs largest difference seen; null likewise
/// @param nonFinite NaN and infinite values
/// @param limit greatest error that passes; null likewise
/// @param anchor the error of an accepted implementation; null if unknown
/// @param mutantMin the least error of a known wrong one; null if unknown
/// @param message what is wrong; null if nothing is
public record Check(
    String name,
    Family family,
    Status status,
    @Nullable Double relL2,
    @Nullable Double maxAbs,
    long nonFinite,
    @Nullable Double limit,
    @Nullable Double anchor,
    @Nullable Double mutantMin,
    @Nullable String message) {
  /// What kind of thing.
  public enum Family {
    /// Values of the model.
    OUTPUTS,
    /// Derivatives by the parameters.
    GRADIENTS,
    /// Changes of the parameters by training steps.
    UPDATES,
    /// Names, shapes, types, nonce.
    FORM
  }

  /// How a check ended.
  public enum Status {
    /// Within its limit.
    PASS,
    /// Beyond it, or not even of the right form.
    WRONG,
    /// Accepted and wrong implementations lie too close to tell.
    UNVERIFIABLE
  }

  /// A failure of form.
  ///
  /// @param name what
  /// @param message what is wrong with it
  /// @return the check
  static Check malformed(String name, String message) {
    return wrong(name, Family.FORM, message);
  }

  /// A failure that has no error to report.
  ///
  /// @param name what
  /// @param family what sort of value it is
  /// @param message what is wrong with it
  /// @return the check
  static Check wrong(String name, Family family, String message) {
    return new Check(name, family, Status.WRONG, null, null, 0, null, null, null, message);
  }

  /// The line for a user.
  ///
  /// @return name and what is wrong
  public String describe() {
    if (message != null) {
      return name + ": " + message;
    }
    return name + ": relative L2 error " + Figures.exact(relL2) + ", limit " + Figures.exact(limit);
  }
}
