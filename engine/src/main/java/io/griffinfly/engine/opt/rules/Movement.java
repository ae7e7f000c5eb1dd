package io.griffinfly.engine.opt.rules;

import static io.griffinfly.engine.opt.rules.Rules.exact;
import static io.griffinfly.engine.opt.rules.Rules.op;
import static io.griffinfly.engine.opt.rules.Rules.rootShape;
import static io.griffinfly.engine.opt.rules.Rules.shape;
import static io.griffinfly.engine.opt.rules.Rules.var;

import io.griffinfly.engine.egraph.Match;
import io.griffinfly.engine.egraph.Pattern;
import io.griffinfly.engine.egraph.Rule;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.opt.Fact;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Identities of operations that only move elements.
public final class Movement {
  private Movement() {}

  /// The rules.
  ///
  /// @return rules, in the order they are applied
  public static List<Rule<Op, Fact>> rules() {
    List<Rule<Op, Fact>> rules = new ArrayList<>(identities());
    rules.addAll(compositions());
    rules.addAll(products());
    return List.copyOf(rules);
  }

  private static List<Rule<Op, Fact>> identities() {
    return List.of(
        // reshape, broadcast or slice to the same shape is nothing
        exact("reshape-same", op(Move.Reshape.class, var("x")), Movement::keepsShape, Movement::x),
        exact(
            "broadcast-same",
            op(Move.Broadcast.class, var("x")),
            Movement::keepsShape,
            Movement::x),
        exact("slice-all", op(Move.Slice.class, var("x")), Movement::keepsShape, Movement::x),
        // a transposition that moves no axis is nothing
        exact(
            "transpose-none",
            op(Move.Transpose.class, var("x"))
                .where(
                    Move.Transpose.class,
                    t ->
                        IntStream.range(0, t.permutation().size())
                            .allMatch(axis -> t.permutation().get(axis) == axis)),
            (match, _) -> match.get("x")));
  }

  private static boolean keepsShape(Match<Op, Fact> match) {
    return rootShape(match).equals(shape(match, match.get("x")));
  }

  private static int x(Match<Op, Fact> match, io.griffinfly.engine.egraph.Edit<Op, Fact> edit) {
    return match.get("x");
  }

  private static List<Rule<Op, Fact>> compositions() {
    return List.of(
        // reshape(reshape(x)) = reshape(x)
        exact(
            "reshape-reshape",
            op(Move.Reshape.class, op(Move.Reshape.class, var("x"))),
            (match, edit) -> edit.add(new Move.Reshape(rootShape(match)), match.get("x"))),
        // transpose(transpose(x)) = one transposition
        exact(
            "transpose-transpose",
            op(Move.Transpose.class, op(Move.Transpose.class, var("x")).as("inner")).as("outer"),
            (match, edit) -> {
              List<Integer> inner = match.op("inner", Move.Transpose.class).permutation();
              List<Integer> outer = match.op("outer", Move.Transpose.class).permutation();
              return edit.add(
                  new Move.Transpose(outer.stream().map(inner::get).toList()), match.get("x"));
            }),
        // slice(slice(x)) along one axis = one slice
        exact(
            "slice-slice",
            op(Move.Slice.class, op(Move.Slice.class, var("x")).as("inner")).as("outer"),
            match ->
                match.op("inner", Move.Slice.class).axis()
                    == match.op("outer", Move.Slice.class).axis(),
            (match, edit) -> {
              Move.Slice inner = match.op("inner", Move.Slice.class);
              Move.Slice outer = match.op("outer", Move.Slice.class);
              return edit.add(
                  new Move.Slice(outer.axis(), inner.start() + outer.start(), outer.size()),
                  match.get("x"));
            }));
  }

  /// A transposition of the last two axes before a matrix product becomes a flag of the product.
  private static List<Rule<Op, Fact>> products() {
    return List.of(
        exact(
            "matmul-transposed-left",
            op(Contract.MatMul.class, matrixTransposed("a"), var("b")).as("product"),
            (match, edit) -> {
              Contract.MatMul product = match.op("product", Contract.MatMul.class);
              return edit.add(
                  new Contract.MatMul(!product.transposeLeft(), product.transposeRight()),
                  match.get("a"),
                  match.get("b"));
            }),
        exact(
            "matmul-transposed-right",
            op(Contract.MatMul.class, var("a"), matrixTransposed("b")).as("product"),
            (match, edit) -> {
              Contract.MatMul product = match.op("product", Contract.MatMul.class);
              return edit.add(
                  new Contract.MatMul(product.transposeLeft(), !product.transposeRight()),
                  match.get("a"),
                  match.get("b"));
            }));
  }

  private static Pattern matrixTransposed(String name) {
    return op(Move.Transpose.class, var(name))
        .where(
            Move.Transpose.class,
            transpose -> {
              List<Integer> axes = transpose.permutation();
              int rank = axes.size();
              return rank >= 2
                  && axes.get(rank - 1) == rank - 2
                  && axes.get(rank - 2) == rank - 1
                  && IntStream.range(0, rank - 2).allMatch(axis -> axes.get(axis) == axis);
            });
  }
}
