package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// A matrix product on places: what every schedule of products begins from.
///
/// @param left `[batch.., m, depth..]`, the batch axes those of the result
/// @param right `[batch.., depth.., n]`
/// @param result `[batch.., m, n]`
/// @param depthAxes number of axes that are summed over
/// @param epilogue from a sum to what is stored
record Product(Place left, Place right, Place result, int depthAxes, Epilogue epilogue) {
  /// Stores the sum.
  private static final Epilogue SUM = _ -> (product, _) -> product;

  /// From a sum to what is stored.
  interface Epilogue {
    /// Binds what the epilogue reads.
    Bindings bind(ShaderWriter shader);

    /// Binds what the epilogue reads for four neighbouring columns at a time.
    default Fours bindFours(ShaderWriter shader) {
      Bindings one = bind(shader);
      return at -> {
        List<UnaryOperator<String>> finishes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          List<String> element = new ArrayList<>(at);
          element.set(at.size() - 1, "(" + at.getLast() + " + " + i + ")");
          finishes.add(one.prepare(element));
        }
        return sums -> four(finishes, sums);
      };
    }

    private static String four(List<UnaryOperator<String>> finishes, String sums) {
      List<String> values = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        values.add(finishes.get(i).apply(sums + "[" + i + "]"));
      }
      return "vec4(" + String.join(", ", values) + ")";
    }
  }

  /// An epilogue in a shader.
  interface Bindings {
    /// Writes the epilogue of one element.
    ///
    /// @param product the variable of the sum, a float
    /// @param at variables of the element's coordinates in the result
    /// @return GLSL of the element, as a register of the result's type holds it
    String write(String product, List<String> at);

    /// Writes what the epilogue of one element can do before the sum is there: its reads.
    ///
    /// @param at variables of the element's coordinates in the result
    /// @return from the variable of the sum to GLSL of the element
    default UnaryOperator<String> prepare(List<String> at) {
      return product -> write(product, at);
    }
  }

  /// An epilogue of four neighbouring columns in a shader.
  interface Fours {
    /// Writes what the epilogue can do before the sums are there: its reads.
    ///
    /// @param at variables of the first element's coordinates in the result
    /// @return from the variable of the sums, a `vec4`, to GLSL of the elements, a `vec4`
    UnaryOperator<String> prepare(List<String> at);
  }

  /// The product of a spec.
  static Product of(KernelSpec.Contract spec, List<Place> operands, Place result) {
    Place left = operands.get(0);
    Place right = operands.get(1);
    left = spec.transposeLeft() ? left.transposed() : left;
    right = spec.transposeRight() ? right.transposed() : right;
    Shape shape = result.shape();
    return new Product(
        left.broadcast(matrices(shape, spec.m(), spec.k())),
        right.broadcast(matrices(shape, spec.k(), spec.n())),
        result,
        1,
        spec.epilogue().equals(new ScalarExpr.Arg(0)) && result.dtype().isFloat()
            ? SUM
            : expression(spec.epilogue(), operands.subList(2, operands.size()), result));
  }

  /// Whether the sums themselves are stored.
  boolean isPlain() {
    return epilogue.equals(SUM);
  }

  private static Shape matrices(Shape result, int rows, int columns) {
    int[] dims = Arrays.copyOf(result.dims(), result.rank());
    dims[dims.length - 2] = rows;
    dims[dims.length - 1] = columns;
    return Shape.of(dims);
  }

  /// An expression whose operand 0 is the sum, the others those given.
  static Epilogue expression(ScalarExpr expression, List<Place> others, Place result) {
    return new ProductExpression(expression, others, result);
  }

  /// The same product with the sums themselves stored elsewhere.
  Product sumsTo(Place place) {
    return new Product(left, right, place, depthAxes, SUM);
  }

  private static List<Long> strides(Place place) {
    return IntStream.range(0, place.shape().rank()).mapToObj(place::stride).toList();
  }

  /// Number of batch axes.
  int batchAxes() {
    return result.shape().rank() - 2;
  }

  int m() {
    return result.dim(-2);
  }

  int n() {
    return result.dim(-1);
  }

  /// Extent of an axis that is summed over.
  int depth(int axis) {
    return left.dim(batchAxes() + 1 + axis);
  }

  int leftDepthAxis(int axis) {
    return batchAxes() + 1 + axis;
  }

  int rightDepthAxis(int axis) {
    return batchAxes() + axis;
  }

  int leftRowAxis() {
    return batchAxes();
  }

  int rightColumnAxis() {
    return batchAxes() + depthAxes;
  }

  long leftDepthStride(int axis) {
    return left.stride(leftDepthAxis(axis));
  }

  long rightDepthStride(int axis) {
    return right.stride(rightDepthAxis(axis));
  }

  long leftRowStride() {
    return left.stride(leftRowAxis());
  }

  long rightColumnStride() {
    return right.stride(rightColumnAxis());
  }

  /// Extents of the batch axes.
  List<Integer> batch() {
    return IntStream.range(0, batchAxes()).mapToObj(result::dim).toList();
  }

  /// The position where a matrix begins.
  String start(Bound matrix, List<String> batch) {
    List<Long> strides =
        IntStream.range(0, batchAxes()).mapToObj(axis -> matrix.place().stride(axis)).toList();
    return matrix.position(batch, strides);
  }

  /// The position of an element of the result.
  String position(Bound bound, List<String> at) {
    return bound.position(at, strides(result));
  }
}
