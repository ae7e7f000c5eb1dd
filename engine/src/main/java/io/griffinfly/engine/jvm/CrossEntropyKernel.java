package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.Loops.arg;
import static io.griffinfly.engine.jvm.Loops.exp;
import static io.griffinfly.engine.jvm.Loops.minus;
import static io.griffinfly.engine.jvm.Loops.times;

import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.jvm.TileLoop.Access;
import java.util.List;

/// Cross-entropy over contiguous rows of logits in single precision. A task is some rows.
final class CrossEntropyKernel {
  /// Most tasks: each counts the labels.
  private static final int MOST_TASKS = 64;

  /// Elements that one vector accumulator chain sums; longer rows are summed in double precision
  /// from pieces of this length.
  private static final int PIECE = 4096;

  private CrossEntropyKernel() {}

  static Kernel of(Loss loss, List<View> operands, List<View> results) {
    View logits = operands.getFirst();
    boolean rows = Loops.hasRows(logits) && logits.shape().size() > 0;
    return switch (loss) {
      case Loss.CrossEntropy(long ignoreIndex) when rows -> {
        Workspace losses = Workspace.of(operands.get(1).shape().size() * Double.BYTES);
        yield new TwoStageKernel(
            new Forward(operands, results.get(1), losses, ignoreIndex),
            mean(operands.get(1), losses, results.getFirst(), ignoreIndex),
            losses);
      }
      case Loss.CrossEntropyGrad(long ignoreIndex) when rows && Loops.hasRows(results.getFirst()) ->
          new Backward(operands, results.getFirst(), ignoreIndex);
      case Loss.CrossEntropy _, Loss.CrossEntropyGrad _ -> ScalarLoss.of(loss, operands, results);
    };
  }

  private static Kernel mean(View labels, Workspace losses, View mean, long ignoreIndex) {
    return ScalarKernel.of(
        1,
        _ -> {
          double sum = 0;
          for (long row = 0; row < labels.shape().size(); row++) {
            sum += Elements.loadF64(losses.address() + row * Double.BYTES);
          }
          mean.set(0, sum / ScalarLoss.counted(labels, ignoreIndex));
        });
  }

  private static long rowsPerTask(View labels, int classes) {
    long rows = labels.shape().size();
    return Math.max(
        Math.ceilDiv(rows, MOST_TASKS), Math.max(1, PointwiseKernel.TASK_ELEMENTS / classes));
  }

  private static final class Forward implements Kernel {
    private final View logits;
    private final View labels;
    private final View logDenominators;
    private final Workspace losses;
    private final long ignoreIndex;
    private final TileLoop max = Loops.fold(ReduceFn.MAX, arg(0), Access.CONTIGUOUS);
    private final TileLoop sum =
        Loops.fold(ReduceFn.SUM, exp(minus(arg(0), arg(1))), Access.CONTIGUOUS, Access.SPLAT);

    Forward(List<View> operands, View logDenominators, Workspace losses, long ignoreIndex) {
      this.logits = operands.get(0);
      this.labels = operands.get(1);
      this.logDenominators = logDenominators;
      this.losses = losses;
      this.ignoreIndex = ignoreIndex;
    }

    @Override
    public int tasks() {
      long rows = rowsPerTask(labels, logits.dim(-1));
      return Math.toIntExact(Math.ceilDiv(labels.shape().size(), rows));
    }

    @Override
    public long scratchBytes() {
      return TileLoop.blockBytes(3) + Memory.ALIGNMENT;
    }

    @Override
    public void run(int task, long scratch) {
      int classes = logits.dim(-1);
      long rows = rowsPerTask(labels, classes);
      long end = Math.min(labels.shape().size(), (task + 1) * rows);
      for (long row = task * rows; row < end; row++) {
        long label = ScalarLoss.label(labels, row, classes, ignoreIndex);
        double logDenominator = logDenominator(logits.at(row * classes), classes, scratch);
        logDenominators.set(row, logDenominator);
        double loss = label == ignoreIndex ? 0 : logDenominator - logits.get(row * classes + label);
        Elements.storeF64(losses.address() + row * Double.BYTES, loss);
      }
    }

    private double logDenominator(long row, int classes, long scratch) {
      long largest = scratch + TileLoop.blockBytes(3);
      long partial = largest + Float.BYTES;
      TileLoop.set(scratch, 0, row, 0, 0);
      TileLoop.set(scratch, 1, largest, 0, 0);
      max.run(scratch, 1, classes);
      double total = 0;
      for (int start = 0; start < classes; start += PIECE) {
        TileLoop.set(scratch, 0, row + (long) start * Float.BYTES, 0, 0);
        TileLoop.set(scratch, 1, largest, 0, 0);
        TileLoop.set(scratch, 2, partial, 0, 0);
        sum.run(scratch, 1, Math.min(PIECE, classes - start));
        total += Memory.load(partial);
      }
      return Memory.load(largest) + Math.log(total);
    }
  }

  /// (softmax − one-hot) · gradient of the mean / number of labels that count.
  private static final class Backward implements Kernel {
    private final View logits;
    private final View labels;
    private final View logDenominators;
    private final View upstream;
    private final View gradient;
    private final long ignoreIndex;
    private final TileLoop softmax =
        Loops.map(
            times(exp(minus(arg(0), arg(1))), arg(2)),
            Access.CONTIGUOUS,
            Access.SPLAT,
            Access.SPLAT);
    private final TileLoop zero = Loops.map(new ScalarExpr.Scalar(0));

    Backward(List<View> operands, View gradient, long ignoreIndex) {
      this.logits = operands.get(0);
      this.labels = operands.get(1);
      this.logDenominators = operands.get(2);
      this.upstream = operands.get(3);
      this.gradient = gradient;
      this.ignoreIndex = ignoreIndex;
    }

    @Override
    public int tasks() {
      long rows = rowsPerTask(labels, logits.dim(-1));
      return Math.toIntExact(Math.ceilDiv(labels.shape().size(), rows));
    }

    @Override
    public long scratchBytes() {
      return TileLoop.blockBytes(4) + Memory.ALIGNMENT;
    }

    @Override
    public void run(int task, long scratch) {
      int classes = logits.dim(-1);
      long rows = rowsPerTask(labels, classes);
      long end = Math.min(labels.shape().size(), (task + 1) * rows);
      float factor = (float) (upstream.get(0) / ScalarLoss.counted(labels, ignoreIndex));
      long splats = scratch + TileLoop.blockBytes(4);
      Memory.store(splats + Float.BYTES, factor);
      for (long row = task * rows; row < end; row++) {
        long label = ScalarLoss.label(labels, row, classes, ignoreIndex);
        long into = gradient.at(row * classes);
        if (label == ignoreIndex) {
          TileLoop.set(scratch, 0, into, 0, 0);
          zero.run(scratch, 1, classes);
          continue;
        }
        Memory.store(splats, (float) logDenominators.get(row));
        TileLoop.set(scratch, 0, logits.at(row * classes), 0, 0);
        TileLoop.set(scratch, 1, splats, 0, 0);
        TileLoop.set(scratch, 2, splats + Float.BYTES, 0, 0);
        TileLoop.set(scratch, 3, into, 0, 0);
        softmax.run(scratch, 1, classes);
        long hot = gradient.at(row * classes + label);
        Memory.store(hot, Memory.load(hot) - factor);
      }
    }
  }
}
