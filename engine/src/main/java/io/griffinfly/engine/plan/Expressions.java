package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/// Builds the scalar expression of one kernel and collects its operands.
final class Expressions {
  private final Fusion fusion;
  private final Places places;
  private final Set<Node> owners;
  private final Shape domain;
  private final List<View> operands = new ArrayList<>();

  Expressions(Fusion fusion, Places places, Node owner, Shape domain) {
    this.fusion = fusion;
    this.places = places;
    owners = new HashSet<>(fusion.alsoStored(owner));
    owners.add(owner);
    this.domain = domain;
  }

  /// The expression of a node: inlined when it belongs to this kernel, else an operand.
  ScalarExpr of(Node node) {
    OptionalDouble splat = Fusion.splat(node);
    if (splat.isPresent()) {
      return new ScalarExpr.Scalar(splat.getAsDouble());
    }
    if (node.op() instanceof Elementwise && owners.contains(fusion.owner(node))) {
      return switch (node.op()) {
        case Elementwise.Map(ScalarFn fn) ->
            new ScalarExpr.Apply(fn, node.inputs().stream().map(this::of).toList());
        case Elementwise.Cast(DType to) -> new ScalarExpr.Convert(to, of(node.input(0)));
        default -> operand(node);
      };
    }
    return operand(node);
  }

  private ScalarExpr operand(Node node) {
    return operand(places.view(node));
  }

  /// What stands for an operand, which is added if it is new.
  ScalarExpr operand(View view) {
    int index = operands.indexOf(view);
    if (index < 0) {
      index = operands.size();
      operands.add(view);
    }
    return new ScalarExpr.Arg(index);
  }

  /// The nodes that the expression of an owner reads.
  static List<Node> leaves(Fusion fusion, Node owner) {
    List<Node> leaves = new ArrayList<>();
    collect(fusion, owner, owner, leaves);
    return leaves;
  }

  private static void collect(Fusion fusion, Node owner, Node node, List<Node> leaves) {
    boolean inner =
        node.op() instanceof Elementwise && (node == owner || fusion.owner(node) == owner);
    if (inner) {
      node.inputs().forEach(input -> collect(fusion, owner, input, leaves));
    } else {
      leaves.add(node);
    }
  }

  List<View> operands() {
    return operands;
  }

  /// The operands' types, all of which broadcast to the domain.
  List<TensorType> types() {
    for (View view : operands) {
      Shape.broadcast(view.type().shape(), domain);
    }
    return operands.stream().map(View::type).toList();
  }
}
