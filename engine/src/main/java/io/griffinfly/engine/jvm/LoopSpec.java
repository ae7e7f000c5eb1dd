package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.jvm.TileLoop.Access;
import io.griffinfly.engine.kernel.TypedExpr;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything that the code of a [TileLoop] depends on. Equal specs share one class.
///
/// @param expressions one a result
/// @param operandTypes element types of the operands
/// @param operandAccess how each operand lies along a row
/// @param resultTypes element types of the results
/// @param resultAccess how each result lies along a row; not read where there is a fold
/// @param fold null for one element of every result at every position; else the loop has one
///   result, with one element a row: the row's elements of the expression, combined
record LoopSpec(
    List<TypedExpr> expressions,
    List<DType> operandTypes,
    List<Access> operandAccess,
    List<DType> resultTypes,
    List<Access> resultAccess,
    @Nullable ReduceFn fold) {
  LoopSpec {
    expressions = List.copyOf(expressions);
    operandTypes = List.copyOf(operandTypes);
    operandAccess = List.copyOf(operandAccess);
    resultTypes = List.copyOf(resultTypes);
    resultAccess = List.copyOf(resultAccess);
  }

  /// The same expressions at every position of contiguous results, without the fold.
  LoopSpec withoutFold() {
    List<Access> results = Collections.nCopies(resultTypes.size(), Access.CONTIGUOUS);
    return new LoopSpec(expressions, operandTypes, operandAccess, resultTypes, results, null);
  }

  /// Number of operands and results: entries of the loop's block.
  int entries() {
    return operandTypes.size() + resultTypes.size();
  }

  /// How an entry lies along a row.
  Access access(int entry) {
    int result = entry - operandAccess.size();
    if (result < 0) {
      return operandAccess.get(entry);
    }
    return fold == null ? resultAccess.get(result) : Access.SPLAT;
  }

  /// Bytes of one element of an entry.
  int bytes(int entry) {
    int result = entry - operandTypes.size();
    return (result < 0 ? operandTypes.get(entry) : resultTypes.get(result)).bytes();
  }
}
