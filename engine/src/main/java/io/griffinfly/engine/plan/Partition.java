package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Assign;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ir.ValueType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Cuts a graph into kernels and gives every value a place.
final class Partition {
  private static final ScalarExpr COPY = new ScalarExpr.Arg(0);

  private final Graph graph;
  private final Selection selection;
  private final Places places;
  private final Joins joins;
  private final Siblings siblings;
  private final Fusion fusion;
  private final WeightOnly weightOnly;
  private final Memory memory = new Memory();
  private final List<Step> prepare = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();

  /// Nodes that a kernel has computed which stands before them.
  private final Set<Node> joined = new HashSet<>();

  /// Norms that have no kernel yet, because the products that read them may take them along, by the
  /// node whose value their kernel would store.
  private final Map<Node, Node> waiting = new HashMap<>();

  /// Steps that overwrite states; they stand behind every step that reads the old values.
  private final List<Step> updates = new ArrayList<>();

  private final SequencedMap<String, View> outputs = new LinkedHashMap<>();
  private @Nullable View loss;

  Partition(Graph graph, Selection selection, Predicate<List<String>> packable) {
    this.graph = graph;
    this.selection = selection;
    weightOnly = new WeightOnly(graph);
    fusion = new Fusion(graph, weightOnly);
    places = new Places(graph, fusion, weightOnly, memory);
    siblings = new Siblings(fusion, places, weightOnly);
    joins = new Joins(fusion, places, weightOnly, siblings, selection, this::place);
    for (Node pack : Packs.find(graph, packable)) {
      places.put(
          pack,
          memory.pack(
              Packs.stateNames(pack.inputs()),
              pack.inputs().stream().map(Node::type).toList(),
              pack.type()));
    }
    graph.nodes().forEach(this::place);
    graph.assigns().forEach(this::assign);
    graph.outputs().forEach((name, node) -> outputs.put(name, settled(node)));
    if (graph.loss() != null) {
      loss = settled(graph.loss());
    }
  }

  Memory memory() {
    return memory;
  }

  /// Steps to run when a state has changed from outside.
  List<Step> prepare() {
    return prepare;
  }

  /// Steps of every run, in an order that keeps every value right, but for the last ones.
  List<Step> steps() {
    return steps;
  }

  /// The last ones, which overwrite states.
  List<Step> updates() {
    return updates;
  }

  /// A step of a run.
  Step step(KernelSpec spec, List<View> operands, List<View> results) {
    return step(spec, operands, results, Buffer.Kind.TEMPORARY);
  }

  SequencedMap<String, View> outputs() {
    return outputs;
  }

  @Nullable View loss() {
    return loss;
  }

  private void emit(Node node, KernelSpec spec, List<View> operands, List<View> results) {
    if (weightOnly.contains(node)) {
      prepare.add(step(spec, operands, results, Buffer.Kind.DERIVED));
      return;
    }
    Step step = step(spec, operands, results);
    if (results.stream().anyMatch(view -> memory.buffer(view).kind() == Buffer.Kind.STATE)) {
      updates.add(step);
    } else {
      steps.add(step);
    }
  }

  private Step step(
      KernelSpec spec, List<View> operands, List<View> results, Buffer.Kind workspace) {
    Selection.Choice choice = selection.choose(spec, operands, results);
    int floats = Math.toIntExact(Math.ceilDiv(choice.offer().workspaceBytes(), Float.BYTES));
    TensorType type = TensorType.of(DType.F32, floats);
    return new Step(
        spec,
        choice.schedule(),
        operands,
        results,
        floats == 0
            ? Optional.empty()
            : Optional.of(
                memory.allocate(
                    workspace, "workspace of " + spec.label(), type, Layout.dense(type.shape()))));
  }

  private void place(Node node) {
    if (joined.contains(node)) {
      return;
    }
    switch (node.op()) {
      case Leaf.Input(String name, TensorType type) -> places.put(node, memory.input(name, type));
      case Leaf.State(String name, TensorType type, _, _) ->
          places.put(node, memory.state(name, type));
      case Leaf.Constant(Literal literal) -> constant(node, literal);
      case Leaf.Iota iota -> places.put(node, memory.constant("iota " + node, Iotas.tensor(iota)));
      case Elementwise _ -> {
        if (fusion.owner(node) == node && !fusion.isStoredByOperand(node)) {
          pointwise(node);
        }
      }
      case Reduce.Fold fold -> fold(node, fold);
      case Contract contract -> contract(node, contract);
      case Move.Concat(int axis) -> concat(node, axis);
      case Move.Project(int index) ->
          places.put(fusion.stored(node), places.results(node.input(0)).get(index));
      case Move move -> move(node, move);
      default -> waitOrDirect(node);
    }
  }

  private void waitOrDirect(Node node) {
    if (!weightOnly.contains(node) && FactorNorm.is(node, fusion)) {
      waiting.put(fusion.stored(node), node);
    } else {
      direct(node);
    }
  }

  private void constant(Node node, Literal literal) {
    if (!literal.isSplat() && !places.has(node)) {
      places.put(node, memory.constant("constant " + node, literal.toTensor()));
    }
  }

  private void pointwise(Node node) {
    Pointwise kernel = Pointwise.of(node, fusion, places, siblings);
    List<View> operands = kernel.expressions().operands();
    List<View> results = new ArrayList<>();
    for (Node stored : kernel.stored()) {
      results.add(places.destination(stored, operands, operands));
      places.put(stored, results.getLast());
    }
    joined.addAll(kernel.stored());
    emit(
        node,
        new KernelSpec.Pointwise(
            node.shape(),
            kernel.values(),
            kernel.expressions().types(),
            results.stream().map(View::type).toList()),
        operands,
        results);
  }

  private void fold(Node node, Reduce.Fold fold) {
    Shape domain = node.input(0).shape();
    Expressions expressions = new Expressions(fusion, places, node, domain);
    ScalarExpr prologue = expressions.of(node.input(0));
    View result = places.destination(node, expressions.operands(), List.of());
    places.put(node, result);
    List<Integer> kept = new ArrayList<>();
    List<Long> strides = new ArrayList<>();
    for (int axis = 0; axis < domain.rank(); axis++) {
      if (!fold.axes().contains(axis)) {
        kept.add(domain.dim(axis));
        strides.add(result.layout().stride(fold.keepDims() ? axis : strides.size()));
      }
    }
    TensorType type =
        TensorType.of(node.dtype(), kept.stream().mapToInt(Integer::intValue).toArray());
    Layout layout =
        Layout.of(result.layout().offset(), strides.stream().mapToLong(Long::longValue).toArray());
    emit(
        node,
        new KernelSpec.Fold(
            fold.fn(), prologue, domain, fold.axes(), expressions.types(), List.of(type)),
        expressions.operands(),
        List.of(new View(result.buffer(), type, layout)));
  }

  private void contract(Node node, Contract contract) {
    Optional<Joins.Joined> join = afterNorm(node, contract).or(() -> joins.of(node, contract));
    if (join.isPresent()) {
      joined.addAll(join.get().nodes());
      emit(node, join.get().spec(), join.get().operands(), join.get().results());
      return;
    }
    List<View> operands = node.inputs().stream().map(places::view).toList();
    Node stored = fusion.stored(node);
    View result = places.destination(stored, operands, List.of());
    places.put(stored, result);
    emit(node, Joins.product(contract, operands, result.type()), operands, List.of(result));
  }

  /// The kernel for a product and the norm in front of it. If there is none the norm gets a kernel.
  private Optional<Joins.Joined> afterNorm(Node node, Contract contract) {
    Node norm = waiting.get(node.input(0));
    if (norm == null) {
      return Optional.empty();
    }
    Optional<Joins.Joined> join = joins.afterNorm(node, contract, norm);
    if (join.isEmpty()) {
      waiting.remove(node.input(0));
      direct(norm);
    }
    return join;
  }

  private void direct(Node node) {
    List<View> operands = node.inputs().stream().map(places::view).toList();
    List<TensorType> types =
        switch (node.valueType()) {
          case TensorType type -> List.of(type);
          case ValueType.Tuple(List<TensorType> elements) -> elements;
        };
    List<View> results = places.destinations(node, types, operands);
    places.put(node, results);
    if (node.valueType() instanceof TensorType) {
      places.put(fusion.stored(node), results);
    }
    emit(
        node,
        new KernelSpec.Direct(
            node.op(),
            operands.stream().map(View::type).toList(),
            results.stream().map(View::type).toList()),
        operands,
        results);
  }

  private void copy(Node node, View from, View to) {
    emit(node, copySpec(from, to), List.of(from), List.of(to));
  }

  private static KernelSpec copySpec(View from, View to) {
    TensorType type = to.type();
    return new KernelSpec.Pointwise(
        type.shape(), List.of(COPY), List.of(from.type()), List.of(type));
  }

  private Step copyStep(View from, View to) {
    return step(copySpec(from, to), List.of(from), List.of(to));
  }

  private void move(Node node, Move move) {
    if (Fusion.splat(node).isPresent()) {
      return;
    }
    View from = places.view(node.input(0));
    Layout layout =
        switch (move) {
          case Move.Reshape(Shape shape) ->
              Moves.reshape(from.layout(), from.type().shape(), shape);
          case Move.Transpose(var permutation) -> Moves.transpose(from.layout(), permutation);
          case Move.Broadcast(Shape shape) -> from.layout().broadcast(from.type().shape(), shape);
          case Move.Slice(int axis, int start, _) -> Moves.slice(from.layout(), axis, start);
          case Move.Pad _, Move.Concat _, Move.Project _ -> null;
        };
    if (layout != null) {
      places.put(node, new View(from.buffer(), node.type(), layout));
      return;
    }
    View to = places.destination(node, List.of(from), List.of());
    places.put(node, to);
    switch (move) {
      case Move.Pad(int axis, int before, int after) -> pad(node, from, axis, before, after);
      case Move.Reshape _ -> {
        Layout dense = Layout.dense(from.type().shape());
        Layout inPlace = Moves.reshape(to.layout(), node.shape(), from.type().shape());
        if (inPlace != null) {
          copy(node, from, new View(to.buffer(), from.type(), inPlace));
        } else {
          View whole = places.temporary(node, from.type(), dense);
          copy(node, from, whole);
          copy(node, new View(whole.buffer(), node.type(), Layout.dense(node.shape())), to);
        }
      }
      default -> throw new IllegalStateException(move + " always has a layout");
    }
  }

  private void pad(Node node, View from, int axis, int before, int after) {
    View to = places.view(node);
    int extent = from.type().shape().dim(axis);
    copy(node, from, part(to, axis, before, extent));
    for (int[] border : new int[][] {{0, before}, {before + extent, after}}) {
      if (border[1] > 0) {
        View zeros = part(to, axis, border[0], border[1]);
        emit(
            node,
            new KernelSpec.Pointwise(
                zeros.type().shape(),
                List.of(new ScalarExpr.Scalar(0)),
                List.of(),
                List.of(zeros.type())),
            List.of(),
            List.of(zeros));
      }
    }
  }

  private static View part(View whole, int axis, int start, int size) {
    TensorType type = whole.type().withShape(whole.type().shape().with(axis, size));
    return new View(whole.buffer(), type, Moves.slice(whole.layout(), axis, start));
  }

  private void concat(Node node, int axis) {
    View whole = places.concat(node);
    int start = 0;
    for (Node input : node.inputs()) {
      View part = part(whole, axis, start, input.shape().dim(axis));
      View from = places.view(input);
      if (!from.equals(part)) {
        copy(node, from, part);
      }
      start += input.shape().dim(axis);
    }
  }

  private void assign(Assign assign) {
    View state = places.view(assign.state());
    View value = places.view(assign.value());
    if (value.equals(state)) {
      return;
    }
    updates.add(copyStep(settled(assign.value()), state));
  }

  /// Where the value of a root is when the run has ended: not in memory that the run overwrites.
  private View settled(Node node) {
    View view = places.view(node);
    boolean overwritten =
        memory.buffer(view).kind() == Buffer.Kind.STATE && !graph.assigns().isEmpty();
    if (!overwritten) {
      return view;
    }
    View copy = places.temporary(node, node.type(), Layout.dense(node.shape()));
    steps.add(copyStep(view, copy));
    return copy;
  }
}
