/// What a kernel computes, and how its operands may lie in memory.
///
/// A [KernelSpec][io.griffinfly.engine.kernel.KernelSpec] names the work of one kernel on logical
/// tensors: a small sealed family, each with scalar expressions fused into it. It says nothing of
/// how the work is done. A [Layout][io.griffinfly.engine.kernel.Layout] says where the elements of
/// one operand are. Devices turn a spec and the layouts of its operands into code.
package io.griffinfly.engine.kernel;
