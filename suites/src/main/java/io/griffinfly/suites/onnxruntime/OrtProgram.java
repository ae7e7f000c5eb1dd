package io.griffinfly.suites.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.suites.adapter.AdapterException;
import io.griffinfly.suites.adapter.FrameworkAdapter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One session with its inputs and outputs bound.
final class OrtProgram implements FrameworkAdapter.Program {
  private final OrtSession session;
  private final List<Map<String, OnnxTensor>> inputSets;
  private final Map<String, Tensor> outputs;
  private final Map<String, OnnxTensor> bound = new HashMap<>();

  OrtProgram(
      OrtSession session, List<Map<String, OnnxTensor>> inputSets, Map<String, Tensor> outputs)
      throws OrtException {
    this.session = session;
    this.inputSets = inputSets;
    this.outputs = outputs;
    for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
      bound.put(output.getKey(), OrtTensors.lend(output.getValue()));
    }
  }

  @Override
  public void run(int inputSet) {
    try {
      // The result holds the bound tensors only and does not own them.
      session.run(inputSets.get(inputSet), bound).close();
    } catch (OrtException e) {
      throw OrtTensors.failure("a run failed", e);
    }
  }

  @Override
  public boolean poison() {
    // All bits set is a NaN in every floating-point type.
    outputs.values().forEach(output -> output.data().fill((byte) 0xff));
    return outputs.values().stream().allMatch(output -> output.dtype().isFloat());
  }

  @Override
  public void reset() {
    throw untrained();
  }

  @Override
  public double loss() {
    throw untrained();
  }

  private static AdapterException untrained() {
    return new AdapterException(
        AdapterException.Kind.UNSUPPORTED, "ONNX Runtime runs forward programs only");
  }

  @Override
  public Map<String, Tensor> outputs() {
    Map<String, Tensor> named = new LinkedHashMap<>();
    outputs.forEach((name, tensor) -> named.put("out/" + name, tensor));
    return named;
  }

  @Override
  public Map<String, Tensor> parameters() {
    throw untrained();
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw OrtTensors.failure("the session cannot be closed", e);
    }
    bound.values().forEach(OnnxTensor::close);
    inputSets.forEach(set -> set.values().forEach(OnnxTensor::close));
  }
}
