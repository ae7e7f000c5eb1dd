package io.griffinfly.engine.opt;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.egraph.CostModel;
import io.griffinfly.engine.egraph.EGraph;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ir.ValueType;

/// Modelled microseconds of a value: a launch, plus whichever takes longer of its arithmetic and
/// its memory traffic (the roofline of Williams, Waterman and Patterson 2009). Constants, states
/// and views cost nothing. Elementwise operations cost a fraction of a launch because the plan
/// later joins chains of them.
///
/// @param launchMicros what starting a kernel takes
/// @param flopsPerMicro arithmetic rate of dense products
/// @param bytesPerMicro memory traffic rate
public record RooflineCosts(double launchMicros, double flopsPerMicro, double bytesPerMicro)
    implements CostModel<Op, Fact> {
  /// A view costs something, so that of two equal graphs the one with fewer nodes wins.
  private static final double VIEW_MICROS = 0.001;

  /// What a fused elementwise operation costs of a launch.
  private static final double FUSED_SHARE = 0.25;

  /// The costs on a device.
  ///
  /// @param profile the device
  /// @return the model
  public static RooflineCosts of(DeviceProfile profile) {
    return new RooflineCosts(
        profile.launchMicros(), profile.flopsPerMicro(), profile.bytesPerMicro());
  }

  @Override
  public double cost(EGraph<Op, Fact> graph, int node) {
    Op op = graph.op(node);
    return switch (op) {
      case Leaf _ -> 0;
      case Move move -> move(move, graph, node);
      case Elementwise _ -> launchMicros * FUSED_SHARE + bytes(graph, node) / bytesPerMicro;
      case Contract _ -> contract(graph, node);
      case Reduce _, Norm _, Gather _, Loss _ -> launchMicros + bytes(graph, node) / bytesPerMicro;
      case Attention attention ->
          launchMicros
              + Math.max(attentionFlops(attention, graph, node) / flopsPerMicro, 0)
              + bytes(graph, node) / bytesPerMicro;
    };
  }

  private double move(Move move, EGraph<Op, Fact> graph, int node) {
    return switch (move) {
      case Move.Reshape _, Move.Transpose _, Move.Broadcast _, Move.Slice _, Move.Project _ ->
          VIEW_MICROS;
      case Move.Pad _ -> launchMicros + bytes(graph, node) / bytesPerMicro;
      case Move.Concat _ -> {
        boolean statesOnly = true;
        for (int kid : graph.kids(node)) {
          statesOnly &= graph.op(graph.lowest(kid)) instanceof Leaf.State;
        }
        // States can be placed side by side, and kernels can write into a part of a join.
        yield statesOnly ? VIEW_MICROS : launchMicros * FUSED_SHARE;
      }
    };
  }

  private double contract(EGraph<Op, Fact> graph, int node) {
    Contract contract = (Contract) graph.op(node);
    TensorType left = graph.data(graph.kid(node, 0)).type();
    double k = left.shape().dim(contract.transposeLeft() ? -2 : -1);
    double flops = 2 * k * graph.data(node).type().shape().size();
    return launchMicros + Math.max(flops / flopsPerMicro, bytes(graph, node) / bytesPerMicro);
  }

  private static double attentionFlops(Attention attention, EGraph<Op, Fact> graph, int node) {
    int products =
        switch (attention) {
          case Attention.Rotary _ -> 0;
          case Attention.Attend _ -> 2;
          case Attention.AttendGrad _ -> 5;
        };
    if (products == 0) {
      return 0;
    }
    TensorType query = graph.data(graph.kid(node, 0)).type();
    TensorType key = graph.data(graph.kid(node, 1)).type();
    return products * 2.0 * query.shape().size() * key.shape().dim(2);
  }

  private static double bytes(EGraph<Op, Fact> graph, int node) {
    double bytes = bytes(graph.data(node).valueType());
    for (int kid : java.util.Arrays.stream(graph.kids(node)).distinct().toArray()) {
      bytes += bytes(graph.data(kid).valueType());
    }
    return bytes;
  }

  private static double bytes(ValueType type) {
    return switch (type) {
      case TensorType tensor -> tensor.bytes();
      case ValueType.Tuple(var elements) -> elements.stream().mapToDouble(TensorType::bytes).sum();
    };
  }
}
