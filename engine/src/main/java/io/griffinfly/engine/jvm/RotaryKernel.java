package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.Loops.arg;
import static io.griffinfly.engine.jvm.Loops.minus;
import static io.griffinfly.engine.jvm.Loops.plus;
import static io.griffinfly.engine.jvm.Loops.times;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import java.util.List;

/// Rotary embedding: two expressions of the two halves of the last axis, in single precision.
final class RotaryKernel {
  private RotaryKernel() {}

  static Kernel of(List<View> operands, View result, boolean inverse) {
    View a = half(operands.get(0), 0);
    View b = half(operands.get(0), 1);
    ScalarExpr cos = single(arg(2));
    ScalarExpr sin = single(arg(3));
    ScalarExpr bSine = times(single(arg(1)), sin);
    ScalarExpr aSine = times(single(arg(0)), sin);
    ScalarExpr aCosine = times(single(arg(0)), cos);
    ScalarExpr bCosine = times(single(arg(1)), cos);
    return PointwiseKernel.of(
        a.shape(),
        inverse
            ? List.of(plus(aCosine, bSine), minus(bCosine, aSine))
            : List.of(minus(aCosine, bSine), plus(bCosine, aSine)),
        List.of(a, b, operands.get(1), operands.get(2)),
        List.of(half(result, 0), half(result, 1)));
  }

  private static ScalarExpr single(ScalarExpr value) {
    return new ScalarExpr.Convert(DType.F32, value);
  }

  private static View half(View view, int which) {
    int width = view.dim(-1) / 2;
    return new View(
        view.type(),
        view.shape().with(-1, width),
        view.address() + (long) which * width * view.stride(-1),
        view.strides());
  }
}
