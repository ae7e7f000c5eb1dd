package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import java.util.List;

/// Norms that products could take along: whose value, or all that it is rounded to, is the left
/// factor of products and nothing else.
final class FactorNorm {
  private FactorNorm() {}

  /// Whether products alone read a norm.
  static boolean is(Node norm, Fusion fusion) {
    if (!(norm.op() instanceof Norm.RmsNorm)) {
      return false;
    }
    Node rows = fusion.stored(norm);
    List<Node> readers = fusion.users(rows);
    return rows.shape().rank() == 2
        && !fusion.isRoot(rows)
        && !readers.isEmpty()
        && readers.stream().allMatch(reader -> multiplies(reader, rows));
  }

  private static boolean multiplies(Node reader, Node rows) {
    return reader.op() instanceof Contract contract
        && !contract.transposeLeft()
        && reader.shape().rank() == 2
        && reader.inputs().indexOf(rows) == 0
        && reader.inputs().lastIndexOf(rows) == 0;
  }
}
