package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import java.util.List;
import java.util.stream.Stream;

/// Elementwise values that lie side by side in a join, such as the gradients of a gate and of what
/// it gates, or their roundings: one kernel can compute them together. It reads what they share
/// once, and parts of one place that two kernels write between each other's rows would have to wait
/// for each other.
final class Siblings {
  private final Fusion fusion;
  private final Places places;
  private final WeightOnly weightOnly;

  Siblings(Fusion fusion, Places places, WeightOnly weightOnly) {
    this.fusion = fusion;
    this.places = places;
    this.weightOnly = weightOnly;
  }

  /// Values of the same extents that can be computed where a node is, in the order of their join.
  List<Node> of(Node node) {
    return Stream.concat(Stream.of(node), fusion.alsoStored(node).stream())
        .flatMap(stored -> fusion.users(stored).stream())
        .filter(user -> user.op() instanceof Move.Concat)
        .findFirst()
        .map(join ->
            join.inputs().stream()
                .map(input -> fusion.isStoredByOperand(input) ? fusion.rounded(input) : input)
                .distinct()
                .filter(input -> input != node && isReady(input, node))
                .toList())
        .orElse(List.of());
  }

  private boolean isReady(Node sibling, Node node) {
    return sibling.op() instanceof Elementwise
        && sibling.shape().equals(node.shape())
        && fusion.owner(sibling) == sibling
        && !fusion.isStoredByOperand(sibling)
        && weightOnly.contains(sibling) == weightOnly.contains(node)
        && !places.has(sibling)
        && Stream.concat(Stream.of(sibling), fusion.alsoStored(sibling).stream())
            .flatMap(each -> Expressions.leaves(fusion, each).stream())
            .allMatch(leaf -> leaf == sibling || (leaf != node && places.has(leaf)));
  }
}
