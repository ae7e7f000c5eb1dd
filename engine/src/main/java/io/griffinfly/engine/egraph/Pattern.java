package io.griffinfly.engine.egraph;

import java.util.List;
import java.util.function.Predicate;

/// The left side of a rule: what a term must look like. Immutable; read it as the term it matches.
///
/// ```java
/// node(ADD, node(MATMUL, var("x"), var("w")).as("product"), var("bias")).commutative()
/// ```
public sealed interface Pattern {
  /// The name of a part that needs none.
  String UNNAMED = "";

  /// An operator over children.
  ///
  /// @param kind the kind of the operator
  /// @param kids patterns of the children, in order
  /// @param anyArity true to accept any number of children and look at none; `kids` is empty then
  /// @param isCommutative true to try two children in both orders
  /// @param name how guards and appliers call the matched node; empty for not at all
  /// @param test what else the operator record must satisfy
  record Node(
      int kind,
      List<Pattern> kids,
      boolean anyArity,
      boolean isCommutative,
      String name,
      Predicate<Object> test)
      implements Pattern {
    /// Checks and copies.
    public Node {
      kids = List.copyOf(kids);
      if (isCommutative && kids.size() != 2) {
        throw new EGraphException("a commutative pattern has two children, not " + kids.size());
      }
    }

    /// Gives the matched node a name.
    ///
    /// @param newName the name, unlike any other in the pattern
    /// @return the named pattern
    public Node as(String newName) {
      return new Node(kind, kids, anyArity, isCommutative, newName, test);
    }

    /// Replaces the children.
    ///
    /// @param newKids patterns of the children
    /// @return the pattern over them
    Node withKids(List<Pattern> newKids) {
      return new Node(kind, newKids, anyArity, isCommutative, name, test);
    }

    /// Also matches with the two children swapped.
    ///
    /// @return the commutative pattern
    public Node commutative() {
      return new Node(kind, kids, anyArity, true, name, test);
    }

    /// Restricts the operator's attributes.
    ///
    /// @param <T> the operator's record
    /// @param type its class; other operators do not match
    /// @param accepts what the attributes must satisfy
    /// @return the narrower pattern
    public <T> Node where(Class<T> type, Predicate<? super T> accepts) {
      return new Node(kind, kids, anyArity, isCommutative, name, test.and(typed(type, accepts)));
    }
  }

  /// Any class. The same variable twice means the same class twice.
  ///
  /// @param name how guards and appliers call the class
  /// @param test what the analysis must know about it
  record Variable(String name, Predicate<Object> test) implements Pattern {
    /// Restricts what the analysis knows about the class.
    ///
    /// @param <T> the analysis's value
    /// @param type its class
    /// @param accepts what the value must satisfy
    /// @return the narrower pattern
    public <T> Variable where(Class<T> type, Predicate<? super T> accepts) {
      return new Variable(name, test.and(typed(type, accepts)));
    }
  }

  /// Any of several shapes. Names that only some of them bind are unbound in the other matches.
  ///
  /// @param alternatives the shapes, tried in order
  record AnyOf(List<Pattern> alternatives) implements Pattern {
    /// Checks and copies.
    public AnyOf {
      alternatives = List.copyOf(alternatives);
      if (alternatives.isEmpty()) {
        throw new EGraphException("anyOf needs an alternative");
      }
    }
  }

  /// An operator over children; a leaf if there are none.
  ///
  /// @param kind the kind of the operator
  /// @param kids patterns of the children, in order
  /// @return the pattern
  static Node node(int kind, Pattern... kids) {
    return new Node(kind, List.of(kids), false, false, UNNAMED, ANYTHING);
  }

  /// An operator over any number of children, which the pattern does not look at.
  ///
  /// @param kind the kind of the operator
  /// @return the pattern
  static Node anyArity(int kind) {
    return new Node(kind, List.of(), true, false, UNNAMED, ANYTHING);
  }

  /// Any class.
  ///
  /// @param name its name; used twice it must be the same class
  /// @return the pattern
  static Variable var(String name) {
    return new Variable(name, ANYTHING);
  }

  /// Any of several shapes.
  ///
  /// @param alternatives the shapes
  /// @return the pattern
  static AnyOf anyOf(Pattern... alternatives) {
    return new AnyOf(List.of(alternatives));
  }

  /// The test that everything passes.
  Predicate<Object> ANYTHING = any -> true;

  private static <T> Predicate<Object> typed(Class<T> type, Predicate<? super T> accepts) {
    return value -> type.isInstance(value) && accepts.test(type.cast(value));
  }
}
