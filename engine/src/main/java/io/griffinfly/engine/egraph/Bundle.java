package io.griffinfly.engine.egraph;

import java.util.List;

/// Choices that pay only together, such as the three projections of one merged matrix product: the
/// extractor tries to switch all of them at once.
///
/// @param rule the rule that made the nodes
/// @param choices what to switch
public record Bundle(String rule, List<Choice> choices) {
  /// Copies the list.
  public Bundle {
    choices = List.copyOf(choices);
  }
}
