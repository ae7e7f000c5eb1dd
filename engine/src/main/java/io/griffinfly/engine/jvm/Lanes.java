package io.griffinfly.engine.jvm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The vector width of this machine. Apart from [Memory], so that scalar kernels run where the
/// Vector API's module is absent.
final class Lanes {
  /// The widest species that the hardware has.
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

  /// Floats in a vector.
  static final int COUNT = FLOATS.length();

  /// Bytes in a vector.
  static final int BYTES = COUNT * Float.BYTES;

  private Lanes() {}

  /// The vector at `address`.
  static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(FLOATS, Memory.ALL, address, Memory.ORDER);
  }

  /// Writes `vector` at `address`.
  static void store(long address, FloatVector vector) {
    vector.intoMemorySegment(Memory.ALL, address, Memory.ORDER);
  }

  /// The float at `address` in every lane.
  static FloatVector broadcast(long address) {
    return FloatVector.broadcast(FLOATS, Memory.load(address));
  }
}
