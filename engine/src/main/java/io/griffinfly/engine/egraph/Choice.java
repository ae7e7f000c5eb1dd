package io.griffinfly.engine.egraph;

/// A class and the node that is to stand for it.
///
/// @param id an id in the class
/// @param node a node of the class, or of one that the same rule unites with it
public record Choice(int id, int node) {}
