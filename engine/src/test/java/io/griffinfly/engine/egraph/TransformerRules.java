package io.griffinfly.engine.egraph;

import static io.griffinfly.engine.egraph.Pattern.node;
import static io.griffinfly.engine.egraph.Pattern.var;

import io.griffinfly.engine.egraph.TransformerGraph.Fact;
import io.griffinfly.engine.egraph.TransformerGraph.Kind;
import io.griffinfly.engine.egraph.TransformerGraph.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Some forty rules of the kinds that pay on [TransformerGraph], and a cost in microseconds.
final class TransformerRules {
  private TransformerRules() {}

  static List<Rule<Op, Fact>> all() {
    List<Rule<Op, Fact>> rules = new ArrayList<>(composites());
    rules.addAll(identities());
    rules.addAll(epilogues());
    rules.addAll(merges());
    return rules;
  }

  private static Pattern.Node of(Kind kind, Pattern... kids) {
    return node(kind.index(), kids);
  }

  private static Pattern.Node either(Kind kind, Pattern left, Pattern right) {
    return of(kind, left, right).commutative();
  }

  private static Pattern.Node matmul(String transposes, Pattern left, Pattern right) {
    return of(Kind.MATMUL, left, right).where(Op.class, op -> op.detail().equals(transposes));
  }

  private static Pattern number(double value) {
    return var("number" + value).where(Fact.class, fact -> fact.is(value));
  }

  private static Rewrite<Op, Fact> rule(String name, Pattern left, Applier<Op, Fact> right) {
    return new Rewrite<>(name, Exactness.ROUNDING, left, right);
  }

  private static Rewrite<Op, Fact> to(String name, Pattern left, Kind kind, String... names) {
    return rule(
        name,
        left,
        (match, edit) ->
            edit.add(
                Op.of(kind),
                IntStream.range(0, names.length).map(i -> match.get(names[i])).toArray()));
  }

  private static List<Rewrite<Op, Fact>> composites() {
    Pattern exp = of(Kind.EXP, of(Kind.SUBTRACT, var("s"), of(Kind.MAX_ROWS, var("s"))));
    Pattern scale =
        of(Kind.RSQRT, either(Kind.ADD, of(Kind.MEAN_ROWS, of(Kind.SQUARE, var("x"))), var("e")));
    Pattern sigmoid =
        of(Kind.RECIPROCAL, either(Kind.ADD, number(1), of(Kind.EXP, of(Kind.NEGATE, var("x")))));
    Pattern turned =
        of(
            Kind.JOIN,
            of(
                Kind.NEGATE,
                of(Kind.HALF, var("x")).where(Op.class, op -> op.detail().equals("high"))),
            of(Kind.HALF, var("x")).where(Op.class, op -> op.detail().equals("low")));
    return List.of(
        to(
            "rms-norm",
            either(Kind.MULTIPLY, either(Kind.MULTIPLY, var("x"), scale), var("w")),
            Kind.RMS_NORM,
            "x",
            "w"),
        to("silu", either(Kind.MULTIPLY, var("x"), sigmoid), Kind.SILU, "x"),
        to(
            "swiglu",
            either(Kind.MULTIPLY, of(Kind.SILU, var("gate")), var("up")),
            Kind.SWIGLU,
            "gate",
            "up"),
        to(
            "rotary",
            either(
                Kind.ADD,
                either(Kind.MULTIPLY, var("x"), var("cosine")),
                either(Kind.MULTIPLY, turned, var("sine"))),
            Kind.ROTARY,
            "x",
            "cosine",
            "sine"),
        to("softmax", of(Kind.DIVIDE, exp, of(Kind.SUM_ROWS, exp)), Kind.SOFTMAX, "s"),
        to(
            "attend",
            matmul(
                "nn",
                of(Kind.SOFTMAX, either(Kind.MULTIPLY, matmul("nt", var("q"), var("k")), var("c"))),
                var("v")),
            Kind.ATTEND,
            "q",
            "k",
            "v"),
        to(
            "norm-of-sum",
            of(Kind.RMS_NORM, of(Kind.ADD, var("x"), var("y")), var("w")),
            Kind.RMS_NORM_ADD,
            "x",
            "y",
            "w"));
  }

  private static List<Rewrite<Op, Fact>> identities() {
    return List.of(
        rule("minus-minus", of(Kind.NEGATE, of(Kind.NEGATE, var("x"))), (m, _) -> m.get("x")),
        rule(
            "transpose-twice",
            of(Kind.TRANSPOSE, of(Kind.TRANSPOSE, var("x"))),
            (m, _) -> m.get("x")),
        rule("times-one", either(Kind.MULTIPLY, var("x"), number(1)), (m, _) -> m.get("x")),
        rule("plus-zero", either(Kind.ADD, var("x"), number(0)), (m, _) -> m.get("x")),
        to(
            "plus-minus",
            either(Kind.ADD, var("x"), of(Kind.NEGATE, var("y"))),
            Kind.SUBTRACT,
            "x",
            "y"),
        rule(
            "minus-out",
            either(Kind.MULTIPLY, of(Kind.NEGATE, var("x")), var("y")),
            (m, e) ->
                e.add(Op.of(Kind.NEGATE), e.add(Op.of(Kind.MULTIPLY), m.get("x"), m.get("y")))),
        rule(
            "factor",
            of(
                Kind.ADD,
                either(Kind.MULTIPLY, var("x"), var("a")),
                either(Kind.MULTIPLY, var("x"), var("b"))),
            (m, e) ->
                e.add(
                    Op.of(Kind.MULTIPLY),
                    m.get("x"),
                    e.add(Op.of(Kind.ADD), m.get("a"), m.get("b")))));
  }

  private static List<Rewrite<Op, Fact>> epilogues() {
    List<Rewrite<Op, Fact>> rules = new ArrayList<>();
    for (Kind product : List.of(Kind.MATMUL, Kind.FUSED_MATMUL)) {
      Pattern.Node matmul = of(product, var("a"), var("b")).as("matmul");
      if (product == Kind.FUSED_MATMUL) {
        matmul = Pattern.anyArity(product.index()).as("matmul");
      }
      for (Kind kind : List.of(Kind.EXP, Kind.NEGATE, Kind.RECIPROCAL, Kind.SQUARE, Kind.SILU)) {
        rules.add(rule(kind + "-in-" + product, of(kind, matmul), (m, e) -> fuse(m, e, kind, -1)));
      }
      for (Kind kind : List.of(Kind.ADD, Kind.MULTIPLY, Kind.SUBTRACT, Kind.DIVIDE, Kind.SWIGLU)) {
        rules.add(
            rule(
                kind + "-in-" + product,
                of(kind, matmul, var("d")),
                (m, e) -> fuse(m, e, kind, m.get("d"))));
      }
    }
    for (Kind kind : List.of(Kind.ADD, Kind.MULTIPLY)) {
      rules.add(
          rule(
              kind + "-before-matmul",
              of(kind, var("d"), of(Kind.MATMUL, var("a"), var("b")).as("matmul")),
              (m, e) -> fuse(m, e, kind, m.get("d"))));
    }
    return rules;
  }

  /// Adds an operation to the epilogue of a product, up to three.
  private static int fuse(Match<Op, Fact> match, Edit<Op, Fact> edit, Kind kind, int operand) {
    EGraph<Op, Fact> graph = edit.graph();
    int node = match.node("matmul");
    String detail = graph.op(node).detail();
    if (detail.chars().filter(c -> c == '+').count() == 3
        || !graph.data(node).equals(graph.data(match.root()))) {
      return EGraph.NONE;
    }
    int[] kids =
        IntStream.concat(
                IntStream.of(graph.kids(node)),
                operand < 0 ? IntStream.empty() : IntStream.of(operand))
            .toArray();
    return edit.add(new Op(Kind.FUSED_MATMUL, detail + "+" + kind), kids);
  }

  private static List<Rule<Op, Fact>> merges() {
    Pattern step = either(Kind.MULTIPLY, var("g"), number(0.1));
    return List.of(
        new GroupRewrite<>(
            "merge-products",
            Exactness.EXACT,
            matmul("nt", var("h"), of(Kind.STATE).as("w")),
            "h",
            _ -> true,
            TransformerRules::merge),
        rule(
            "joined-product",
            either(Kind.ADD, matmul("nn", var("a"), var("b")), matmul("nn", var("c"), var("d"))),
            (m, e) ->
                e.add(
                    new Op(Kind.JOINED_MATMUL, "nn"),
                    m.get("a"),
                    m.get("b"),
                    m.get("c"),
                    m.get("d"))),
        to("update", of(Kind.SUBTRACT, var("w"), step), Kind.UPDATE, "w", "g"),
        rule(
            "update-in-product",
            of(Kind.UPDATE, var("w"), matmul("tn", var("a"), var("b"))),
            (m, e) ->
                e.add(new Op(Kind.FUSED_MATMUL, "tn+update"), m.get("a"), m.get("b"), m.get("w"))));
  }

  /// h w1, h w2, ... are parts of h [w1, w2, ...].
  private static void merge(List<Match<Op, Fact>> group, Edit<Op, Fact> edit) {
    int[] weights = group.stream().mapToInt(match -> match.get("w")).toArray();
    int pack = edit.add(Op.of(Kind.PACK), weights);
    int whole = edit.add(new Op(Kind.JOINED_MATMUL, "nt"), group.getFirst().get("h"), pack);
    List<Choice> choices = new ArrayList<>();
    for (int i = 0; i < group.size(); i++) {
      Fact fact = edit.graph().data(group.get(i).root());
      String detail = i + ":" + fact.rows() + ":" + fact.columns();
      int part = edit.add(new Op(Kind.PART, detail), whole);
      edit.equate(group.get(i).root(), part);
      choices.add(new Choice(group.get(i).root(), part));
    }
    edit.bundle(choices);
  }

  /// A launch of 2 us and the bytes moved at 3 TB/s, for products also a floor for the arithmetic.
  static double microseconds(EGraph<Op, Fact> graph, int node) {
    double bytes = 4 * graph.data(node).size();
    for (int kid : graph.kids(node)) {
      bytes += 4 * graph.data(kid).size();
    }
    double traffic = bytes / 3e6;
    return switch (graph.op(node).kind()) {
      case INPUT, STATE, CONSTANT, PART, PACK, HALF, TRANSPOSE -> 0;
      case MATMUL, FUSED_MATMUL -> 4 + traffic;
      case JOINED_MATMUL -> 6 + traffic;
      case ATTEND -> 5 + traffic;
      default -> 2 + traffic;
    };
  }
}
