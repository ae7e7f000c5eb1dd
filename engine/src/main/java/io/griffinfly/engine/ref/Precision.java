package io.griffinfly.engine.ref;

/// What the reference rounds.
public enum Precision {
  /// Nothing: floating-point element types are names only and every value is a double. A cast
  /// between them changes nothing.
  EXACT,
  /// Every node's value, to its element type; within a node the computation is still in double
  /// precision. What constant folding needs, and what a device with perfect arithmetic would give.
  TYPED
}
