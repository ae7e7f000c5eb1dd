package io.griffinfly.engine.jvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.jvm.TileLoop.Access;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.ref.Value;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Every function of real numbers over the whole range of floats, against double precision.
class LaneMathTest {
  /// Random mantissas of each sign and exponent; with the special points over a million numbers a
  /// function.
  private static final int MANTISSAS = 2048;

  /// Numbers below and above each special point.
  private static final int NEAR = 40;

  /// How far vector code may be from the exact result.
  ///
  /// @param fn the function
  /// @param ulps in units in the last place of the exact result rounded to a float
  /// @param floor where that is more: an absolute error
  record Bound(ScalarFn fn, double ulps, double floor) {}

  static Stream<Bound> bounds() {
    return Stream.of(
        new Bound(ScalarFn.EXP, 0.9, 0),
        new Bound(ScalarFn.LOG, 0.9, 0),
        new Bound(ScalarFn.SQRT, 0.5, 0),
        new Bound(ScalarFn.RSQRT, 1.5, 0),
        new Bound(ScalarFn.RECIPROCAL, 0.5, 0),
        // Subnormal numbers, of which the largest power is 2^-127, count as zero.
        new Bound(ScalarFn.POWER_OF_TWO, 0, 0x1p-127),
        new Bound(ScalarFn.TANH, 1.4, 0),
        new Bound(ScalarFn.ERF, 1.1, 0),
        new Bound(ScalarFn.SIGMOID, 2.3, 0),
        // Where the sigmoid is subnormal, below -87, x multiplies the unit of its rounding.
        new Bound(ScalarFn.SILU, 3, 104 * 0x1p-149),
        new Bound(ScalarFn.SWIGLU, 4, 104 * 0x1p-149));
  }

  private static float[] run(ScalarFn fn, float[] x, Access access, int columns) {
    return run(fn, x, access, columns, fn.arity());
  }

  /// The function at the given numbers; its second operand is their sequence backwards.
  ///
  /// @param columns of a row; the last one may have fewer
  /// @param operands at least as many as the function takes; with more the loop is another class
  private static float[] run(ScalarFn fn, float[] x, Access access, int columns, int operands) {
    List<ScalarExpr> args = IntStream.range(0, fn.arity()).mapToObj(Loops::arg).toList();
    Access[] accesses = new Access[operands];
    Arrays.fill(accesses, access);
    TileLoop loop = Loops.map(new ScalarExpr.Apply(fn, args), accesses);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(TileLoop.blockBytes(operands + 1), Memory.ALIGNMENT);
      MemorySegment first = arena.allocateFrom(ValueLayout.JAVA_FLOAT, x);
      MemorySegment second = arena.allocateFrom(ValueLayout.JAVA_FLOAT, backwards(x));
      MemorySegment result = arena.allocate(first.byteSize());
      for (int from = 0; from < x.length; from += columns) {
        long at = (long) from * Float.BYTES;
        for (int operand = 0; operand < operands; operand++) {
          long address = (operand == 1 ? second : first).address();
          TileLoop.set(block.address(), operand, address + at, 0, Float.BYTES);
        }
        TileLoop.set(block.address(), operands, result.address() + at, 0, Float.BYTES);
        loop.run(block.address(), 1, Math.min(columns, x.length - from));
      }
      return result.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  private static float[] backwards(float[] x) {
    float[] back = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      back[i] = x[x.length - 1 - i];
    }
    return back;
  }

  private static double[] reference(ScalarFn fn, float[] x) {
    List<Value.Array> operands = new ArrayList<>();
    for (float[] each : List.of(x, backwards(x)).subList(0, fn.arity())) {
      double[] values = new double[x.length];
      Arrays.setAll(values, i -> each[i]);
      operands.add(Value.Array.of(TensorType.of(DType.F64, x.length), values));
    }
    return ((Value.Array) Interpreter.apply(new Elementwise.Map(fn), operands)).data();
  }

  /// Where functions change their formula, overflow, vanish or meet a special case.
  private static final float[] SPECIAL = {
    0f,
    0.5f,
    0.625f,
    (float) Math.sqrt(0.5),
    1f,
    (float) Math.sqrt(2),
    2f,
    4f,
    87.33655f,
    88.72284f,
    89f,
    103.27893f,
    103.97208f,
    104f,
    Float.MIN_NORMAL,
    Float.MAX_VALUE,
    0x1p22f,
    0x1p23f,
    0x1p24f,
    0x1p31f
  };

  private static float[] numbers() {
    Random random = new Random(1);
    FloatBuffer numbers = FloatBuffer.allocate(512 * MANTISSAS + 4 * (SPECIAL.length + 1) * NEAR);
    for (float special : SPECIAL) {
      int bits = Float.floatToRawIntBits(special);
      for (int near = -NEAR; near < NEAR; near++) {
        float value = Float.intBitsToFloat(Math.max(0, bits + near));
        numbers.put(value).put(-value);
      }
    }
    for (float special : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      numbers.put(special).put(-special);
    }
    for (int top = 0; top < 512; top++) {
      for (int i = 0; i < MANTISSAS; i++) {
        numbers.put(Float.intBitsToFloat(top << 23 | random.nextInt(1 << 23)));
      }
    }
    return Arrays.copyOf(numbers.array(), numbers.position());
  }

  /// Demands a value within a bound; special cases (NaN, infinities, zeros with their sign)
  /// exactly.
  ///
  /// @return the error in units in the last place, 0 where the absolute bound holds
  private static double error(Bound bound, float x, double factor, double exact, float found) {
    float rounded = (float) exact;
    if (Double.isNaN(exact) || Float.isInfinite(rounded) || exact == 0) {
      assertEquals(rounded, found, () -> bound.fn + " of " + x);
      return 0;
    }
    double error = Math.abs(found - exact);
    if (error <= bound.floor * factor) {
      return 0;
    }
    double ulps = error / Math.ulp(rounded);
    assertTrue(ulps <= bound.ulps, () -> bound.fn + " of " + x + " is " + found + ", not " + exact);
    return ulps;
  }

  @ParameterizedTest
  @MethodSource("bounds")
  void staysWithinItsBoundOverTheWholeRange(Bound bound) {
    float[] x = numbers();
    double[] exact = reference(bound.fn, x);
    float[] found = run(bound.fn, x, Access.CONTIGUOUS, x.length);
    double worst = 0;
    for (int i = 0; i < x.length; i++) {
      double factor = bound.fn == ScalarFn.SWIGLU ? Math.abs(x[x.length - 1 - i]) : 1;
      worst = Math.max(worst, error(bound, x[i], factor, exact[i], found[i]));
    }
    double reached = worst;
    // A bound far above what is reached would say nothing; 20 times as many mantissas reach 0.87.
    assertTrue(reached >= 0.75 * bound.ulps, () -> bound.fn + " errs by " + reached + " at most");
  }

  /// Scalar loops compute in double precision and round once.
  @ParameterizedTest
  @EnumSource(
      names = {
        "EXP",
        "LOG",
        "SQRT",
        "RSQRT",
        "RECIPROCAL",
        "POWER_OF_TWO",
        "SIN",
        "COS",
        "TANH",
        "ERF",
        "SIGMOID",
        "SILU",
        "POW",
        "SWIGLU"
      })
  void scalarLoopsRoundOnce(ScalarFn fn) {
    float[] x = numbers();
    double[] exact = reference(fn, x);
    float[] found = run(fn, x, Access.STRIDED, x.length);
    // Half a unit, and what the double itself may be off by.
    Bound bound = new Bound(fn, 0.5 + 0x1p-20, 0);
    for (int i = 0; i < x.length; i++) {
      error(bound, x[i], 1, exact[i], found[i]);
    }
  }

  /// The last columns of a row go through masked code; a value must not depend on where it stands.
  @ParameterizedTest
  @MethodSource("bounds")
  void tailsAndWholeVectorsGiveTheSameBits(Bound bound) {
    float[] x = Arrays.copyOf(numbers(), 4 * NEAR * SPECIAL.length + 4);
    float[] whole = run(bound.fn, x, Access.CONTIGUOUS, x.length);
    for (int columns : new int[] {1, 3, Lanes.COUNT - 1, Lanes.COUNT + 1, 5 * Lanes.COUNT + 7}) {
      float[] pieces = run(bound.fn, x, Access.CONTIGUOUS, columns);
      assertArrayEquals(bits(whole), bits(pieces), bound.fn + " in rows of " + columns);
    }
  }

  /// Interpreted at first, compiled later: the same bits (the Vector API's own EXP is not).
  @ParameterizedTest
  @MethodSource("bounds")
  void firstRunsAndLaterRunsGiveTheSameBits(Bound bound) {
    float[] few = Arrays.copyOf(numbers(), 4 * NEAR * SPECIAL.length + 4);
    // One operand more than needed: a class that nothing has run yet.
    int operands = bound.fn.arity() + 1;
    float[] first = run(bound.fn, few, Access.CONTIGUOUS, few.length, operands);
    float[] many = numbers();
    run(bound.fn, many, Access.CONTIGUOUS, many.length, operands);
    float[] later = run(bound.fn, few, Access.CONTIGUOUS, few.length, operands);
    assertArrayEquals(bits(first), bits(later));
  }

  private static int[] bits(float[] x) {
    int[] bits = new int[x.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(x[i]));
    return bits;
  }
}
