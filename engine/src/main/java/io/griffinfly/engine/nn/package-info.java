/// Layers, written in primitive operations alone: a layer is a method that adds nodes, and the
/// optimizer finds the composites in them. States are named as in PyTorch: a layer named `fc1` has
/// `fc1.weight` and `fc1.bias`.
package io.griffinfly.engine.nn;
