package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/// Matrix products of a plan: on packed tiles where all is single precision and the result's rows
/// are contiguous, else on the scalar twin.
final class Contractions {
  private static final ScalarExpr PRODUCT = new ScalarExpr.Arg(0);

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
    if (spec.epilogue().equals(PRODUCT)) {
      return products(spec, operands, result);
    }
    Operand product = overlaps(operands, result) ? temporary(result.type()) : result;
    List<Kernel> kernels = new ArrayList<>(products(spec, operands, product));
    List<Operand> from = new ArrayList<>(List.of(product));
    from.addAll(operands.subList(2, operands.size()));
    kernels.add(
        KernelFactory.bind(
            new KernelSpec.Pointwise(
                result.type().shape(),
                List.of(spec.epilogue()),
                from.stream().map(Operand::type).toList(),
                List.of(result.type())),
            from,
            List.of(result)));
    return kernels;
  }

  private static boolean fitsTiles(List<Operand> operands, Operand result) {
    return result.layout().stride(-1) == 1
        && result.type().shape().size() > 0
        && result.type().dtype() == DType.F32
        && operands.stream().allMatch(operand -> operand.type().dtype() == DType.F32);
  }

  /// Whether the epilogue reads memory that the product would overwrite before.
  private static boolean overlaps(List<Operand> operands, Operand result) {
    return operands.subList(2, operands.size()).stream()
        .anyMatch(operand -> operand.memory().asOverlappingSlice(result.memory()).isPresent());
  }

  private Operand temporary(TensorType type) {
    return new Operand(type, Layout.dense(type.shape()), allocator.apply(type.bytes()));
  }

  private List<Kernel> products(KernelSpec.Contract spec, List<Operand> operands, Operand result) {
    Shape leading = leading(result.type().shape());
    GemmShape shape = new GemmShape(spec.m(), spec.n(), spec.k());
    MatrixProduct product =
        MatrixProduct.of(VectorTiles.TILES, shape, Math.toIntExact(leading.size()));
    Matrix left = matrix(operands.get(0), leading);
    Matrix right = matrix(operands.get(1), leading);
    return product.bind(
        spec.transposeLeft() ? left.transposed() : left,
        spec.transposeRight() ? right.transposed() : right,
        matrix(result, leading),
        Epilogue.STORE,
        allocator.apply(Math.max(product.workspaceBytes(), 1)));
  }

  private static Shape leading(Shape shape) {
    return Shape.of(IntStream.range(0, shape.rank() - 2).map(shape::dim).toArray());
  }

  /// The matrices of an operand, its leading axes repeated to those of the result.
  private static Matrix matrix(Operand operand, Shape leading) {
    Layout layout = operand.layout();
    Shape shape = operand.type().shape();
    Shape own = leading(shape);
    Layout batches =
        Layout.of(
                layout.offset(), IntStream.range(0, own.rank()).mapToLong(layout::stride).toArray())
            .broadcast(own, leading);
    long[] offsets = new long[Math.toIntExact(leading.size())];
    long[] positions = leading.strides();
    for (int batch = 0; batch < offsets.length; batch++) {
      long rest = batch;
      offsets[batch] = batches.offset();
      for (int axis = 0; axis < positions.length; axis++) {
        offsets[batch] += rest / positions[axis] * batches.stride(axis);
        rest %= positions[axis];
      }
    }
    boolean shared = own.size() == 1;
    return Matrix.batch(
        operand.memory(),
        shared ? new long[] {layout.offset()} : offsets,
        layout.stride(-2),
        layout.stride(-1));
  }
}
