package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.kernel.KernelSpec;
import java.util.List;

/// Turns specs into kernels bound to memory.
///
/// Every spec has a scalar kernel for all element types and layouts, and faster ones for what
/// models use: single precision with a contiguous axis.
final class KernelFactory {
  private KernelFactory() {}

  /// Binds a spec to its operands. Generates code where there is none yet for such a spec, and
  /// allocates whatever the kernel's tasks share; running it allocates nothing.
  ///
  /// @param spec what to compute
  /// @param operands what it reads, as the spec lists them
  /// @param results what it writes, likewise; may lie over operands as [KernelSpec] says
  /// @return the kernel, to be used while the operands' memory is alive
  public static Kernel bind(KernelSpec spec, List<Operand> operands, List<Operand> results) {
    List<View> from = operands.stream().map(View::of).toList();
    List<View> to = results.stream().map(View::of).toList();
    return switch (spec) {
      case KernelSpec.Pointwise pointwise ->
          PointwiseKernel.of(pointwise.domain(), pointwise.expressions(), from, to);
      case KernelSpec.Fold fold ->
          FoldKernel.of(
              fold.fn(), fold.prologue(), fold.domain(), fold.axes(), from, to.getFirst());
      case KernelSpec.Contract contract -> ScalarContract.of(contract, from, to.getFirst());
      case KernelSpec.Joined _ ->
          throw new IllegalArgumentException("no schedule of the jvm device takes " + spec);
      case KernelSpec.Direct direct -> direct(direct, from, to);
    };
  }

  private static Kernel direct(KernelSpec.Direct spec, List<View> from, List<View> to) {
    return switch (spec.op()) {
      case Norm norm -> NormKernel.of(norm, from, to);
      case Attention attention -> AttentionKernels.of(attention, from, to);
      case Loss loss -> CrossEntropyKernel.of(loss, from, to);
      case Gather.Take(int axis) ->
          new TakeKernel(new IndexedRows(from.get(1), from.get(0), to.getFirst(), axis));
      case Gather.ScatterAdd(int axis, _) ->
          new ScatterAddKernel(new IndexedRows(from.get(0), to.getFirst(), from.get(1), axis));
      case Reduce.ArgMax(int axis, _) -> ArgMaxKernel.of(axis, from.getFirst(), to.getFirst());
      case Leaf _, Elementwise _, Reduce.Fold _, Contract _, Move _ ->
          throw new IllegalArgumentException(
              spec.op() + " has a kernel spec of its own and is never direct");
    };
  }
}
