package io.griffinfly.models.smollm2;

import io.griffinfly.models.ModelException;

/// The sizes and constants of a Llama decoder.
///
/// @param hidden width of the residual stream
/// @param layers number of blocks
/// @param heads number of query heads
/// @param keyValueHeads number of key and value heads, a divisor of `heads`
/// @param headDim extent of a head, even
/// @param feedForward inner width of the feed-forward block
/// @param vocabulary number of tokens
/// @param maxPositions longest sequence
/// @param rmsEpsilon the ε of the norms
/// @param ropeTheta the base θ of the rotary embedding
/// @param tiedEmbeddings whether the head's weight is the embedding
/// @param initializerDeviation standard deviation of fresh weights
public record LlamaConfig(
    int hidden,
    int layers,
    int heads,
    int keyValueHeads,
    int headDim,
    int feedForward,
    int vocabulary,
    int maxPositions,
    double rmsEpsilon,
    double ropeTheta,
    boolean tiedEmbeddings,
    double initializerDeviation) {
  /// Checks that the sizes fit each other.
  public LlamaConfig {
    int[] sizes = {
      hidden, layers, heads, keyValueHeads, headDim, feedForward, vocabulary, maxPositions
    };
    for (int size : sizes) {
      if (size < 1) {
        throw new ModelException("every size of a Llama is 1 or more, not " + size);
      }
    }
    if (heads % keyValueHeads != 0) {
      throw new ModelException(heads + " query heads cannot share " + keyValueHeads + " key heads");
    }
    if (headDim % 2 != 0) {
      throw new ModelException("a head of " + headDim + " is odd: rotary embedding turns pairs");
    }
    if (!(rmsEpsilon > 0 && ropeTheta > 0)) {
      throw new ModelException(
          "rms_norm_eps and rope_theta are positive, not " + rmsEpsilon + " and " + ropeTheta);
    }
  }

  /// Number of trainable values.
  ///
  /// @return the count, a tied head counted once
  public long parameterCount() {
    long queries = (long) heads * headDim;
    long keys = (long) keyValueHeads * headDim;
    long attention = hidden * (2 * queries + 2 * keys);
    long block = attention + 3L * hidden * feedForward + 2L * hidden;
    long embedding = (long) vocabulary * hidden;
    return layers * block + hidden + (tiedEmbeddings ? embedding : 2 * embedding);
  }
}
