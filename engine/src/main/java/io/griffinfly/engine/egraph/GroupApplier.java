package io.griffinfly.engine.egraph;

import java.util.List;

/// The right side of a [GroupRewrite].
///
/// @param <H> operator records
/// @param <D> what the analysis knows about a class
@FunctionalInterface
public interface GroupApplier<H, D> {
  /// Builds the right side for one group. It gets the group again, whole, when it has grown.
  ///
  /// @param matches at least two, at nodes of different classes, ascending by root node
  /// @param edit takes nodes, equations and bundles
  void apply(List<Match<H, D>> matches, Edit<H, D> edit);
}
