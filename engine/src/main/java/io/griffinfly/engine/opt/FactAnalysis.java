package io.griffinfly.engine.opt;

import io.griffinfly.engine.egraph.Analysis;
import io.griffinfly.engine.egraph.EGraph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.ShapeRules;
import io.griffinfly.engine.ir.ValueType;
import java.util.ArrayList;
import java.util.List;

/// Derives the [Fact] of every class: types by the shape rules, constants by folding.
final class FactAnalysis implements Analysis<Op, Fact> {
  @Override
  public Fact make(EGraph<Op, Fact> graph, Op op, int[] kids) {
    List<ValueType> types = new ArrayList<>(kids.length);
    List<Fact> facts = new ArrayList<>(kids.length);
    for (int kid : kids) {
      Fact fact = graph.data(kid);
      facts.add(fact);
      types.add(fact.valueType());
    }
    ValueType type = ShapeRules.infer(op, types);
    return new Fact(type, Folding.fold(op, facts, type));
  }

  @Override
  public Fact merge(Fact left, Fact right) {
    if (!left.valueType().equals(right.valueType())) {
      throw new IllegalStateException(left.valueType() + " is not " + right.valueType());
    }
    return left.constant() == null ? right : left;
  }

  @Override
  public void modify(EGraph<Op, Fact> graph, int id) {
    Literal constant = graph.data(id).constant();
    if (constant != null) {
      int node = graph.add(new Leaf.Constant(constant));
      graph.union(id, node, "constant folding");
    }
  }
}
