package io.griffinfly.engine.jvm;

/// Copies a piece of a matrix into a panel, where what one step of a product reads lies together:
/// `target[k][lane] = source[lane * laneStride + k * depthStride]`.
interface Packer {
  /// Packs one piece.
  ///
  /// @param source address of the element of lane 0 and depth 0
  /// @param laneStride bytes from one lane to the next
  /// @param depthStride bytes from one step to the next
  /// @param lanes lanes that exist; the others are filled with zeros
  /// @param width all lanes
  /// @param depth steps
  /// @param target address of `[depth, width]` floats
  void pack(
      long source, long laneStride, long depthStride, int lanes, int width, int depth, long target);
}
