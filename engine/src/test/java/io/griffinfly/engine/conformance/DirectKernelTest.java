package io.griffinfly.engine.conformance;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.ShapeRules;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ir.ValueType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.ref.Value;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource(Subjects.ALL)
class DirectKernelTest {
  private final Subject subject;

  DirectKernelTest(Subject subject) {
    this.subject = subject;
  }

  static KernelSpec.Direct spec(Op op, List<Value.Array> inputs) {
    List<TensorType> operands = inputs.stream().map(Value.Array::type).toList();
    ValueType type = ShapeRules.infer(op, List.copyOf(operands));
    return new KernelSpec.Direct(
        op,
        operands,
        switch (type) {
          case TensorType single -> List.of(single);
          case ValueType.Tuple(List<TensorType> elements) -> elements;
        });
  }

  static List<Value.Array> reference(Op op, List<Value.Array> inputs) {
    return switch (Interpreter.apply(op, inputs)) {
      case Value.Array array -> List.of(array);
      case Value.Tuple(List<Value.Array> elements) -> elements;
    };
  }

  /// Runs an operation on every layout.
  ///
  /// @param length of the longest sum in it, all of whose terms are of about unit size
  private void check(Op op, double length, Value.Array... inputs) {
    check(op, 0, length, inputs);
  }

  /// @param rounding relative, of operands that kernels may use in different ways
  private void check(Op op, double rounding, double length, Value.Array... inputs) {
    List<Value.Array> operands = List.of(inputs);
    List<Value.Array> expected = reference(op, operands);
    KernelSpec.Direct spec = spec(op, operands);
    for (Lie lie : subject.lies()) {
      KernelRun.all(subject, spec, operands, lie)
          .forEach((schedule, found) -> {
            for (int i = 0; i < found.size(); i++) {
              double epsilon = Math.max(rounding, KernelData.epsilon(expected.get(i).dtype()));
              KernelData.assertClose(
                  expected.get(i),
                  found.get(i),
                  8 * epsilon,
                  epsilon * length,
                  spec + " result " + i + " " + lie + " " + schedule);
            }
          });
    }
  }

  static Value.Array random(DType type, long seed, int... dims) {
    return KernelData.random(TensorType.of(type, dims), seed);
  }

  private static Value.Array integers(DType type, Shape shape, double... values) {
    return Value.Array.of(new TensorType(type, shape), values);
  }

  /// Positions that repeat and jump.
  private static Value.Array positions(DType type, int extent, int... dims) {
    Shape shape = Shape.of(dims);
    double[] values = new double[(int) shape.size()];
    Arrays.setAll(values, i -> (i * 7919L + 3) % extent);
    return integers(type, shape, values);
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void norms(DType type) {
    for (int n : new int[] {1, 3, 8, 33, 576}) {
      for (int[] rows : new int[][] {{}, {1}, {5}, {2, 67}}) {
        int[] dims = Arrays.copyOf(rows, rows.length + 1);
        dims[rows.length] = n;
        var x = random(type, 1, dims);
        var weight = random(type, 2, n);
        check(new Norm.RmsNorm(1e-5), n * 4, x, weight);
        check(new Norm.RmsNormGrad(1e-5), 4096, x, weight, random(type, 3, dims));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void rotary(DType type) {
    for (int d : new int[] {2, 6, 34, 64}) {
      for (boolean inverse : new boolean[] {false, true}) {
        var x = random(type, 1, 2, 5, 3, d);
        var cos = random(type, 2, 5, 1, d / 2);
        var sin = random(type, 3, 5, 1, d / 2);
        check(new Attention.Rotary(inverse), 16, x, cos, sin);
      }
    }
  }

  /// Batch, query heads, key heads, queries, keys, width of scores, width of values.
  private static final int[][] ATTENTIONS = {
    {1, 1, 1, 1, 1, 1, 1},
    {1, 2, 2, 3, 5, 4, 7},
    {2, 4, 2, 17, 17, 8, 8},
    {1, 6, 2, 1, 37, 64, 64},
    {1, 3, 1, 70, 70, 64, 64},
    {1, 2, 1, 130, 201, 33, 17},
    {1, 1, 1, 9, 4, 16, 16},
  };

  @ParameterizedTest
  @EnumSource
  void attention(Attention.Mask mask) {
    for (int[] c : ATTENTIONS) {
      for (DType type : List.of(DType.F32, DType.F16)) {
        if (type != DType.F32 && c[3] > 20) {
          continue;
        }
        var q = random(type, 1, c[0], c[1], c[3], c[5]);
        var k = random(type, 2, c[0], c[2], c[4], c[5]);
        var v = random(type, 3, c[0], c[2], c[4], c[6]);
        double scale = 1 / Math.sqrt(c[5]);
        check(new Attention.Attend(scale, mask), 64, q, k, v);
        List<Value.Array> forward =
            reference(new Attention.Attend(scale, mask), List.of(q, k, v)).stream()
                .map(DirectKernelTest::rounded)
                .toList();
        var dy = random(type, 4, c[0], c[1], c[3], c[6]);
        // Some sum weights times gradients where others take the rounded result.
        check(
            new Attention.AttendGrad(scale, mask),
            KernelData.epsilon(type),
            16 * (c[3] + c[4]),
            q,
            k,
            v,
            forward.get(0),
            forward.get(1),
            dy);
      }
    }
  }

  static Value.Array rounded(Value.Array exact) {
    double[] data = Arrays.stream(exact.data()).map(exact.dtype()::round).toArray();
    return Value.Array.of(exact.type(), data);
  }

  @ParameterizedTest
  @EnumSource(names = {"I64", "I32"})
  void crossEntropy(DType labelType) {
    for (int classes : new int[] {1, 2, 17, 1000, 40_003}) {
      for (DType type : List.of(DType.F32, DType.F16)) {
        if (type != DType.F32 && classes > 20) {
          continue;
        }
        var logits = random(type, 1, 3, 4, classes);
        var labels = positions(labelType, classes, 3, 4);
        labels.data()[5] = -100;
        var loss = new Loss.CrossEntropy(-100);
        check(loss, 64, logits, labels);
        var logDenominators = rounded(reference(loss, List.of(logits, labels)).get(1));
        var factor = Value.Array.of(TensorType.of(type), 0.75);
        var gradient = new Loss.CrossEntropyGrad(-100);
        check(gradient, 16, logits, labels, logDenominators, factor);
      }
    }
  }

  @Test
  void aLossOfIgnoredLabelsIsNotANumber() {
    var logits = random(DType.F32, 1, 2, 5);
    check(new Loss.CrossEntropy(7), 16, logits, integers(DType.I64, Shape.of(2), 7, 7));
  }

  @ParameterizedTest
  @EnumSource
  void takeAndScatterAdd(DType type) {
    int[][] tables = {{11}, {7, 5}, {3, 9, 2, 4}, {50, 67}};
    for (int[] table : tables) {
      for (int axis = 0; axis < table.length; axis++) {
        for (int[] picked : new int[][] {{}, {1}, {13}, {2, 3}}) {
          var indices = positions(DType.I64, table[axis], picked);
          var take = new Gather.Take(axis);
          var values = random(type, 1, table);
          check(take, 0, values, indices);
          if (type != DType.BOOL) {
            int[] taken = reference(take, List.of(values, indices)).getFirst().shape().dims();
            var updates = random(type, 2, taken);
            check(new Gather.ScatterAdd(axis, table[axis]), 200, indices, updates);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {"BOOL"},
      mode = EnumSource.Mode.EXCLUDE)
  void argMax(DType type) {
    for (int[] dims : new int[][] {{1}, {19}, {4, 7}, {3, 300, 2}}) {
      for (int axis = 0; axis < dims.length; axis++) {
        for (boolean keepDims : new boolean[] {false, true}) {
          check(new Reduce.ArgMax(axis, keepDims), 0, random(type, 1, dims));
        }
      }
    }
  }
}
