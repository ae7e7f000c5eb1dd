package io.griffinfly.engine.egraph;

import java.util.Arrays;
import java.util.function.Predicate;

/// Runs a [Program] over candidate root nodes by backtracking. Reads the e-graph only; it must be
/// rebuilt.
final class Matcher<H, D> {
  /// Where matches go.
  @FunctionalInterface
  interface Sink {
    /// Takes one match, slot by slot, and says whether to go on. The array is the receiver's.
    boolean accept(int[] slots);
  }

  private final EGraph<H, D> graph;
  private final NodeTable nodes;
  private final ClassTable classes;
  private final Program program;
  private final int[] code;
  private final int[] registerOfSlot;
  private final int[] registers;
  private final Sink sink;
  private boolean stopped;

  Matcher(EGraph<H, D> graph, Program program, Sink sink) {
    this.graph = graph;
    this.nodes = graph.nodeTable();
    this.classes = graph.classes();
    this.program = program;
    this.code = program.code();
    this.registerOfSlot = program.registerOfSlot();
    this.registers = new int[program.registers()];
    this.sink = sink;
  }

  /// Matches at every live node of the root kind that lies within reach of a change.
  void search(Frontier frontier) {
    IntList candidates = graph.ofKind(program.rootKind());
    for (int i = 0; i < candidates.size() && !stopped; i++) {
      int node = candidates.get(i);
      if (!nodes.isDead(node) && frontier.reaches(graph.find(node), program.depth())) {
        tryNode(0, node);
      }
    }
  }

  private void run(int start) {
    int at = start;
    while (true) {
      switch (code[at]) {
        case Program.BIND -> {
          bind(at);
          return;
        }
        case Program.SAME -> {
          if (registers[code[at + 1]] != registers[code[at + 2]]) {
            return;
          }
          at += 3;
        }
        case Program.CHECK -> {
          if (!program.test(code[at + 2]).test(graph.data(registers[code[at + 1]]))) {
            return;
          }
          at += 3;
        }
        default -> {
          report();
          return;
        }
      }
    }
  }

  private void bind(int at) {
    int first = registers[code[at + 1]];
    int node = first;
    do {
      if (!nodes.isDead(node) && graph.kind(node) == code[at + 2]) {
        tryNode(at, node);
      }
      node = classes.nextMember(node);
    } while (node != first && !stopped);
  }

  private void tryNode(int at, int node) {
    int arity = code[at + 3];
    if (arity != Program.ANY_ARITY && nodes.kidCount(node) != arity) {
      return;
    }
    int test = code[at + 5];
    if (test >= 0 && !accepts(program.test(test), node)) {
      return;
    }
    registers[code[at + 6]] = node;
    int kids = code[at + 7];
    for (int i = 0; i < arity; i++) {
      registers[kids + i] = graph.kid(node, i);
    }
    run(at + 8);
    if (code[at + 4] == 1 && !stopped) {
      int left = graph.kid(node, 0);
      int right = graph.kid(node, 1);
      if (left != right) {
        registers[code[at + 6]] = node;
        registers[kids] = right;
        registers[kids + 1] = left;
        run(at + 8);
      }
    }
  }

  private boolean accepts(Predicate<Object> test, int node) {
    return test.test(graph.op(node));
  }

  private void report() {
    int[] slots = new int[registerOfSlot.length];
    Arrays.setAll(slots, i -> registerOfSlot[i] < 0 ? EGraph.NONE : registers[registerOfSlot[i]]);
    stopped = !sink.accept(slots);
  }
}
