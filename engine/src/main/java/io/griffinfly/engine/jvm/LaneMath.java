package io.griffinfly.engine.jvm;

import io.griffinfly.engine.jvm.LaneProgram.Operation;

/// Functions of real numbers as vector instructions.
///
/// The Vector API has EXP, LOG and TANH of its own, but they are bits apart between the interpreter
/// and compiled code (170 of 4096 exponentials differ), which would make a first run differ from
/// later ones. Everything here is made of operations that round the same everywhere. The
/// polynomials are minimax fits of our own (weighted least squares with Lawson's iteration, 40
/// digits, then rounded).
///
/// The largest errors over the whole range, in units in the last place (ulp), are those that
/// `LaneMathTest` demands; special cases (NaN, infinities, the sign of zero, overflow) are exact.
/// Square root and reciprocal are rounded correctly by the hardware, 1/√x is within 1.5 ulp.
final class LaneMath {
  /// Added to a number below 2^22 it leaves the nearest integer in the low bits (Hacker's Delight,
  /// section 17-2).
  static final float MAGIC = 0x1.8p23f;

  static final int MAGIC_BITS = 0x4B400000;
  static final int MANTISSA = 23;
  static final int BIAS = 127;
  private static final int SIGN_BIT = 0x80000000;
  private static final int EXPONENT_BITS = 0x7F800000;

  /// log 2 in two parts, the first with 16 trailing zeros so that its products with exponents are
  /// exact (Cody and Waite 1980, chapter 6).
  static final float LOG_2_HIGH = 0x1.62e4p-1f;

  static final float LOG_2_LOW = 0x1.7f7d1cp-20f;

  /// (e^r − 1 − r) / r² for |r| up to half of log 2.
  static final double[] EXP_TAIL = {
    0.4999999403953552,
    0.1666651964187622,
    0.04166839271783829,
    0.008368770591914654,
    0.0013814563862979412
  };

  private final LaneProgram program;

  LaneMath(LaneProgram program) {
    this.program = program;
  }

  private int literal(double value) {
    return program.literal(value);
  }

  private int apply(Operation operation, Integer... args) {
    return program.apply(operation, args);
  }

  /// e^x = 2^n · e^r with n the integer nearest to x / log 2. The power of two is applied in two
  /// halves, so that results may be subnormal. Within 0.9 ulp.
  int exp(int x) {
    int low = literal(-104);
    int high = literal(89);
    int clamped = program.choose(apply(Operation.LESS, x, low), low, x);
    clamped = program.choose(apply(Operation.LESS, high, x), high, clamped);
    int shifted = program.fma(clamped, literal(1 / Math.log(2)), literal(MAGIC));
    int n = apply(Operation.SUB, shifted, literal(MAGIC));
    int r = program.fma(n, literal(-LOG_2_HIGH), clamped);
    r = program.fma(n, literal(-LOG_2_LOW), r);
    int tail = program.polynomial(r, EXP_TAIL);
    int power = program.fma(program.fma(tail, r, literal(1)), r, literal(1));
    int exponent = program.bits(Operation.BITS_ADD, apply(Operation.TO_BITS, shifted), -MAGIC_BITS);
    int half = program.bits(Operation.BITS_RIGHT, exponent, 1);
    int rest = apply(Operation.BITS_SUB, exponent, half);
    return apply(Operation.MUL, apply(Operation.MUL, power, powerOfTwo(half)), powerOfTwo(rest));
  }

  private int powerOfTwo(int exponent) {
    int biased = program.bits(Operation.BITS_ADD, exponent, BIAS);
    return apply(Operation.FROM_BITS, program.bits(Operation.BITS_LEFT, biased, MANTISSA));
  }

  /// log x = e · log 2 + log(1 + f) with 1 + f the mantissa between √½ and √2. Within 0.9 ulp.
  int log(int x) {
    int isSmall = apply(Operation.LESS, x, literal(Float.MIN_NORMAL));
    int scaled = program.choose(isSmall, apply(Operation.MUL, x, literal(0x1p25)), x);
    int bits = apply(Operation.TO_BITS, scaled);
    int above = program.bits(Operation.BITS_ADD, bits, -Float.floatToRawIntBits(0x1.6a09e6p-1f));
    int exponent = program.bits(Operation.BITS_RIGHT, above, MANTISSA);
    int mantissa =
        apply(
            Operation.FROM_BITS,
            apply(Operation.BITS_SUB, bits, program.bits(Operation.BITS_LEFT, exponent, MANTISSA)));
    int f = apply(Operation.SUB, mantissa, literal(1));
    int magic = apply(Operation.FROM_BITS, program.bits(Operation.BITS_ADD, exponent, MAGIC_BITS));
    int e = apply(Operation.SUB, magic, literal(MAGIC));
    e = program.choose(isSmall, apply(Operation.SUB, e, literal(25)), e);
    int square = apply(Operation.MUL, f, f);
    int cubic =
        program.polynomial(
            f,
            0.3333333134651184,
            -0.2500081956386566,
            0.20001240074634552,
            -0.16623376309871674,
            0.1420159935951233,
            -0.13159875571727753,
            0.12761928141117096,
            -0.07635308802127838);
    int tail = apply(Operation.MUL, apply(Operation.MUL, square, f), cubic);
    tail = program.fma(e, literal(LOG_2_LOW), tail);
    tail = program.fma(square, literal(-0.5), tail);
    int log = program.fma(e, literal(LOG_2_HIGH), apply(Operation.ADD, f, tail));
    int zero = literal(0);
    log = program.choose(apply(Operation.EQUAL, x, zero), literal(Float.NEGATIVE_INFINITY), log);
    int infinity = literal(Float.POSITIVE_INFINITY);
    log = program.choose(apply(Operation.EQUAL, x, infinity), infinity, log);
    // False for NaN as well as for negative numbers.
    int isValid = apply(Operation.LESS_EQUAL, zero, x);
    return program.choose(isValid, log, literal(Float.NaN));
  }

  /// 1/(1+e^−x), by e^−|x| so that nothing overflows. Within 2.3 ulp.
  int sigmoid(int x) {
    int small = exp(apply(Operation.NEG, apply(Operation.ABS, x)));
    int isPositive = apply(Operation.LESS_EQUAL, literal(0), x);
    int numerator = program.choose(isPositive, literal(1), small);
    return apply(Operation.DIV, numerator, apply(Operation.ADD, small, literal(1)));
  }

  /// x·sigmoid(x). Within 3 ulp, and times another number within 4; below −87, where the sigmoid is
  /// subnormal, within 104·2^−149.
  int silu(int x) {
    return apply(Operation.MUL, x, sigmoid(x));
  }

  /// An odd polynomial near 0, where 1 − 2/(e^2|x|+1) would cancel, that elsewhere. Within 1.4 ulp.
  int tanh(int x) {
    int size = apply(Operation.ABS, x);
    int square = apply(Operation.MUL, x, x);
    int cubic =
        program.polynomial(
            square,
            -0.3333328068256378,
            0.13331443071365356,
            -0.05373973771929741,
            0.020639173686504364,
            -0.0057050990872085094);
    int near = program.fma(apply(Operation.MUL, square, cubic), size, size);
    int power = exp(apply(Operation.ADD, size, size));
    int quotient = apply(Operation.DIV, literal(2), apply(Operation.ADD, power, literal(1)));
    int far = apply(Operation.SUB, literal(1), quotient);
    // The sign comes last: the polynomial of −0 would be +0.
    return withSignOf(x, program.choose(apply(Operation.LESS, size, literal(0.625)), near, far));
  }

  /// An odd polynomial below 1, elsewhere one minus the exponential of a polynomial. Within 1.1
  /// ulp.
  int erf(int x) {
    int size = apply(Operation.ABS, x);
    int square = apply(Operation.MUL, x, x);
    int even =
        program.polynomial(
            square,
            0.12837916612625122,
            -0.3761262595653534,
            0.11283586174249649,
            -0.02685384266078472,
            0.005188385024666786,
            -0.0008010707097128034,
            7.85560750511311e-05);
    int near = program.fma(even, x, x);
    int end = literal(4);
    int clamped = program.choose(apply(Operation.LESS, end, size), end, size);
    int logComplement =
        program.polynomial(
            clamped,
            -0.0003424110764171928,
            -1.1270853281021118,
            -0.6381517648696899,
            -0.10310031473636627,
            0.02183476649224758,
            -0.0029467791318893433,
            0.00018628398538567126);
    int far = withSignOf(x, apply(Operation.SUB, literal(1), exp(logComplement)));
    return program.choose(apply(Operation.LESS, size, literal(1)), near, far);
  }

  private int withSignOf(int x, int size) {
    int sign = program.bits(Operation.BITS_AND, apply(Operation.TO_BITS, x), SIGN_BIT);
    return apply(
        Operation.FROM_BITS, apply(Operation.BITS_OR, apply(Operation.TO_BITS, size), sign));
  }

  /// The exponent of x with nothing behind it.
  int powerOfTwoWithin(int x) {
    int power =
        apply(
            Operation.FROM_BITS,
            program.bits(Operation.BITS_AND, apply(Operation.TO_BITS, x), EXPONENT_BITS));
    // The bits of NaN would become those of infinity.
    return program.choose(apply(Operation.EQUAL, x, x), power, x);
  }

  /// −1, 0 or 1.
  int sign(int x) {
    int zero = literal(0);
    int up = program.choose(apply(Operation.LESS, zero, x), literal(1), x);
    return program.choose(apply(Operation.LESS, x, zero), literal(-1), up);
  }

  /// max(x, 0).
  int relu(int x) {
    int zero = literal(0);
    return program.choose(apply(Operation.LESS_EQUAL, x, zero), zero, x);
  }
}
