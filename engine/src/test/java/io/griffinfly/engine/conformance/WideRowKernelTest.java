package io.griffinfly.engine.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.griffinfly.engine.conformance.WideCase.Storage;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.engine.ref.Value;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Norms, losses and gathers.
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource(Subjects.GPUS)
class WideRowKernelTest {
  private final Subject subject;

  WideRowKernelTest(Subject subject) {
    this.subject = subject;
  }

  private static Value.Array random(DType type, long seed, int... dims) {
    return KernelData.random(TensorType.of(type, dims), seed);
  }

  @ParameterizedTest
  @EnumSource
  void norms(Storage storage) {
    int[][] shapes = {{1, 576}, {5, 4}, {2, 67, 36}, {3, 128}, {70, 576}, {2, 1540}, {3, 4100}};
    for (int[] dims : shapes) {
      int n = dims[dims.length - 1];
      var x = random(storage.operand, 1, dims);
      var weight = random(storage.operand, 2, n);
      WideCase.check(subject, new Norm.RmsNorm(1e-5), storage, 32, x, weight);
      var upstream = random(storage.operand, 3, dims);
      WideCase.check(subject, new Norm.RmsNormGrad(1e-5), storage, 1024, x, weight, upstream);
    }
  }

  private static Value.Array labels(DType type, int classes, int... dims) {
    Shape shape = Shape.of(dims);
    double[] values = new double[(int) shape.size()];
    Arrays.setAll(values, i -> i == 5 ? -100 : (i * 7919L + 3) % classes);
    return Value.Array.of(new TensorType(type, shape), values);
  }

  @ParameterizedTest
  @EnumSource
  void crossEntropy(Storage storage) {
    for (int classes : new int[] {4, 20, 1000, 12_000, 40_004, 49_152}) {
      if (classes > 1000 && storage != Storage.SINGLE && storage != Storage.SINGLE_TO_HALF) {
        continue;
      }
      DType labelType = classes == 20 ? DType.I32 : DType.I64;
      var logits = random(storage.operand, 1, 2, 3, classes);
      var labels = labels(labelType, classes, 2, 3);
      var loss = new Loss.CrossEntropy(-100);
      WideCase.check(subject, loss, storage, 64, logits, labels);
      var exact = DirectKernelTest.reference(loss, List.of(logits, labels)).get(1);
      var factor = Value.Array.of(TensorType.of(storage.operand), 0.75);
      var gradient = new Loss.CrossEntropyGrad(-100);
      WideCase.check(
          subject, gradient, storage, 16, logits, labels, DirectKernelTest.rounded(exact), factor);
    }
  }

  @Test
  void crossEntropyOfLargeAndInfiniteLogits() {
    for (int classes : new int[] {40, 40_004}) {
      double[] data = new double[3 * classes];
      Arrays.setAll(data, i -> (i * 31 % 97 - 48) * 400.0);
      data[2] = Double.NEGATIVE_INFINITY;
      Arrays.fill(data, classes, 2 * classes - 2, Double.NEGATIVE_INFINITY);
      data[3 * classes - 2] = Double.NaN;
      var logits = Value.Array.of(TensorType.of(DType.F32, 3, classes), data);
      var loss = new Loss.CrossEntropy(-100);
      // The third row is not a number, and so is the mean with it.
      WideCase.check(subject, loss, Storage.SINGLE, 64, logits, labels(DType.I64, classes, 3));
    }
  }

  @Test
  void aLossOfIgnoredLabelsIsNotANumber() {
    var labels = Value.Array.of(TensorType.of(DType.I64, 2), 7, 7);
    WideCase.check(
        subject, new Loss.CrossEntropy(7), Storage.SINGLE, 16, random(DType.F32, 1, 2, 8), labels);
  }

  /// More than the lanes of a workgroup.
  @Test
  void crossEntropyOfManyRows() {
    var logits = random(DType.F32, 1, 1020, 8);
    var labels = labels(DType.I64, 8, 1020);
    var loss = new Loss.CrossEntropy(-100);
    WideCase.check(subject, loss, Storage.SINGLE, 64, logits, labels);
    var exact = DirectKernelTest.reference(loss, List.of(logits, labels)).get(1);
    var factor = Value.Array.of(TensorType.of(DType.F32), 0.75);
    var gradient = new Loss.CrossEntropyGrad(-100);
    WideCase.check(
        subject,
        gradient,
        Storage.SINGLE,
        1,
        logits,
        labels,
        DirectKernelTest.rounded(exact),
        factor);
    WideCase.check(
        subject,
        loss,
        Storage.SINGLE,
        64,
        random(DType.F32, 1, 2100, 4),
        labels(DType.I64, 4, 2100));
  }

  private static Value.Array positions(DType type, int extent, int... dims) {
    Shape shape = Shape.of(dims);
    double[] values = new double[(int) shape.size()];
    Arrays.setAll(values, i -> (i * 7919L + 3) % extent);
    return Value.Array.of(new TensorType(type, shape), values);
  }

  @ParameterizedTest
  @EnumSource
  void takes(Storage storage) {
    int[][] tables = {{50, 68}, {3, 9, 8}, {7, 3, 2, 4}};
    for (int[] table : tables) {
      for (int axis = 0; axis < table.length - 1; axis++) {
        for (int[] picked : new int[][] {{}, {13}, {2, 3}}) {
          var values = random(storage.operand, 1, table);
          var indices = positions(DType.I64, table[axis], picked);
          WideCase.check(subject, new Gather.Take(axis), storage, 0, values, indices);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void scatters(Storage storage) {
    int[][] results = {{5, 12}, {50, 68}, {2100, 8}, {9, 2, 4}};
    for (int[] result : results) {
      for (int[] picked : new int[][] {{}, {37}, {2, 3}}) {
        var indices = positions(DType.I32, Math.min(11, result[0]), picked);
        int[] dims = new int[picked.length + result.length - 1];
        System.arraycopy(picked, 0, dims, 0, picked.length);
        System.arraycopy(result, 1, dims, picked.length, result.length - 1);
        var updates = random(storage.operand, 2, dims);
        WideCase.check(subject, new Gather.ScatterAdd(0, result[0]), storage, 64, indices, updates);
      }
    }
  }

  @Test
  void scattersOfManyUpdatesIntoManyRows() {
    var indices = positions(DType.I64, 5001, 700);
    var updates = random(DType.F32, 2, 700, 4);
    WideCase.check(subject, new Gather.ScatterAdd(0, 5001), Storage.SINGLE, 64, indices, updates);
  }

  private void wrong(Op op, int operand, double value, String message, Value.Array... inputs) {
    List<Value.Array> right = List.of(inputs);
    double[] data = right.get(operand).data().clone();
    data[4] = value;
    Value.Array wronged = Value.Array.of(right.get(operand).type(), data);
    KernelSpec spec = DirectKernelTest.spec(op, right);
    for (Device device : subject.devices()) {
      try (KernelRun run = KernelRun.named(device, WideCase.WIDE, spec, Lie.SPACED)) {
        run.operands(right);
        run.operand(operand, wronged);
        GraphException thrown = assertThrows(GraphException.class, run::results);
        assertEquals(message, thrown.getMessage());
        run.operand(operand, right.get(operand));
        assertEquals(spec.results().size(), run.results().size());
      }
    }
    subject.requireNoComplaints();
  }

  @Test
  void wrongPositionsAreReported() {
    var indices = positions(DType.I64, 9, 7);
    var table = random(DType.F32, 1, 9, 8);
    var updates = random(DType.F32, 1, 7, 8);
    for (double value : new double[] {-1, 9, 0x1p32}) {
      String message = "index " + (long) value + " at position 4 leaves an axis of 9";
      wrong(new Gather.Take(0), 1, value, message, table, indices);
      wrong(new Gather.ScatterAdd(0, 9), 0, value, message, indices, updates);
    }
    var logits = random(DType.F32, 1, 7, 12);
    var labels = positions(DType.I64, 12, 7);
    var denominators = random(DType.F32, 1, 7);
    var factor = Value.Array.of(TensorType.of(DType.F32), 0.75);
    for (double value : new double[] {-2, 12, 0x1p32}) {
      String message = "label " + (long) value + " at position 4 is none of 12 classes";
      wrong(new Loss.CrossEntropy(-1), 1, value, message, logits, labels);
      wrong(new Loss.CrossEntropyGrad(-1), 1, value, message, logits, labels, denominators, factor);
    }
  }
}
