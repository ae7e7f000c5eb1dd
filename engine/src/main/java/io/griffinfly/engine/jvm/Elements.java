package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;

/// Reads and writes single elements of every element type at absolute addresses.
final class Elements {
  private Elements() {}

  /// The element as a real number; exact for every type but large I64.
  static double get(DType type, long address) {
    return switch (type) {
      case F64 -> loadF64(address);
      case F32 -> loadF32(address);
      case F16 -> loadF16(address);
      case BF16 -> loadBF16(address);
      case I64 -> loadI64(address);
      case I32 -> loadI32(address);
      case BOOL -> loadBOOL(address);
    };
  }

  /// The element as an integer; a real number is truncated.
  static long getInteger(DType type, long address) {
    return type == DType.I64 ? loadI64(address) : (long) get(type, address);
  }

  /// Writes a real number, rounded to nearest even for floating point and truncated for integers.
  static void set(DType type, long address, double value) {
    switch (type) {
      case F64 -> storeF64(address, value);
      case F32 -> storeF32(address, (float) value);
      case F16 -> storeF16(address, (float) value);
      case BF16 -> storeBF16(address, (float) value);
      case I64 -> storeI64(address, (long) value);
      case I32 -> storeI32(address, (int) value);
      case BOOL -> storeBOOL(address, value == 0 ? 0 : 1);
    }
  }

  static double loadF64(long address) {
    return Memory.ALL.get(Memory.DOUBLE, address);
  }

  static float loadF32(long address) {
    return Memory.load(address);
  }

  static float loadF16(long address) {
    return Float.float16ToFloat(Memory.ALL.get(Memory.SHORT, address));
  }

  static float loadBF16(long address) {
    return Float.intBitsToFloat(Memory.ALL.get(Memory.SHORT, address) << 16);
  }

  static long loadI64(long address) {
    return Memory.ALL.get(Memory.LONG, address);
  }

  static int loadI32(long address) {
    return Memory.ALL.get(Memory.INT, address);
  }

  static int loadBOOL(long address) {
    return Memory.ALL.get(Memory.BYTE, address);
  }

  static void storeF64(long address, double value) {
    Memory.ALL.set(Memory.DOUBLE, address, value);
  }

  static void storeF32(long address, float value) {
    Memory.store(address, value);
  }

  static void storeF16(long address, float value) {
    Memory.ALL.set(Memory.SHORT, address, Float.floatToFloat16(value));
  }

  static void storeBF16(long address, float value) {
    Memory.ALL.set(Memory.SHORT, address, ScalarMath.toBfloat(value));
  }

  static void storeI64(long address, long value) {
    Memory.ALL.set(Memory.LONG, address, value);
  }

  static void storeI32(long address, int value) {
    Memory.ALL.set(Memory.INT, address, value);
  }

  static void storeBOOL(long address, int value) {
    Memory.ALL.set(Memory.BYTE, address, (byte) value);
  }
}
