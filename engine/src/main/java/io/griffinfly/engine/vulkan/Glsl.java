package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import java.util.ArrayList;
import java.util.List;

/// The spelling of types, numbers and positions in GLSL.
final class Glsl {
  private Glsl() {}

  /// The type of a variable that holds an element: half types are computed in single precision.
  static String register(DType type) {
    return switch (type) {
      case F32, F16, BF16 -> "float";
      case I32 -> "int";
      case I64 -> "int64_t";
      case BOOL -> "bool";
      case F64 -> throw doublePrecision();
    };
  }

  /// The type of an element in a buffer.
  static String storage(DType type) {
    return switch (type) {
      case F32 -> "float";
      case F16, BF16 -> "uint16_t";
      case I32 -> "int";
      case I64 -> "int64_t";
      case BOOL -> "uint8_t";
      case F64 -> throw doublePrecision();
    };
  }

  private static IllegalArgumentException doublePrecision() {
    return new IllegalArgumentException("no kernel of the vulkan device takes F64");
  }

  /// A number of a type, exactly.
  static String literal(DType type, double value) {
    return switch (type) {
      case F32, F16, BF16 -> literal((float) value);
      case I32 -> literal((int) value);
      case I64 -> literal((long) value);
      case BOOL -> value == 0 ? "false" : "true";
      case F64 -> throw doublePrecision();
    };
  }

  /// A single-precision number: the shortest digits that give it back, or its bits where digits
  /// cannot say it.
  static String literal(float value) {
    if (Float.isNaN(value)) {
      return "uintBitsToFloat(0x7fc00000u)";
    }
    if (Float.isInfinite(value)) {
      return value > 0 ? "uintBitsToFloat(0x7f800000u)" : "uintBitsToFloat(0xff800000u)";
    }
    String digits = Float.toString(value);
    return value < 0 || digits.startsWith("-") ? "(" + digits + ")" : digits;
  }

  static String literal(int value) {
    // The digits of the least int are no literal of their own.
    return value == Integer.MIN_VALUE ? "(-2147483647 - 1)" : parenthesized(value, "");
  }

  static String literal(long value) {
    return value == Long.MIN_VALUE ? "(-9223372036854775807L - 1L)" : parenthesized(value, "L");
  }

  private static String parenthesized(long value, String suffix) {
    return value < 0 ? "(" + value + suffix + ")" : value + suffix;
  }

  /// The sum of an offset and of variables times strides, without what is zero.
  static String position(long offset, List<String> variables, List<Long> strides) {
    List<String> terms = new ArrayList<>();
    for (int i = 0; i < variables.size(); i++) {
      long stride = strides.get(i);
      if (stride != 0 && !variables.get(i).equals("0")) {
        terms.add(stride == 1 ? variables.get(i) : variables.get(i) + " * " + stride);
      }
    }
    if (offset != 0 || terms.isEmpty()) {
      terms.add(Long.toString(offset));
    }
    return String.join(" + ", terms);
  }
}
