package io.griffinfly.engine.egraph;

/// A rule about one place in a term.
///
/// @param <H> operator records
/// @param <D> what the analysis knows about a class
/// @param name what reports, explanations and errors call the rule
/// @param exactness how far the two sides agree
/// @param pattern the left side
/// @param guard a further condition
/// @param applier the right side
public record Rewrite<H, D>(
    String name, Exactness exactness, Pattern pattern, Guard<H, D> guard, Applier<H, D> applier)
    implements Rule<H, D> {
  /// A rule without a guard.
  ///
  /// @param name what reports, explanations and errors call the rule
  /// @param exactness how far the two sides agree
  /// @param pattern the left side
  /// @param applier the right side
  public Rewrite(String name, Exactness exactness, Pattern pattern, Applier<H, D> applier) {
    this(name, exactness, pattern, _ -> true, applier);
  }
}
