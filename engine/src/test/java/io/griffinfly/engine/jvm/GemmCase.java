package io.griffinfly.engine.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.conformance.KernelData;
import io.griffinfly.engine.ir.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// A product of random matrices with gaps between the rows, its operands in memory, and the check
/// of its result against sums in double precision.
final class GemmCase {
  /// What the gaps of the result hold before and after.
  private static final float UNTOUCHED = 12345.678f;

  final GemmShape shape;
  final int batch;
  final Matrix left;
  final Matrix right;
  final Matrix result;
  final MemorySegment resultMemory;

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment leftMemory;
  private final MemorySegment rightMemory;
  private final long[] leftOffsets;
  private final long[] rightOffsets;
  private final long[] resultOffsets;
  private final boolean leftTransposed;
  private final boolean rightTransposed;
  private final int leftStride;
  private final int rightStride;
  private final int resultStride;

  GemmCase(GemmShape shape, int batch, boolean leftTransposed, boolean rightTransposed, int gap) {
    this(shape, batch, leftTransposed, rightTransposed, gap, batch);
  }

  /// @param shared every so many members of the batch the right operand returns
  GemmCase(
      GemmShape shape,
      int batch,
      boolean leftTransposed,
      boolean rightTransposed,
      int gap,
      int shared) {
    this.shape = shape;
    this.batch = batch;
    this.leftTransposed = leftTransposed;
    this.rightTransposed = rightTransposed;
    leftStride = (leftTransposed ? shape.rows() : shape.depth()) + gap;
    rightStride = (rightTransposed ? shape.depth() : shape.columns()) + gap;
    resultStride = shape.columns() + gap;
    long leftSize = (long) leftStride * (leftTransposed ? shape.depth() : shape.rows());
    long rightSize = (long) rightStride * (rightTransposed ? shape.columns() : shape.depth());
    long resultSize = (long) resultStride * shape.rows();
    leftOffsets = offsets(leftSize, batch, batch);
    rightOffsets = offsets(rightSize, batch, shared);
    resultOffsets = offsets(resultSize, batch, batch);
    leftMemory = random(leftSize * batch, 1);
    rightMemory = random(rightSize * batch, 2);
    resultMemory = random(resultSize * batch, 3);
    for (long i = 0; i < resultSize * batch; i++) {
      resultMemory.setAtIndex(ValueLayout.JAVA_FLOAT, i, UNTOUCHED);
    }
    Matrix storedLeft = matrix(leftMemory, leftOffsets, leftStride);
    Matrix storedRight = matrix(rightMemory, rightOffsets, rightStride);
    left = leftTransposed ? storedLeft.transposed() : storedLeft;
    right = rightTransposed ? storedRight.transposed() : storedRight;
    result = matrix(resultMemory, resultOffsets, resultStride);
  }

  /// Matrices of one memory with contiguous columns.
  private static Matrix matrix(MemorySegment memory, long[] offsets, long stride) {
    long[] addresses =
        Arrays.stream(offsets).map(offset -> memory.address() + offset * Float.BYTES).toArray();
    return new Matrix(DType.F32, addresses, stride * Float.BYTES, Float.BYTES);
  }

  private static long[] offsets(long size, int batch, int different) {
    long[] offsets = new long[batch];
    for (int i = 0; i < batch; i++) {
      offsets[i] = size * (i % different);
    }
    return offsets;
  }

  /// Allocates at an address that is a multiple of 4 and of nothing more.
  private MemorySegment random(long size, long seed) {
    MemorySegment memory = arena.allocate(size * Float.BYTES + 4, 64).asSlice(4);
    SplittableRandom random = new SplittableRandom(seed * 1000003 + size);
    for (long i = 0; i < size; i++) {
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
    }
    return memory;
  }

  /// Address of memory that lives as long as the case.
  long workspace(long bytes) {
    return arena.allocate(Math.max(bytes, 1), 64).address();
  }

  /// The kernels of the product, its sums going through an epilogue.
  List<Kernel> kernels(Tiles tiles, Epilogue epilogue) {
    MatrixProduct product = MatrixProduct.of(tiles, shape, batch, rightTransposed);
    return product.bind(left, right, epilogue, workspace(product.workspaceBytes()), 2);
  }

  /// An epilogue that only stores.
  Epilogue store() {
    return Epilogue.of(KernelData.arg(0), List.of(), result);
  }

  private double leftAt(int batchIndex, int i, int k) {
    long at = leftTransposed ? (long) k * leftStride + i : (long) i * leftStride + k;
    return leftMemory.getAtIndex(ValueLayout.JAVA_FLOAT, leftOffsets[batchIndex] + at);
  }

  private double rightAt(int batchIndex, int k, int j) {
    long at = rightTransposed ? (long) j * rightStride + k : (long) k * rightStride + j;
    return rightMemory.getAtIndex(ValueLayout.JAVA_FLOAT, rightOffsets[batchIndex] + at);
  }

  float resultAt(int batchIndex, int i, int j) {
    return resultMemory.getAtIndex(
        ValueLayout.JAVA_FLOAT, resultOffsets[batchIndex] + (long) i * resultStride + j);
  }

  /// What the epilogue makes of a sum.
  interface Expected {
    double apply(double sum, int row, int column);
  }

  /// Compares every element with the sum in double precision, within the bound of a sum of `depth`
  /// products in any order: (depth + 2) units of rounding of the sum of magnitudes (Higham,
  /// "Accuracy and Stability of Numerical Algorithms", 2002, 3.1).
  ///
  /// @param slack further absolute error, of the epilogue
  void check(Expected expected, double slack) {
    for (int b = 0; b < batch; b++) {
      for (int i = 0; i < shape.rows(); i++) {
        for (int j = 0; j < shape.columns(); j++) {
          double sum = 0;
          double magnitude = 0;
          for (int k = 0; k < shape.depth(); k++) {
            double term = leftAt(b, i, k) * rightAt(b, k, j);
            sum += term;
            magnitude += Math.abs(term);
          }
          double want = expected.apply(sum, b * shape.rows() + i, j);
          double bound = (shape.depth() + 2) * 0x1p-24 * magnitude + slack;
          double got = resultAt(b, i, j);
          int row = i;
          int column = j;
          assertTrue(
              Math.abs(got - want) <= bound,
              () -> shape + " at " + row + "," + column + ": " + got + " for " + want);
        }
        for (int j = shape.columns(); j < resultStride; j++) {
          assertEquals(UNTOUCHED, resultAt(b, i, j), "written beyond the row");
        }
      }
    }
  }

  /// What the result held before.
  static float before() {
    return UNTOUCHED;
  }

  int[] resultBits() {
    int[] bits = new int[Math.toIntExact(resultMemory.byteSize() / Float.BYTES)];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = resultMemory.getAtIndex(ValueLayout.JAVA_INT, i);
    }
    return bits;
  }
}
