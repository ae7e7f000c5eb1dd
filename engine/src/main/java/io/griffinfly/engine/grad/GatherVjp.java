package io.griffinfly.engine.grad;

import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

final class GatherVjp {
  private GatherVjp() {}

  static List<@Nullable Node> of(Pullback p, Gather op) {
    return switch (op) {
      case Gather.Take(int axis) -> {
        var scatter = new Gather.ScatterAdd(axis, p.shape(0).dim(axis));
        yield p.gradients(() -> p.g().add(scatter, p.input(1), p.upstream()), () -> null);
      }
      case Gather.ScatterAdd(int axis, _) ->
          p.gradients(() -> null, () -> p.g().take(p.upstream(), p.input(0), axis));
    };
  }
}
