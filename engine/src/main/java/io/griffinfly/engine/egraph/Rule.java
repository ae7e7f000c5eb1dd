package io.griffinfly.engine.egraph;

/// An equation of the client's algebra, directed: whenever the left side is found, the right side
/// is added and the two are made equal. Nothing is ever removed.
///
/// @param <H> operator records
/// @param <D> what the analysis knows about a class
public sealed interface Rule<H, D> permits Rewrite, GroupRewrite {
  /// What reports, explanations and errors call the rule.
  ///
  /// @return the name
  String name();

  /// How far the two sides agree.
  ///
  /// @return the class of the rule
  Exactness exactness();

  /// The left side.
  ///
  /// @return the pattern
  Pattern pattern();

  /// The condition on each match.
  ///
  /// @return the guard
  Guard<H, D> guard();
}
