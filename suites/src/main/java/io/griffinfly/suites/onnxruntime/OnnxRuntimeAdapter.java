package io.griffinfly.suites.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import io.griffinfly.engine.io.onnx.OnnxForm;
import io.griffinfly.suites.adapter.AdapterException;
import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.FrameworkAdapter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// ONNX Runtime on the CPU: all graph optimizations, the request's number of threads, inputs and
/// outputs in buffers that live as long as the program. The model is the forward graph as the
/// optimizer's first phase leaves it, so norms, rotary embeddings and attention are named where the
/// form has names for them; everything that makes it fast is ONNX Runtime's own.
public final class OnnxRuntimeAdapter implements FrameworkAdapter {
  /// Made by the host.
  public OnnxRuntimeAdapter() {}

  /// Loads the native library at the first call.
  static OrtEnvironment environment() {
    return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING, "griffinfly");
  }

  /// The operators that a variant uses.
  static OnnxForm form(String variant) {
    return switch (variant) {
      case "opset17" -> OnnxForm.PLAIN;
      case "opset23" -> OnnxForm.FUSED;
      case "contrib" -> OnnxForm.CONTRIB;
      default ->
          throw new AdapterException(
              AdapterException.Kind.UNSUPPORTED,
              "variant " + variant + " is none of opset17, opset23, contrib");
    };
  }

  @Override
  public Identity identify(AdapterRequest request) {
    OnnxForm form = form(request.variant());
    if (!request.device().equals("cpu")) {
      throw new AdapterException(
          AdapterException.Kind.NO_DEVICE,
          "this ONNX Runtime computes on the cpu only, not on " + request.device());
    }
    if (!request.precision().equals("fp32")) {
      throw new AdapterException(
          AdapterException.Kind.UNSUPPORTED,
          "the exported model computes in fp32, not in " + request.precision());
    }
    AdapterResult.FrameworkFacts framework =
        new AdapterResult.FrameworkFacts(
            "onnxruntime",
            environment().getVersion(),
            request.variant(),
            "CPUExecutionProvider",
            "graph",
            "fp32",
            Map.of(
                "graph_optimization_level",
                "all",
                "intra_op_num_threads",
                Integer.toString(request.threads()),
                "opset",
                Integer.toString(form.opset())));
    return new Identity(framework, processor(request.threads()));
  }

  private static AdapterResult.DeviceFacts processor(int threads) {
    return new AdapterResult.DeviceFacts("cpu", "cpu", "CPU", "", threads);
  }

  @Override
  public Devices devices() {
    return new Devices(List.of(processor(Runtime.getRuntime().availableProcessors())), List.of());
  }

  @Override
  public Model load(AdapterRequest request, Path caseDirectory) {
    return OrtModel.open(form(request.variant()), request.threads(), caseDirectory);
  }
}
