/// The graph: logical types, operations, nodes, shape rules, the verifier and the text form.
///
/// This is the lowest layer. It knows shapes and element types and nothing of layouts, devices or
/// kernels: two values of one [TensorType][io.griffinfly.engine.ir.TensorType] are interchangeable
/// here however they lie in memory. An operation is a record whose attributes are its identity.
package io.griffinfly.engine.ir;
