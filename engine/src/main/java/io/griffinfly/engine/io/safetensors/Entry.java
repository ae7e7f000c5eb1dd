package io.griffinfly.engine.io.safetensors;

import io.griffinfly.engine.ir.Shape;

/// What a header says of one tensor.
///
/// @param name the tensor's name
/// @param storage element type in the file
/// @param shape extents
/// @param offset where its bytes begin, counted from the end of the header
public record Entry(String name, StorageType storage, Shape shape, long offset) {
  /// Size of the tensor in the file.
  ///
  /// @return the size in bytes
  public long bytes() {
    return shape.size() * storage.bytes();
  }

  /// Type and shape in one word, such as `F32[3,4]`.
  @Override
  public String toString() {
    return storage.name() + shape;
  }
}
