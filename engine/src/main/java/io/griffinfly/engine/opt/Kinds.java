package io.griffinfly.engine.opt;

import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.OpCatalogue;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarFn;
import java.util.List;

/// A number for each sort of operation, by which patterns find candidates: the record's class, and
/// for scalar and reduction functions the function.
public final class Kinds {
  private static final List<Class<? extends Record>> RECORDS =
      List.copyOf(OpCatalogue.records().values());

  private static final int FUNCTIONS = RECORDS.size();
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
    int index = RECORDS.indexOf(type);
    if (index < 0 || type == Elementwise.Map.class || type == Reduce.Fold.class) {
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
}
