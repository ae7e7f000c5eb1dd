package io.griffinfly.engine.nn;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;

/// Attention over several heads (Vaswani et al. 2017), with fewer key heads than query heads where
/// a model wants it (Ainslie et al. 2023).
public final class Heads {
  private Heads() {}

  /// Takes rows apart into heads.
  ///
  /// @param g the builder
  /// @param rows `[batch·length, heads·d]`
  /// @param batch number of sequences
  /// @param heads number of heads
  /// @return `[batch, heads, length, d]`
  public static Node split(GraphBuilder g, Node rows, int batch, int heads) {
    int length = rows.shape().dim(0) / batch;
    int headDim = rows.shape().dim(1) / heads;
    return g.transpose(g.reshape(rows, batch, length, heads, headDim), 0, 2, 1, 3);
  }

  /// Puts heads side by side in rows: undoes [#split].
  ///
  /// @param g the builder
  /// @param heads `[batch, heads, length, d]`
  /// @return `[batch·length, heads·d]`
  public static Node merge(GraphBuilder g, Node heads) {
    Shape shape = heads.shape();
    return g.reshape(
        g.transpose(heads, 0, 2, 1, 3), shape.dim(0) * shape.dim(2), shape.dim(1) * shape.dim(3));
  }

  /// Repeats every key head for the query heads that it serves: query head i uses key head i / (h /
  /// g).
  ///
  /// @param g the builder
  /// @param heads `[batch, g, length, d]`
  /// @param count number h of query heads, a multiple of g
  /// @return `[batch, h, length, d]`, the operand itself if it has as many heads
  /// @throws GraphException if h is no multiple of g
  public static Node repeat(GraphBuilder g, Node heads, int count) {
    Shape shape = heads.shape();
    int groups = shape.dim(1);
    if (groups == count) {
      return heads;
    }
    if (count % groups != 0) {
      throw new GraphException(count + " query heads cannot share " + groups + " key heads");
    }
    int batch = shape.dim(0);
    int length = shape.dim(2);
    int headDim = shape.dim(3);
    Node apart = g.reshape(heads, batch, groups, 1, length, headDim);
    Shape repeated = Shape.of(batch, groups, count / groups, length, headDim);
    return g.reshape(g.broadcast(apart, repeated), batch, count, length, headDim);
  }

  /// Attention: softmax(q·kᵀ·scale + mask)·v.
  ///
  /// @param g the builder
  /// @param query `[batch, h, s, d]`
  /// @param key `[batch, g, t, d]`, h a multiple of g
  /// @param value `[batch, g, t, e]`
  /// @param scale factor of the scores, 1/√d as a rule
  /// @param causal whether query i of s sees only keys j ≤ i + t − s
  /// @return `[batch, h, s, e]`
  public static Node attend(
      GraphBuilder g, Node query, Node key, Node value, double scale, boolean causal) {
    int heads = query.shape().dim(1);
    Node scores = g.matMul(query, repeat(g, key, heads), false, true);
    Node scaled = g.scale(scores, scale);
    Node visible = causal ? maskLater(g, scaled) : scaled;
    return g.matMul(Nn.softmax(g, visible), repeat(g, value, heads));
  }

  /// Puts −∞ where a query would see a later key.
  private static Node maskLater(GraphBuilder g, Node scores) {
    int queries = scores.shape().dim(-2);
    int keys = scores.shape().dim(-1);
    Node row = g.iota(DType.I32, 0, queries, keys);
    Node last = keys == queries ? row : g.add(row, g.constant(DType.I32, keys - queries));
    Node visible = g.map(ScalarFn.LESS_EQUAL, g.iota(DType.I32, 1, queries, keys), last);
    Node never = g.constant(scores.dtype(), Double.NEGATIVE_INFINITY);
    return g.map(ScalarFn.SELECT, visible, scores, never);
  }
}
