package io.griffinfly.engine.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.griffinfly.engine.conformance.Subject;
import io.griffinfly.engine.conformance.Subjects;
import io.griffinfly.engine.data.Dataset;
import io.griffinfly.engine.data.Mnist;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.nn.Nn;
import io.griffinfly.engine.run.Parameters;
import io.griffinfly.engine.run.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Training on real digits, on every device: what a wrong update, a stale weight or a batch in the
/// wrong place would not survive.
@ParameterizedClass(name = "{0}")
@MethodSource(Subjects.ALL_KINDS)
class MnistTrainingTest {
  private static final Path DIGITS = Path.of("..", "..", "shared", "data", "mnist");
  private static final int BATCH = 32;

  private final Subject subject;

  MnistTrainingTest(Subject subject) {
    this.subject = subject;
  }

  private static Graph network(int batch) {
    var g = new GraphBuilder();
    Node image = g.input("image", DType.F32, batch, 784);
    Node label = g.input("label", DType.I64, batch);
    Node hidden = g.relu(Nn.linear(g, "fc1", image, 128));
    Node logits = g.output("logits", Nn.linear(g, "fc2", hidden, 10));
    return g.build(g.crossEntropy(logits, label));
  }

  /// Ten thousand digits, twice: 87.7 % of the first two thousand of the test set are right then,
  /// measured on every device; guessing gets 10 %.
  @Test
  void learnsDigits() throws IOException {
    assumeTrue(Mnist.isIn(DIGITS), () -> "the MNIST files are not in " + DIGITS);
    Dataset train = Mnist.train(DIGITS).slice(0, 10_000);
    Dataset test = Mnist.test(DIGITS).slice(0, 2_000);
    try (var device = subject.open();
        var parameters = Parameters.initialize(device, network(BATCH), 42)) {
      try (var trainer = new Trainer(MnistTrainingTest::network, parameters, Sgd.of(0.1))) {
        trainer.fit(train, BATCH, 2, 42, (_, _) -> {});
      }
      double accuracy = accuracy(parameters, test);
      assertEquals(0.877, accuracy, 0.005);
    }
    subject.requireNoComplaints();
  }

  private static double accuracy(Parameters parameters, Dataset test) {
    Tensor labels = Objects.requireNonNull(test.columns().get("label"));
    try (var session = Session.inference(network(test.rows()), parameters)) {
      Tensor logits = Objects.requireNonNull(session.run(test.columns()).get("logits"));
      int right = 0;
      for (int row = 0; row < test.rows(); row++) {
        int best = 0;
        for (int digit = 1; digit < 10; digit++) {
          if (logits.getDouble(row * 10L + digit) > logits.getDouble(row * 10L + best)) {
            best = digit;
          }
        }
        right += best == labels.getLong(row) ? 1 : 0;
      }
      return (double) right / test.rows();
    }
  }
}
