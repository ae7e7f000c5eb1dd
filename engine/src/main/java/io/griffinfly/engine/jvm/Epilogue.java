package io.griffinfly.engine.jvm;

import org.jspecify.annotations.Nullable;

/// What becomes of the finished tiles of a matrix product.
public final class Epilogue {
  /// They are the result.
  public static final Epilogue STORE = new Epilogue(null, false, new long[0]);

  /// They are added to the result, which accumulates.
  public static final Epilogue ADD = new Epilogue(null, true, new long[0]);

  private final @Nullable TileFunction function;
  private final boolean accumulates;
  private final long[] operands;

  private Epilogue(@Nullable TileFunction function, boolean accumulates, long[] operands) {
    this.function = function;
    this.accumulates = accumulates;
    this.operands = operands;
  }

  /// They go through a function, which writes the result.
  ///
  /// @param function called once for each tile
  /// @param operands what it is called with, not copied
  /// @return the epilogue
  public static Epilogue of(TileFunction function, long[] operands) {
    return new Epilogue(function, false, operands);
  }

  /// Whether a tile may be computed right where the result lies.
  boolean storesOnly() {
    return function == null && !accumulates;
  }

  TileFunction function(Tiles tiles) {
    if (function != null) {
      return function;
    }
    return accumulates ? tiles.add() : tiles.store();
  }

  long[] operands() {
    return operands;
  }
}
