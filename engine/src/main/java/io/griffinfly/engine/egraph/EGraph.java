package io.griffinfly.engine.egraph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.ToIntFunction;

/// Terms and their equalities: hash-consed nodes in classes, with congruence restored by
/// [#rebuild].
///
/// A node is an operator record of the client (interned to an int, its *head*) over child classes.
/// The id of a node also names the class the node is in, so every method that takes a class takes
/// any id in it. Node ids only grow; a node that a rebuild finds equal to an older one dies. The
/// lowest live id of a class is therefore always an acyclic term: its children have lower lowest
/// ids.
///
/// Between a [#union] and the next [#rebuild] lookups may miss equal nodes, nothing worse. One
/// thread at a time.
///
/// @param <H> operator records, compared by `equals`; every attribute must take part in it
/// @param <D> what the analysis knows about a class
public final class EGraph<H, D> {
  /// No node, no class.
  public static final int NONE = -1;

  private final Analysis<H, D> analysis;
  private final Heads<H> heads;
  private final NodeTable nodes = new NodeTable();
  private final ClassTable classes = new ClassTable();
  private final UnionLog log = new UnionLog();
  private final List<IntList> nodesByKind = new ArrayList<>();
  private final List<D> data = new ArrayList<>();
  private final List<String> origins = new ArrayList<>();
  private final LinkedHashSet<Bundle> bundles = new LinkedHashSet<>();
  private final IntList broken = new IntList();
  private final IntList stale = new IntList();
  private final IntList modified = new IntList();
  private String origin = "input";
  private int deadCount;

  /// An empty e-graph.
  ///
  /// @param kindOf the kind of an operator: a small int, 0 or more, by which patterns find
  ///   candidates
  /// @param analysis what to know about classes
  public EGraph(ToIntFunction<? super H> kindOf, Analysis<H, D> analysis) {
    this.heads = new Heads<>(kindOf);
    this.analysis = analysis;
  }

  /// Adds a node, or finds the equal one.
  ///
  /// @param op the operator
  /// @param kids classes of the operands
  /// @return the id of the live node, which also names its class
  /// @throws EGraphException if a child does not exist
  public int add(H op, int... kids) {
    int head = heads.intern(op);
    int[] canonical = new int[kids.length];
    for (int i = 0; i < kids.length; i++) {
      if (kids[i] < 0 || kids[i] >= nodes.size()) {
        throw new EGraphException("child " + i + " of " + op + " is no node: " + kids[i]);
      }
      canonical[i] = find(kids[i]);
    }
    int found = nodes.lookup(head, canonical);
    if (found >= 0) {
      return found;
    }
    D value = analysis.make(this, op, canonical);
    int node = nodes.append(head, canonical, kids);
    classes.make();
    data.add(value);
    origins.add(origin);
    ofKind(heads.kind(head)).add(node);
    for (int i = 0; i < canonical.length; i++) {
      if (isFirstUse(canonical, i)) {
        classes.parents().add(canonical[i], node);
      }
    }
    modified.add(node);
    return node;
  }

  private static boolean isFirstUse(int[] kids, int index) {
    for (int i = 0; i < index; i++) {
      if (kids[i] == kids[index]) {
        return false;
      }
    }
    return true;
  }

  /// Declares two terms equal. The classes join at once, congruence waits for [#rebuild].
  ///
  /// @param left an id in one class; the more exact the node, the better [#explain] reads
  /// @param right an id in the other
  /// @param rule why, for [#explain] and for the message if the analysis objects
  /// @return false if they were equal already
  /// @throws EGraphException if the analysis cannot merge the two; nothing has changed then
  public boolean union(int left, int right, String rule) {
    int a = find(left);
    int b = find(right);
    if (a == b) {
      return false;
    }
    D joined = merge(a, b, rule);
    log.add(rule, left, right);
    if (!joined.equals(data(a))) {
      classes.parents().copyTo(a, stale);
    }
    if (!joined.equals(data(b))) {
      classes.parents().copyTo(b, stale);
    }
    classes.parents().copyTo(classes.join(a, b), broken);
    data.set(find(a), joined);
    modified.add(a);
    return true;
  }

  private D merge(int a, int b, String rule) {
    try {
      return analysis.merge(data(a), data(b));
    } catch (RuntimeException e) {
      String left = EGraphText.term(this, lowest(a), 2);
      String right = EGraphText.term(this, lowest(b), 2);
      throw new EGraphException("rule " + rule + " cannot equate " + left + " and " + right, e);
    }
  }

  /// Restores congruence, brings the analysis up to date and lets it modify classes, until nothing
  /// is left to do.
  public void rebuild() {
    String before = origin;
    origin = "analysis";
    while (true) {
      if (!broken.isEmpty()) {
        repair(broken.removeLast());
      } else if (!stale.isEmpty()) {
        remake(stale.removeLast());
      } else if (!modified.isEmpty()) {
        analysis.modify(this, find(modified.removeLast()));
      } else {
        break;
      }
    }
    origin = before;
  }

  private void repair(int node) {
    if (nodes.isDead(node)) {
      return;
    }
    int other = nodes.repair(node, classes.sets());
    if (other >= 0) {
      nodes.kill(Math.max(node, other));
      deadCount++;
      union(Math.min(node, other), Math.max(node, other), UnionLog.CONGRUENCE);
    }
  }

  private void remake(int node) {
    if (nodes.isDead(node)) {
      return;
    }
    int id = find(node);
    D joined;
    try {
      joined = analysis.merge(data(id), analysis.make(this, op(node), kids(node)));
    } catch (RuntimeException e) {
      String term = EGraphText.term(this, node, 2);
      throw new EGraphException("merged children contradict the analysis of " + term, e);
    }
    if (!joined.equals(data(id))) {
      data.set(id, joined);
      classes.touch(id);
      classes.parents().copyTo(id, stale);
      modified.add(id);
    }
  }

  /// The canonical id of a class. It changes when classes merge.
  ///
  /// @param id any id in the class
  /// @return the same int for all ids in the class
  public int find(int id) {
    return classes.sets().find(id);
  }

  /// Whether an id is canonical: the ids below [#nodeCount] that are name each class once.
  ///
  /// @param id a node id
  /// @return true for one id of each class
  public boolean isClass(int id) {
    return find(id) == id;
  }

  /// Number of node ids given out, dead ones included.
  ///
  /// @return all ids are below this
  public int nodeCount() {
    return nodes.size();
  }

  /// Number of live nodes.
  ///
  /// @return the count
  public int liveCount() {
    return nodes.size() - deadCount;
  }

  /// Number of classes.
  ///
  /// @return the count
  public int classCount() {
    return classes.count();
  }

  /// The operator of a node.
  ///
  /// @param node a node
  /// @return the client's record
  public H op(int node) {
    return heads.op(nodes.head(node));
  }

  /// The kind of a node's operator.
  ///
  /// @param node a node
  /// @return what the client's kind function said
  public int kind(int node) {
    return heads.kind(nodes.head(node));
  }

  /// Number of children of a node.
  ///
  /// @param node a node
  /// @return the count
  public int kidCount(int node) {
    return nodes.kidCount(node);
  }

  /// One child of a node.
  ///
  /// @param node a node
  /// @param index which child, from 0
  /// @return its canonical class
  public int kid(int node, int index) {
    return find(nodes.kid(node, index));
  }

  /// All children of a node.
  ///
  /// @param node a node
  /// @return their canonical classes, in a new array
  public int[] kids(int node) {
    int[] kids = new int[kidCount(node)];
    for (int i = 0; i < kids.length; i++) {
      kids[i] = kid(node, i);
    }
    return kids;
  }

  /// Whether a rebuild found an older node equal to this one.
  ///
  /// @param node a node
  /// @return true if patterns, costs and extraction no longer see it
  public boolean isDead(int node) {
    return nodes.isDead(node);
  }

  /// The live node equal to a node: itself unless it died. Exact after a rebuild.
  ///
  /// @param node a node, dead or alive
  /// @return the live node with the same operator and children
  public int live(int node) {
    return nodes.isDead(node) ? nodes.lookup(nodes.head(node), kids(node)) : node;
  }

  /// What the analysis knows about a class.
  ///
  /// @param id an id in the class
  /// @return the merged value of its nodes
  public D data(int id) {
    return data.get(find(id));
  }

  /// The oldest live node of a class: an acyclic term, and the one first given for it.
  ///
  /// @param id an id in the class
  /// @return the lowest live node id
  public int lowest(int id) {
    return classes.lowest(find(id));
  }

  /// The live nodes of a class.
  ///
  /// @param id an id in the class
  /// @return node ids, ascending
  public int[] nodes(int id) {
    IntList found = new IntList();
    int node = id;
    do {
      if (!nodes.isDead(node)) {
        found.add(node);
      }
      node = classes.nextMember(node);
    } while (node != id);
    return found.toSortedArray();
  }

  /// The oldest live node of one kind in a class.
  ///
  /// @param id an id in the class
  /// @param kind the kind
  /// @return the node, or [#NONE]
  public int nodeOfKind(int id, int kind) {
    int best = NONE;
    int node = id;
    do {
      if (!nodes.isDead(node) && kind(node) == kind && (best == NONE || node < best)) {
        best = node;
      }
      node = classes.nextMember(node);
    } while (node != id);
    return best;
  }

  /// The live nodes that have a class as a child, each once.
  ///
  /// @param id an id in the class
  /// @return node ids, ascending
  public int[] parents(int id) {
    IntList all = new IntList();
    classes.parents().copyTo(find(id), all);
    return Arrays.stream(all.toSortedArray()).distinct().filter(node -> !isDead(node)).toArray();
  }

  /// Why two terms are equal: the chain of unions from one to the other and, after each congruence
  /// step, the chains between the children it rests on.
  ///
  /// @param left a node
  /// @param right a node of the same class
  /// @return the steps; empty for a node and itself
  /// @throws EGraphException if the two are not equal
  public List<Step> explain(int left, int right) {
    if (find(left) != find(right)) {
      throw new EGraphException("nodes " + left + " and " + right + " are not equal");
    }
    return log.explain(nodes, left, right);
  }

  /// The rule that first added a node.
  ///
  /// @param node a node
  /// @return the rule's name; `input` if it was there before any, `analysis` if a modify hook added
  ///   it
  public String origin(int node) {
    return origins.get(node);
  }

  /// Registers choices that the extractor should try to make together. Registering twice is once.
  ///
  /// @param bundle the choices
  public void addBundle(Bundle bundle) {
    bundles.add(bundle);
  }

  /// The registered bundles.
  ///
  /// @return in the order of registration
  public List<Bundle> bundles() {
    return List.copyOf(bundles);
  }

  /// All nodes ever added of one kind, ascending, dead ones included.
  IntList ofKind(int kind) {
    while (nodesByKind.size() <= kind) {
      nodesByKind.add(new IntList());
    }
    return nodesByKind.get(kind);
  }

  ClassTable classes() {
    return classes;
  }

  NodeTable nodeTable() {
    return nodes;
  }

  void setOrigin(String rule) {
    origin = rule;
  }
}
