package io.griffinfly.models.smollm2;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.jvm.JvmDevice;
import io.griffinfly.engine.run.Parameters;
import io.griffinfly.engine.run.Session;
import io.griffinfly.engine.run.StepBuilder;
import io.griffinfly.engine.train.AdamW;
import io.griffinfly.engine.train.Sgd;
import io.griffinfly.models.Objective;
import java.util.Map;

/// Runs every sort of kernel that a decoder and its training have, some times each.
final class EveryTierProgram {
  private static final int STEPS = 6;

  private static final LlamaModel MODEL =
      new LlamaModel(
          "tier", "", new LlamaConfig(48, 1, 3, 1, 16, 67, 97, 64, 1e-5, 10000, true, 0.1));

  private EveryTierProgram() {}

  public static void main(String[] arguments) {
    try (JvmDevice device = new JvmDevice(1)) {
      forward(device, 1);
      forward(device, 40);
      train(device, Sgd.of(0.1));
      train(device, AdamW.of(0.01));
    }
  }

  private static Tensor tokens(int length) {
    long[] tokens = new long[length];
    for (int i = 0; i < length; i++) {
      tokens[i] = i * 31L % 97;
    }
    return Tensor.of(tokens, 1, length);
  }

  private static Map<String, TensorType> types(int length) {
    TensorType type = TensorType.of(DType.I64, 1, length);
    return Map.of("input_ids", type, "labels", type);
  }

  private static void forward(JvmDevice device, int length) {
    Graph graph = MODEL.graph(types(length), Objective.NONE);
    try (Parameters parameters = Parameters.initialize(device, graph, 1);
        Session session = Session.inference(graph, parameters)) {
      for (int step = 0; step < STEPS; step++) {
        session.run(Map.of("input_ids", tokens(length)));
      }
    }
  }

  private static void train(JvmDevice device, StepBuilder optimizer) {
    Graph graph = MODEL.graph(types(40), Objective.NATIVE);
    try (Parameters parameters = Parameters.initialize(device, graph, 1);
        Session session = Session.training(graph, parameters, optimizer)) {
      for (int step = 0; step < STEPS; step++) {
        session.run(Map.of("input_ids", tokens(40), "labels", tokens(40)));
      }
    }
  }
}
