package io.griffinfly.engine.egraph;

/// One link in the proof that two terms are equal.
///
/// @param rule the rule that equated them, or `congruence` when equal children did
/// @param left one node
/// @param right the node it was found equal to
public record Step(String rule, int left, int right) {}
