package io.griffinfly.engine.io.safetensors;

import io.griffinfly.engine.ir.DType;
import org.jspecify.annotations.Nullable;

/// The element types that a file may hold; the constants are spelled as in the file.
public enum StorageType {
  /// Double precision.
  F64(8, DType.F64),
  /// Single precision.
  F32(4, DType.F32),
  /// Half precision.
  F16(2, DType.F16),
  /// Upper half of single precision.
  BF16(2, DType.BF16),
  /// Signed 64-bit integer.
  I64(8, DType.I64),
  /// Signed 32-bit integer.
  I32(4, DType.I32),
  /// Signed 16-bit integer.
  I16(2, null),
  /// Signed 8-bit integer.
  I8(1, null),
  /// Unsigned 64-bit integer.
  U64(8, null),
  /// Unsigned 32-bit integer.
  U32(4, null),
  /// Unsigned 16-bit integer.
  U16(2, null),
  /// Unsigned 8-bit integer.
  U8(1, null),
  /// Truth value, one byte.
  BOOL(1, DType.BOOL),
  /// 8-bit float with 4 exponent bits.
  F8_E4M3(1, null),
  /// 8-bit float with 5 exponent bits.
  F8_E5M2(1, null);

  private final int bytes;
  private final @Nullable DType dtype;

  StorageType(int bytes, @Nullable DType dtype) {
    this.bytes = bytes;
    this.dtype = dtype;
  }

  /// Size of one element.
  ///
  /// @return the size in bytes
  public int bytes() {
    return bytes;
  }

  /// The engine's type for these elements.
  ///
  /// @return the type, null where the engine has none and only the raw bytes can be had
  public @Nullable DType dtype() {
    return dtype;
  }

  /// The storage type of an engine type.
  ///
  /// @param dtype the engine's type
  /// @return the type in the file
  public static StorageType of(DType dtype) {
    return switch (dtype) {
      case F64 -> F64;
      case F32 -> F32;
      case F16 -> F16;
      case BF16 -> BF16;
      case I64 -> I64;
      case I32 -> I32;
      case BOOL -> BOOL;
    };
  }
}
