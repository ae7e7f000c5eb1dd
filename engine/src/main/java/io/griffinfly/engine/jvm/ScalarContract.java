package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.kernel.KernelSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The scalar twin of matrix products: the products in double precision, then the epilogue.
final class ScalarContract {
  private ScalarContract() {}

  static Kernel of(KernelSpec.Contract spec, List<View> operands, View result) {
    Shape shape = spec.results().getFirst().shape();
    Workspace products = Workspace.of(shape.size() * Float.BYTES);
    View product = products.view(DType.F32, shape);
    List<View> inputs = new ArrayList<>(List.of(product));
    inputs.addAll(operands.subList(2, operands.size()));
    return new TwoStageKernel(
        products(spec, operands.get(0), operands.get(1), product),
        PointwiseKernel.of(shape, List.of(spec.epilogue()), inputs, List.of(result)),
        products);
  }

  private static Kernel products(KernelSpec.Contract spec, View left, View right, View product) {
    View a = batched(left, product.shape(), spec.m(), spec.k(), spec.transposeLeft());
    View b = batched(right, product.shape(), spec.k(), spec.n(), spec.transposeRight());
    int m = spec.m();
    int n = spec.n();
    return ScalarKernel.of(
        product.shape().size() == 0 ? 0 : product.shape().size() / n,
        row -> {
          for (int j = 0; j < n; j++) {
            long at = a.address() + batchOffset(a, row / m) + row % m * a.stride(-2);
            long bt = b.address() + batchOffset(b, row / m) + j * b.stride(-1);
            double sum = 0;
            for (int i = 0; i < spec.k(); i++) {
              sum += Elements.get(a.type(), at) * Elements.get(b.type(), bt);
              at += a.stride(-1);
              bt += b.stride(-2);
            }
            product.set((long) row * n + j, sum);
          }
        });
  }

  private static long batchOffset(View view, long batch) {
    return view.offset(batch * view.dim(-1) * view.dim(-2));
  }

  /// An operand as `[.., rows, columns]`, its other axes repeated to those of the product.
  private static View batched(View view, Shape product, int rows, int columns, boolean transposed) {
    int rank = view.shape().rank();
    long[] strides = view.strides();
    int[] dims = view.shape().dims();
    if (transposed) {
      strides[rank - 1] = view.stride(-2);
      strides[rank - 2] = view.stride(-1);
      dims[rank - 1] = columns;
      dims[rank - 2] = rows;
    }
    int[] to = Arrays.copyOf(product.dims(), product.rank());
    to[to.length - 2] = rows;
    to[to.length - 1] = columns;
    return new View(view.type(), Shape.of(dims), view.address(), strides).broadcast(Shape.of(to));
  }
}
