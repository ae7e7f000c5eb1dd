package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.Loops.arg;
import static io.griffinfly.engine.jvm.Loops.minus;
import static io.griffinfly.engine.jvm.Loops.plus;
import static io.griffinfly.engine.jvm.Loops.times;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.jvm.TileLoop.Access;
import java.util.List;
import java.util.stream.Stream;

/// Norms over contiguous rows in single precision; each row is read from memory once.
final class NormKernel {
  private static final long TASK_ELEMENTS = 4096;
  private static final Access CONTIGUOUS = Access.CONTIGUOUS;
  private static final Access SPLAT = Access.SPLAT;

  private NormKernel() {}

  static Kernel of(Norm norm, List<View> operands, List<View> results) {
    boolean rows =
        Stream.concat(operands.stream(), results.stream()).allMatch(Loops::hasRows)
            && operands.getFirst().shape().size() > 0;
    if (!rows) {
      return ScalarNorm.of(norm, operands, results);
    }
    return switch (norm) {
      case Norm.RmsNorm(double epsilon) ->
          new Forward(operands.get(0), operands.get(1), results.getFirst(), epsilon);
      case Norm.RmsNormGrad(double epsilon) -> Backward.of(operands, results, epsilon);
    };
  }

  /// Rows of a task.
  private static long rowsPerTask(View x) {
    return Math.max(1, TASK_ELEMENTS / x.dim(-1));
  }

  private static long rows(View x) {
    return x.shape().size() / x.dim(-1);
  }

  /// rsqrt(mean(x²) + ε) of one row.
  private static float scale(TileLoop squares, View x, long row, double epsilon, long scratch) {
    int n = x.dim(-1);
    TileLoop.set(scratch, 0, x.at(row * n), 0, 0);
    float sum = fold(squares, scratch, 1, n);
    return (float) (1 / Math.sqrt((double) sum / n + epsilon));
  }

  /// Runs a fold of one row whose operands are entered.
  private static float fold(TileLoop loop, long scratch, int operands, int n) {
    long result = scratch + TileLoop.blockBytes(6);
    TileLoop.set(scratch, operands, result, 0, 0);
    loop.run(scratch, 1, n);
    return Memory.load(result);
  }

  private static final class Forward implements Kernel {
    private final View x;
    private final View weight;
    private final View y;
    private final double epsilon;
    private final TileLoop squares = Loops.fold(ReduceFn.SUM, times(arg(0), arg(0)), CONTIGUOUS);
    private final TileLoop scale =
        Loops.map(times(times(arg(0), arg(1)), arg(2)), CONTIGUOUS, SPLAT, CONTIGUOUS);

    Forward(View x, View weight, View y, double epsilon) {
      this.x = x;
      this.weight = weight;
      this.y = y;
      this.epsilon = epsilon;
    }

    @Override
    public int tasks() {
      return Math.toIntExact(Math.ceilDiv(rows(x), rowsPerTask(x)));
    }

    @Override
    public long scratchBytes() {
      return TileLoop.blockBytes(6) + 2 * Memory.ALIGNMENT;
    }

    @Override
    public void run(int task, long scratch) {
      int n = x.dim(-1);
      long factor = scratch + TileLoop.blockBytes(6) + Memory.ALIGNMENT;
      long end = Math.min(rows(x), (task + 1) * rowsPerTask(x));
      for (long row = task * rowsPerTask(x); row < end; row++) {
        Memory.store(factor, scale(squares, x, row, epsilon, scratch));
        TileLoop.set(scratch, 0, x.at(row * n), 0, 0);
        TileLoop.set(scratch, 1, factor, 0, 0);
        TileLoop.set(scratch, 2, weight.address(), 0, 0);
        TileLoop.set(scratch, 3, y.at(row * n), 0, 0);
        scale.run(scratch, 1, n);
      }
    }
  }

  /// With r = rsqrt(mean(x²) + ε) and h = dy·w: dx = r·h − x·r³·mean(h·x), dw = Σ dy·x·r; each task
  /// sums its rows of dw into a row of its own.
  private static final class Backward implements Kernel {
    private final View x;
    private final View weight;
    private final View dy;
    private final View dx;
    private final View sums;
    private final double epsilon;
    private final TileLoop squares = Loops.fold(ReduceFn.SUM, times(arg(0), arg(0)), CONTIGUOUS);
    private final TileLoop dot =
        Loops.fold(
            ReduceFn.SUM, times(times(arg(0), arg(1)), arg(2)), CONTIGUOUS, CONTIGUOUS, CONTIGUOUS);
    private final TileLoop gradient =
        Loops.map(
            minus(times(times(arg(1), arg(2)), arg(3)), times(arg(0), arg(4))),
            CONTIGUOUS,
            CONTIGUOUS,
            CONTIGUOUS,
            SPLAT,
            SPLAT);
    private final TileLoop add =
        Loops.map(
            plus(arg(0), times(times(arg(1), arg(2)), arg(3))),
            CONTIGUOUS,
            CONTIGUOUS,
            CONTIGUOUS,
            SPLAT);
    private final TileLoop first =
        Loops.map(times(times(arg(0), arg(1)), arg(2)), CONTIGUOUS, CONTIGUOUS, SPLAT);

    private Backward(List<View> operands, View dx, View sums, double epsilon) {
      this.x = operands.get(0);
      this.weight = operands.get(1);
      this.dy = operands.get(2);
      this.dx = dx;
      this.sums = sums;
      this.epsilon = epsilon;
    }

    static Kernel of(List<View> operands, List<View> results, double epsilon) {
      View x = operands.getFirst();
      int tasks = Math.toIntExact(Math.ceilDiv(rows(x), rowsPerTask(x)));
      Shape shape = Shape.of(tasks, x.dim(-1));
      Workspace partials = Workspace.of(shape.size() * Float.BYTES);
      View sums = partials.view(DType.F32, shape);
      return new TwoStageKernel(
          new Backward(operands, results.get(0), sums, epsilon),
          FoldKernel.of(ReduceFn.SUM, arg(0), shape, List.of(0), List.of(sums), results.get(1)),
          partials);
    }

    @Override
    public int tasks() {
      return sums.dim(0);
    }

    @Override
    public long scratchBytes() {
      return TileLoop.blockBytes(6) + 3 * Memory.ALIGNMENT;
    }

    @Override
    public void run(int task, long scratch) {
      int n = x.dim(-1);
      long factors = scratch + TileLoop.blockBytes(6) + Memory.ALIGNMENT;
      long start = task * rowsPerTask(x);
      long end = Math.min(rows(x), start + rowsPerTask(x));
      for (long row = start; row < end; row++) {
        float r = scale(squares, x, row, epsilon, scratch);
        TileLoop.set(scratch, 0, x.at(row * n), 0, 0);
        TileLoop.set(scratch, 1, dy.at(row * n), 0, 0);
        TileLoop.set(scratch, 2, weight.address(), 0, 0);
        float mean = fold(dot, scratch, 3, n) / n;
        Memory.store(factors, r);
        Memory.store(factors + Float.BYTES, r * r * r * mean);
        TileLoop.set(scratch, 3, factors, 0, 0);
        TileLoop.set(scratch, 4, factors + Float.BYTES, 0, 0);
        TileLoop.set(scratch, 5, dx.at(row * n), 0, 0);
        gradient.run(scratch, 1, n);
        addRow(task, row, row == start, factors, scratch);
      }
    }

    private void addRow(int task, long row, boolean isFirst, long factor, long scratch) {
      int n = x.dim(-1);
      long sum = sums.at((long) task * n);
      int entry = 0;
      if (!isFirst) {
        TileLoop.set(scratch, entry++, sum, 0, 0);
      }
      TileLoop.set(scratch, entry++, dy.at(row * n), 0, 0);
      TileLoop.set(scratch, entry++, x.at(row * n), 0, 0);
      TileLoop.set(scratch, entry++, factor, 0, 0);
      TileLoop.set(scratch, entry, sum, 0, 0);
      (isFirst ? first : add).run(scratch, 1, n);
    }
  }
}
