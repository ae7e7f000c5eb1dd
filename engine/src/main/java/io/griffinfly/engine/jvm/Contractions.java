package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.kernel.KernelSpec;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/// Matrix products of a plan: by rows or on tiles where the factors and the result are in single
/// precision, else on the scalar twin.
final class Contractions {
  private final LongFunction<MemorySegment> allocator;

  /// Binds products for one executable.
  ///
  /// @param allocator makes memory of a size in bytes that lives as long as the kernels
  Contractions(LongFunction<MemorySegment> allocator) {
    this.allocator = allocator;
  }

  /// Binds a product.
  ///
  /// @param spec what to compute
  /// @param operands left, right, then those of the epilogue
  /// @param result where to
  /// @return kernels to run one after the other
  List<Kernel> bind(KernelSpec.Contract spec, List<Operand> operands, Operand result) {
    if (!fitsTiles(operands, result)) {
      return List.of(KernelFactory.bind(spec, operands, List.of(result)));
    }
    Shape leading = leading(result.type().shape());
    GemmShape shape = new GemmShape(spec.m(), spec.n(), spec.k());
    Matrix first = Matrix.of(View.of(operands.get(0)), leading);
    Matrix second = Matrix.of(View.of(operands.get(1)), leading);
    Matrix left = spec.transposeLeft() ? first.transposed() : first;
    Matrix right = spec.transposeRight() ? second.transposed() : second;
    Matrix target = Matrix.of(View.of(result), leading);
    List<Matrix> others = new ArrayList<>();
    for (Operand operand : operands.subList(2, operands.size())) {
      others.add(Matrix.of(View.of(operand).broadcast(result.type().shape()), leading));
    }
    if (target.columnStride() != Float.BYTES && target.rowStride() == Float.BYTES) {
      List<Matrix> turnedOthers = others.stream().map(Matrix::transposed).toList();
      return bind(
          shape.transposed(),
          right.transposed(),
          left.transposed(),
          Epilogue.of(spec.epilogue(), turnedOthers, target.transposed()));
    }
    return bind(shape, left, right, Epilogue.of(spec.epilogue(), others, target));
  }

  private List<Kernel> bind(GemmShape shape, Matrix left, Matrix right, Epilogue epilogue) {
    if (RowProduct.accepts(shape, left, right)) {
      return List.of(new RowProduct(shape, left, right, epilogue));
    }
    boolean alongDepth = right.rowStride() == Float.BYTES && right.columnStride() != Float.BYTES;
    MatrixProduct product = MatrixProduct.of(VectorTiles.TILES, shape, left.batch(), alongDepth);
    long workspace = allocator.apply(Math.max(product.workspaceBytes(), 1)).address();
    return product.bind(left, right, epilogue, workspace);
  }

  private static boolean fitsTiles(List<Operand> operands, Operand result) {
    return result.type().shape().size() > 0
        && result.type().dtype() == DType.F32
        && operands.subList(0, 2).stream().allMatch(operand -> operand.type().dtype() == DType.F32);
  }

  private static Shape leading(Shape shape) {
    return Shape.of(IntStream.range(0, shape.rank() - 2).map(shape::dim).toArray());
  }
}
