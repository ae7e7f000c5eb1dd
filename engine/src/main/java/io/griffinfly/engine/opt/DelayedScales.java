package io.griffinfly.engine.opt;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// A power of two for every value that is rounded to halves and may be too small or too large for
/// them. It follows from the largest magnitude of the same value in the step before (delayed
/// scaling; Micikevicius et al. 2022, "FP8 formats for deep learning", section 4), so that no
/// kernel waits for a maximum.
///
/// What is kept from step to step are the maxima, times what a value has in reserve, in one state
/// of all values, [#NAME] and their number. It is of the optimizer's role: saved and restored with
/// moments; a file without it is no harm, the first step then begins with the first scale. Programs
/// that round as many values share it, as a whole batch and the last, smaller one do.
///
/// What does not fit is clamped, so that one step of a gradient that has grown is finite and wrong
/// in its largest elements, and the next is right. A value of zeros and one with NaN or infinities
/// keep the maximum that they had.
final class DelayedScales {
  /// How the state's name begins.
  static final String NAME = "gradient_maxima.";

  /// What the largest magnitude becomes at most, and half of it at least: 3 to 4 of the 16
  /// exponents of two below 65504 are left for growing from one step to the next.
  static final double TARGET = 8192;

  private static final double LARGEST_HALF = 65504;

  /// The smallest maximum: its scale 2^113 and what is divided by it are normal numbers.
  private static final double SMALLEST = 0x1p-100;

  /// A scale stands four times, so that each begins at 16 bytes, where GPUs can bind memory:
  /// kernels of different layers then have the same text and share a pipeline.
  private static final int REPEATS = 4;

  /// Fewest elements folded to one of the maxima that are made first, all of them by one kernel a
  /// value; a second one folds those of all values.
  private static final int FOLDED_AT_ONCE = 64;

  private final GraphBuilder g;
  private final List<ScaledFactors.Slot> slots;
  private final double firstScale;
  private final List<Node> scales = new ArrayList<>();
  private final List<Node> inverses = new ArrayList<>();

  /// @param g the builder
  /// @param slots the values
  /// @param firstScale the scale of all of them in the first step
  DelayedScales(GraphBuilder g, List<ScaledFactors.Slot> slots, double firstScale) {
    this.g = g;
    this.slots = slots;
    this.firstScale = firstScale;
    if (slots.isEmpty()) {
      return;
    }
    int count = slots.size();
    Node maxima = g.broadcast(g.reshape(state(), count, 1), Shape.of(count, REPEATS));
    Node scale = powerWithin(TARGET, g.map(ScalarFn.MAX, maxima, number(SMALLEST)));
    // A quotient may be off in its last digits on GPUs; what it is off by is not in its power.
    Node inverse = powerWithin(1.5, scale);
    for (int slot = 0; slot < count; slot++) {
      scales.add(element(scale, slot));
      inverses.add(element(inverse, slot));
    }
  }

  private Node state() {
    TensorType type = TensorType.of(DType.F32, slots.size());
    Initializer first = new Initializer.Fill(TARGET / firstScale);
    return g.state(new Leaf.State(NAME + slots.size(), type, Leaf.Role.OPTIMIZER, first));
  }

  private Node number(double value) {
    return g.constant(DType.F32, value);
  }

  /// The largest power of two within a quotient.
  private Node powerWithin(double numerator, Node denominator) {
    return g.map(ScalarFn.POWER_OF_TWO, g.div(number(numerator), denominator));
  }

  private Node element(Node rows, int slot) {
    return g.reshape(g.slice(g.slice(rows, 0, slot, 1), 1, 0, 1));
  }

  /// What a product is multiplied by because a factor of it was scaled.
  Node inverse(int slot) {
    return inverses.get(slot);
  }

  /// A value as it is rounded.
  Node apply(int slot, Node value) {
    Node scaled = g.mul(value, scales.get(slot));
    double largest = LARGEST_HALF / slots.get(slot).reserve();
    Node above = g.map(ScalarFn.MAX, scaled, number(-largest));
    return g.map(ScalarFn.MIN, above, number(largest));
  }

  /// Adds what becomes of the state.
  ///
  /// @param parts for each scale the values that have it, as they are before
  void update(List<List<Node>> parts) {
    if (slots.isEmpty()) {
      return;
    }
    List<Node> maxima = new ArrayList<>();
    int from = 0;
    while (from < slots.size()) {
      int rows = slots.get(from).rows();
      List<Node> alike = new ArrayList<>();
      while (from < slots.size() && slots.get(from).rows() == rows) {
        double reserve = slots.get(from).reserve();
        Node first =
            joined(0, parts.get(from).stream().map(part -> firstMaxima(part, reserve)).toList());
        alike.add(g.reshape(first, 1, rows));
        from++;
      }
      maxima.add(g.max(joined(0, alike), false, 1));
    }
    Node found = joined(0, maxima);
    Node isPositive = g.map(ScalarFn.GREATER, found, number(0));
    Node isFinite = g.map(ScalarFn.LESS_EQUAL, found, number(Float.MAX_VALUE));
    Node isValid = g.map(ScalarFn.AND, isPositive, isFinite);
    g.assign(state(), g.map(ScalarFn.SELECT, isValid, found, state()));
  }

  private Node joined(int axis, List<Node> parts) {
    return parts.size() == 1 ? parts.getFirst() : g.concat(axis, parts.toArray(Node[]::new));
  }

  /// The largest magnitudes of rows of a value, `[rows]`.
  private Node firstMaxima(Node value, double reserve) {
    Shape shape = value.shape();
    int[] axes = IntStream.range(keptAxes(shape), shape.rank()).toArray();
    Node exact = g.map(ScalarFn.ABS, value);
    Node size = reserve == 1 ? exact : g.scale(exact, reserve);
    return g.reshape(axes.length == 0 ? size : g.max(size, false, axes), rows(shape));
  }

  /// How many maxima a value is first folded to.
  static int rows(Shape shape) {
    int rows = 1;
    for (int axis = 0; axis < keptAxes(shape); axis++) {
      rows *= shape.dim(axis);
    }
    return rows;
  }

  private static int keptAxes(Shape shape) {
    int axis = shape.rank();
    long folded = 1;
    while (axis > 0 && folded < FOLDED_AT_ONCE) {
      axis--;
      folded *= shape.dim(axis);
    }
    return axis;
  }
}
