package io.griffinfly.engine.grad;

import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

final class MoveVjp {
  private MoveVjp() {}

  static List<@Nullable Node> of(Pullback p, Move op) {
    return switch (op) {
      case Move.Reshape _ -> p.gradients(() -> p.g().reshape(p.upstream(), p.shape(0).dims()));
      case Move.Transpose(List<Integer> permutation) ->
          p.gradients(() -> p.g().transpose(p.upstream(), inverse(permutation)));
      case Move.Broadcast _ -> p.gradients(() -> p.sumTo(p.upstream(), p.shape(0)));
      case Move.Slice(int axis, int start, int size) -> {
        int after = p.shape(0).dim(axis) - start - size;
        yield p.gradients(() -> p.g().add(new Move.Pad(axis, start, after), p.upstream()));
      }
      case Move.Pad(int axis, int before, _) ->
          p.gradients(() -> p.g().slice(p.upstream(), axis, before, p.shape(0).dim(axis)));
      case Move.Concat(int axis) -> {
        List<@Nullable Node> parts = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < p.wanted().size(); i++) {
          int size = p.shape(i).dim(axis);
          parts.add(p.wanted().get(i) ? p.g().slice(p.upstream(), axis, start, size) : null);
          start += size;
        }
        yield parts;
      }
      case Move.Project _ -> throw new IllegalArgumentException("the sweep routes projections");
    };
  }

  private static int[] inverse(List<Integer> permutation) {
    int[] inverse = new int[permutation.size()];
    for (int axis = 0; axis < inverse.length; axis++) {
      inverse[permutation.get(axis)] = axis;
    }
    return inverse;
  }
}
