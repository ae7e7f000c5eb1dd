package io.griffinfly.engine.ir;

/// One operation of the graph. Every attribute is a component of its record, so two operations are
/// equal exactly when they compute the same function; the optimizer relies on that.
///
/// The families are sealed: whoever handles operations switches over the families and hands each to
/// a class of its own, and a new operation breaks the build wherever it must be handled.
public sealed interface Op
    permits Leaf, Elementwise, Reduce, Contract, Move, Gather, Norm, Attention, Loss {}
