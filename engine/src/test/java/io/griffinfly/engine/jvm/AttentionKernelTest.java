package io.griffinfly.engine.jvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.conformance.KernelData;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.ref.Value;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Vector attention against the interpreter, on the views that models use: heads side by side in
/// the rows of a packed projection `[b, s, heads·d]`.
class AttentionKernelTest {
  private static final byte POISON = (byte) 0xFF;

  /// Batch, query heads, key heads, queries, keys, width of scores, width of values.
  private static final int[][] CASES = {
    {1, 1, 1, 1, 1, 1, 1},
    {1, 9, 3, 1, 128, 64, 64},
    {2, 6, 2, 1, 37, 63, 20},
    {1, 2, 1, 2, 7, 5, 80},
    {2, 3, 3, 3, 130, 80, 33},
    {1, 2, 2, 4, 9, 20, 64},
    {1, 3, 1, 7, 7, 5, 5},
    {2, 2, 2, 8, 8, 64, 64},
    {1, 6, 2, 9, 4, 16, 16},
    {1, 3, 1, 17, 17, 63, 20},
    {1, 2, 1, 33, 40, 7, 3},
    {1, 1, 1, 64, 64, 80, 80},
    {1, 3, 1, 130, 130, 64, 64},
    {2, 2, 1, 65, 201, 20, 33},
    {1, 2, 2, 130, 50, 33, 17},
    {1, 2, 2, 17, 301, 16, 16},
  };

  /// A tensor `[b, heads, positions, width]` whose rows have gaps between them.
  private static Operand packed(Arena arena, TensorType type) {
    Shape shape = type.shape();
    Layout layout;
    if (shape.rank() == 3) {
      layout = Layout.of(0, shape.strides());
    } else {
      long row = (long) shape.dim(1) * shape.dim(3) + 5;
      layout = Layout.of(3, shape.dim(2) * row, shape.dim(3), row, 1);
    }
    long elements = 3 + shape.size() + 5L * shape.dim(0) * shape.dim(2);
    MemorySegment memory = arena.allocate(elements * Float.BYTES, 64);
    memory.fill(POISON);
    return new Operand(type, layout, memory);
  }

  private static List<double[]> run(
      Attention op, List<Value.Array> inputs, List<TensorType> types, int threads) {
    try (WorkerPool pool = new WorkerPool(threads);
        Arena arena = Arena.ofShared()) {
      List<View> from = new ArrayList<>();
      for (Value.Array input : inputs) {
        View view = View.of(packed(arena, input.type()));
        for (int i = 0; i < input.size(); i++) {
          view.set(i, input.get(i));
        }
        from.add(view);
      }
      List<Operand> results = types.stream().map(type -> packed(arena, type)).toList();
      Kernel kernel = AttentionKernels.of(op, from, results.stream().map(View::of).toList());
      assertTrue(
          kernel instanceof AttendKernel
              || kernel instanceof AttendRows
              || kernel instanceof KernelGroup,
          op + " runs in vectors");
      pool.run(kernel);
      return results.stream().map(AttentionKernelTest::elements).toList();
    }
  }

  private static double[] elements(Operand operand) {
    View view = View.of(operand);
    return IntStream.range(0, Math.toIntExact(operand.type().shape().size()))
        .mapToDouble(view::get)
        .toArray();
  }

  /// Runs an attention on 1 to 4 threads, demands equal bits, and compares with the interpreter.
  ///
  /// @param scale of the greatest errors: the greatest term of a sum times a root of their number
  /// @return what the interpreter finds, rounded
  private static List<Value.Array> check(Attention op, double scale, Value.Array... inputs) {
    List<Value.Array> operands = List.of(inputs);
    List<Value.Array> expected =
        ((Value.Tuple) Interpreter.apply(op, operands)).elements().stream().toList();
    List<TensorType> types = expected.stream().map(Value.Array::type).toList();
    List<double[]> first = run(op, operands, types, 1);
    for (int threads = 2; threads <= 4; threads++) {
      List<double[]> found = run(op, operands, types, threads);
      for (int i = 0; i < found.size(); i++) {
        assertArrayEquals(first.get(i), found.get(i), 0, op + " on " + threads + " threads");
      }
    }
    for (int i = 0; i < first.size(); i++) {
      String what = op + " " + operands.getFirst().shape() + " result " + i;
      KernelData.assertClose(expected.get(i), first.get(i), 0x1p-20, scale * 0x1p-24, what);
    }
    return expected.stream().map(AttentionKernelTest::rounded).toList();
  }

  private static Value.Array rounded(Value.Array exact) {
    double[] data = Arrays.stream(exact.data()).map(exact.dtype()::round).toArray();
    return Value.Array.of(exact.type(), data);
  }

  private static Value.Array random(double factor, long seed, int... dims) {
    Value.Array normal = KernelData.random(TensorType.of(DType.F32, dims), seed);
    double[] data = Arrays.stream(normal.data()).map(x -> DType.F32.round(x * factor)).toArray();
    return Value.Array.of(normal.type(), data);
  }

  /// Forward and backward of one case.
  ///
  /// @param size of queries and keys
  private static void checkBoth(int[] c, Attention.Mask mask, double size, double tolerance) {
    double scale = 1 / Math.sqrt(c[5]);
    var q = random(size, 1, c[0], c[1], c[3], c[5]);
    var k = random(size, 2, c[0], c[2], c[4], c[5]);
    var v = random(1, 3, c[0], c[2], c[4], c[6]);
    var dy = random(1, 4, c[0], c[1], c[3], c[6]);
    List<Value.Array> y = check(new Attention.Attend(scale, mask), tolerance, q, k, v);
    double terms = 4 * Math.sqrt(c[3] + c[4]);
    check(
        new Attention.AttendGrad(scale, mask), terms * tolerance, q, k, v, y.get(0), y.get(1), dy);
  }

  @ParameterizedTest
  @EnumSource
  void agreesWithTheInterpreter(Attention.Mask mask) {
    for (int[] c : CASES) {
      checkBoth(c, mask, 1, 32);
    }
  }

  /// Scores up to some ±80, whose exponentials would not fit without the running maximum.
  @ParameterizedTest
  @EnumSource
  void greatScoresDoNotOverflow(Attention.Mask mask) {
    for (int[] c : new int[][] {{1, 2, 1, 3, 130, 20, 20}, {1, 2, 1, 40, 140, 20, 20}}) {
      checkBoth(c, mask, 4.5, 4096);
    }
  }

  /// Queries before the first key that a mask lets them see.
  @Test
  void aQueryThatSeesNothingYieldsZerosAndMinusInfinity() {
    int[] c = {1, 1, 1, 70, 3, 8, 8};
    checkBoth(c, Attention.Mask.CAUSAL, 1, 32);
    checkBoth(new int[] {1, 1, 1, 4, 2, 8, 8}, Attention.Mask.CAUSAL, 1, 32);
  }
}
