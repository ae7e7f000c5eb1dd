package io.griffinfly.engine.jvm;

import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import io.griffinfly.engine.jvm.LaneProgram.Instruction;
import io.griffinfly.engine.jvm.LaneProgram.Level;
import io.griffinfly.engine.jvm.LaneProgram.Operation;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.List;

/// Writes the instructions of a [LaneProgram] as calls of the Vector API, each value into a local
/// variable of its own.
final class LaneWriter {
  static final ClassDesc VECTOR = ClassDesc.of("jdk.incubator.vector.Vector");
  static final ClassDesc FLOATS = ClassDesc.of("jdk.incubator.vector.FloatVector");
  private static final ClassDesc INTS = ClassDesc.of("jdk.incubator.vector.IntVector");
  private static final ClassDesc MASK = ClassDesc.of("jdk.incubator.vector.VectorMask");
  private static final ClassDesc SPECIES = ClassDesc.of("jdk.incubator.vector.VectorSpecies");
  private static final ClassDesc OPERATORS = ClassDesc.of("jdk.incubator.vector.VectorOperators");
  private static final ClassDesc COMPARISON = OPERATORS.nested("Comparison");
  private static final ClassDesc BINARY = OPERATORS.nested("Binary");
  private static final ClassDesc SEGMENT = ClassDesc.of("java.lang.foreign.MemorySegment");
  private static final ClassDesc ORDER = ClassDesc.of("java.nio.ByteOrder");
  private static final ClassDesc LANES = ClassDesc.of(Lanes.class.getName());
  private static final ClassDesc MEMORY = ClassDesc.of(Memory.class.getName());

  private final CodeBuilder code;
  private final List<Instruction> instructions;
  private final List<Level> levels;
  private final LoopLocals locals;
  private final int[] slots;

  LaneWriter(CodeBuilder code, LaneProgram program, LoopLocals locals, List<Level> levels) {
    this.code = code;
    this.instructions = program.instructions();
    this.levels = levels;
    this.locals = locals;
    this.slots = new int[instructions.size()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = code.allocateLocal(TypeKind.REFERENCE);
    }
  }

  /// Number of instructions of a level.
  long count(Level level) {
    return levels.stream().filter(level::equals).count();
  }

  /// Leaves a value on the stack.
  void push(int value) {
    code.aload(slots[value]);
  }

  /// Writes the instructions that are the same for all columns.
  void write(Level level) {
    for (int i = 0; i < slots.length; i++) {
      if (levels.get(i) == level) {
        write(i, this::broadcast);
      }
    }
  }

  /// Writes the instructions of one vector of columns.
  ///
  /// @param offset slot of the bytes from the start of the row
  /// @param ahead bytes to add to it
  void writeColumns(int offset, int ahead) {
    for (int i = 0; i < slots.length; i++) {
      if (levels.get(i) == Level.COLUMN) {
        write(i, operand -> load(operand, offset, ahead));
      }
    }
  }

  private void pushAddress(int entry, int offset, int ahead) {
    code.lload(locals.address(entry)).lload(offset).ladd();
    if (ahead != 0) {
      code.loadConstant((long) ahead).ladd();
    }
  }

  private void load(int operand, int offset, int ahead) {
    code.getstatic(LANES, "FLOATS", SPECIES).getstatic(MEMORY, "ALL", SEGMENT);
    pushAddress(operand, offset, ahead);
    code.getstatic(MEMORY, "ORDER", ORDER);
    code.invokestatic(
        FLOATS, "fromMemorySegment", MethodTypeDesc.of(FLOATS, SPECIES, SEGMENT, CD_long, ORDER));
  }

  private void broadcast(int operand) {
    code.getstatic(LANES, "FLOATS", SPECIES);
    code.lload(locals.address(operand));
    code.invokestatic(MEMORY, "load", MethodTypeDesc.of(CD_float, CD_long));
    code.invokestatic(FLOATS, "broadcast", MethodTypeDesc.of(FLOATS, SPECIES, CD_float));
  }

  /// Writes a value to a result.
  void store(int value, int entry, int offset) {
    push(value);
    writeStore(() -> pushAddress(entry, offset, 0));
  }

  /// Writes the value on the stack to memory.
  void writeStore(Runnable address) {
    code.getstatic(MEMORY, "ALL", SEGMENT);
    address.run();
    code.getstatic(MEMORY, "ORDER", ORDER);
    code.invokevirtual(
        FLOATS, "intoMemorySegment", MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER));
  }

  /// Writes one instruction.
  ///
  /// @param load writes what leaves an operand's elements on the stack
  private void write(int number, java.util.function.IntConsumer load) {
    Instruction instruction = instructions.get(number);
    if (instruction.operation() == Operation.LOAD) {
      load.accept(instruction.literal());
    } else {
      instruction.args().forEach(this::push);
      compute(code, instruction.operation(), instruction.literal());
    }
    code.astore(slots[number]);
  }

  /// Writes an operation whose operands are on the stack.
  @SuppressWarnings("CyclomaticComplexity") // one row an operation
  static void compute(CodeBuilder code, Operation operation, int literal) {
    switch (operation) {
      case LOAD -> throw new IllegalArgumentException("loads depend on where they stand");
      case LITERAL -> {
        code.getstatic(LANES, "FLOATS", SPECIES).loadConstant(Float.intBitsToFloat(literal));
        code.invokestatic(FLOATS, "broadcast", MethodTypeDesc.of(FLOATS, SPECIES, CD_float));
      }
      case ADD -> floats(code, "add", VECTOR);
      case SUB -> floats(code, "sub", VECTOR);
      case MUL -> floats(code, "mul", VECTOR);
      case DIV -> floats(code, "div", VECTOR);
      case MAX -> floats(code, "max", VECTOR);
      case MIN -> floats(code, "min", VECTOR);
      case FMA -> floats(code, "fma", VECTOR, VECTOR);
      case NEG -> floats(code, "neg");
      case ABS -> floats(code, "abs");
      case SQRT -> floats(code, "sqrt");
      case BLEND -> floats(code, "blend", VECTOR, MASK);
      case LESS -> compare(code, "LT");
      case LESS_EQUAL -> compare(code, "LE");
      case EQUAL -> compare(code, "EQ");
      case NOT_EQUAL -> compare(code, "NE");
      case AND -> code.invokevirtual(MASK, "and", MethodTypeDesc.of(MASK, MASK));
      case OR -> code.invokevirtual(MASK, "or", MethodTypeDesc.of(MASK, MASK));
      case NOT -> code.invokevirtual(MASK, "not", MethodTypeDesc.of(MASK));
      case TO_BITS -> code.invokevirtual(FLOATS, "reinterpretAsInts", MethodTypeDesc.of(INTS));
      case FROM_BITS -> code.invokevirtual(INTS, "reinterpretAsFloats", MethodTypeDesc.of(FLOATS));
      case BITS_SUB -> code.invokevirtual(INTS, "sub", MethodTypeDesc.of(INTS, VECTOR));
      case BITS_OR -> code.invokevirtual(INTS, "or", MethodTypeDesc.of(INTS, VECTOR));
      case BITS_ADD -> {
        code.loadConstant(literal);
        code.invokevirtual(INTS, "add", MethodTypeDesc.of(INTS, CD_int));
      }
      case BITS_AND -> {
        code.loadConstant(literal);
        code.invokevirtual(INTS, "and", MethodTypeDesc.of(INTS, CD_int));
      }
      case BITS_LEFT -> shift(code, "LSHL", literal);
      case BITS_RIGHT -> shift(code, "ASHR", literal);
    }
  }

  private static void floats(CodeBuilder code, String method, ClassDesc... parameters) {
    code.invokevirtual(FLOATS, method, MethodTypeDesc.of(FLOATS, parameters));
  }

  /// The operator stands between the two operands, which are on the stack already.
  private static void compare(CodeBuilder code, String operator) {
    code.getstatic(OPERATORS, operator, COMPARISON).swap();
    code.invokevirtual(FLOATS, "compare", MethodTypeDesc.of(MASK, COMPARISON, VECTOR));
  }

  private static void shift(CodeBuilder code, String operator, int count) {
    code.getstatic(OPERATORS, operator, BINARY).loadConstant(count);
    code.invokevirtual(INTS, "lanewise", MethodTypeDesc.of(INTS, BINARY, CD_int));
  }
}
