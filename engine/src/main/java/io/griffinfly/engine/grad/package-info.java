/// Reverse-mode differentiation of graphs into graphs.
///
/// [Backprop][io.griffinfly.engine.grad.Backprop] walks from the loss to what it depends on. Every
/// family of operations has one class with its vector-Jacobian products: each takes the gradient of
/// an operation's result as an argument and returns one gradient for each operand, so none can
/// forget the chain rule. What comes out are ordinary nodes, which the optimizer sees together with
/// the forward part.
package io.griffinfly.engine.grad;
