package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import java.util.List;
import java.util.stream.Stream;

/// Chooses the code of an attention: vectors for single precision in contiguous rows, else its
/// scalar twin.
final class AttentionKernels {
  /// Up to so many queries go one by one, [AttendRows]: a panel costs as much for one query as for
  /// all its lanes.
  private static final int FEW = 4;

  /// Positions below it are exact as floats.
  private static final int EXACT = 1 << 24;

  private AttentionKernels() {}

  static Kernel of(Attention attention, List<View> operands, List<View> results) {
    return switch (attention) {
      case Attention.Attend(double scale, Attention.Mask mask) when fits(operands, results) -> {
        AttentionHeads heads = AttentionHeads.of(operands, scale, mask);
        yield heads.queries() <= FEW
            ? new AttendRows(heads, results.get(0), results.get(1))
            : new AttendKernel(heads, results.get(0), results.get(1));
      }
      case Attention.AttendGrad(double scale, Attention.Mask mask) when fits(operands, results) ->
          AttendGradKernel.of(AttentionHeads.of(operands, scale, mask), operands, results);
      case Attention.Rotary _, Attention.Attend _, Attention.AttendGrad _ ->
          ScalarAttention.of(attention, operands, results);
    };
  }

  /// The log-denominators, of rank 3, are read one by one and may lie as they like.
  private static boolean fits(List<View> operands, List<View> results) {
    return Stream.concat(operands.stream(), results.stream())
            .allMatch(view ->
                view.shape().size() > 0
                    && view.type() == DType.F32
                    && (view.shape().rank() == 3 || Loops.hasRows(view)))
        && operands.get(0).dim(2) < EXACT
        && operands.get(1).dim(2) < EXACT;
  }
}
