package io.griffinfly.models.smollm2;

import com.sun.management.ThreadMXBean;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.jvm.JvmDevice;
import io.griffinfly.engine.run.Parameters;
import io.griffinfly.engine.run.Session;
import io.griffinfly.engine.train.Sgd;
import io.griffinfly.models.Objective;
import java.lang.management.ManagementFactory;
import java.util.Map;

/// Trains a decoder with heads of the usual size until C2 has compiled its kernels, then prints how
/// many bytes a step allocates.
final class AllocationProgram {
  private static final int LENGTH = 128;
  private static final int VOCABULARY = 97;
  private static final int STEPS_IN_ROUND = 100;

  /// Rounds to become warm in; enough for a machine that is busy otherwise.
  private static final int MOST_ROUNDS = 60;

  /// What a step may allocate: a few objects of the host's side, no vector of any kernel.
  static final long MOST_BYTES = 20_000;

  private static final LlamaModel MODEL =
      new LlamaModel(
          "allocation",
          "",
          new LlamaConfig(192, 2, 3, 1, 64, 256, VOCABULARY, LENGTH, 1e-5, 10000, true, 0.1));

  private AllocationProgram() {}

  public static void main(String[] arguments) {
    TensorType type = TensorType.of(DType.I64, 1, LENGTH);
    Graph graph = MODEL.graph(Map.of("input_ids", type, "labels", type), Objective.NATIVE);
    try (JvmDevice device = new JvmDevice(2);
        Parameters parameters = Parameters.initialize(device, graph, 1);
        Session session = Session.training(graph, parameters, Sgd.of(0.01))) {
      session.input("input_ids", tokens());
      session.input("labels", tokens());
      long bytes = Long.MAX_VALUE;
      for (int round = 0; round < MOST_ROUNDS && bytes > MOST_BYTES; round++) {
        bytes = bytesOfStep(session);
      }
      System.out.println("bytes of a step: " + bytes);
    }
  }

  private static long bytesOfStep(Session session) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getTotalThreadAllocatedBytes();
    for (int step = 0; step < STEPS_IN_ROUND; step++) {
      session.run();
    }
    return (threads.getTotalThreadAllocatedBytes() - before) / STEPS_IN_ROUND;
  }

  private static Tensor tokens() {
    long[] tokens = new long[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      tokens[i] = i * 31L % VOCABULARY;
    }
    return Tensor.of(tokens, 1, LENGTH);
  }
}
