package io.griffinfly.engine.egraph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A training step of a transformer, written in primitives as a model would be, with a toy autodiff
/// and a gradient-descent update: the load that the optimizer puts on the e-graph. Shapes are
/// matrices; heads, masks and batches are left out.
final class TransformerGraph {
  static final int ROWS = 128;
  static final int WIDTH = 576;
  static final int HIDDEN = 1536;

  /// Operators by name; `detail` holds whatever attribute the name needs.
  record Op(Kind kind, String detail) {
    static Op of(Kind kind) {
      return new Op(kind, "");
    }
  }

  enum Kind {
    INPUT,
    STATE,
    CONSTANT,
    MATMUL,
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    NEGATE,
    EXP,
    RECIPROCAL,
    RSQRT,
    SQUARE,
    MEAN_ROWS,
    SUM_ROWS,
    MAX_ROWS,
    TRANSPOSE,
    SLOPE,
    HALF,
    JOIN,
    RMS_NORM,
    RMS_NORM_ADD,
    SILU,
    SWIGLU,
    ROTARY,
    SOFTMAX,
    ATTEND,
    FUSED_MATMUL,
    PACK,
    JOINED_MATMUL,
    PART,
    UPDATE;

    /// The kind as the e-graph numbers it.
    @SuppressWarnings("EnumOrdinal") // nothing outlives the run
    int index() {
      return ordinal();
    }
  }

  /// Shape of a class, and its value if it is a constant.
  record Fact(int rows, int columns, double constant) {
    boolean is(double value) {
      return constant == value;
    }

    double size() {
      return (double) rows * columns;
    }
  }

  /// Shapes; constants only of leaves.
  static final class Facts implements Analysis<Op, Fact> {
    @Override
    public Fact make(EGraph<Op, Fact> graph, Op op, int[] kids) {
      return switch (op.kind()) {
        case INPUT, STATE, PART -> shape(op.detail());
        case CONSTANT -> new Fact(1, 1, Double.parseDouble(op.detail()));
        case MATMUL, FUSED_MATMUL, JOINED_MATMUL ->
            product(op, graph.data(kids[0]), graph.data(kids[1]));
        case PACK -> {
          int rows = 0;
          for (int kid : kids) {
            rows += graph.data(kid).rows();
          }
          yield plain(rows, graph.data(kids[0]).columns());
        }
        case MEAN_ROWS, SUM_ROWS, MAX_ROWS -> plain(graph.data(kids[0]).rows(), 1);
        case TRANSPOSE -> plain(graph.data(kids[0]).columns(), graph.data(kids[0]).rows());
        case HALF -> plain(graph.data(kids[0]).rows(), graph.data(kids[0]).columns() / 2);
        case JOIN -> plain(graph.data(kids[0]).rows(), graph.data(kids[0]).columns() * 2);
        case ATTEND -> plain(graph.data(kids[0]).rows(), graph.data(kids[2]).columns());
        default -> {
          Fact fact = plain(1, 1);
          for (int kid : kids) {
            Fact next = graph.data(kid);
            fact =
                plain(Math.max(fact.rows(), next.rows()), Math.max(fact.columns(), next.columns()));
          }
          yield fact;
        }
      };
    }

    private static Fact shape(String detail) {
      String[] parts = detail.split(":", -1);
      return plain(Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    }

    private static Fact product(Op op, Fact a, Fact b) {
      return plain(
          op.detail().charAt(0) == 't' ? a.columns() : a.rows(),
          op.detail().charAt(1) == 't' ? b.rows() : b.columns());
    }

    private static Fact plain(int rows, int columns) {
      return new Fact(rows, columns, Double.NaN);
    }

    @Override
    public Fact merge(Fact left, Fact right) {
      if (left.rows() != right.rows() || left.columns() != right.columns()) {
        throw new IllegalArgumentException(left + " is not " + right);
      }
      return Double.isNaN(left.constant()) ? right : left;
    }
  }

  private final EGraph<Op, Fact> graph = new EGraph<>(op -> op.kind().index(), new Facts());
  private final List<Integer> weights = new ArrayList<>();
  private final int[] roots;

  private TransformerGraph(int layers) {
    int x = leaf(Kind.INPUT, "x", ROWS, WIDTH);
    for (int i = 0; i < layers; i++) {
      x = layer(i, x);
    }
    int last = graph.nodeCount();
    Map<Integer, Integer> gradients = new HashMap<>();
    gradients.put(x, leaf(Kind.INPUT, "upstream", ROWS, WIDTH));
    for (int node = last - 1; node >= 0; node--) {
      Integer upstream = gradients.get(node);
      if (upstream != null) {
        backward(node, upstream, gradients);
      }
    }
    List<Integer> results = new ArrayList<>(List.of(x));
    for (int weight : weights) {
      int step = op(Kind.MULTIPLY, gradients.getOrDefault(weight, EGraph.NONE), constant(0.1));
      results.add(op(Kind.SUBTRACT, weight, step));
    }
    roots = results.stream().mapToInt(Integer::intValue).toArray();
  }

  static TransformerGraph of(int layers) {
    return new TransformerGraph(layers);
  }

  EGraph<Op, Fact> graph() {
    return graph;
  }

  int[] roots() {
    return roots.clone();
  }

  private int op(Kind kind, int... kids) {
    return graph.add(Op.of(kind), kids);
  }

  private int leaf(Kind kind, String name, int rows, int columns) {
    int node = graph.add(new Op(kind, name + ":" + rows + ":" + columns));
    if (kind == Kind.STATE) {
      weights.add(node);
    }
    return node;
  }

  private int constant(double value) {
    return graph.add(new Op(Kind.CONSTANT, Double.toString(value)));
  }

  private int matmul(String transposes, int a, int b) {
    return graph.add(new Op(Kind.MATMUL, transposes), a, b);
  }

  private int layer(int i, int x) {
    String at = "layer" + i + ".";
    int h = norm(at + "norm1", x);
    int q = rotary(matmul("nt", h, leaf(Kind.STATE, at + "q", WIDTH, WIDTH)));
    int k = rotary(matmul("nt", h, leaf(Kind.STATE, at + "k", WIDTH, WIDTH)));
    int v = matmul("nt", h, leaf(Kind.STATE, at + "v", WIDTH, WIDTH));
    int scores = op(Kind.MULTIPLY, matmul("nt", q, k), constant(0.125));
    int exp = op(Kind.EXP, op(Kind.SUBTRACT, scores, op(Kind.MAX_ROWS, scores)));
    int shares = op(Kind.DIVIDE, exp, op(Kind.SUM_ROWS, exp));
    int attended = matmul("nn", shares, v);
    int out = matmul("nt", attended, leaf(Kind.STATE, at + "o", WIDTH, WIDTH));
    int y = op(Kind.ADD, x, out);
    int g = norm(at + "norm2", y);
    int gate = matmul("nt", g, leaf(Kind.STATE, at + "gate", HIDDEN, WIDTH));
    int up = matmul("nt", g, leaf(Kind.STATE, at + "up", HIDDEN, WIDTH));
    int sigmoid =
        op(Kind.RECIPROCAL, op(Kind.ADD, constant(1), op(Kind.EXP, op(Kind.NEGATE, gate))));
    int swiglu = op(Kind.MULTIPLY, op(Kind.MULTIPLY, gate, sigmoid), up);
    int down = matmul("nt", swiglu, leaf(Kind.STATE, at + "down", WIDTH, HIDDEN));
    return op(Kind.ADD, y, down);
  }

  private int norm(String name, int x) {
    int mean = op(Kind.MEAN_ROWS, op(Kind.SQUARE, x));
    int scale = op(Kind.RSQRT, op(Kind.ADD, mean, constant(1e-5)));
    return op(Kind.MULTIPLY, op(Kind.MULTIPLY, x, scale), leaf(Kind.STATE, name, 1, WIDTH));
  }

  private int rotary(int x) {
    int cosine = leaf(Kind.INPUT, "cosine", ROWS, WIDTH);
    int sine = leaf(Kind.INPUT, "sine", ROWS, WIDTH);
    int low = graph.add(new Op(Kind.HALF, "low"), x);
    int high = graph.add(new Op(Kind.HALF, "high"), x);
    int turned = op(Kind.JOIN, op(Kind.NEGATE, high), low);
    return op(Kind.ADD, op(Kind.MULTIPLY, x, cosine), op(Kind.MULTIPLY, turned, sine));
  }

  private void backward(int node, int upstream, Map<Integer, Integer> gradients) {
    int[] kids = graph.kids(node);
    switch (graph.op(node).kind()) {
      case MATMUL -> {
        boolean isTransposed = graph.op(node).detail().equals("nt");
        accumulate(gradients, kids[0], matmul(isTransposed ? "nn" : "nt", upstream, kids[1]));
        accumulate(
            gradients,
            kids[1],
            isTransposed ? matmul("tn", upstream, kids[0]) : matmul("tn", kids[0], upstream));
      }
      case ADD -> {
        accumulate(gradients, kids[0], upstream);
        accumulate(gradients, kids[1], upstream);
      }
      case SUBTRACT -> {
        accumulate(gradients, kids[0], upstream);
        accumulate(gradients, kids[1], op(Kind.NEGATE, upstream));
      }
      case MULTIPLY, DIVIDE -> {
        accumulate(gradients, kids[0], op(Kind.MULTIPLY, upstream, kids[1]));
        accumulate(gradients, kids[1], op(Kind.MULTIPLY, upstream, kids[0]));
      }
      case JOIN -> {
        accumulate(gradients, kids[0], graph.add(new Op(Kind.HALF, "low"), upstream));
        accumulate(gradients, kids[1], graph.add(new Op(Kind.HALF, "high"), upstream));
      }
      case HALF -> accumulate(gradients, kids[0], op(Kind.JOIN, upstream, upstream));
      default -> {
        for (int kid : kids) {
          Op slope = new Op(Kind.SLOPE, graph.op(node).kind().name());
          accumulate(
              gradients,
              kid,
              op(Kind.MULTIPLY, op(Kind.NEGATE, op(Kind.NEGATE, upstream)), graph.add(slope, kid)));
        }
      }
    }
  }

  /// Sums a gradient into what is there. The sum over a stretched axis is left out.
  private void accumulate(Map<Integer, Integer> gradients, int id, int gradient) {
    Kind kind = graph.op(id).kind();
    if (kind != Kind.CONSTANT && kind != Kind.INPUT) {
      gradients.merge(id, gradient, (old, more) -> op(Kind.ADD, old, more));
    }
  }
}
