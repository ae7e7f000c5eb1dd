package io.griffinfly.engine.egraph;

/// A condition on a match beyond its shape. Reads only what the match binds: a guard that looks
/// further up or down is not asked again when something changes there.
///
/// @param <H> operator records
/// @param <D> what the analysis knows about a class
@FunctionalInterface
public interface Guard<H, D> {
  /// Whether the rule applies.
  ///
  /// @param match the match
  /// @return true to apply it
  boolean accepts(Match<H, D> match);
}
