package io.griffinfly.engine.ir;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The operations by name, for whoever builds a graph: every method adds one node (or a few, where
/// it says so) through [#add(Op, List)].
public abstract sealed class Operations permits GraphBuilder {
  /// For [GraphBuilder] alone.
  Operations() {}

  /// Applies an operation.
  ///
  /// @param op the operation
  /// @param inputs its operands
  /// @return the new node
  public abstract Node add(Op op, List<Node> inputs);

  /// Applies an operation.
  ///
  /// @param op the operation
  /// @param inputs its operands
  /// @return the new node
  public Node add(Op op, Node... inputs) {
    return add(op, List.of(inputs));
  }

  /// A scalar constant.
  ///
  /// @param dtype element type
  /// @param value the value
  /// @return the node
  public Node constant(DType dtype, double value) {
    return add(new Leaf.Constant(Literal.splat(TensorType.of(dtype), value)));
  }

  /// A constant tensor.
  ///
  /// @param literal the value
  /// @return the node
  public Node constant(Literal literal) {
    return add(new Leaf.Constant(literal));
  }

  /// Counts along an axis.
  ///
  /// @param dtype element type
  /// @param axis the axis; negative counts from the end
  /// @param dims extents
  /// @return the node
  public Node iota(DType dtype, int axis, int... dims) {
    TensorType type = TensorType.of(dtype, dims);
    return add(new Leaf.Iota(type, type.shape().axis(axis)));
  }

  /// Applies a scalar function, with broadcasting.
  ///
  /// @param fn the function
  /// @param operands its operands
  /// @return the node
  public Node map(ScalarFn fn, Node... operands) {
    return add(new Elementwise.Map(fn), operands);
  }

  /// a + b.
  ///
  /// @param a an operand
  /// @param b an operand
  /// @return the node
  public Node add(Node a, Node b) {
    return map(ScalarFn.ADD, a, b);
  }

  /// a − b.
  ///
  /// @param a an operand
  /// @param b an operand
  /// @return the node
  public Node sub(Node a, Node b) {
    return map(ScalarFn.SUB, a, b);
  }

  /// a·b, element by element.
  ///
  /// @param a an operand
  /// @param b an operand
  /// @return the node
  public Node mul(Node a, Node b) {
    return map(ScalarFn.MUL, a, b);
  }

  /// a·factor.
  ///
  /// @param a an operand
  /// @param factor a number
  /// @return the node
  public Node scale(Node a, double factor) {
    return mul(a, constant(a.dtype(), factor));
  }

  /// a / b.
  ///
  /// @param a an operand
  /// @param b an operand
  /// @return the node
  public Node div(Node a, Node b) {
    return map(ScalarFn.DIV, a, b);
  }

  /// max(x, 0).
  ///
  /// @param x the operand
  /// @return the node
  public Node relu(Node x) {
    return map(ScalarFn.RELU, x);
  }

  /// Converts the element type.
  ///
  /// @param x the operand
  /// @param to the type
  /// @return the node, `x` itself if it has the type already
  public Node cast(Node x, DType to) {
    return x.dtype() == to ? x : add(new Elementwise.Cast(to), x);
  }

  /// Sums over axes.
  ///
  /// @param x the operand
  /// @param keepDims whether the axes stay, with extent 1
  /// @param axes the axes; negative counts from the end
  /// @return the node
  public Node sum(Node x, boolean keepDims, int... axes) {
    return fold(ReduceFn.SUM, x, keepDims, axes);
  }

  /// The largest along axes.
  ///
  /// @param x the operand
  /// @param keepDims whether the axes stay, with extent 1
  /// @param axes the axes; negative counts from the end
  /// @return the node
  public Node max(Node x, boolean keepDims, int... axes) {
    return fold(ReduceFn.MAX, x, keepDims, axes);
  }

  /// The mean over axes, as a sum times a constant.
  ///
  /// @param x the operand
  /// @param keepDims whether the axes stay, with extent 1
  /// @param axes the axes; negative counts from the end
  /// @return the node
  public Node mean(Node x, boolean keepDims, int... axes) {
    Node sum = sum(x, keepDims, axes);
    return scale(sum, (double) sum.shape().size() / x.shape().size());
  }

  private Node fold(ReduceFn fn, Node x, boolean keepDims, int... axes) {
    List<Integer> sorted = Arrays.stream(axes).map(x.shape()::axis).sorted().boxed().toList();
    return add(new Reduce.Fold(fn, sorted, keepDims), x);
  }

  /// The matrix product a·b.
  ///
  /// @param a `[.., m, k]`
  /// @param b `[.., k, n]`
  /// @return `[.., m, n]`
  public Node matMul(Node a, Node b) {
    return matMul(a, b, false, false);
  }

  /// A matrix product with either operand transposed.
  ///
  /// @param a `[.., m, k]`, or `[.., k, m]` if transposed
  /// @param b `[.., k, n]`, or `[.., n, k]` if transposed
  /// @param transposeLeft whether a is transposed
  /// @param transposeRight whether b is transposed
  /// @return `[.., m, n]`
  public Node matMul(Node a, Node b, boolean transposeLeft, boolean transposeRight) {
    return add(new Contract.MatMul(transposeLeft, transposeRight), a, b);
  }

  /// The same elements under another shape.
  ///
  /// @param x the operand
  /// @param dims extents of equal product
  /// @return the node, `x` itself if it has the shape already
  public Node reshape(Node x, int... dims) {
    Shape shape = Shape.of(dims);
    return x.shape().equals(shape) ? x : add(new Move.Reshape(shape), x);
  }

  /// Reorders the axes.
  ///
  /// @param x the operand
  /// @param permutation for each axis of the result, the axis of the operand
  /// @return the node
  public Node transpose(Node x, int... permutation) {
    return add(new Move.Transpose(IntStream.of(permutation).boxed().toList()), x);
  }

  /// Repeats to a larger shape.
  ///
  /// @param x the operand
  /// @param shape the shape
  /// @return the node, `x` itself if it has the shape already
  public Node broadcast(Node x, Shape shape) {
    return x.shape().equals(shape) ? x : add(new Move.Broadcast(shape), x);
  }

  /// A range along an axis.
  ///
  /// @param x the operand
  /// @param axis the axis; negative counts from the end
  /// @param start first index
  /// @param size number of indices
  /// @return the node
  public Node slice(Node x, int axis, int start, int size) {
    return add(new Move.Slice(x.shape().axis(axis), start, size), x);
  }

  /// Joins operands along an axis.
  ///
  /// @param axis the axis; negative counts from the end
  /// @param parts the operands
  /// @return the node
  public Node concat(int axis, Node... parts) {
    return add(new Move.Concat(parts[0].shape().axis(axis)), parts);
  }

  /// Rows of a table.
  ///
  /// @param table the table
  /// @param indices integers
  /// @param axis the table's axis; negative counts from the end
  /// @return the node
  public Node take(Node table, Node indices, int axis) {
    return add(new Gather.Take(table.shape().axis(axis)), table, indices);
  }

  /// One result of an operation with several.
  ///
  /// @param tuple the operation's node
  /// @param index which result
  /// @return the node
  public Node project(Node tuple, int index) {
    return add(new Move.Project(index), tuple);
  }

  /// Mean cross-entropy of integer labels; the label −100 is ignored, as in PyTorch.
  ///
  /// @param logits `[.., classes]`
  /// @param labels `[..]`
  /// @return a scalar
  public Node crossEntropy(Node logits, Node labels) {
    return project(add(new Loss.CrossEntropy(-100), logits, labels), 0);
  }
}
