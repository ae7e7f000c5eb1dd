package io.griffinfly.engine.ref;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ir.ValueType;
import java.util.Arrays;
import java.util.List;

/// What a node evaluates to in the reference.
public sealed interface Value {
  /// One tensor whose elements are doubles. Integers are exact up to 2^53, truth values are 0 and
  /// 1. The elements are shared, not copied: nobody writes to them once the array is made.
  final class Array implements Value {
    /// The largest magnitude below which every integer is a double.
    static final double EXACT_INTEGERS = 0x1p53;

    private final TensorType type;
    private final double[] data;

    private Array(TensorType type, double[] data) {
      this.type = type;
      this.data = data;
    }

    /// An array of given elements.
    ///
    /// @param type element type and shape
    /// @param data the elements, row by row; not copied
    /// @return the array
    /// @throws GraphException if the count does not fit the shape
    public static Array of(TensorType type, double... data) {
      if (data.length != type.shape().size()) {
        throw new GraphException(
            "a value " + type + " takes " + type.shape().size() + " elements, not " + data.length);
      }
      return new Array(type, data);
    }

    /// A copy of a tensor's elements.
    ///
    /// @param tensor the tensor
    /// @return the array
    /// @throws GraphException if an integer is too large to be exact
    public static Array of(Tensor tensor) {
      return of(tensor.type(), tensor.toDoubles()).requireExact();
    }

    /// The elements of a constant.
    ///
    /// @param literal the constant
    /// @return the array
    public static Array of(Literal literal) {
      double[] data = new double[Math.toIntExact(literal.type().shape().size())];
      Arrays.setAll(data, literal::get);
      return new Array(literal.type(), data);
    }

    Array requireExact() {
      if (dtype() == DType.I64) {
        for (double value : data) {
          if (Math.abs(value) >= EXACT_INTEGERS) {
            throw new GraphException("the reference cannot hold an integer of 2^53 or more");
          }
        }
      }
      return this;
    }

    /// Element type and shape.
    ///
    /// @return the type
    public TensorType type() {
      return type;
    }

    /// Element type.
    ///
    /// @return the element type
    public DType dtype() {
      return type.dtype();
    }

    /// Extents.
    ///
    /// @return the shape
    public Shape shape() {
      return type.shape();
    }

    /// Number of elements.
    ///
    /// @return the count
    public int size() {
      return data.length;
    }

    /// One element.
    ///
    /// @param index row-major position
    /// @return the element
    public double get(int index) {
      return data[index];
    }

    /// The elements themselves, to be read only.
    ///
    /// @return the elements, row by row
    public double[] data() {
      return data;
    }

    /// The elements as a constant of the graph.
    ///
    /// @return the constant
    public Literal toLiteral() {
      return Literal.of(type, data);
    }

    /// A tensor of the same type; floating-point elements are rounded to it.
    ///
    /// @return the tensor
    public Tensor toTensor() {
      return toLiteral().toTensor();
    }

    /// A tensor that keeps every bit: F64 for floating-point types, else of the same type.
    ///
    /// @return the tensor
    public Tensor toExactTensor() {
      return dtype().isFloat() ? Tensor.of(data, shape().dims()) : toTensor();
    }

    @Override
    public String toString() {
      return type + Arrays.toString(data);
    }
  }

  /// Several tensors, of an operation with several results.
  ///
  /// @param elements the tensors, in order
  record Tuple(List<Array> elements) implements Value {
    /// Copies its argument.
    public Tuple {
      elements = List.copyOf(elements);
    }
  }

  /// The type of the value.
  ///
  /// @return the type
  default ValueType valueType() {
    return switch (this) {
      case Array array -> array.type();
      case Tuple(List<Array> elements) ->
          new ValueType.Tuple(elements.stream().map(Array::type).toList());
    };
  }
}
