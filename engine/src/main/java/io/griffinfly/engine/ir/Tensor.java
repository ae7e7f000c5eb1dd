package io.griffinfly.engine.ir;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// A dense row-major tensor on the host, little-endian. The memory belongs to whoever made the
/// segment; a tensor is a typed window on it, and [#reshape] and [#row] are windows on the same
/// memory.
///
/// @param type element type and shape
/// @param data the elements
public record Tensor(TensorType type, MemorySegment data) {
  private static final ValueLayout.OfFloat F32 = le(ValueLayout.JAVA_FLOAT_UNALIGNED);
  private static final ValueLayout.OfDouble F64 = le(ValueLayout.JAVA_DOUBLE_UNALIGNED);
  private static final ValueLayout.OfShort I16 = le(ValueLayout.JAVA_SHORT_UNALIGNED);
  private static final ValueLayout.OfInt I32 = le(ValueLayout.JAVA_INT_UNALIGNED);
  private static final ValueLayout.OfLong I64 = le(ValueLayout.JAVA_LONG_UNALIGNED);

  /// Checks that the memory is as large as the type says.
  public Tensor {
    if (data.byteSize() != type.bytes()) {
      throw new GraphException(
          "a tensor " + type + " takes " + type.bytes() + " bytes, not " + data.byteSize());
    }
  }

  @SuppressWarnings("unchecked")
  private static <L extends ValueLayout> L le(L layout) {
    return (L) layout.withOrder(ByteOrder.LITTLE_ENDIAN);
  }

  /// A tensor of zeros in memory of its own, which the garbage collector frees.
  ///
  /// @param type element type and shape
  /// @return the tensor
  public static Tensor zeros(TensorType type) {
    return new Tensor(type, Arena.ofAuto().allocate(type.bytes(), 64));
  }

  /// A single-precision tensor with a copy of an array's elements.
  ///
  /// @param values the elements, row by row
  /// @param dims extents
  /// @return the tensor
  public static Tensor of(float[] values, int... dims) {
    Tensor tensor = zeros(TensorType.of(DType.F32, dims));
    requireLength(tensor, values.length);
    MemorySegment.copy(values, 0, tensor.data, F32, 0, values.length);
    return tensor;
  }

  /// A double-precision tensor with a copy of an array's elements.
  ///
  /// @param values the elements, row by row
  /// @param dims extents
  /// @return the tensor
  public static Tensor of(double[] values, int... dims) {
    Tensor tensor = zeros(TensorType.of(DType.F64, dims));
    requireLength(tensor, values.length);
    MemorySegment.copy(values, 0, tensor.data, F64, 0, values.length);
    return tensor;
  }

  /// A 64-bit integer tensor with a copy of an array's elements.
  ///
  /// @param values the elements, row by row
  /// @param dims extents
  /// @return the tensor
  public static Tensor of(long[] values, int... dims) {
    Tensor tensor = zeros(TensorType.of(DType.I64, dims));
    requireLength(tensor, values.length);
    MemorySegment.copy(values, 0, tensor.data, I64, 0, values.length);
    return tensor;
  }

  private static void requireLength(Tensor tensor, int length) {
    if (tensor.size() != length) {
      throw new GraphException(
          "shape " + tensor.shape() + " has " + tensor.size() + " elements, not " + length);
    }
  }

  /// Element type.
  ///
  /// @return the type of one element
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
  public long size() {
    return type.shape().size();
  }

  /// Reads one element as a double; exact for every type but large I64.
  ///
  /// @param index row-major position
  /// @return the value; BOOL reads as 0 or 1
  public double getDouble(long index) {
    return switch (dtype()) {
      case F64 -> data.getAtIndex(F64, index);
      case F32 -> data.getAtIndex(F32, index);
      case F16 -> Float.float16ToFloat(data.getAtIndex(I16, index));
      case BF16 -> Float.intBitsToFloat(data.getAtIndex(I16, index) << 16);
      case I64 -> data.getAtIndex(I64, index);
      case I32 -> data.getAtIndex(I32, index);
      case BOOL -> data.get(ValueLayout.JAVA_BYTE, index);
    };
  }

  /// Reads one element as an integer; a floating-point value is truncated toward zero.
  ///
  /// @param index row-major position
  /// @return the value
  public long getLong(long index) {
    return dtype() == DType.I64 ? data.getAtIndex(I64, index) : (long) getDouble(index);
  }

  /// Writes one element, rounded to nearest even for floating point, truncated toward zero for
  /// integers; a BOOL becomes 1 for any value but zero.
  ///
  /// @param index row-major position
  /// @param value the value
  public void setDouble(long index, double value) {
    switch (dtype()) {
      case F64 -> data.setAtIndex(F64, index, value);
      case F32 -> data.setAtIndex(F32, index, (float) value);
      case F16 -> data.setAtIndex(I16, index, Float.floatToFloat16((float) value));
      case BF16 -> data.setAtIndex(I16, index, toBfloat16((float) value));
      case I64 -> data.setAtIndex(I64, index, (long) value);
      case I32 -> data.setAtIndex(I32, index, (int) value);
      case BOOL -> data.set(ValueLayout.JAVA_BYTE, index, (byte) (value != 0 ? 1 : 0));
    }
  }

  static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    // Round to nearest, ties to even: add half of the dropped part, plus one if the kept part is
    // odd.
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /// Copies the elements into an array, converting where needed.
  ///
  /// @return the elements, row by row
  public float[] toFloats() {
    if (dtype() == DType.F32) {
      return data.toArray(F32);
    }
    float[] out = new float[Math.toIntExact(size())];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) getDouble(i);
    }
    return out;
  }

  /// Copies the elements into an array, converting where needed.
  ///
  /// @return the elements, row by row
  public double[] toDoubles() {
    double[] out = new double[Math.toIntExact(size())];
    for (int i = 0; i < out.length; i++) {
      out[i] = getDouble(i);
    }
    return out;
  }

  /// Copies the elements into an array, converting where needed.
  ///
  /// @return the elements, row by row
  public long[] toLongs() {
    long[] out = new long[Math.toIntExact(size())];
    for (int i = 0; i < out.length; i++) {
      out[i] = getLong(i);
    }
    return out;
  }

  /// A tensor of another element type in memory of its own.
  ///
  /// @param dtype the element type
  /// @return this tensor if it has that type already, else a converted copy
  public Tensor to(DType dtype) {
    if (dtype == dtype()) {
      return this;
    }
    Tensor out = zeros(new TensorType(dtype, shape()));
    for (long i = 0; i < size(); i++) {
      out.setDouble(i, getDouble(i));
    }
    return out;
  }

  /// The same elements under another shape; shares the memory.
  ///
  /// @param dims extents with the same product
  /// @return the view
  public Tensor reshape(int... dims) {
    return new Tensor(TensorType.of(dtype(), dims), data);
  }

  /// One entry along the first axis; shares the memory.
  ///
  /// @param index position along axis 0
  /// @return the view, of one rank less
  public Tensor row(int index) {
    int[] rest = java.util.Arrays.copyOfRange(shape().dims(), 1, shape().rank());
    TensorType rowType = TensorType.of(dtype(), rest);
    return new Tensor(rowType, data.asSlice(index * rowType.bytes(), rowType.bytes()));
  }
}
