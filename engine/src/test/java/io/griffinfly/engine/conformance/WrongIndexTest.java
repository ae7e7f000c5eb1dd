package io.griffinfly.engine.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Op;
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

/// A position that is data and does not exist: the message names it and where it stands, and the
/// same kernel computes the right result as soon as the data are right, on any number of threads.
@ParameterizedClass(name = "{0}")
@MethodSource(Subjects.ALL)
class WrongIndexTest {
  private final Subject subject;

  WrongIndexTest(Subject subject) {
    this.subject = subject;
  }

  private static final int CLASSES = 5;
  private static final int ROWS = 30;

  /// Runs a kernel on inputs of which one element is wrong, then puts it right and runs it again.
  private void check(
      Op op, List<Value.Array> right, int operand, int at, double wrong, String message) {
    KernelSpec spec = DirectKernelTest.spec(op, right);
    double[] data = right.get(operand).data().clone();
    data[at] = wrong;
    Value.Array wronged = Value.Array.of(right.get(operand).type(), data);
    for (Lie lie : subject.lies()) {
      for (Device device : subject.devices()) {
        check(
            spec,
            DirectKernelTest.reference(op, right),
            right,
            operand,
            wronged,
            message,
            lie,
            device);
      }
    }
    subject.requireNoComplaints();
  }

  @SuppressWarnings("TooManyParameters")
  private static void check(
      KernelSpec spec,
      List<Value.Array> expected,
      List<Value.Array> right,
      int operand,
      Value.Array wronged,
      String message,
      Lie lie,
      Device device) {
    String what = spec + " " + lie + " on " + device;
    try (KernelRun run = KernelRun.first(device, spec, lie)) {
      run.operands(right);
      for (int repeat = 0; repeat < 2; repeat++) {
        run.operand(operand, wronged);
        GraphException thrown = assertThrows(GraphException.class, run::results, what);
        assertEquals(message, thrown.getMessage(), what);
        run.operand(operand, right.get(operand));
        List<double[]> found = run.results();
        for (int i = 0; i < found.size(); i++) {
          double epsilon = KernelData.epsilon(expected.get(i).dtype());
          KernelData.assertClose(expected.get(i), found.get(i), 8 * epsilon, 64 * epsilon, what);
        }
      }
    }
  }

  private static Value.Array rightLabels(DType type, int rows) {
    double[] labels = new double[rows];
    Arrays.setAll(labels, i -> i % 11 == 3 ? -1 : i % CLASSES);
    return Value.Array.of(TensorType.of(type, rows), labels);
  }

  /// F32 runs in vectors where rows are contiguous, F16 on scalar code.
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16"})
  void labels(DType logitsType) {
    var logits = KernelData.random(TensorType.of(logitsType, ROWS, CLASSES), 1);
    for (DType type : List.of(DType.I64, DType.I32)) {
      var loss = new Loss.CrossEntropy(-1);
      var labels = rightLabels(type, ROWS);
      var forward = List.of(logits, labels);
      var denominators = DirectKernelTest.rounded(DirectKernelTest.reference(loss, forward).get(1));
      var factor = Value.Array.of(TensorType.of(logitsType), 0.75);
      var backward = List.of(logits, labels, denominators, factor);
      for (double wrong : new double[] {CLASSES, -2, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
        for (int at : new int[] {0, 20, ROWS - 1}) {
          String message = "label " + (long) wrong + " at position " + at + " is none of 5 classes";
          check(loss, forward, 1, at, wrong, message);
          check(new Loss.CrossEntropyGrad(-1), backward, 1, at, wrong, message);
        }
      }
    }
  }

  /// 7 tasks, of which one fails: the mean must wait for all of the next run's.
  @Test
  void aLabelInOneTaskOfMany() {
    var logits = KernelData.random(TensorType.of(DType.F32, 100, 1000), 1);
    var inputs = List.of(logits, rightLabels(DType.I64, 100));
    String message = "label 1000 at position 70 is none of 1000 classes";
    check(new Loss.CrossEntropy(-1), inputs, 1, 70, 1000, message);
  }

  private static final int EXTENT = 4;

  @ParameterizedTest
  @EnumSource(names = {"I64", "I32"})
  void indices(DType type) {
    var table = KernelData.random(TensorType.of(DType.F32, EXTENT, EXTENT), 1);
    double[] positions = {0, 3, 1, 1, 2, 0, 3};
    var indices = Value.Array.of(TensorType.of(type, positions.length), positions);
    for (int axis : new int[] {0, 1}) {
      var take = List.of(table, indices);
      var updates = DirectKernelTest.reference(new Gather.Take(axis), take).getFirst();
      for (double wrong : new double[] {-1, EXTENT, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
        for (int at : new int[] {0, 4, positions.length - 1}) {
          String message =
              "index " + (long) wrong + " at position " + at + " leaves an axis of " + EXTENT;
          check(new Gather.Take(axis), take, 1, at, wrong, message);
          var scatter = new Gather.ScatterAdd(axis, EXTENT);
          check(scatter, List.of(indices, updates), 0, at, wrong, message);
        }
      }
    }
  }

  /// Not cut to 32 bits, where it would be 0.
  @Test
  void anIndexAndALabelBeyondTheRangeOfAnInt() {
    double wrong = 0x1p32;
    var table = KernelData.random(TensorType.of(DType.F32, EXTENT, 3), 1);
    var indices = Value.Array.of(TensorType.of(DType.I64, 2), 1, 2);
    String index = "index 4294967296 at position 1 leaves an axis of 4";
    check(new Gather.Take(0), List.of(table, indices), 1, 1, wrong, index);
    var label = "label 4294967296 at position 1 is none of 3 classes";
    var logits = KernelData.random(TensorType.of(DType.F32, 2, 3), 1);
    check(new Loss.CrossEntropy(-1), List.of(logits, indices), 1, 1, wrong, label);
  }
}
