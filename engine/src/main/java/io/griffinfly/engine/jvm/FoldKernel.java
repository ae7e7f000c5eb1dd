package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.kernel.TypedExpr;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Binds folds. There are two ways, by whether the innermost loop, along which the operands are
/// contiguous, is folded: then each row becomes one number ([RowFold], [PieceFold]); else rows are
/// added to each other ([ColumnFold]).
///
/// What is folded is cut into chunks whose size depends on the shape alone. Each chunk has a
/// partial result in memory of its own, and a fold of those ends the work. So the result does not
/// depend on the number of threads, and the error of a long sum grows with the length of a chunk
/// and not with that of the whole.
///
/// @param fn how two elements combine
/// @param prologue what is folded
/// @param domain its shape
/// @param folded the axes folded
/// @param operands what it reads, each of the domain's shape
/// @param result what is written, of the shape of the other axes
record FoldKernel(
    ReduceFn fn,
    ScalarExpr prologue,
    Shape domain,
    List<Integer> folded,
    List<View> operands,
    View result) {

  /// Binds a fold to its operands.
  ///
  /// @param fn how two elements combine
  /// @param prologue what is folded
  /// @param domain its shape; the operands broadcast to it
  /// @param folded the axes folded
  /// @param operands what it reads
  /// @param result what is written: without the folded axes, or with extent 1 in their place
  static Kernel of(
      ReduceFn fn,
      ScalarExpr prologue,
      Shape domain,
      List<Integer> folded,
      List<View> operands,
      View result) {
    FoldKernel fold =
        new FoldKernel(
            fn,
            prologue,
            domain,
            folded,
            operands.stream().map(operand -> operand.broadcast(domain)).toList(),
            result.shape().rank() == domain.rank() ? without(result, folded) : result);
    if (domain.size() == 0) {
      ScalarExpr neutral = new ScalarExpr.Scalar(fold.neutral());
      return PointwiseKernel.of(result.shape(), List.of(neutral), List.of(), List.of(result));
    }
    List<Integer> order =
        LoopNest.order(domain, IntStream.range(0, domain.rank()).boxed().toList(), fold.operands);
    if (!order.isEmpty() && !folded.contains(order.getLast())) {
      return ColumnFold.of(fold);
    }
    LoopNest loops = fold.foldedLoops();
    return loops.rows() == 1 && loops.columns() <= PieceFold.CHUNK
        ? new RowFold(fold)
        : PieceFold.of(fold);
  }

  private static View without(View view, List<Integer> axes) {
    int[] left =
        IntStream.range(0, view.shape().rank()).filter(axis -> !axes.contains(axis)).toArray();
    return new View(
        view.type(),
        Shape.of(IntStream.of(left).map(view::dim).toArray()),
        view.address(),
        IntStream.of(left).mapToLong(view::stride).toArray());
  }

  /// The axes that are not folded.
  List<Integer> kept() {
    return IntStream.range(0, domain.rank()).boxed().filter(a -> !folded.contains(a)).toList();
  }

  /// A view of the result's shape, as one of the domain's shape that does not move along the folded
  /// axes.
  View overDomain(View view) {
    long[] strides = new long[domain.rank()];
    List<Integer> kept = kept();
    for (int i = 0; i < kept.size(); i++) {
      strides[kept.get(i)] = view.stride(i);
    }
    return new View(view.type(), domain, view.address(), strides);
  }

  /// The loops over the axes that stay: view 0 is a result, the others are the operands, which
  /// decide the order.
  LoopNest keptLoops(View into) {
    List<View> views = new ArrayList<>(operands);
    views.add(overDomain(into));
    return LoopNest.over(domain, kept(), views);
  }

  /// The loops over the folded axes.
  LoopNest foldedLoops() {
    return LoopNest.over(domain, folded, operands);
  }

  /// Element type of partial results: sums are not rounded to half precision on the way.
  DType partialType() {
    return switch (result.type()) {
      case F16, BF16, F32 -> DType.F32;
      case F64, I64, I32, BOOL -> result.type();
    };
  }

  List<DType> operandTypes() {
    return operands.stream().map(View::type).toList();
  }

  /// What a fold of no elements yields.
  double neutral() {
    return switch (fn) {
      case SUM -> 0;
      case MAX -> Double.NEGATIVE_INFINITY;
    };
  }

  /// The loop that folds rows.
  TileLoop rowLoop(DType into) {
    List<DType> types = operandTypes();
    return LoopCompiler.compile(
        new LoopSpec(
            List.of(TypedExpr.of(prologue, types, partialType())),
            types,
            foldedLoops().views().stream().map(LoopNest.Cursor::access).toList(),
            List.of(into),
            List.of(TileLoop.Access.SPLAT),
            fn));
  }

  /// The function of two elements.
  ScalarFn function() {
    return switch (fn) {
      case SUM -> ScalarFn.ADD;
      case MAX -> ScalarFn.MAX;
    };
  }

  /// The fold of partial results along axis 0 into the result.
  Kernel combine(View partials) {
    if (partials.dim(0) == 1) {
      View only = partials.axes(1, partials.shape().rank());
      return PointwiseKernel.of(
          result.shape(), List.of(new ScalarExpr.Arg(0)), List.of(only), List.of(result));
    }
    return of(fn, new ScalarExpr.Arg(0), partials.shape(), List.of(0), List.of(partials), result);
  }

  /// The shape of partial results, several for each element of the result.
  Shape partialShape(int count) {
    int[] dims =
        IntStream.concat(IntStream.of(count), IntStream.of(result.shape().dims())).toArray();
    return Shape.of(dims);
  }
}
