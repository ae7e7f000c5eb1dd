package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.kernel.TypedExpr;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import java.util.function.Consumer;

/// The scalar spelling of every [ScalarFn] and every conversion, for [ScalarLoopWriter].
final class ScalarCalls {
  private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
  private static final ClassDesc SCALAR_MATH = ClassDesc.of(ScalarMath.class.getName());

  private final CodeBuilder code;
  private final TypedExpr.Call call;
  private final Word word;
  private final Consumer<TypedExpr> push;

  private ScalarCalls(CodeBuilder code, TypedExpr.Call call, Consumer<TypedExpr> push) {
    this.code = code;
    this.call = call;
    this.word = Word.of(call.args().getLast().type());
    this.push = push;
  }

  /// Writes a call; leaves its value on the stack.
  ///
  /// @param code where to
  /// @param call the call
  /// @param push writes what leaves an operand on the stack
  static void call(CodeBuilder code, TypedExpr.Call call, Consumer<TypedExpr> push) {
    new ScalarCalls(code, call, push).write();
  }

  @SuppressWarnings("CyclomaticComplexity") // one row a function
  private void write() {
    switch (call.fn()) {
      case NEG -> operator(Opcode.INEG, Opcode.LNEG, Opcode.FNEG, Opcode.DNEG);
      case ADD -> operator(Opcode.IADD, Opcode.LADD, Opcode.FADD, Opcode.DADD);
      case SUB -> operator(Opcode.ISUB, Opcode.LSUB, Opcode.FSUB, Opcode.DSUB);
      case MUL -> operator(Opcode.IMUL, Opcode.LMUL, Opcode.FMUL, Opcode.DMUL);
      case DIV -> operator(Opcode.IDIV, Opcode.LDIV, Opcode.FDIV, Opcode.DDIV);
      case ABS -> method(MATH, "abs");
      case MAX -> method(MATH, "max");
      case MIN -> method(MATH, "min");
      case SIGN -> method(SCALAR_MATH, "sign");
      case RELU -> method(SCALAR_MATH, "relu");
      case EXP -> real(MATH, "exp");
      case LOG -> real(MATH, "log");
      case SQRT -> real(MATH, "sqrt");
      case SIN -> real(MATH, "sin");
      case COS -> real(MATH, "cos");
      case TANH -> real(MATH, "tanh");
      case POW -> real(MATH, "pow");
      case RSQRT -> real(SCALAR_MATH, "rsqrt");
      case RECIPROCAL -> real(SCALAR_MATH, "reciprocal");
      case POWER_OF_TWO -> real(SCALAR_MATH, "powerOfTwo");
      case ERF -> real(SCALAR_MATH, "erf");
      case SIGMOID -> real(SCALAR_MATH, "sigmoid");
      case SILU -> real(SCALAR_MATH, "silu");
      case SWIGLU -> real(SCALAR_MATH, "swiglu");
      case LESS -> compare(Opcode.IFLT, Opcode.FCMPG, Opcode.DCMPG);
      case LESS_EQUAL -> compare(Opcode.IFLE, Opcode.FCMPG, Opcode.DCMPG);
      case GREATER -> compare(Opcode.IFGT, Opcode.FCMPL, Opcode.DCMPL);
      case GREATER_EQUAL -> compare(Opcode.IFGE, Opcode.FCMPL, Opcode.DCMPL);
      case EQUAL -> compare(Opcode.IFEQ, Opcode.FCMPL, Opcode.DCMPL);
      case NOT_EQUAL -> compare(Opcode.IFNE, Opcode.FCMPL, Opcode.DCMPL);
      case NOT -> {
        operands();
        code.iconst_1().ixor();
      }
      case AND -> {
        operands();
        code.iand();
      }
      case OR -> {
        operands();
        code.ior();
      }
      case SELECT -> select();
    }
  }

  private void operands() {
    call.args().forEach(push);
  }

  private void operator(Opcode ofInts, Opcode ofLongs, Opcode ofFloats, Opcode ofDoubles) {
    operands();
    code.with(
        OperatorInstruction.of(
            switch (word) {
              case INT -> ofInts;
              case LONG -> ofLongs;
              case FLOAT -> ofFloats;
              case DOUBLE -> ofDoubles;
            }));
  }

  private void method(ClassDesc owner, String name) {
    operands();
    invoke(owner, name, word);
  }

  private void invoke(ClassDesc owner, String name, Word of) {
    ClassDesc[] parameters = new ClassDesc[call.fn().arity()];
    Arrays.fill(parameters, of.desc());
    code.invokestatic(owner, name, MethodTypeDesc.of(of.desc(), parameters));
  }

  /// In double precision, rounded once.
  private void real(ClassDesc owner, String name) {
    for (TypedExpr arg : call.args()) {
      push.accept(arg);
      word.convertTo(code, Word.DOUBLE);
    }
    invoke(owner, name, Word.DOUBLE);
    Word.DOUBLE.convertTo(code, word);
  }

  /// The three-way comparisons are chosen so that NaN compares false, but for ≠.
  private void compare(Opcode jump, Opcode ofFloats, Opcode ofDoubles) {
    for (TypedExpr arg : call.args()) {
      push.accept(arg);
      if (word == Word.INT) {
        code.i2l();
      }
    }
    code.with(
        OperatorInstruction.of(
            switch (word) {
              case INT, LONG -> Opcode.LCMP;
              case FLOAT -> ofFloats;
              case DOUBLE -> ofDoubles;
            }));
    code.ifThenElse(jump, CodeBuilder::iconst_1, CodeBuilder::iconst_0);
  }

  private void select() {
    push.accept(call.args().get(0));
    code.ifThenElse(
        Opcode.IFNE, _ -> push.accept(call.args().get(1)), _ -> push.accept(call.args().get(2)));
  }

  /// Writes a conversion of the value on the stack.
  static void convert(CodeBuilder code, DType from, DType to) {
    Word word = Word.of(from);
    switch (to) {
      case F64, F32, I64, I32 -> word.convertTo(code, Word.of(to));
      case F16 -> {
        word.convertTo(code, Word.FLOAT);
        round(code, "roundHalf");
      }
      case BF16 -> {
        word.convertTo(code, Word.FLOAT);
        round(code, "roundBfloat");
      }
      case BOOL -> {
        word.convertTo(code, Word.DOUBLE);
        code.dconst_0().dcmpl();
        code.ifThenElse(Opcode.IFNE, CodeBuilder::iconst_1, CodeBuilder::iconst_0);
      }
    }
  }

  private static void round(CodeBuilder code, String name) {
    code.invokestatic(
        SCALAR_MATH, name, MethodTypeDesc.of(ConstantDescs.CD_float, ConstantDescs.CD_float));
  }
}
