package io.griffinfly.engine.conformance;

import static io.griffinfly.engine.conformance.KernelData.arg;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Schedule;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.ref.Value;
import io.griffinfly.engine.vulkan.ProductVariants;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Products of a few rows together with the norm in front of them, and with what their halves of
/// columns become or the rotary embedding of their heads, in every way in which GPUs compute them,
/// against the reference.
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource(Subjects.GPUS)
class VectorJoinKernelTest {
  /// What is joined to a product.
  enum Form {
    NORM(true, Follows.EPILOGUE),
    PAIRS(false, Follows.PAIRS),
    PAIRS_AND_PRODUCT(false, Follows.PAIRS_AND_PRODUCT),
    NORM_AND_PAIRS(true, Follows.PAIRS),
    NORM_PAIRS_AND_PRODUCT(true, Follows.PAIRS_AND_PRODUCT),
    ROTARY(false, Follows.ROTARY),
    ROTARY_BACK(false, Follows.ROTARY_BACK),
    NORM_AND_ROTARY(true, Follows.ROTARY);

    private final boolean normed;
    private final Follows follows;

    Form(boolean normed, Follows follows) {
      this.normed = normed;
      this.follows = follows;
    }
  }

  /// What becomes of the sums.
  private enum Follows {
    EPILOGUE,
    PAIRS,
    PAIRS_AND_PRODUCT,
    ROTARY,
    ROTARY_BACK
  }

  /// Extents of a case.
  ///
  /// @param m rows
  /// @param n columns of the result, where it is not heads
  /// @param k depth
  /// @param heads that are the result's columns otherwise
  private record Extents(int m, int n, int k, Heads heads) {}

  /// Heads side by side.
  ///
  /// @param positions of a sequence
  /// @param size columns of a head
  /// @param turned the first heads, which are turned
  /// @param all heads
  private record Heads(int positions, int size, int turned, int all) {}

  /// Depths that reads of four divide, and others; heads whose pairs lanes divide, and others.
  private static final List<Extents> EXTENTS =
      List.of(
          new Extents(1, 96, 64, new Heads(1, 64, 2, 3)),
          new Extents(1, 37, 260, new Heads(1, 6, 3, 5)),
          new Extents(2, 33, 45, new Heads(1, 10, 1, 3)),
          new Extents(1, 20, 1536, new Heads(1, 2, 4, 4)),
          new Extents(3, 21, 132, new Heads(3, 6, 1, 2)),
          new Extents(4, 5, 7, new Heads(2, 10, 2, 5)),
          new Extents(8, 18, 40, new Heads(4, 4, 3, 4)));

  private static Extents extents(int m) {
    return new Extents(m, 6, 8, new Heads(m, 6, 1, 2));
  }

  private static final DType[] TYPES = {DType.F32, DType.F16, DType.F32, DType.BF16};

  /// As large as the squares' mean, so that it cannot be forgotten.
  private static final Norm.RmsNorm NORM = new Norm.RmsNorm(2.5);

  /// (product + residual) · scale; the scale is one a row.
  private static final ScalarExpr EPILOGUE =
      ScalarExpr.apply(ScalarFn.MUL, ScalarExpr.apply(ScalarFn.ADD, arg(0), arg(1)), arg(2));

  private final Subject subject;

  VectorJoinKernelTest(Subject subject) {
    this.subject = subject;
  }

  /// A case: a spec, what it reads, and what comes of it.
  private record Case(KernelSpec spec, List<Value.Array> operands, List<Value.Array> expected) {}

  /// Normal numbers whose sizes differ from row to row, so that the scale of one is not another's.
  private static Value.Array rows(DType type, int m, int k) {
    Value.Array normal = KernelData.random(TensorType.of(type, m, k), 1);
    double[] data = new double[normal.size()];
    Arrays.setAll(data, i -> type.round(normal.get(i) * (1 + Math.floorDiv(i, k) * 0.5)));
    return Value.Array.of(normal.type(), data);
  }

  /// A weight whose products over k elements are of unit size.
  private static Value.Array weight(TensorType type, int k) {
    Value.Array normal = KernelData.random(type, 3);
    double[] data = new double[normal.size()];
    Arrays.setAll(data, i -> type.dtype().round(normal.get(i) / Math.sqrt(k)));
    return Value.Array.of(type, data);
  }

  private static List<TensorType> types(List<Value.Array> arrays) {
    return arrays.stream().map(Value.Array::type).toList();
  }

  private static Value.Array single(Value.Array array) {
    return Value.Array.of(TensorType.of(DType.F32, array.type().shape().dims()), array.data());
  }

  /// What a product's epilogue, or what follows it, reads.
  private static List<Value.Array> others(Form form, Extents extents) {
    Heads heads = extents.heads;
    Value.Array scale = KernelData.random(TensorType.of(DType.F32, extents.m, 1), 5);
    return switch (form.follows) {
      case EPILOGUE ->
          List.of(KernelData.random(TensorType.of(DType.F32, extents.m, extents.n), 4), scale);
      case PAIRS, PAIRS_AND_PRODUCT -> List.of(scale);
      case ROTARY, ROTARY_BACK ->
          KernelData.random(
              Collections.nCopies(2, TensorType.of(DType.F32, heads.positions, heads.size / 2)), 6);
    };
  }

  /// Columns of the product.
  private static int columns(Form form, Extents extents) {
    return switch (form.follows) {
      case EPILOGUE -> extents.n;
      case PAIRS, PAIRS_AND_PRODUCT -> 2 * extents.n;
      case ROTARY, ROTARY_BACK -> extents.heads.all * extents.heads.size;
    };
  }

  private static KernelSpec.OfRows joined(
      Form form,
      Heads heads,
      KernelSpec.Contract product,
      List<TensorType> read,
      TensorType result) {
    return switch (form.follows) {
      case EPILOGUE -> product;
      case PAIRS -> paired(product, false, read, result);
      case PAIRS_AND_PRODUCT -> paired(product, true, read, result);
      case ROTARY -> rotated(product, heads, false, read);
      case ROTARY_BACK -> rotated(product, heads, true, read);
    };
  }

  private static Case of(Form form, Extents extents, boolean right, DType type, DType stored) {
    int m = extents.m;
    int k = extents.k;
    int n = columns(form, extents);
    boolean plain = form.follows != Follows.EPILOGUE;
    Value.Array x = rows(form.normed ? DType.F32 : type, m, k);
    Value.Array gain = KernelData.random(TensorType.of(DType.F32, k), 2);
    Value.Array weight = weight(right ? TensorType.of(type, n, k) : TensorType.of(type, k, n), k);
    Value.Array rows = form.normed ? (Value.Array) Interpreter.apply(NORM, List.of(x, gain)) : x;
    List<Value.Array> others = others(form, extents);
    List<TensorType> read = new ArrayList<>(List.of(TensorType.of(type, m, k), weight.type()));
    read.addAll(types(others));
    TensorType result = TensorType.of(stored, m, extents.n);
    DType summed =
        switch (form.follows) {
          case EPILOGUE, ROTARY, ROTARY_BACK -> stored;
          case PAIRS, PAIRS_AND_PRODUCT -> DType.F32;
        };
    ScalarExpr epilogue = plain ? arg(0) : EPILOGUE;
    KernelSpec.Contract product =
        new KernelSpec.Contract(
            false,
            right,
            epilogue,
            plain ? read.subList(0, 2) : read,
            List.of(TensorType.of(summed, m, n)));
    List<Value.Array> factors = new ArrayList<>(List.of(single(rows), single(weight)));
    factors.addAll(plain ? List.of() : others);
    Value.Array sums =
        (Value.Array) Interpreter.apply(new Contract.FusedMatMul(false, right, epilogue), factors);
    KernelSpec.OfRows then = joined(form, extents.heads, product, read, result);
    List<Value.Array> operands = new ArrayList<>(form.normed ? List.of(x, gain) : List.of(x));
    operands.add(weight);
    operands.addAll(others);
    KernelSpec spec =
        form.normed ? new KernelSpec.AfterNorm(NORM, then, types(operands), then.results()) : then;
    return new Case(spec, operands, expected(form, extents.heads, sums, others));
  }

  /// What becomes of the sums.
  private static List<Value.Array> expected(
      Form form, Heads heads, Value.Array sums, List<Value.Array> others) {
    int turned = heads.turned * heads.size;
    return switch (form.follows) {
      case EPILOGUE -> List.of(sums);
      case PAIRS -> List.of(together(sums, others.getFirst()));
      case PAIRS_AND_PRODUCT -> List.of(sums, together(sums, others.getFirst()));
      case ROTARY -> List.of(TurnedHeads.of(sums, others.get(0), others.get(1), turned, false));
      case ROTARY_BACK -> List.of(TurnedHeads.of(sums, others.get(0), others.get(1), turned, true));
    };
  }

  private static KernelSpec.Rotated rotated(
      KernelSpec.Contract product, Heads heads, boolean inverse, List<TensorType> read) {
    return new KernelSpec.Rotated(
        product, heads.size, heads.turned * heads.size, inverse, read, product.results());
  }

  private static KernelSpec.Paired paired(
      KernelSpec.Contract product, boolean keeps, List<TensorType> read, TensorType result) {
    ScalarExpr swiglu = ScalarExpr.apply(ScalarFn.SWIGLU, arg(0), arg(1));
    ScalarExpr scaled = ScalarExpr.apply(ScalarFn.MUL, swiglu, arg(2));
    return new KernelSpec.Paired(
        product,
        keeps,
        result.dtype() == DType.F32 ? scaled : new ScalarExpr.Convert(result.dtype(), scaled),
        read,
        keeps ? List.of(product.results().getFirst(), result) : List.of(result));
  }

  /// swiglu(gate, up) · scale from one product of both.
  private static Value.Array together(Value.Array both, Value.Array scale) {
    int m = both.type().shape().dim(0);
    int n = both.type().shape().dim(1) / 2;
    double[] data = new double[m * n];
    for (int i = 0; i < data.length; i++) {
      int row = i / n;
      double gate = both.get(row * 2 * n + i % n);
      double up = both.get(row * 2 * n + n + i % n);
      data[i] = gate / (1 + Math.exp(-gate)) * up * scale.get(row);
    }
    return Value.Array.of(TensorType.of(DType.F32, m, n), data);
  }

  @ParameterizedTest
  @EnumSource
  void everyWayAgreesWithTheReference(Form form) {
    int turn =
        switch (form.follows) {
          case EPILOGUE -> 0;
          case PAIRS -> 1;
          case PAIRS_AND_PRODUCT -> 2;
          case ROTARY -> 3;
          case ROTARY_BACK -> 4;
        };
    int checked = 0;
    for (Map.Entry<String, Schedule> variant : ProductVariants.vectorJoins().entrySet()) {
      for (Extents extents : EXTENTS) {
        checked += check(variant, form, extents, turn++) ? 1 : 0;
      }
    }
    assertTrue(checked >= 12, "only " + checked);
  }

  /// One of the types and layouts, in turn.
  ///
  /// @return whether the schedule takes it
  private boolean check(Map.Entry<String, Schedule> variant, Form form, Extents extents, int turn) {
    Lie lie = turn % 3 == 0 ? Lie.DENSE : Subject.allLies().get(turn / 3 % 4);
    DType stored = turn % 5 == 0 ? DType.F16 : DType.F32;
    // In the opposite order of axes, a weight lies along the depth as it is.
    Case made = of(form, extents, lie != Lie.REVERSED, TYPES[turn % TYPES.length], stored);
    if (!KernelRun.takes(variant.getValue(), subject, made.spec, lie)) {
      return false;
    }
    List<double[]> found = KernelRun.by(variant.getValue(), subject, made.spec, made.operands, lie);
    assertEquals(made.expected.size(), found.size());
    for (int i = 0; i < found.size(); i++) {
      double epsilon = KernelData.epsilon(made.spec.results().get(i).dtype());
      double absolute = 200 * KernelData.epsilon(DType.F32) + 2 * epsilon;
      String what = variant.getKey() + " " + made.spec + " " + lie + " result " + i;
      KernelData.assertClose(made.expected.get(i), found.get(i), 8 * epsilon, absolute, what);
    }
    subject.requireNoComplaints();
    return true;
  }

  private boolean takes(KernelSpec spec, Lie lie) {
    return ProductVariants.vectorJoins().values().stream()
        .anyMatch(each -> KernelRun.takes(each, subject, spec, lie));
  }

  @ParameterizedTest
  @EnumSource
  void refusesManyRowsAndWeightsAcrossTheDepth(Form form) {
    assertTrue(takes(of(form, extents(8), true, DType.F32, DType.F32).spec, Lie.DENSE));
    assertFalse(takes(of(form, extents(9), true, DType.F32, DType.F32).spec, Lie.DENSE));
    assertFalse(takes(of(form, extents(1), false, DType.F32, DType.F32).spec, Lie.DENSE));
    assertFalse(takes(of(form, extents(1), true, DType.F32, DType.I32).spec, Lie.DENSE));
  }

  /// Columns behind those that are turned need not be heads of the same size.
  @Test
  void refusesColumnsThatAreNoHeads() {
    Case made = of(Form.ROTARY, extents(1), true, DType.F32, DType.F32);
    KernelSpec.Rotated rotated = (KernelSpec.Rotated) made.spec;
    TensorType wide = TensorType.of(DType.F32, 1, 15);
    List<TensorType> read = new ArrayList<>(rotated.operands());
    read.set(1, TensorType.of(DType.F32, 15, 8));
    KernelSpec.Contract wider =
        new KernelSpec.Contract(false, true, arg(0), read.subList(0, 2), List.of(wide));
    assertTrue(takes(made.spec, Lie.DENSE));
    assertFalse(takes(new KernelSpec.Rotated(wider, 6, 6, false, read, List.of(wide)), Lie.DENSE));
  }

  @ParameterizedTest
  @EnumSource(names = {"NORM_AND_PAIRS", "NORM_AND_ROTARY"})
  void devicesThatAreNoGpusRefuse(Form form) {
    KernelSpec spec = of(form, extents(1), true, DType.F32, DType.F32).spec;
    Subjects.all()
        .forEach(other ->
            assertEquals(
                List.of(),
                KernelRun.schedules(other.devices().getFirst(), spec, Lie.DENSE),
                other::toString));
  }
}
