package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;

/// How the JVM holds one element in a local variable: half-precision types as `float`, truth values
/// as `int`.
enum Word {
  INT(TypeKind.INT),
  LONG(TypeKind.LONG),
  FLOAT(TypeKind.FLOAT),
  DOUBLE(TypeKind.DOUBLE);

  private final TypeKind kind;

  Word(TypeKind kind) {
    this.kind = kind;
  }

  static Word of(DType type) {
    return switch (type) {
      case F64 -> DOUBLE;
      case F32, F16, BF16 -> FLOAT;
      case I64 -> LONG;
      case I32, BOOL -> INT;
    };
  }

  TypeKind kind() {
    return kind;
  }

  ClassDesc desc() {
    return kind.upperBound();
  }

  /// Writes a literal.
  void push(CodeBuilder code, double value) {
    switch (this) {
      case INT -> code.loadConstant((int) value);
      case LONG -> code.loadConstant((long) value);
      case FLOAT -> code.loadConstant((float) value);
      case DOUBLE -> code.loadConstant(value);
    }
  }

  /// Writes a conversion of the value on the stack.
  void convertTo(CodeBuilder code, Word to) {
    if (this != to) {
      code.conversion(kind, to.kind);
    }
  }
}
