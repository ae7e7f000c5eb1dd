package io.griffinfly.models.synthetic;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// A tensor that its name, type and kind define.
///
/// @param name seeds its stream
/// @param type F32 for real kinds, I64 for integers
/// @param kind how values are drawn
public record SyntheticTensor(String name, TensorType type, TensorKind kind) {
  /// The seed of all cases.
  public static final long SEED = 1;

  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// Checks that type and kind agree.
  public SyntheticTensor {
    DType expected =
        switch (kind) {
          case TensorKind.Real _ -> DType.F32;
          case TensorKind.Integers _ -> DType.I64;
        };
    if (type.dtype() != expected) {
      throw new IllegalArgumentException(name + ": " + kind + " is " + expected + ", not " + type);
    }
  }

  /// Draws all values.
  ///
  /// @return a tensor of its own
  public Tensor generate() {
    Tensor tensor = Tensor.zeros(type);
    fill(tensor.data(), 0, tensor.size());
    return tensor;
  }

  /// Draws some values.
  ///
  /// @param target where the first of them goes, little-endian
  /// @param from position of the first value in the tensor
  /// @param count how many
  public void fill(MemorySegment target, long from, long count) {
    SplitMix64 stream = SplitMix64.of(SEED, name);
    switch (kind) {
      case TensorKind.Integers(int modulus) -> {
        for (long i = 0; i < count; i++) {
          target.setAtIndex(I64, i, stream.integer(from + i, modulus));
        }
      }
      case TensorKind.Real real -> {
        float weightScale = TensorKind.weightScale(type.shape());
        for (long i = 0; i < count; i++) {
          target.setAtIndex(F32, i, real.value(stream.normal(from + i), weightScale));
        }
      }
    }
  }
}
