package io.griffinfly.engine.ir;

import java.util.List;

/// One operation applied to values. Nodes are made by [GraphBuilder], which infers the type; inputs
/// always have smaller ids.
///
/// Two nodes are the same only if they are the same object.
public final class Node {
  private final int id;
  private final Op op;
  private final List<Node> inputs;
  private final ValueType valueType;

  Node(int id, Op op, List<Node> inputs, ValueType valueType) {
    this.id = id;
    this.op = op;
    this.inputs = List.copyOf(inputs);
    this.valueType = valueType;
  }

  /// Position in the order of making.
  ///
  /// @return the id, 0 or more
  public int id() {
    return id;
  }

  /// The operation.
  ///
  /// @return the operation
  public Op op() {
    return op;
  }

  /// The operands.
  ///
  /// @return the operands, in order
  public List<Node> inputs() {
    return inputs;
  }

  /// One operand.
  ///
  /// @param index its position
  /// @return the operand
  public Node input(int index) {
    return inputs.get(index);
  }

  /// The type of the value, one tensor or several.
  ///
  /// @return the type
  public ValueType valueType() {
    return valueType;
  }

  /// The type of a value that is one tensor.
  ///
  /// @return the type
  /// @throws GraphException if the operation has several results
  public TensorType type() {
    return switch (valueType) {
      case TensorType type -> type;
      case ValueType.Tuple _ ->
          throw new GraphException(this + " has several results: project one of them");
    };
  }

  /// The shape of a value that is one tensor.
  ///
  /// @return the shape
  public Shape shape() {
    return type().shape();
  }

  /// The element type of a value that is one tensor.
  ///
  /// @return the element type
  public DType dtype() {
    return type().dtype();
  }

  /// The text form of the value, such as `%7`.
  @Override
  public String toString() {
    return "%" + id;
  }
}
