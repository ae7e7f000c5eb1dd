package io.griffinfly.engine.io.onnx;

/// A graph, or a part of one, that cannot be written as ONNX.
public final class OnnxExportException extends RuntimeException {
  /// Creates the exception.
  ///
  /// @param message what cannot be written, and why
  public OnnxExportException(String message) {
    super(message);
  }

  /// Creates the exception with what led to it.
  ///
  /// @param message what cannot be written, and why
  /// @param cause what was caught
  public OnnxExportException(String message, Throwable cause) {
    super(message, cause);
  }
}
