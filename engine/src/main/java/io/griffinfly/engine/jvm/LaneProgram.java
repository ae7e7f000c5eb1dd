package io.griffinfly.engine.jvm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A straight-line program over vectors, one instruction a value, operands before their users.
/// Equal instructions are one; [LaneMath] builds it from expressions, [VectorLoopWriter] turns it
/// into bytecode.
final class LaneProgram {
  /// What a value is in every lane.
  enum Kind {
    FLOAT,
    /// The bits of a float.
    BITS,
    /// A truth value.
    MASK
  }

  /// What an instruction does.
  enum Operation {
    /// An operand's elements; its number is the literal.
    LOAD(Kind.FLOAT),
    /// The same number everywhere.
    LITERAL(Kind.FLOAT),
    ADD(Kind.FLOAT),
    SUB(Kind.FLOAT),
    MUL(Kind.FLOAT),
    DIV(Kind.FLOAT),
    MAX(Kind.FLOAT),
    MIN(Kind.FLOAT),
    /// a · b + c, rounded once.
    FMA(Kind.FLOAT),
    NEG(Kind.FLOAT),
    ABS(Kind.FLOAT),
    SQRT(Kind.FLOAT),
    /// b where c is true, else a.
    BLEND(Kind.FLOAT),
    LESS(Kind.MASK),
    LESS_EQUAL(Kind.MASK),
    EQUAL(Kind.MASK),
    NOT_EQUAL(Kind.MASK),
    AND(Kind.MASK),
    OR(Kind.MASK),
    NOT(Kind.MASK),
    /// The bits of a float.
    TO_BITS(Kind.BITS),
    /// The float of some bits.
    FROM_BITS(Kind.FLOAT),
    /// a plus the literal, as integers.
    BITS_ADD(Kind.BITS),
    /// a − b, as integers.
    BITS_SUB(Kind.BITS),
    /// a and the literal, bit by bit.
    BITS_AND(Kind.BITS),
    /// a or b, bit by bit.
    BITS_OR(Kind.BITS),
    /// a moved to the left by the literal.
    BITS_LEFT(Kind.BITS),
    /// a moved to the right by the literal, its sign repeated.
    BITS_RIGHT(Kind.BITS);

    private final Kind kind;

    Operation(Kind kind) {
      this.kind = kind;
    }

    Kind kind() {
      return kind;
    }
  }

  /// One instruction.
  ///
  /// @param operation what it does
  /// @param args numbers of the values it takes
  /// @param literal a number that is part of it: an operand's index, the bits of a float, a count
  record Instruction(Operation operation, List<Integer> args, int literal) {}

  /// How often a value changes.
  enum Level {
    /// Never.
    ONCE,
    /// From row to row.
    ROW,
    /// From column to column.
    COLUMN
  }

  private final List<Instruction> instructions = new ArrayList<>();
  private final Map<Instruction, Integer> numbers = new HashMap<>();

  /// The instructions in order.
  List<Instruction> instructions() {
    return instructions;
  }

  /// How often each value changes, given which operands are the same along a row.
  List<Level> levels(LoopSpec spec) {
    List<Level> levels = new ArrayList<>();
    for (Instruction instruction : instructions) {
      Level level = Level.ONCE;
      if (instruction.operation() == Operation.LOAD) {
        boolean splat = spec.access(instruction.literal()) == TileLoop.Access.SPLAT;
        level = splat ? Level.ROW : Level.COLUMN;
      }
      for (int arg : instruction.args()) {
        level = level.compareTo(levels.get(arg)) > 0 ? level : levels.get(arg);
      }
      levels.add(level);
    }
    return levels;
  }

  private int add(Operation operation, int literal, Integer... args) {
    Instruction instruction = new Instruction(operation, List.of(args), literal);
    Integer known = numbers.putIfAbsent(instruction, instructions.size());
    if (known != null) {
      return known;
    }
    instructions.add(instruction);
    return instructions.size() - 1;
  }

  /// An operand's elements.
  int load(int operand) {
    return add(Operation.LOAD, operand);
  }

  /// The same number everywhere.
  int literal(double value) {
    return add(Operation.LITERAL, Float.floatToRawIntBits((float) value));
  }

  /// An instruction without a literal.
  int apply(Operation operation, Integer... args) {
    return add(operation, 0, args);
  }

  /// An instruction on bits with a literal.
  int bits(Operation operation, int value, int literal) {
    return add(operation, literal, value);
  }

  /// a · b + c.
  int fma(int a, int b, int c) {
    return apply(Operation.FMA, a, b, c);
  }

  /// c₀ + c₁·x + c₂·x² + .., by Horner's rule.
  int polynomial(int x, double... coefficients) {
    int sum = literal(coefficients[coefficients.length - 1]);
    for (int i = coefficients.length - 2; i >= 0; i--) {
      sum = fma(sum, x, literal(coefficients[i]));
    }
    return sum;
  }

  /// `yes` where the condition is true, else `no`.
  int choose(int condition, int yes, int no) {
    return apply(Operation.BLEND, no, yes, condition);
  }
}
