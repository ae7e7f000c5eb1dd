package io.griffinfly.engine.nn;

import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.TensorType;

/// Rotary position embedding (Su et al. 2021) in the half-split form: the pair (i, i + d/2) of a
/// head turns by position · θ^(−2i/d).
///
/// @param cos cosines, `[length, d/2]`
/// @param sin sines, `[length, d/2]`
public record RotaryTable(Node cos, Node sin) {
  /// Makes the table that all layers share.
  ///
  /// @param g the builder
  /// @param positions floating point, `[length, 1]`, as [Nn#positions] makes them
  /// @param headDim extent d of a head, even
  /// @param theta the base θ
  /// @return the table
  /// @throws GraphException if d is odd
  public static RotaryTable of(GraphBuilder g, Node positions, int headDim, double theta) {
    if (headDim % 2 != 0) {
      throw new GraphException("rotary embedding turns pairs: a head of " + headDim + " is odd");
    }
    double[] frequencies = new double[headDim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = Math.pow(theta, -2.0 * i / headDim);
    }
    TensorType type = TensorType.of(positions.dtype(), frequencies.length);
    Node angles = g.mul(positions, g.constant(Literal.of(type, frequencies)));
    return new RotaryTable(g.map(ScalarFn.COS, angles), g.map(ScalarFn.SIN, angles));
  }

  /// Turns every head.
  ///
  /// @param g the builder
  /// @param x `[.., length, d]`
  /// @return the shape of x
  public Node apply(GraphBuilder g, Node x) {
    int half = x.shape().dim(-1) / 2;
    Node first = g.slice(x, -1, 0, half);
    Node second = g.slice(x, -1, half, half);
    return g.concat(
        -1,
        g.sub(g.mul(first, cos), g.mul(second, sin)),
        g.add(g.mul(second, cos), g.mul(first, sin)));
  }
}
