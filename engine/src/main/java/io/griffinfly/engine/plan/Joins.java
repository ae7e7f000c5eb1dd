package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Finds products that a device computes together with what follows them or goes before them.
final class Joins {
  private static final ScalarExpr SUM = new ScalarExpr.Arg(0);

  private final Fusion fusion;
  private final Places places;
  private final WeightOnly weightOnly;
  private final Siblings siblings;
  private final Selection selection;
  private final Consumer<Node> place;

  /// @param place gives a node that needs no kernel its place
  Joins(
      Fusion fusion,
      Places places,
      WeightOnly weightOnly,
      Siblings siblings,
      Selection selection,
      Consumer<Node> place) {
    this.fusion = fusion;
    this.places = places;
    this.weightOnly = weightOnly;
    this.siblings = siblings;
    this.selection = selection;
    this.place = place;
  }

  /// A kernel for several nodes.
  ///
  /// @param spec what it computes
  /// @param operands what it reads
  /// @param results what it writes
  /// @param nodes what it computes besides the product
  record Joined(KernelSpec spec, List<View> operands, List<View> results, List<Node> nodes) {}

  /// The product of a node.
  static KernelSpec.Contract product(Contract contract, List<View> operands, TensorType result) {
    ScalarExpr epilogue =
        switch (contract) {
          case Contract.MatMul _ -> SUM;
          case Contract.FusedMatMul(_, _, ScalarExpr expression) -> expression;
        };
    return new KernelSpec.Contract(
        contract.transposeLeft(),
        contract.transposeRight(),
        epilogue,
        operands.stream().map(View::type).toList(),
        List.of(result));
  }

  /// The kernel for a product and what follows it, if the device has one. Its results have their
  /// places then.
  Optional<Joined> of(Node node, Contract contract) {
    if (weightOnly.contains(node)) {
      return Optional.empty();
    }
    return NormJoin.of(node, fusion)
        .flatMap(join -> normed(node, contract, join))
        .or(() ->
            PairJoin.of(node, contract, fusion)
                .flatMap(pair -> paired(node, contract, pair, Factors.AS_THEY_ARE)))
        .or(() ->
            RotaryJoin.of(node, contract, fusion)
                .flatMap(join -> rotated(node, contract, join, Factors.AS_THEY_ARE)))
        .or(() -> reader(node).flatMap(reader -> spread(node, contract, reader)));
  }

  /// The kernel for a product and the norm that its rows go through first, if the device has one:
  /// with what follows the product, or else without.
  ///
  /// @param norm the norm, which has no place yet and needs none if there is such a kernel
  Optional<Joined> afterNorm(Node node, Contract contract, Node norm) {
    // The normalized rows have a place that no kernel touches, which stands for them until the
    // kernel is known.
    Node rows = node.input(0);
    places.put(rows, places.temporary(rows, rows.type(), Layout.dense(rows.shape())));
    Factors factors =
        new Factors.Normalized(
            (Norm.RmsNorm) norm.op(), norm.inputs().stream().map(places::view).toList());
    Optional<Joined> found =
        PairJoin.of(node, contract, fusion)
            .flatMap(pair -> paired(node, contract, pair, factors))
            .or(() ->
                RotaryJoin.of(node, contract, fusion)
                    .flatMap(join -> rotated(node, contract, join, factors)))
            .or(() -> alone(node, contract, factors));
    places.forget(List.of(rows));
    return found;
  }

  private Optional<Joined> alone(Node node, Contract contract, Factors factors) {
    List<View> read = node.inputs().stream().map(places::view).toList();
    Node stored = fusion.stored(node);
    KernelSpec spec = factors.spec(product(contract, read, stored.type()), read);
    List<View> operands = factors.operands(read);
    if (!takes(spec, operands)) {
      return Optional.empty();
    }
    View to = destination(stored, operands, factors);
    // Where the result lies decides as well.
    if (!selection.takes(spec, layouts(operands), List.of(to.layout()))) {
      return Optional.empty();
    }
    places.put(stored, to);
    return Optional.of(new Joined(spec, operands, List.of(to), List.of()));
  }

  /// Where a result goes: not over what other elements of it are still computed from.
  private View destination(Node node, List<View> operands, Factors factors) {
    View to = places.destination(node, operands, List.of());
    boolean over = operands.subList(0, factors.count()).stream().anyMatch(to::overlaps);
    return over ? places.temporary(node, node.type(), Layout.dense(node.shape())) : to;
  }

  private static List<Layout> layouts(List<View> views) {
    return views.stream().map(View::layout).toList();
  }

  private boolean takes(KernelSpec spec, List<View> operands) {
    return selection.takes(
        spec,
        layouts(operands),
        spec.results().stream().map(type -> Layout.dense(type.shape())).toList());
  }

  private Optional<Joined> normed(Node node, Contract contract, NormJoin join) {
    join.operands().stream().filter(each -> each.op() instanceof Leaf.State).forEach(place);
    if (!join.operands().stream().allMatch(places::has)) {
      return Optional.empty();
    }
    List<View> operands = new ArrayList<>(node.inputs().stream().map(places::view).toList());
    KernelSpec.Contract product = product(contract, operands, node.type());
    join.operands().forEach(each -> operands.add(places.view(each)));
    List<Node> results = new ArrayList<>(join.keepsProduct() ? List.of(node) : List.of());
    results.addAll(join.results());
    KernelSpec spec =
        new KernelSpec.Normed(
            product,
            (Norm) join.norm().op(),
            join.keepsProduct(),
            join.accumulates(),
            join.also(),
            operands.stream().map(View::type).toList(),
            results.stream().map(Node::type).toList());
    if (!takes(spec, operands)) {
      return Optional.empty();
    }
    List<View> to = new ArrayList<>();
    for (Node each : results) {
      to.add(destination(each, operands, Factors.AS_THEY_ARE));
      places.put(each, to.getLast());
    }
    return Optional.of(new Joined(spec, operands, to, join.joined()));
  }

  private Optional<Joined> paired(Node node, Contract contract, PairJoin pair, Factors factors) {
    Node owner = pair.owner();
    List<Node> halves = List.of(pair.first(), pair.second());
    if (!Expressions.leaves(fusion, owner).stream()
        .allMatch(leaf -> halves.contains(leaf) || places.has(leaf))) {
      return Optional.empty();
    }
    // Where the product is not kept it has a place that no kernel touches, so that its halves can
    // be told apart.
    View both = places.temporary(node, node.type(), Layout.dense(node.shape()));
    places.put(node, both);
    halves.forEach(place);
    List<View> halfViews = halves.stream().map(places::view).toList();
    Expressions expressions = new Expressions(fusion, places, owner, owner.shape());
    ScalarExpr expression = expressions.of(owner);
    List<View> multiplied = node.inputs().stream().map(places::view).toList();
    List<View> read = new ArrayList<>(multiplied);
    List<ScalarExpr> numbers = new ArrayList<>();
    for (View view : expressions.operands()) {
      int half = halfViews.indexOf(view);
      numbers.add(new ScalarExpr.Arg(half >= 0 ? half : read.size()));
      if (half < 0) {
        read.add(view);
      }
    }
    List<Node> results = pair.keepsProduct() ? List.of(node, owner) : List.of(owner);
    KernelSpec spec =
        factors.spec(
            new KernelSpec.Paired(
                product(contract, multiplied, node.type()),
                pair.keepsProduct(),
                expression.substitute(numbers),
                read.stream().map(View::type).toList(),
                results.stream().map(Node::type).toList()),
            read);
    List<View> operands = factors.operands(read);
    if (!takes(spec, operands)) {
      places.forget(List.of(node, pair.first(), pair.second()));
      return Optional.empty();
    }
    View result = destination(owner, operands, factors);
    places.put(owner, result);
    List<View> to = pair.keepsProduct() ? List.of(both, result) : List.of(result);
    return Optional.of(new Joined(spec, operands, to, List.of(owner)));
  }

  /// A tensor without its leading axes, which have one element.
  private static View matrix(View view) {
    Shape shape = view.type().shape();
    TensorType type = view.type().withShape(Shape.of(shape.dim(-2), shape.dim(-1)));
    int last = shape.rank() - 1;
    Layout layout = view.layout();
    return new View(
        view.buffer(),
        type,
        Layout.of(layout.offset(), layout.stride(last - 1), layout.stride(last)));
  }

  /// The rotary embeddings get the places of what they turn.
  private Optional<Joined> rotated(Node node, Contract contract, RotaryJoin join, Factors factors) {
    join.factors().stream().filter(each -> each.op() instanceof Leaf).forEach(place);
    if (!join.factors().stream().allMatch(places::has)) {
      return Optional.empty();
    }
    List<View> read = new ArrayList<>(node.inputs().stream().map(places::view).toList());
    KernelSpec.Contract product = product(contract, read, join.stored().type());
    join.factors().forEach(each -> read.add(matrix(places.view(each))));
    KernelSpec spec =
        factors.spec(
            new KernelSpec.Rotated(
                product,
                join.headSize(),
                join.turned(),
                join.inverse(),
                read.stream().map(View::type).toList(),
                product.results()),
            read);
    List<View> operands = factors.operands(read);
    if (!takes(spec, operands)) {
      return Optional.empty();
    }
    Node stored = join.stored();
    View result = places.temporary(stored, stored.type(), Layout.dense(stored.shape()));
    places.put(stored, result);
    join.moves().forEach(place);
    join.rotaries().forEach(rotary -> places.put(rotary, places.view(rotary.input(0))));
    List<Node> nodes = new ArrayList<>(join.rotaries());
    nodes.add(stored);
    return Optional.of(new Joined(spec, operands, List.of(result), nodes));
  }

  /// The first elementwise kernel that reads a product, if all else that it reads is there.
  private Optional<Node> reader(Node product) {
    return fusion.users(product).stream()
        .map(fusion::owner)
        .filter(owner -> owner.op() instanceof Elementwise)
        .min(Comparator.comparingInt(Node::id))
        .filter(owner ->
            owner.shape().equals(product.shape())
                && !fusion.isStoredByOperand(owner)
                && fusion.stored(product) == product
                && Stream.concat(Stream.of(owner), fusion.alsoStored(owner).stream())
                    .flatMap(stored -> Expressions.leaves(fusion, stored).stream())
                    .allMatch(leaf -> leaf == product || leaf == owner || places.has(leaf)));
  }

  private Optional<Joined> spread(Node node, Contract contract, Node reader) {
    View product = places.temporary(node, node.type(), Layout.dense(node.shape()));
    places.put(node, product);
    Pointwise kernel = Pointwise.of(reader, fusion, places, siblings);
    List<View> operands = new ArrayList<>(node.inputs().stream().map(places::view).toList());
    KernelSpec.Contract alone = product(contract, operands, node.type());
    List<ScalarExpr> numbers = new ArrayList<>();
    for (View view : kernel.expressions().operands()) {
      boolean isProduct = view.equals(product);
      numbers.add(new ScalarExpr.Arg(isProduct ? 0 : operands.size()));
      if (!isProduct) {
        operands.add(view);
      }
    }
    boolean keeps =
        fusion.isRoot(node)
            || !fusion.users(node).stream()
                .allMatch(user -> kernel.stored().contains(fusion.owner(user)));
    List<Node> results = new ArrayList<>(keeps ? List.of(node) : List.of());
    List<ScalarExpr> values = new ArrayList<>(keeps ? List.of(SUM) : List.of());
    results.addAll(kernel.stored());
    kernel.values().forEach(value -> values.add(value.substitute(numbers)));
    KernelSpec spec =
        new KernelSpec.Spread(
            alone,
            values,
            operands.stream().map(View::type).toList(),
            results.stream().map(Node::type).toList());
    if (!takes(spec, operands)) {
      places.forget(List.of(node));
      return Optional.empty();
    }
    List<View> to =
        results.stream().map(each -> destination(each, operands, Factors.AS_THEY_ARE)).toList();
    // Where the results lie decides as well.
    if (!selection.takes(spec, layouts(operands), layouts(to))) {
      places.forget(List.of(node));
      return Optional.empty();
    }
    for (int i = 0; i < to.size(); i++) {
      places.put(results.get(i), to.get(i));
    }
    return Optional.of(new Joined(spec, operands, to, kernel.stored()));
  }
}
