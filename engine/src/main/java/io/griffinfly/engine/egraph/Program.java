package io.griffinfly.engine.egraph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/// A pattern without alternatives as code for the [Matcher], after de Moura and Bjørner, "Efficient
/// E-Matching for SMT Solvers" (CADE 2007). Registers hold the classes and nodes bound so far.
///
/// ```
/// BIND  class kind arity commutative test node kids   for each such node of a class: node, its kids
/// SAME  a b                                           go on only if two registers hold the same class
/// CHECK class test                                    go on only if the class's data passes
/// YIELD                                               report the registers
/// ```
final class Program {
  static final int BIND = 0;
  static final int SAME = 1;
  static final int CHECK = 2;
  static final int YIELD = 3;

  /// Arity of a node whose children the pattern does not look at.
  static final int ANY_ARITY = -1;

  private final IntList code = new IntList();
  private final List<Predicate<Object>> tests = new ArrayList<>();
  private final Slots slots;
  private final int[] registerOfSlot;
  private final int rootKind;
  private int registers = 1;
  private int depth;

  private Program(Pattern.Node root, Slots slots) {
    this.slots = slots;
    registerOfSlot = new int[slots.size()];
    Arrays.fill(registerOfSlot, -1);
    registerOfSlot[0] = 0;
    rootKind = root.kind();
    emit(root, -1, 0);
    code.add(YIELD);
  }

  /// One program for each way to choose among the alternatives of a pattern.
  static List<Program> compile(Pattern pattern, Slots slots) {
    open(pattern, slots);
    List<Program> programs = new ArrayList<>();
    for (Pattern choice : choices(pattern)) {
      switch (choice) {
        case Pattern.Node node -> programs.add(new Program(node, slots));
        case Pattern.Variable variable ->
            throw new EGraphException("pattern " + variable.name() + " matches everything");
        case Pattern.AnyOf _ -> throw new AssertionError("choices are expanded");
      }
    }
    return programs;
  }

  private static List<Pattern> choices(Pattern pattern) {
    return switch (pattern) {
      case Pattern.Variable variable -> List.of(variable);
      case Pattern.AnyOf anyOf ->
          anyOf.alternatives().stream().flatMap(choice -> choices(choice).stream()).toList();
      case Pattern.Node node -> {
        List<List<Pattern>> prefixes = List.of(List.of());
        for (Pattern kid : node.kids()) {
          List<List<Pattern>> longer = new ArrayList<>();
          for (List<Pattern> prefix : prefixes) {
            for (Pattern choice : choices(kid)) {
              List<Pattern> kids = new ArrayList<>(prefix);
              kids.add(choice);
              longer.add(kids);
            }
          }
          prefixes = longer;
        }
        yield prefixes.stream().<Pattern>map(node::withKids).toList();
      }
    };
  }

  private static void open(Pattern pattern, Slots slots) {
    switch (pattern) {
      case Pattern.Variable variable -> slots.open(variable.name(), false);
      case Pattern.AnyOf anyOf -> anyOf.alternatives().forEach(shape -> open(shape, slots));
      case Pattern.Node node -> {
        if (!node.name().equals(Pattern.UNNAMED)) {
          slots.open(node.name(), true);
        }
        node.kids().forEach(kid -> open(kid, slots));
      }
    }
  }

  private void emit(Pattern.Node node, int classRegister, int level) {
    int nodeRegister = classRegister < 0 ? 0 : registers++;
    int kids = registers;
    registers += node.kids().size();
    depth = Math.max(depth, node.kids().isEmpty() && !node.anyArity() ? level : level + 1);
    code.add(BIND);
    code.add(classRegister);
    code.add(node.kind());
    code.add(node.anyArity() ? ANY_ARITY : node.kids().size());
    code.add(node.isCommutative() ? 1 : 0);
    code.add(test(node.test()));
    code.add(nodeRegister);
    code.add(kids);
    if (!node.name().equals(Pattern.UNNAMED)) {
      bindNode(node.name(), nodeRegister);
    }
    for (int i = 0; i < node.kids().size(); i++) {
      if (node.kids().get(i) instanceof Pattern.Variable variable) {
        emit(variable, kids + i);
      }
    }
    for (int i = 0; i < node.kids().size(); i++) {
      if (node.kids().get(i) instanceof Pattern.Node kid) {
        emit(kid, kids + i, level + 1);
      }
    }
  }

  private void bindNode(String name, int register) {
    int slot = slots.of(name);
    if (registerOfSlot[slot] >= 0) {
      throw new EGraphException("two nodes of one pattern are called " + name);
    }
    registerOfSlot[slot] = register;
  }

  private void emit(Pattern.Variable variable, int register) {
    int slot = slots.of(variable.name());
    if (registerOfSlot[slot] >= 0) {
      code.add(SAME);
      code.add(registerOfSlot[slot]);
      code.add(register);
    } else {
      registerOfSlot[slot] = register;
    }
    if (!variable.test().equals(Pattern.ANYTHING)) {
      code.add(CHECK);
      code.add(register);
      code.add(test(variable.test()));
    }
  }

  private int test(Predicate<Object> test) {
    if (test.equals(Pattern.ANYTHING)) {
      return -1;
    }
    tests.add(test);
    return tests.size() - 1;
  }

  int[] code() {
    return code.toArray();
  }

  Predicate<Object> test(int index) {
    return tests.get(index);
  }

  int[] registerOfSlot() {
    return registerOfSlot.clone();
  }

  int rootKind() {
    return rootKind;
  }

  int registers() {
    return registers;
  }

  /// Levels below the root that can change whether and how the pattern matches.
  int depth() {
    return depth;
  }
}
