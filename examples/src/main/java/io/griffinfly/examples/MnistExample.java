package io.griffinfly.examples;

import static io.griffinfly.engine.ir.DType.F32;
import static io.griffinfly.engine.ir.DType.I64;

import io.griffinfly.engine.data.Dataset;
import io.griffinfly.engine.data.Mnist;
import io.griffinfly.engine.io.Progress;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.jvm.JvmDevice;
import io.griffinfly.engine.nn.Nn;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.engine.run.Parameters;
import io.griffinfly.engine.run.Session;
import io.griffinfly.engine.train.Sgd;
import io.griffinfly.engine.train.Trainer;
import io.griffinfly.engine.vulkan.VulkanDevice;
import io.griffinfly.engine.vulkan.VulkanOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;

/// Trains a two-layer network on MNIST's handwritten digits and prints its accuracy on the test
/// set.
public final class MnistExample {
  private MnistExample() {}

  /// Runs the example.
  ///
  /// @param args the folder with the data set, which is downloaded there if it is absent; then, to
  ///   train on a Vulkan device, a part of its name, which needs LWJGL on the class path
  /// @throws IOException if the data set cannot be had
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args.length > 0 ? args[0] : ".cache/mnist");
    Mnist.download(folder, Progress.NONE);
    try (Device device =
        args.length > 1
            ? VulkanDevice.open(args[1], VulkanOptions.defaults())
            : JvmDevice.onAllProcessors()) {
      run(device, Mnist.train(folder), Mnist.test(folder), 10, System.out);
    }
  }

  static double run(Device device, Dataset train, Dataset test, int epochs, PrintStream out) {
    try (var parameters = Parameters.initialize(device, network(32), 42)) {
      try (var trainer = new Trainer(MnistExample::network, parameters, Sgd.of(0.1))) {
        trainer.fit(
            train,
            32,
            epochs,
            42,
            (epoch, loss) -> out.printf(Locale.ROOT, "epoch %2d  loss %.4f%n", epoch, loss));
      }
      double accuracy = accuracy(parameters, test);
      out.printf(Locale.ROOT, "test accuracy %.2f %%%n", 100 * accuracy);
      return accuracy;
    }
  }

  private static Graph network(int batch) {
    var g = new GraphBuilder();
    var image = g.input("image", F32, batch, 784);
    var label = g.input("label", I64, batch);
    var hidden = g.relu(Nn.linear(g, "fc1", image, 128));
    var logits = g.output("logits", Nn.linear(g, "fc2", hidden, 10));
    return g.build(g.crossEntropy(logits, label));
  }

  private static double accuracy(Parameters parameters, Dataset test) {
    Tensor labels = Objects.requireNonNull(test.columns().get("label"));
    try (var session = Session.inference(network(test.rows()), parameters)) {
      float[] logits = Objects.requireNonNull(session.run(test.columns()).get("logits")).toFloats();
      int right = 0;
      for (int row = 0; row < test.rows(); row++) {
        int best = 0;
        for (int digit = 1; digit < 10; digit++) {
          best = logits[row * 10 + digit] > logits[row * 10 + best] ? digit : best;
        }
        right += best == labels.getLong(row) ? 1 : 0;
      }
      return (double) right / test.rows();
    }
  }
}
