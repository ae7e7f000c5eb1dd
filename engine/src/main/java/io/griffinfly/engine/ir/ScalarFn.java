package io.griffinfly.engine.ir;

/// Functions of one element each of their operands. Comparisons and logic yield truth values; the
/// others keep the element type of their operands.
public enum ScalarFn {
  /// −x.
  NEG(1, Kind.ARITHMETIC),
  /// |x|.
  ABS(1, Kind.ARITHMETIC),
  /// −1, 0 or 1.
  SIGN(1, Kind.ARITHMETIC),
  /// e^x.
  EXP(1, Kind.REAL),
  /// Natural logarithm.
  LOG(1, Kind.REAL),
  /// √x.
  SQRT(1, Kind.REAL),
  /// 1/√x.
  RSQRT(1, Kind.REAL),
  /// 1/x.
  RECIPROCAL(1, Kind.REAL),
  /// The largest power of two that |x| reaches, exactly; 0, infinities and NaN are their own. What
  /// is below the normal numbers of the element type may count as 0.
  POWER_OF_TWO(1, Kind.REAL),
  /// Sine.
  SIN(1, Kind.REAL),
  /// Cosine.
  COS(1, Kind.REAL),
  /// Hyperbolic tangent.
  TANH(1, Kind.REAL),
  /// Gauss's error function.
  ERF(1, Kind.REAL),
  /// 1/(1+e^−x).
  SIGMOID(1, Kind.REAL),
  /// x·sigmoid(x) (Elfwing et al. 2017).
  SILU(1, Kind.REAL),
  /// max(x, 0).
  RELU(1, Kind.ARITHMETIC),
  /// Logical negation.
  NOT(1, Kind.LOGIC),
  /// a + b.
  ADD(2, Kind.ARITHMETIC),
  /// a − b.
  SUB(2, Kind.ARITHMETIC),
  /// a·b.
  MUL(2, Kind.ARITHMETIC),
  /// a / b; integers truncate toward zero.
  DIV(2, Kind.ARITHMETIC),
  /// The larger; NaN if either is.
  MAX(2, Kind.ARITHMETIC),
  /// The smaller; NaN if either is.
  MIN(2, Kind.ARITHMETIC),
  /// a^b.
  POW(2, Kind.REAL),
  /// silu(gate)·up (Shazeer 2020, "GLU Variants Improve Transformer").
  SWIGLU(2, Kind.REAL),
  /// a < b.
  LESS(2, Kind.COMPARISON),
  /// a ≤ b.
  LESS_EQUAL(2, Kind.COMPARISON),
  /// a > b.
  GREATER(2, Kind.COMPARISON),
  /// a ≥ b.
  GREATER_EQUAL(2, Kind.COMPARISON),
  /// a = b.
  EQUAL(2, Kind.COMPARISON),
  /// a ≠ b.
  NOT_EQUAL(2, Kind.COMPARISON),
  /// a and b.
  AND(2, Kind.LOGIC),
  /// a or b.
  OR(2, Kind.LOGIC),
  /// b where a is true, else c.
  SELECT(3, Kind.CHOICE);

  /// Which element types a function takes and yields.
  public enum Kind {
    /// Any numbers, the same type out.
    ARITHMETIC,
    /// Floating point, the same type out.
    REAL,
    /// Any numbers, a truth value out.
    COMPARISON,
    /// Truth values.
    LOGIC,
    /// A truth value and two operands of one type, that type out.
    CHOICE
  }

  private final int arity;
  private final Kind kind;

  ScalarFn(int arity, Kind kind) {
    this.arity = arity;
    this.kind = kind;
  }

  /// Number of operands.
  ///
  /// @return 1, 2 or 3
  public int arity() {
    return arity;
  }

  /// Which element types it takes and yields.
  ///
  /// @return the kind
  public Kind kind() {
    return kind;
  }

  /// Whether the two operands may be exchanged.
  ///
  /// @return true for the commutative functions
  @SuppressWarnings("CyclomaticComplexity") // one row a function
  public boolean isCommutative() {
    return switch (this) {
      case ADD, MUL, MAX, MIN, EQUAL, NOT_EQUAL, AND, OR -> true;
      case NEG,
          ABS,
          SIGN,
          EXP,
          LOG,
          SQRT,
          RSQRT,
          RECIPROCAL,
          POWER_OF_TWO,
          SIN,
          COS,
          TANH,
          ERF,
          SIGMOID,
          SILU,
          RELU,
          NOT,
          SUB,
          DIV,
          POW,
          SWIGLU,
          LESS,
          LESS_EQUAL,
          GREATER,
          GREATER_EQUAL,
          SELECT ->
          false;
    };
  }
}
