package io.griffinfly.engine.opt.rules;

import io.griffinfly.engine.egraph.Applier;
import io.griffinfly.engine.egraph.Edit;
import io.griffinfly.engine.egraph.Exactness;
import io.griffinfly.engine.egraph.Guard;
import io.griffinfly.engine.egraph.Match;
import io.griffinfly.engine.egraph.Pattern;
import io.griffinfly.engine.egraph.Rewrite;
import io.griffinfly.engine.egraph.Rule;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.opt.Fact;
import io.griffinfly.engine.opt.Kinds;

/// Words in which rules are written.
final class Rules {
  private Rules() {}

  static Pattern.Node fn(ScalarFn fn, Pattern... operands) {
    Pattern.Node node = Pattern.node(Kinds.of(fn), operands);
    return fn.isCommutative() ? node.commutative() : node;
  }

  static Pattern.Node op(Class<? extends Op> type, Pattern... operands) {
    return Pattern.node(Kinds.of(type), operands);
  }

  static Pattern.Node fold(ReduceFn fn, Pattern operand) {
    return Pattern.node(Kinds.of(fn), operand);
  }

  static Pattern.Variable var(String name) {
    return Pattern.var(name);
  }

  /// A value whose elements are all one known number.
  static Pattern.Variable splat(String name) {
    return Pattern.var(name).where(Fact.class, Fact::isSplat);
  }

  /// A value whose elements are all the given number.
  static Pattern.Variable number(String name, double value) {
    return Pattern.var(name).where(Fact.class, fact -> fact.isSplat(value));
  }

  static Rule<Op, Fact> exact(String name, Pattern pattern, Applier<Op, Fact> applier) {
    return new Rewrite<>(name, Exactness.EXACT, pattern, applier);
  }

  static Rule<Op, Fact> exact(
      String name, Pattern pattern, Guard<Op, Fact> guard, Applier<Op, Fact> applier) {
    return new Rewrite<>(name, Exactness.EXACT, pattern, guard, applier);
  }

  static Rule<Op, Fact> rounding(String name, Pattern pattern, Applier<Op, Fact> applier) {
    return new Rewrite<>(name, Exactness.ROUNDING, pattern, applier);
  }

  static Rule<Op, Fact> rounding(
      String name, Pattern pattern, Guard<Op, Fact> guard, Applier<Op, Fact> applier) {
    return new Rewrite<>(name, Exactness.ROUNDING, pattern, guard, applier);
  }

  static int map(Edit<Op, Fact> edit, ScalarFn fn, int... operands) {
    return edit.add(new Elementwise.Map(fn), operands);
  }

  /// The value itself, repeated to the shape of the match's root if it is smaller.
  static int shaped(Match<Op, Fact> match, Edit<Op, Fact> edit, int id) {
    Shape wanted = match.graph().data(match.root()).shape();
    return shape(match, id).equals(wanted) ? id : edit.add(new Move.Broadcast(wanted), id);
  }

  static Shape shape(Match<Op, Fact> match, int id) {
    return match.graph().data(id).shape();
  }

  static Shape rootShape(Match<Op, Fact> match) {
    return shape(match, match.root());
  }

  /// The number that all elements of a bound value are.
  static double splatOf(Match<Op, Fact> match, String name) {
    var literal = match.data(name).constant();
    return literal == null ? Double.NaN : literal.get(0);
  }
}
