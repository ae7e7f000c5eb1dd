package io.griffinfly.engine.ir;

/// An effect: when the step ends, the state takes the value.
///
/// @param state a node whose operation is a [Leaf.State]
/// @param value its new value, of the same type
public record Assign(Node state, Node value) {}
