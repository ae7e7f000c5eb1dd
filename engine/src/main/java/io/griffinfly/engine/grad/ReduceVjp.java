package io.griffinfly.engine.grad;

import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarFn;
import java.util.List;
import org.jspecify.annotations.Nullable;

final class ReduceVjp {
  private ReduceVjp() {}

  static List<@Nullable Node> of(Pullback p, Reduce op) {
    return switch (op) {
      case Reduce.Fold(ReduceFn fn, List<Integer> axes, _) ->
          switch (fn) {
            case SUM -> p.gradients(() -> p.g().broadcast(kept(p, p.upstream(), axes), p.shape(0)));
            case MAX -> p.gradients(() -> max(p, axes));
          };
      case Reduce.ArgMax _ -> p.none();
    };
  }

  /// A value of the result's shape with the folded axes in place, of extent 1.
  private static Node kept(Pullback p, Node x, List<Integer> axes) {
    int[] dims = p.shape(0).dims();
    axes.forEach(axis -> dims[axis] = 1);
    return p.g().reshape(x, dims);
  }

  /// Elements that equal the largest share its gradient equally, as in PyTorch's `amax`.
  private static Node max(Pullback p, List<Integer> axes) {
    GraphBuilder g = p.g();
    Node x = p.input(0);
    Node isLargest = g.map(ScalarFn.EQUAL, x, kept(p, p.node(), axes));
    int[] folded = axes.stream().mapToInt(Integer::intValue).toArray();
    Node count = g.sum(g.cast(isLargest, x.dtype()), true, folded);
    return p.where(isLargest, g.div(kept(p, p.upstream(), axes), count));
  }
}
