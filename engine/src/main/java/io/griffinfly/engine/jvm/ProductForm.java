package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// What the fast products ask of a [KernelSpec.Contract]: factors and result in single precision,
/// the result contiguous along its rows or its columns. Along its columns the transposed product is
/// meant.
///
/// @param spec the product
/// @param transposed whether the transposed product is meant
/// @param leftAlongDepth whether the left factor of the product that is meant is contiguous along
///   the depth
/// @param rightAlongDepth whether the right factor is, and is not contiguous along the columns
record ProductForm(
    KernelSpec.Contract spec, boolean transposed, boolean leftAlongDepth, boolean rightAlongDepth) {

  /// The form of a spec, if it has one.
  static Optional<ProductForm> of(KernelSpec spec, List<Layout> operands, List<Layout> results) {
    if (!(spec instanceof KernelSpec.Contract contract) || !isSingle(contract)) {
      return Optional.empty();
    }
    Layout result = results.getFirst();
    boolean transposed = result.stride(-1) != 1;
    if (transposed && result.stride(-2) != 1) {
      return Optional.empty();
    }
    Layout left = operands.get(transposed ? 1 : 0);
    Layout right = operands.get(transposed ? 0 : 1);
    boolean leftTurned = contract.transposeLeft();
    boolean rightTurned = contract.transposeRight();
    int leftDepth = (transposed ? !rightTurned : leftTurned) ? -2 : -1;
    int rightDepth = (transposed ? !leftTurned : rightTurned) ? -1 : -2;
    int rightColumns = -3 - rightDepth;
    return Optional.of(
        new ProductForm(
            contract,
            transposed,
            left.stride(leftDepth) == 1,
            right.stride(rightDepth) == 1 && right.stride(rightColumns) != 1));
  }

  /// The form of a spec that has one, its operands and results bound.
  static ProductForm bound(KernelSpec spec, List<Operand> operands, List<Operand> results) {
    return of(spec, layouts(operands), layouts(results)).orElseThrow();
  }

  private static List<Layout> layouts(List<Operand> operands) {
    return operands.stream().map(Operand::layout).toList();
  }

  private static boolean isSingle(KernelSpec.Contract spec) {
    TensorType result = spec.results().getFirst();
    return result.dtype() == DType.F32
        && result.shape().size() > 0
        && spec.operands().subList(0, 2).stream().allMatch(type -> type.dtype() == DType.F32);
  }

  /// Extents of the product that is meant.
  GemmShape shape() {
    GemmShape shape = new GemmShape(spec.m(), spec.n(), spec.k());
    return transposed ? shape.transposed() : shape;
  }

  /// Number of products.
  int batch() {
    return Math.toIntExact(leading().size());
  }

  private Shape leading() {
    Shape shape = spec.results().getFirst().shape();
    return Shape.of(IntStream.range(0, shape.rank() - 2).map(shape::dim).toArray());
  }

  /// The left factor of the product that is meant, `[rows, depth]`.
  Matrix left(List<Operand> operands) {
    return transposed ? factor(operands, 1).transposed() : factor(operands, 0);
  }

  /// The right factor of the product that is meant, `[depth, columns]`.
  Matrix right(List<Operand> operands) {
    return transposed ? factor(operands, 0).transposed() : factor(operands, 1);
  }

  /// A factor as the spec means it: 0 is `[m, k]`, 1 is `[k, n]`.
  private Matrix factor(List<Operand> operands, int index) {
    Matrix matrix = Matrix.of(View.of(operands.get(index)), leading());
    boolean turned = index == 0 ? spec.transposeLeft() : spec.transposeRight();
    return turned ? matrix.transposed() : matrix;
  }

  /// What becomes of the tiles of the product that is meant.
  Epilogue epilogue(List<Operand> operands, Operand result) {
    List<Matrix> others = new ArrayList<>();
    for (Operand operand : operands.subList(2, operands.size())) {
      others.add(meant(View.of(operand).broadcast(result.type().shape())));
    }
    return Epilogue.of(spec.epilogue(), others, meant(View.of(result)));
  }

  private Matrix meant(View view) {
    Matrix matrix = Matrix.of(view, leading());
    return transposed ? matrix.transposed() : matrix;
  }
}
