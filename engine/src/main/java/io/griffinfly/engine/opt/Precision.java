package io.griffinfly.engine.opt;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;

/// How exact matrix products of single-precision tensors have to be.
public enum Precision {
  /// As single precision is.
  FP32,
  /// As NVIDIA's TF32 is: factors may lose all but 10 bits of their fraction, sums are of single
  /// precision. Devices that multiply halves together faster do it so; the others stay exact.
  TF32;

  /// The factor by which gradients are larger where they are halves, until their own sizes are
  /// known: what is below 6e-8 is lost in halves, and gradients of a mean over many elements are
  /// that small. Between 2^10 and 2^16 nothing of SmolLM2 is lost or overflows.
  private static final double FIRST_SCALE = 4096;

  /// Whether a device multiplies halves for this precision.
  ///
  /// @param profile the device
  /// @return true if factors are halves
  public boolean usesHalves(DeviceProfile profile) {
    return this == TF32
        && profile.gpu().stream()
            // Mesa 26's lavapipe lists 8x8x8 and takes six times as long as for single precision.
            .filter(gpu -> !gpu.onCpu())
            .flatMap(gpu -> gpu.coopShapes().stream())
            .anyMatch(shape -> shape.operands() == DType.F16 && shape.sums() == DType.F32);
  }

  /// By how much gradients are larger where they are rounded, in the first step.
  ///
  /// @param profile the device
  /// @return a power of two
  public double firstScale(DeviceProfile profile) {
    return usesHalves(profile) ? FIRST_SCALE : 1;
  }
}
