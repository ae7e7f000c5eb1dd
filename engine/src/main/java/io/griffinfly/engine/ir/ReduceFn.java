package io.griffinfly.engine.ir;

/// How a reduction combines two elements.
public enum ReduceFn {
  /// Sum; an empty one is 0.
  SUM,
  /// Largest; an empty one is −∞.
  MAX
}
