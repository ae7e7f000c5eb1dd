package io.griffinfly.engine.opt;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.nn.Heads;
import io.griffinfly.engine.nn.Nn;
import io.griffinfly.engine.nn.RotaryTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Small graphs of random odd sizes in which every rule finds something.
final class RuleCorpus {
  private static final int[] SIZES = {1, 2, 3, 5, 8, 17};

  private final Random random;
  private final GraphBuilder g = new GraphBuilder();
  private int outputs;

  private RuleCorpus(Random random) {
    this.random = random;
  }

  static List<Graph> graphs(long seed) {
    Random random = new Random(seed);
    List<Graph> graphs = new ArrayList<>();
    graphs.add(new RuleCorpus(random).algebra());
    graphs.add(new RuleCorpus(random).movement());
    graphs.add(new RuleCorpus(random).block());
    graphs.add(new RuleCorpus(random).epilogues());
    graphs.add(new RuleCorpus(random).products());
    return graphs;
  }

  private int size() {
    return SIZES[random.nextInt(SIZES.length)];
  }

  private Node input(int... dims) {
    return g.input("x" + outputs++, DType.F32, dims);
  }

  private void output(Node node) {
    g.output("y" + outputs++, node);
  }

  private Node number(double value) {
    return g.constant(DType.F32, value);
  }

  private Graph algebra() {
    int n = size();
    Node x = input(size(), n);
    Node zeros = g.constant(Literal.splat(TensorType.of(DType.F32, n), 0));
    Node positive = g.add(g.mul(x, x), number(0.5));
    output(g.add(x, zeros));
    output(g.sub(input(n), zeros));
    output(g.mul(number(1), x));
    output(g.div(x, number(1)));
    output(g.map(ScalarFn.NEG, g.map(ScalarFn.NEG, x)));
    output(g.relu(g.relu(x)));
    Node negative = g.map(ScalarFn.NEG, input(n));
    output(g.add(negative, x));
    output(g.sub(x, negative));
    output(g.scale(g.scale(x, 3), 0.25));
    output(g.map(ScalarFn.RECIPROCAL, g.map(ScalarFn.SQRT, positive)));
    output(g.div(x, g.map(ScalarFn.SQRT, positive)));
    output(g.map(ScalarFn.POW, x, number(2)));
    return g.build();
  }

  private Graph movement() {
    int a = size();
    int b = size();
    int c = 1 + size();
    Node x = input(a, b, c);
    output(g.add(new io.griffinfly.engine.ir.Move.Reshape(x.shape()), x));
    output(g.add(new io.griffinfly.engine.ir.Move.Broadcast(x.shape()), x));
    output(g.slice(x, 2, 0, c));
    output(g.transpose(x, 0, 1, 2));
    output(g.reshape(g.reshape(x, a * b, c), b, a, c));
    output(g.transpose(g.transpose(x, 2, 0, 1), 1, 0, 2));
    output(g.slice(g.slice(x, 2, 1, c - 1), 2, 0, 1));
    Node right = input(a, c, size());
    output(g.matMul(g.transpose(g.transpose(x, 0, 2, 1), 0, 2, 1), right));
    output(g.matMul(x, g.transpose(input(a, 3, c), 0, 2, 1)));
    output(g.matMul(g.transpose(input(a, c, b), 0, 2, 1), right));
    return g.build();
  }

  /// A decoder block: norm, rotary embedding, grouped causal attention, gated feed-forward.
  private Graph block() {
    int batch = 1 + random.nextInt(2);
    int length = size();
    int keyHeads = 1 + random.nextInt(2);
    int heads = keyHeads * (1 + random.nextInt(3));
    int headDim = 2 * (1 + random.nextInt(3));
    Initializer initializer = new Initializer.Normal(0.5);
    Node x = input(batch * length, 5);
    Node normed = Nn.rmsNorm(g, "norm", x, 1e-5);
    RotaryTable rotary = RotaryTable.of(g, Nn.positions(g, length), headDim, 100);
    Node q = Nn.project(g, "q", normed, heads * headDim, initializer);
    Node k = Nn.project(g, "k", normed, keyHeads * headDim, initializer);
    Node v = Nn.project(g, "v", normed, keyHeads * headDim, initializer);
    boolean causal = random.nextInt(4) > 0;
    Node attended =
        Heads.attend(
            g,
            rotary.apply(g, Heads.split(g, q, batch, heads)),
            rotary.apply(g, Heads.split(g, k, batch, keyHeads)),
            Heads.split(g, v, batch, keyHeads),
            1 / Math.sqrt(headDim),
            causal);
    Node added = g.add(x, Nn.project(g, "o", Heads.merge(g, attended), 5, initializer));
    output(g.add(added, Nn.gatedFeedForward(g, "mlp", added, 7, initializer)));
    return g.build();
  }

  private Graph epilogues() {
    int m = size();
    int k = size();
    int n = size();
    Node bias = input(n);
    Node full = input(m, n);
    for (ScalarFn fn : List.of(ScalarFn.RELU, ScalarFn.SILU, ScalarFn.SIGMOID, ScalarFn.TANH)) {
      output(g.map(fn, g.add(g.matMul(input(m, k), input(k, n)), bias)));
    }
    for (ScalarFn fn : List.of(ScalarFn.ADD, ScalarFn.SUB, ScalarFn.MUL, ScalarFn.SWIGLU)) {
      output(g.map(fn, g.matMul(input(m, k), input(k, n)), full));
      output(g.map(fn, full, g.matMul(input(k, m), input(n, k), true, true)));
    }
    Node weight = g.parameter("weight", Initializer.ones(), m, n);
    Node rate = input();
    output(g.sub(weight, g.mul(rate, g.matMul(input(m, k), input(k, n)))));
    return g.build();
  }

  /// Several projections of one value, and the sums that their gradients are.
  private Graph products() {
    int rows = size();
    int width = size();
    Node x = input(rows, width);
    Initializer initializer = Initializer.ones();
    List<Node> weights = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      weights.add(g.parameter("w" + i, initializer, 1 + size(), width));
      output(g.matMul(x, weights.get(i), false, true));
    }
    Node sum = g.constant(Literal.splat(new TensorType(DType.F32, Shape.of(rows, width)), 0));
    Node total = null;
    for (int i : new int[] {2, 0, 1}) {
      Node term = g.matMul(input(rows, weights.get(i).shape().dim(0)), weights.get(i));
      total = total == null ? term : g.add(total, term);
    }
    output(g.add(sum, java.util.Objects.requireNonNull(total)));
    return g.build();
  }
}
