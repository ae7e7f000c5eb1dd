package io.griffinfly.engine.egraph;

/// The right side of a rule.
///
/// @param <H> operator records
/// @param <D> what the analysis knows about a class
@FunctionalInterface
public interface Applier<H, D> {
  /// Builds the right side.
  ///
  /// @param match where the left side matched
  /// @param edit adds nodes; also takes further equations and bundles
  /// @return an id of the class that equals the root of the match, or [EGraph#NONE] for none
  int apply(Match<H, D> match, Edit<H, D> edit);
}
