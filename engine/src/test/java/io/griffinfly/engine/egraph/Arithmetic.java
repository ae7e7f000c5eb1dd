package io.griffinfly.engine.egraph;

import static io.griffinfly.engine.egraph.Pattern.node;
import static io.griffinfly.engine.egraph.Pattern.var;

import java.util.List;
import java.util.Optional;

/// The little language of these tests: integer sums, products and shifts over named unknowns, and
/// uninterpreted functions. Its analysis knows the value of constant terms.
final class Arithmetic {
  static final int NUMBER = 0;
  static final int SYMBOL = 1;
  static final int SUM = 2;
  static final int PRODUCT = 3;
  static final int SHIFT = 4;
  static final int FUNCTION = 5;

  private Arithmetic() {}

  /// An operator.
  sealed interface Term {
    record Constant(long value) implements Term {}

    record Symbol(String name) implements Term {}

    record Sum() implements Term {}

    record Product() implements Term {}

    record Shift(int bits) implements Term {}

    record Function(String name) implements Term {}
  }

  /// What is known of a class.
  record Known(Optional<Long> value) {
    boolean is(long number) {
      return value.isPresent() && value.get() == number;
    }
  }

  static int kind(Term term) {
    return switch (term) {
      case Term.Constant _ -> NUMBER;
      case Term.Symbol _ -> SYMBOL;
      case Term.Sum _ -> SUM;
      case Term.Product _ -> PRODUCT;
      case Term.Shift _ -> SHIFT;
      case Term.Function _ -> FUNCTION;
    };
  }

  /// Folds constants.
  static class Folding implements Analysis<Term, Known> {
    @Override
    public Known make(EGraph<Term, Known> graph, Term op, int[] kids) {
      for (int kid : kids) {
        if (graph.data(kid).value().isEmpty()) {
          return new Known(Optional.empty());
        }
      }
      return new Known(
          switch (op) {
            case Term.Constant number -> Optional.of(number.value());
            case Term.Symbol _, Term.Function _ -> Optional.empty();
            case Term.Sum _ -> Optional.of(value(graph, kids[0]) + value(graph, kids[1]));
            case Term.Product _ -> Optional.of(value(graph, kids[0]) * value(graph, kids[1]));
            case Term.Shift shift -> Optional.of(value(graph, kids[0]) << shift.bits());
          });
    }

    private static long value(EGraph<Term, Known> graph, int id) {
      return graph.data(id).value().orElseThrow();
    }

    @Override
    public Known merge(Known left, Known right) {
      if (left.value().isPresent() && right.value().isPresent() && !left.equals(right)) {
        throw new IllegalArgumentException(left.value().get() + " is not " + right.value().get());
      }
      return left.value().isPresent() ? left : right;
    }

    @Override
    public void modify(EGraph<Term, Known> graph, int id) {
      graph
          .data(id)
          .value()
          .ifPresent(value -> graph.union(id, graph.add(new Term.Constant(value)), "fold"));
    }
  }

  static EGraph<Term, Known> graph() {
    return new EGraph<>(Arithmetic::kind, new Folding());
  }

  static int number(EGraph<Term, Known> graph, long value) {
    return graph.add(new Term.Constant(value));
  }

  static int symbol(EGraph<Term, Known> graph, String name) {
    return graph.add(new Term.Symbol(name));
  }

  static int sum(EGraph<Term, Known> graph, int left, int right) {
    return graph.add(new Term.Sum(), left, right);
  }

  static int product(EGraph<Term, Known> graph, int left, int right) {
    return graph.add(new Term.Product(), left, right);
  }

  static int function(EGraph<Term, Known> graph, String name, int... kids) {
    return graph.add(new Term.Function(name), kids);
  }

  static Pattern known(String name, long value) {
    return var(name).where(Known.class, known -> known.is(value));
  }

  static Pattern function(String name, Pattern... kids) {
    return node(FUNCTION, kids).where(Term.Function.class, f -> f.name().equals(name));
  }

  static Rewrite<Term, Known> rewrite(String name, Pattern left, Applier<Term, Known> right) {
    return new Rewrite<>(name, Exactness.EXACT, left, right);
  }

  /// Rules that terminate on every term.
  static List<Rewrite<Term, Known>> simplifications() {
    return List.of(
        rewrite(
            "add-zero",
            node(SUM, var("x"), known("zero", 0)).commutative(),
            (match, _) -> match.get("x")),
        rewrite(
            "times-one",
            node(PRODUCT, var("x"), known("one", 1)).commutative(),
            (match, _) -> match.get("x")),
        rewrite(
            "times-zero",
            node(PRODUCT, var("x"), known("zero", 0)).commutative(),
            (match, _) -> match.get("zero")),
        rewrite(
            "twice-is-shift",
            node(PRODUCT, var("x"), known("two", 2)).commutative(),
            (match, edit) -> edit.add(new Term.Shift(1), match.get("x"))),
        rewrite(
            "sum-of-same",
            node(SUM, var("x"), var("x")),
            (match, edit) -> edit.add(new Term.Shift(1), match.get("x"))),
        rewrite(
            "factor",
            node(
                SUM,
                node(PRODUCT, var("x"), var("a")).commutative(),
                node(PRODUCT, var("x"), var("b")).commutative()),
            (match, edit) ->
                edit.add(
                    new Term.Product(),
                    match.get("x"),
                    edit.add(new Term.Sum(), match.get("a"), match.get("b")))));
  }

  /// Rules that grow without end.
  static List<Rewrite<Term, Known>> explosions() {
    return List.of(
        rewrite(
            "commute-sum",
            node(SUM, var("x"), var("y")),
            (match, edit) -> edit.add(new Term.Sum(), match.get("y"), match.get("x"))),
        rewrite(
            "associate-sum",
            node(SUM, var("x"), node(SUM, var("y"), var("z"))),
            (match, edit) ->
                edit.add(
                    new Term.Sum(),
                    edit.add(new Term.Sum(), match.get("x"), match.get("y")),
                    match.get("z"))),
        rewrite(
            "unfold",
            node(SUM, var("x"), var("y")),
            (match, edit) ->
                edit.add(
                    new Term.Sum(),
                    match.get("x"),
                    edit.add(new Term.Sum(), match.get("y"), edit.add(new Term.Constant(0))))));
  }
}
