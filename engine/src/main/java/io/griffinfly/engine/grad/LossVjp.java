package io.griffinfly.engine.grad;

import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarFn;
import java.util.List;
import org.jspecify.annotations.Nullable;

final class LossVjp {
  private LossVjp() {}

  static List<@Nullable Node> of(Pullback p, Loss op) {
    return switch (op) {
      case Loss.CrossEntropy(long ignoreIndex) ->
          p.gradients(() -> logits(p, ignoreIndex), () -> null);
      case Loss.CrossEntropyGrad _ -> throw Vjp.secondDerivative(op);
    };
  }

  private static @Nullable Node logits(Pullback p, long ignoreIndex) {
    GraphBuilder g = p.g();
    Node mean = p.upstreams().get(0);
    Node denominators = p.upstreams().get(1);
    Node logDenominators = g.project(p.node(), 1);
    Node ofMean =
        mean == null
            ? null
            : g.add(
                new Loss.CrossEntropyGrad(ignoreIndex),
                p.input(0),
                p.input(1),
                logDenominators,
                mean);
    if (denominators == null) {
      return ofMean;
    }
    // The slope of log Σ e^x is the softmax.
    Node softmax = g.map(ScalarFn.EXP, g.sub(p.input(0), perPosition(g, logDenominators)));
    Node ofDenominators = g.mul(softmax, perPosition(g, denominators));
    return ofMean == null ? ofDenominators : g.add(ofMean, ofDenominators);
  }

  private static Node perPosition(GraphBuilder g, Node x) {
    int[] dims = java.util.Arrays.copyOf(x.shape().dims(), x.shape().rank() + 1);
    dims[dims.length - 1] = 1;
    return g.reshape(x, dims);
  }
}
