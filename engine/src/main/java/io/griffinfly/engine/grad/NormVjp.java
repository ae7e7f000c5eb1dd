package io.griffinfly.engine.grad;

import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import java.util.List;
import org.jspecify.annotations.Nullable;

final class NormVjp {
  private NormVjp() {}

  static List<@Nullable Node> of(Pullback p, Norm op) {
    return switch (op) {
      case Norm.RmsNorm(double epsilon) -> {
        Node both = p.g().add(new Norm.RmsNormGrad(epsilon), p.input(0), p.input(1), p.upstream());
        yield p.gradients(() -> p.g().project(both, 0), () -> p.g().project(both, 1));
      }
      case Norm.RmsNormGrad _ -> throw Vjp.secondDerivative(op);
    };
  }
}
