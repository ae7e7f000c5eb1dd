/// The `jvm` device: the CPU in pure Java on the Vector API.
///
/// **Memory.** Kernels read and write native memory by absolute address, a `long`, through one
/// constant segment, [Memory#ALL], that spans the whole address space:
/// `FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, address + offset, Memory.ORDER)`.
/// Addresses never leave this package: a kernel is bound to segments at its border, where
/// [Memory#address(java.lang.foreign.MemorySegment, long, long)] checks the extent once. Why not
/// the segments themselves: the JDK's access methods keep one type profile for all callers, so that
/// one heap or mapped segment anywhere in the process makes every kernel 8 to 40 times slower; a
/// constant has its type, base and bounds folded (docs/perf-history.md).
///
/// Hot loops are written so that C2 has neither a range check to place nor a loop to transform.
/// Addresses advance as `p = (p + step) & Memory.MASK` until `p != end` fails: the mask proves the
/// check away, and a loop of that form is neither split nor unrolled, so it is unrolled by hand
/// where that pays. C2 moves all loads of a block to its front, which spills accumulators (41
/// instead of 96 GFLOP/s): with 16 vector registers keep accumulators + loaded vectors + broadcasts
/// of one iteration at 16 or less, better two fewer. Vector API calls stand in the loop's own
/// method: helper methods around them stop being inlined after about 30 accesses, and then every
/// vector is boxed. Measured: docs/perf-history.md.
///
/// **Kernels.** A [Kernel] is an object bound to its shapes and addresses before a run; the
/// [WorkerPool] runs its tasks. Nothing is allocated in a step. A task computes the same bits
/// whichever thread runs it, and no sum depends on how the work was split.
///
/// **Warm-up.** Vector code runs some hundred times slower until C2 has compiled it, so hot loops
/// live in few, small methods that take their shapes as arguments and serve every shape; a class is
/// specialized only where folding a constant pays for a compilation of its own.
package io.griffinfly.engine.jvm;
