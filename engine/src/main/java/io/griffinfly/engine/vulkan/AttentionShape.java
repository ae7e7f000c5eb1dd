package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.Attention;
import java.util.List;
import java.util.Optional;

/// The extents of an attention as its kernels see them. The queries of the heads that share a key
/// head are numbered as one list, the head fastest: neighbours then see nearly the same keys.
///
/// @param batch number of batches
/// @param keyHeads heads of keys and values
/// @param members query heads that a key head serves
/// @param queries queries of a head
/// @param keys keys of a head
/// @param scoreFours fours of elements in a query and in a key
/// @param valueFours fours of elements in a value
/// @param scale factor of the scores
/// @param mask which keys a query sees
record AttentionShape(
    int batch,
    int keyHeads,
    int members,
    int queries,
    int keys,
    int scoreFours,
    int valueFours,
    double scale,
    Attention.Mask mask) {
  /// Fours of the widest vector: a lane holds up to 4 of its fours for 4 vectors, in 16 lanes.
  private static final int WIDEST = 64;

  /// The extents of an operation; empty if there is nothing to do, or vectors do not fall into
  /// fours or not into registers.
  ///
  /// @param from queries, keys, values, and more
  static Optional<AttentionShape> of(double scale, Attention.Mask mask, List<Place> from) {
    Place q = from.get(0);
    Place k = from.get(1);
    int d = q.dim(3);
    int e = from.get(2).dim(3);
    boolean empty = from.stream().anyMatch(place -> place.shape().size() == 0);
    if (empty || d % 4 != 0 || e % 4 != 0 || Math.max(d, e) / 4 > WIDEST) {
      return Optional.empty();
    }
    return Optional.of(
        new AttentionShape(
            k.dim(0),
            k.dim(1),
            q.dim(1) / k.dim(1),
            q.dim(2),
            k.dim(2),
            d / 4,
            e / 4,
            scale,
            mask));
  }

  /// Queries of all heads that share a key head.
  int rows() {
    return queries * members;
  }

  /// Fours of the wider of keys and values.
  int widestFours() {
    return Math.max(scoreFours, valueFours);
  }

  /// How many keys are in front of those that the first query sees last.
  private int ahead() {
    return keys - queries;
  }

  /// GLSL of the number of keys that a query sees, which are the first ones.
  ///
  /// @param row number of the query among those of the key head
  String seen(String row) {
    return switch (mask) {
      case NONE -> Integer.toString(keys);
      case CAUSAL ->
          "clamp((" + row + ") / " + members + " + " + (ahead() + 1) + ", 0, " + keys + ")";
    };
  }

  /// GLSL of the number of the first query that sees a key; all behind it do.
  String firstSeeing(String key) {
    return switch (mask) {
      case NONE -> "0";
      case CAUSAL -> "max(0, (" + key + " - " + Glsl.literal(ahead()) + ") * " + members + ")";
    };
  }
}
