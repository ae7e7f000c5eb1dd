package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Attention of halves as matrix units see it: a head at a time, whose queries, keys and values are
/// matrices in memory.
///
/// @param batch number of batches
/// @param heads heads of queries
/// @param keyHeads heads of keys and values
/// @param queries queries of a head
/// @param keys keys of a head
/// @param d elements of a query and of a key
/// @param e elements of a value
/// @param scale factor of the scores
/// @param mask which keys a query sees
record CoopHeads(
    int batch,
    int heads,
    int keyHeads,
    int queries,
    int keys,
    int d,
    int e,
    double scale,
    Attention.Mask mask) {
  /// What matrices are cut into.
  private static final int GRAIN = 16;

  /// Widest vector: a workgroup holds some blocks of them.
  private static final int WIDEST = 128;

  /// The heads of an attention or of its gradient, whose vectors matrix units can read and write;
  /// empty if they cannot.
  static Optional<CoopHeads> accepted(
      double scale, Attention.Mask mask, List<Place> from, List<Place> to) {
    CoopHeads heads = of(scale, mask, from);
    // The others have a logarithm of a denominator for each query.
    boolean takes =
        heads.fills()
            && vectors(from).allMatch(place -> place.dtype() == DType.F16 && isAddressable(place))
            && vectors(to).allMatch(CoopHeads::isAddressable);
    return takes ? Optional.of(heads) : Optional.empty();
  }

  private static Stream<Place> vectors(List<Place> places) {
    return places.stream().filter(place -> place.shape().rank() == 4);
  }

  private static CoopHeads of(double scale, Attention.Mask mask, List<Place> from) {
    Place q = from.get(0);
    Place k = from.get(1);
    return new CoopHeads(
        q.dim(0),
        q.dim(1),
        k.dim(1),
        q.dim(2),
        k.dim(2),
        q.dim(3),
        from.get(2).dim(3),
        scale,
        mask);
  }

  /// Whether there is enough to fill a part of a tile.
  private boolean fills() {
    return batch > 0
        && queries >= GRAIN
        && keys >= GRAIN
        && d % GRAIN == 0
        && e % GRAIN == 0
        && Math.max(d, e) <= WIDEST
        && Math.min(d, e) > 0;
  }

  /// Whether a tensor of vectors is one of matrices that begin at multiples of 16 bytes.
  private static boolean isAddressable(Place place) {
    boolean aligned =
        place.stride(3) == 1
            && place.layout().offset() % 8 == 0
            && (place.dtype() == DType.F16 || place.dtype() == DType.F32);
    for (int axis = 0; axis < 3; axis++) {
      aligned &= place.stride(axis) % 8 == 0;
    }
    return aligned;
  }

  /// Query heads that a key head serves.
  int members() {
    return heads / keyHeads;
  }

  /// The vectors of a head.
  ///
  /// @param name of the matrix in the shader
  /// @param batch GLSL of the batch
  /// @param head GLSL of the head
  /// @param rows that are read or written at a time
  /// @param turned whether they are read as columns
  static CoopWriter.Tensor tensor(
      CoopWriter coop,
      String name,
      Bound bound,
      String batch,
      String head,
      int rows,
      boolean turned) {
    Place place = bound.place();
    String start = bound.position(List.of(batch, head), List.of(place.stride(0), place.stride(1)));
    return coop.tensor(
        name,
        bound,
        start,
        new CoopWriter.Extents(place.dim(2), place.dim(3), place.stride(2)),
        place.dim(2) % rows == 0,
        turned);
  }

  /// GLSL of the number of keys that a query sees, which are the first ones.
  String seen(String query) {
    return switch (mask) {
      case NONE -> Integer.toString(keys);
      case CAUSAL -> "clamp(" + query + " + " + (keys - queries + 1) + ", 0, " + keys + ")";
    };
  }

  /// GLSL of the number of the first query that sees a key; all behind it do.
  String firstSeeing(String key) {
    return switch (mask) {
      case NONE -> "0";
      case CAUSAL -> "max(0, " + key + " - " + Glsl.literal(keys - queries) + ")";
    };
  }

  /// GLSL of the position of a query's number in a tensor of one for each.
  static String position(Bound numbers, String batch, String head, String query) {
    Place place = numbers.place();
    return numbers.position(
        List.of(batch, head, query), List.of(place.stride(0), place.stride(1), place.stride(2)));
  }
}
