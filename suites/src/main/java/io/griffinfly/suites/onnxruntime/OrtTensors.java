package io.griffinfly.suites.onnxruntime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.suites.adapter.AdapterException;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Tensors of ours as ONNX Runtime's, on the same memory.
final class OrtTensors {
  private OrtTensors() {}

  /// A tensor of ONNX Runtime's whose elements are ours.
  static OnnxTensor lend(Tensor tensor) throws OrtException {
    OnnxJavaType type =
        switch (tensor.dtype()) {
          case F64 -> OnnxJavaType.DOUBLE;
          case F32 -> OnnxJavaType.FLOAT;
          case F16 -> OnnxJavaType.FLOAT16;
          case BF16 -> OnnxJavaType.BFLOAT16;
          case I64 -> OnnxJavaType.INT64;
          case I32 -> OnnxJavaType.INT32;
          case BOOL -> OnnxJavaType.BOOL;
        };
    return OnnxTensor.createTensor(
        OnnxRuntimeAdapter.environment(),
        tensor.data().asByteBuffer().order(ByteOrder.nativeOrder()),
        Arrays.stream(tensor.shape().dims()).asLongStream().toArray(),
        type);
  }

  /// The same elements in memory of their own, aligned for every element type.
  static Tensor copy(Tensor tensor) {
    Tensor copy = Tensor.zeros(tensor.type());
    copy.data().copyFrom(tensor.data());
    return copy;
  }

  static AdapterException failure(String what, OrtException e) {
    return new AdapterException(
        AdapterException.Kind.INTERNAL, what + ": ONNX Runtime: " + e.getMessage(), e);
  }
}
