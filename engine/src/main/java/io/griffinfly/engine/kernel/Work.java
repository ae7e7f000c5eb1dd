package io.griffinfly.engine.kernel;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.TensorType;
import java.util.List;

/// How much a kernel must do at least.
///
/// @param flops floating-point operations of products and folds; a multiply-add counts two, and
///   what an expression adds to them is not counted
/// @param bytes operands read once and results written once
public record Work(double flops, double bytes) {
  /// The work of a kernel.
  ///
  /// @param spec the kernel
  /// @return its work
  public static Work of(KernelSpec spec) {
    double bytes = bytes(spec.operands()) + bytes(spec.results());
    return switch (spec) {
      case KernelSpec.Pointwise pointwise ->
          new Work((double) pointwise.domain().size() * pointwise.expressions().size(), bytes);
      case KernelSpec.Fold fold -> new Work(fold.domain().size(), bytes);
      case KernelSpec.Contract contract ->
          new Work(2.0 * contract.k() * contract.results().getFirst().shape().size(), bytes);
      case KernelSpec.Joined joined -> new Work(of(joined.product()).flops, bytes);
      case KernelSpec.Direct direct -> direct(direct, bytes);
    };
  }

  private static Work direct(KernelSpec.Direct direct, double allBytes) {
    List<TensorType> operands = direct.operands();
    double size = direct.results().getFirst().shape().size();
    return switch (direct.op()) {
      case Gather.Take _ -> {
        // Only the rows asked for are read.
        double rows = direct.results().getFirst().bytes();
        yield new Work(0, 2 * rows + operands.get(1).bytes());
      }
      case Norm.RmsNorm _ -> new Work(4 * size, allBytes);
      case Norm.RmsNormGrad _ -> new Work(10 * size, allBytes);
      case Attention.Rotary _ -> new Work(3 * size, allBytes);
      case Attention.Attend(_, Attention.Mask mask) ->
          new Work(2 * scores(operands, mask), allBytes);
      case Attention.AttendGrad(_, Attention.Mask mask) ->
          new Work(5 * scores(operands, mask), allBytes);
      case Loss _ -> new Work(3.0 * operands.getFirst().shape().size(), allBytes);
      case Op _ -> new Work(size, allBytes);
    };
  }

  /// Operations of one product of queries and keys, of which a causal mask leaves half.
  private static double scores(List<TensorType> operands, Attention.Mask mask) {
    double all = 2.0 * operands.get(0).shape().size() * operands.get(1).shape().dim(2);
    return switch (mask) {
      case NONE -> all;
      case CAUSAL -> all / 2;
    };
  }

  private static double bytes(List<TensorType> types) {
    return types.stream().mapToDouble(TensorType::bytes).sum();
  }
}
