package io.griffinfly.engine.io.onnx;

/// Which operators an export may use. Runtimes differ in what they make fast, so a model can be
/// written in each form and the fastest be kept.
public enum OnnxForm {
  /// Operators of ONNX opset 17, which every current runtime has. Norms, attention and activations
  /// are spelled out in the patterns that frameworks export and runtimes recognize.
  PLAIN(17, 8, false),
  /// Operators of ONNX opset 23, with `RMSNormalization`, `RotaryEmbedding` and `Attention`.
  FUSED(23, 11, false),
  /// Opset 17 and ONNX Runtime's own operators, domain `com.microsoft`: `RotaryEmbedding`,
  /// `GroupQueryAttention`, `MultiHeadAttention`, `SimplifiedLayerNormalization`, `QuickGelu`.
  CONTRIB(17, 8, true);

  private final int opset;
  private final int irVersion;
  private final boolean contrib;

  OnnxForm(int opset, int irVersion, boolean contrib) {
    this.opset = opset;
    this.irVersion = irVersion;
    this.contrib = contrib;
  }

  /// Version of the default operator set.
  ///
  /// @return the version
  public int opset() {
    return opset;
  }

  /// Version of the file format.
  ///
  /// @return the version
  public int irVersion() {
    return irVersion;
  }

  /// Whether operators of ONNX Runtime's own domain occur.
  ///
  /// @return true for [#CONTRIB]
  public boolean usesContrib() {
    return contrib;
  }
}
