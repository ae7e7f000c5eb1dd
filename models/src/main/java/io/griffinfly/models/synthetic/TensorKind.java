package io.griffinfly.models.synthetic;

import io.griffinfly.engine.ir.Shape;
import java.util.Locale;

/// What a tensor is for, which fixes how its values are drawn.
public sealed interface TensorKind {
  /// Floating-point values: `base + scale·z`, with z from [SplitMix64#normal].
  enum Real implements TensorKind {
    /// A weight of rank 2 or more: z·2^k, k near −log2(√fanIn).
    WEIGHT,
    /// The weight that closes a residual branch: a quarter of [#WEIGHT].
    RESIDUAL_WEIGHT,
    /// A table of embeddings or positions: z/16.
    EMBEDDING,
    /// The gain of a norm: 1 + z/16.
    GAIN,
    /// The gain of the last norm of a residual branch: a quarter of [#GAIN].
    RESIDUAL_GAIN,
    /// A bias: z/64.
    BIAS,
    /// The running mean of a batch norm: z/16.
    RUNNING_MEAN,
    /// The running variance of a batch norm: 1 + |z|/8.
    RUNNING_VARIANCE,
    /// An input or a probe: z.
    NORMAL;

    /// The value for a draw.
    ///
    /// @param z the draw
    /// @param weightScale what [#weightScale] says of the tensor's shape
    /// @return the value, exact
    float value(float z, float weightScale) {
      return switch (this) {
        case WEIGHT -> z * weightScale;
        case RESIDUAL_WEIGHT -> z * (weightScale * 0x1p-2f);
        case EMBEDDING, RUNNING_MEAN -> z * 0x1p-4f;
        case GAIN -> 1 + z * 0x1p-4f;
        case RESIDUAL_GAIN -> (1 + z * 0x1p-4f) * 0x1p-2f;
        case BIAS -> z * 0x1p-6f;
        case RUNNING_VARIANCE -> 1 + Math.abs(z) * 0x1p-3f;
        case NORMAL -> z;
      };
    }
  }

  /// Identifiers or labels.
  ///
  /// @param modulus how many there are
  record Integers(int modulus) implements TensorKind {}

  /// The power of two next to 1/√fanIn, halves of the exponent rounded up.
  ///
  /// @param shape a weight's shape; the fan-in is the product of all extents but the first
  /// @return the power, at most 1
  static float weightScale(Shape shape) {
    long fanIn = 1;
    for (int axis = 1; axis < shape.rank(); axis++) {
      fanIn *= shape.dim(axis);
    }
    float scale = 1;
    for (long reach = 2; reach < fanIn; reach *= 4) {
      scale /= 2;
    }
    return scale;
  }

  /// The kind that a name and a rank imply, where names follow the habits of PyTorch and Hugging
  /// Face. A model whose names do not says so itself.
  ///
  /// @param name a weight's name
  /// @param rank its rank
  /// @return the kind
  static Real ofWeight(String name, int rank) {
    String[] parts = name.split("\\.", -1);
    String module = parts.length > 1 ? parts[parts.length - 2] : "";
    return switch (parts[parts.length - 1]) {
      case "running_mean" -> Real.RUNNING_MEAN;
      case "running_var" -> Real.RUNNING_VARIANCE;
      case "bias" -> Real.BIAS;
      case String _ when rank == 1 -> Real.GAIN;
      case String _ when module.startsWith("embed") -> Real.EMBEDDING;
      case String _ ->
          switch (module) {
            case "o_proj", "down_proj", "out_proj", "fc2" -> Real.RESIDUAL_WEIGHT;
            case String _ -> Real.WEIGHT;
          };
    };
  }

  /// The name that a case.json has for this kind.
  ///
  /// @return the name, in lower case
  default String label() {
    return switch (this) {
      case Real real -> real.name().toLowerCase(Locale.ROOT);
      case Integers _ -> "integers";
    };
  }
}
