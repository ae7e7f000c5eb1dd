package io.griffinfly.engine.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Numbers for kernels, and how close their results must be.
public final class KernelData {
  private KernelData() {}

  /// Normal numbers, rounded to the type; small integers and truth values where it is one.
  public static Value.Array random(TensorType type, long seed) {
    Random random = new Random(seed);
    double[] data = new double[Math.toIntExact(type.shape().size())];
    for (int i = 0; i < data.length; i++) {
      data[i] =
          switch (type.dtype()) {
            case F64, F32, F16, BF16 -> type.dtype().round(random.nextGaussian());
            case I64, I32 -> random.nextInt(19) - 9;
            case BOOL -> random.nextInt(2);
          };
    }
    return Value.Array.of(type, data);
  }

  /// The same for several operands.
  public static List<Value.Array> random(List<TensorType> types, long seed) {
    List<Value.Array> arrays = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      arrays.add(random(types.get(i), seed + i));
    }
    return arrays;
  }

  /// Demands every element within `relative` of the expected one, or within `absolute`.
  public static void assertClose(
      Value.Array expected, double[] found, double relative, double absolute, String what) {
    assertEquals(expected.size(), found.length, what);
    for (int i = 0; i < found.length; i++) {
      double want = expected.get(i);
      if (Double.isNaN(want) || Double.isInfinite(want)) {
        assertEquals(want, found[i], what + " element " + i);
      } else {
        double error = Math.abs(found[i] - want);
        assertTrue(
            error <= relative * Math.abs(want) + absolute,
            what + " element " + i + ": " + found[i] + " instead of " + want);
      }
    }
  }

  /// How far a tensor is from another, relative to it: the L2 norm of the difference over that of
  /// the second.
  public static double distance(Tensor a, Tensor b) {
    double error = 0;
    double size = 0;
    double[] x = a.toDoubles();
    double[] y = b.toDoubles();
    for (int i = 0; i < x.length; i++) {
      error += (x[i] - y[i]) * (x[i] - y[i]);
      size += y[i] * y[i];
    }
    return Math.sqrt(error / size);
  }

  /// Half a unit in the last place of 1.
  public static double epsilon(DType type) {
    return switch (type) {
      case F64 -> 0x1p-53;
      case F32 -> 0x1p-24;
      case F16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
      case I64, I32, BOOL -> 0;
    };
  }

  /// An operand of an expression.
  public static ScalarExpr arg(int index) {
    return new ScalarExpr.Arg(index);
  }

  /// A number in an expression.
  public static ScalarExpr number(double value) {
    return new ScalarExpr.Scalar(value);
  }
}
