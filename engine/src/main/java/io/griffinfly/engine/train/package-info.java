/// Training: optimizers that write their update into the graph.
///
/// An update is ordinary nodes and assignments, so it is optimized, planned, fused and timed like
/// everything else. What an optimizer keeps between steps, the learning rate included, is states of
/// the graph, so a schedule changes a number and nothing is compiled again.
package io.griffinfly.engine.train;
