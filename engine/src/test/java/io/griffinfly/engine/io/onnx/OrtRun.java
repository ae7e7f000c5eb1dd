package io.griffinfly.engine.io.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// Runs a model in ONNX Runtime and hands back its outputs as tensors.
final class OrtRun {
  private static final OrtEnvironment ENVIRONMENT =
      OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);

  private OrtRun() {}

  /// Runs a model that holds its states.
  static Map<String, Tensor> of(byte[] model, Map<String, Tensor> inputs) throws OrtException {
    try (OrtSession.SessionOptions options = options();
        OrtSession session = ENVIRONMENT.createSession(model, options)) {
      return run(session, inputs);
    }
  }

  /// Runs a model file.
  static Map<String, Tensor> of(String file, Map<String, Tensor> inputs) throws OrtException {
    try (OrtSession.SessionOptions options = options();
        OrtSession session = ENVIRONMENT.createSession(file, options)) {
      return run(session, inputs);
    }
  }

  /// Runs a model whose states are handed over in memory.
  static Map<String, Tensor> of(
      byte[] model, Map<String, Tensor> inputs, Map<String, Tensor> states) throws OrtException {
    Map<String, OnnxTensorLike> lent = new HashMap<>();
    for (Map.Entry<String, Tensor> state : states.entrySet()) {
      lent.put(state.getKey(), lend(state.getValue()));
    }
    try (OrtSession.SessionOptions options = options()) {
      options.addExternalInitializers(lent);
      try (OrtSession session = ENVIRONMENT.createSession(model, options)) {
        return run(session, inputs);
      }
    }
  }

  private static OrtSession.SessionOptions options() throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    return options;
  }

  private static Map<String, Tensor> run(OrtSession session, Map<String, Tensor> inputs)
      throws OrtException {
    Map<String, OnnxTensor> lent = new HashMap<>();
    for (String name : session.getInputNames()) {
      lent.put(name, lend(Objects.requireNonNull(inputs.get(name))));
    }
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    try (OrtSession.Result result = session.run(lent)) {
      for (Map.Entry<String, ai.onnxruntime.OnnxValue> entry : result) {
        outputs.put(entry.getKey(), copy((OnnxTensor) entry.getValue()));
      }
    }
    return outputs;
  }

  private static OnnxTensor lend(Tensor tensor) throws OrtException {
    long[] dims = Arrays.stream(tensor.shape().dims()).asLongStream().toArray();
    return OnnxTensor.createTensor(
        ENVIRONMENT,
        tensor.data().asByteBuffer().order(ByteOrder.nativeOrder()),
        dims,
        javaType(tensor.dtype()));
  }

  private static Tensor copy(OnnxTensor value) {
    int[] dims = Arrays.stream(value.getInfo().getShape()).mapToInt(Math::toIntExact).toArray();
    Tensor tensor = Tensor.zeros(TensorType.of(dtype(value.getInfo().type), dims));
    tensor.data().copyFrom(MemorySegment.ofBuffer(value.getByteBuffer()));
    return tensor;
  }

  private static OnnxJavaType javaType(DType dtype) {
    return switch (dtype) {
      case F64 -> OnnxJavaType.DOUBLE;
      case F32 -> OnnxJavaType.FLOAT;
      case F16 -> OnnxJavaType.FLOAT16;
      case BF16 -> OnnxJavaType.BFLOAT16;
      case I64 -> OnnxJavaType.INT64;
      case I32 -> OnnxJavaType.INT32;
      case BOOL -> OnnxJavaType.BOOL;
    };
  }

  private static DType dtype(OnnxJavaType type) {
    for (DType dtype : DType.values()) {
      if (javaType(dtype) == type) {
        return dtype;
      }
    }
    throw new AssertionError(type);
  }
}
