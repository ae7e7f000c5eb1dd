package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarExpr;
import java.util.ArrayList;
import java.util.List;

/// What the kernel of an elementwise value computes: with the value its roundings to halves, and
/// values that lie beside it in a join.
///
/// @param expressions collects the operands
/// @param values one expression a value
/// @param stored the nodes whose values they are
record Pointwise(Expressions expressions, List<ScalarExpr> values, List<Node> stored) {
  Pointwise {
    values = List.copyOf(values);
    stored = List.copyOf(stored);
  }

  /// The kernel of a node that computes its own value.
  static Pointwise of(Node node, Fusion fusion, Places places, Siblings siblings) {
    Expressions expressions = new Expressions(fusion, places, node, node.shape());
    List<Node> stored = new ArrayList<>(List.of(node));
    stored.addAll(fusion.alsoStored(node));
    List<ScalarExpr> values = new ArrayList<>(stored.stream().map(expressions::of).toList());
    for (Node sibling : siblings.of(node)) {
      List<Node> more = new ArrayList<>(List.of(sibling));
      more.addAll(fusion.alsoStored(sibling));
      Expressions own = new Expressions(fusion, places, sibling, node.shape());
      List<ScalarExpr> further = more.stream().map(own::of).toList();
      if (operations(values) + operations(further) <= Fusion.MAX_OPERATIONS) {
        List<ScalarExpr> operands = own.operands().stream().map(expressions::operand).toList();
        further.forEach(value -> values.add(value.substitute(operands)));
        stored.addAll(more);
      }
    }
    return new Pointwise(expressions, values, stored);
  }

  private static int operations(List<ScalarExpr> values) {
    return values.stream().mapToInt(ScalarExpr::operations).sum();
  }
}
