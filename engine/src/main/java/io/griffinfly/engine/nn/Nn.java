package io.griffinfly.engine.nn;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;

/// Layers that most models share.
public final class Nn {
  private Nn() {}

  /// A linear layer with bias: x·wᵀ + b.
  ///
  /// @param g the builder
  /// @param name names `name.weight [features, n]` and `name.bias [features]`, both uniform within
  ///   ±1/√n at first
  /// @param x `[.., n]`, rank 1 or more
  /// @param features number of outputs
  /// @return `[.., features]`
  public static Node linear(GraphBuilder g, String name, Node x, int features) {
    Initializer initializer = Initializer.fanIn(x.shape().dim(-1));
    Node product = project(g, name, x, features, initializer);
    return g.add(product, g.parameter(name + ".bias", initializer, features));
  }

  /// A linear layer without bias: x·wᵀ.
  ///
  /// @param g the builder
  /// @param name names `name.weight [features, n]`
  /// @param x `[.., n]`, rank 1 or more
  /// @param features number of outputs
  /// @param initializer the weight's first value
  /// @return `[.., features]`
  public static Node project(
      GraphBuilder g, String name, Node x, int features, Initializer initializer) {
    Node weight = g.parameter(name + ".weight", initializer, features, x.shape().dim(-1));
    return timesTransposed(g, x, weight);
  }

  /// x·wᵀ. All axes but the last are rows of one matrix product, so that a weight's gradient is one
  /// product too and not a sum of one for each entry of a batch.
  ///
  /// @param g the builder
  /// @param x `[.., n]`, rank 1 or more
  /// @param weight `[features, n]`
  /// @return `[.., features]`
  public static Node timesTransposed(GraphBuilder g, Node x, Node weight) {
    Shape shape = x.shape();
    int n = shape.dim(-1);
    Node rows = shape.rank() == 2 ? x : g.reshape(x, rowCount(shape), n);
    Node product = g.matMul(rows, weight, false, true);
    return g.reshape(product, shape.with(-1, weight.shape().dim(0)).dims());
  }

  private static int rowCount(Shape shape) {
    int rows = 1;
    for (int axis = 0; axis < shape.rank() - 1; axis++) {
      rows = Math.multiplyExact(rows, shape.dim(axis));
    }
    return rows;
  }

  /// A table with a learned row for each identifier.
  ///
  /// @param g the builder
  /// @param name names `name.weight [count, width]`
  /// @param count number of identifiers
  /// @param width length of a row
  /// @param initializer the table's first value
  /// @return the table, `[count, width]`: [GraphBuilder#take] looks rows up, and [#timesTransposed]
  ///   makes it a tied head
  public static Node embedding(
      GraphBuilder g, String name, int count, int width, Initializer initializer) {
    return g.parameter(name + ".weight", initializer, count, width);
  }

  /// Root-mean-square normalization over the last axis: x · rsqrt(mean(x²) + ε) · w (Zhang and
  /// Sennrich 2019).
  ///
  /// @param g the builder
  /// @param name names the gain `name.weight [n]`, ones at first
  /// @param x `[.., n]`
  /// @param epsilon the ε
  /// @return the shape of x
  public static Node rmsNorm(GraphBuilder g, String name, Node x, double epsilon) {
    Node gain = g.parameter(name + ".weight", Initializer.ones(), x.shape().dim(-1));
    Node meanSquare = g.mean(g.mul(x, x), true, -1);
    Node shifted = g.add(meanSquare, g.constant(x.dtype(), epsilon));
    return g.mul(g.mul(x, g.map(ScalarFn.RSQRT, shifted)), gain);
  }

  /// x·sigmoid(x) (Elfwing et al. 2017).
  ///
  /// @param g the builder
  /// @param x any shape
  /// @return the shape of x
  public static Node silu(GraphBuilder g, Node x) {
    return g.mul(x, g.map(ScalarFn.SIGMOID, x));
  }

  /// A gated feed-forward block without biases: down(silu(gate(x)) · up(x)) (Shazeer 2020).
  ///
  /// @param g the builder
  /// @param name names `name.gate_proj.weight`, `name.up_proj.weight` `[inner, n]` and
  ///   `name.down_proj.weight [n, inner]`
  /// @param x `[.., n]`
  /// @param inner width between the projections
  /// @param initializer the weights' first values
  /// @return the shape of x
  public static Node gatedFeedForward(
      GraphBuilder g, String name, Node x, int inner, Initializer initializer) {
    Node gate = project(g, name + ".gate_proj", x, inner, initializer);
    Node up = project(g, name + ".up_proj", x, inner, initializer);
    Node product = g.mul(silu(g, gate), up);
    return project(g, name + ".down_proj", product, x.shape().dim(-1), initializer);
  }

  /// exp(x) over its sum along the last axis, with the largest subtracted first so that nothing
  /// overflows.
  ///
  /// @param g the builder
  /// @param x `[.., n]`
  /// @return the shape of x
  public static Node softmax(GraphBuilder g, Node x) {
    Node exponential = g.map(ScalarFn.EXP, g.sub(x, g.max(x, true, -1)));
    return g.div(exponential, g.sum(exponential, true, -1));
  }

  /// A fixed projection of a result, Σ(x·probe)/√(number of elements): a loss whose gradients are
  /// well conditioned, for checks.
  ///
  /// @param g the builder
  /// @param x any shape
  /// @param probe the shape of x
  /// @return a scalar
  /// @throws GraphException if the shapes differ
  public static Node probeLoss(GraphBuilder g, Node x, Node probe) {
    if (!x.type().equals(probe.type())) {
      throw new GraphException("a probe of " + x.type() + " cannot be " + probe.type());
    }
    int[] axes = java.util.stream.IntStream.range(0, x.shape().rank()).toArray();
    return g.scale(g.sum(g.mul(x, probe), false, axes), 1 / Math.sqrt((double) x.shape().size()));
  }

  /// Positions 0, 1, 2, .. of a sequence.
  ///
  /// @param g the builder
  /// @param length number of positions
  /// @return F32 `[length, 1]`
  public static Node positions(GraphBuilder g, int length) {
    return g.iota(DType.F32, 0, length, 1);
  }
}
