package io.griffinfly.engine.ir;

/// The element type of a tensor.
public enum DType {
  /// IEEE 754 double precision: host data and reference results; no device computes in it.
  F64(8),
  /// IEEE 754 single precision.
  F32(4),
  /// IEEE 754 half precision.
  F16(2),
  /// The upper half of single precision.
  BF16(2),
  /// Signed 64-bit integer: indices and labels.
  I64(8),
  /// Signed 32-bit integer.
  I32(4),
  /// Truth value, one byte, 0 or 1.
  BOOL(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /// Size of one element.
  ///
  /// @return the size in bytes
  public int bytes() {
    return bytes;
  }

  /// Whether this is a floating-point type, the only kind that carries gradients.
  ///
  /// @return true for F64, F32, F16 and BF16
  public boolean isFloat() {
    return switch (this) {
      case F64, F32, F16, BF16 -> true;
      case I64, I32, BOOL -> false;
    };
  }

  /// Whether the type is a floating-point number of two bytes.
  ///
  /// @return true for F16 and BF16
  public boolean isHalf() {
    return this == F16 || this == BF16;
  }

  /// Whether this is an integer type.
  ///
  /// @return true for I64 and I32
  public boolean isInteger() {
    return this == I64 || this == I32;
  }

  /// The value of this type that a number converts to.
  ///
  /// @param value the number
  /// @return nearest even for floating point, toward zero for integers, 0 or 1 for BOOL
  public double round(double value) {
    return switch (this) {
      case F64 -> value;
      case F32 -> (float) value;
      case F16 -> Float.float16ToFloat(Float.floatToFloat16((float) value));
      case BF16 -> Float.intBitsToFloat(Tensor.toBfloat16((float) value) << 16);
      case I64 -> (long) value;
      case I32 -> (int) value;
      case BOOL -> value != 0 ? 1 : 0;
    };
  }
}
