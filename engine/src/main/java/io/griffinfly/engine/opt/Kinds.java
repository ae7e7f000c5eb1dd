package io.griffinfly.engine.opt;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarFn;

/// A number for each sort of operation, by which patterns find candidates: the record's class, and
/// for scalar and reduction functions the function.
public final class Kinds {
  private static final int FUNCTIONS = 32;
  private static final int REDUCTIONS = FUNCTIONS + ScalarFn.values().length;

  private Kinds() {}

  /// The kind of a scalar function's node.
  ///
  /// @param fn the function
  /// @return the kind
  @SuppressWarnings("EnumOrdinal") // compared inside one process only
  public static int of(ScalarFn fn) {
    return FUNCTIONS + fn.ordinal();
  }

  /// The kind of a reduction's node.
  ///
  /// @param fn the function
  /// @return the kind
  @SuppressWarnings("EnumOrdinal") // compared inside one process only
  public static int of(ReduceFn fn) {
    return REDUCTIONS + fn.ordinal();
  }

  /// The kind of an operation by its record's class, for those that are not functions.
  ///
  /// @param type the class, such as `Move.Slice.class`
  /// @return the kind
  public static int of(Class<? extends Op> type) {
    int index = Names.ORDER.indexOf(type);
    if (index < 0) {
      throw new IllegalArgumentException(type + " has no kind of its own");
    }
    return index;
  }

  /// The kind of an operation.
  ///
  /// @param op the operation
  /// @return the kind
  public static int of(Op op) {
    return switch (op) {
      case Elementwise.Map(ScalarFn fn) -> of(fn);
      case Reduce.Fold(ReduceFn fn, _, _) -> of(fn);
      case Op other -> of(other.getClass());
    };
  }

  private static final class Names {
    static final java.util.List<Class<? extends Op>> ORDER =
        java.util.List.of(
            Leaf.Input.class,
            Leaf.State.class,
            Leaf.Constant.class,
            Leaf.Iota.class,
            Elementwise.Cast.class,
            Reduce.ArgMax.class,
            Contract.MatMul.class,
            Contract.FusedMatMul.class,
            Move.Reshape.class,
            Move.Transpose.class,
            Move.Broadcast.class,
            Move.Slice.class,
            Move.Pad.class,
            Move.Concat.class,
            Move.Project.class,
            Gather.Take.class,
            Gather.ScatterAdd.class,
            Norm.RmsNorm.class,
            Norm.RmsNormGrad.class,
            Attention.Rotary.class,
            Attention.Attend.class,
            Attention.AttendGrad.class,
            Loss.CrossEntropy.class,
            Loss.CrossEntropyGrad.class);
  }
}
