package io.griffinfly.suites.fake;

import io.griffinfly.engine.io.FileDigest;
import io.griffinfly.engine.io.safetensors.SafetensorsWriter;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.models.truth.CaseFolder;
import io.griffinfly.models.truth.Summary;
import io.griffinfly.suites.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// Writes bundles of the test case: one linear layer, two rows, three input sets. Its weight is
/// just large enough that gradients and updates are kept as summaries.
public final class LinearCase {
  /// Names the case.
  public static final String ID = "linear@b2";

  private static final int ROWS = 2;
  private static final int SETS = 3;
  private static final int STEPS = 3;
  private static final double RATE = 0.5;
  private static final double LIMIT = 1e-5;
  private static final int BUCKETS = 1024;

  private final boolean trains;
  private final Map<String, Tensor> inputs = new TreeMap<>();
  private final Map<String, Tensor> expected = new TreeMap<>();
  private final double[] weight;

  private LinearCase(boolean trains) {
    this.trains = trains;
    Random random = new Random(7);
    weight = draw(random, LinearMath.OUT * LinearMath.IN);
    for (int set = 0; set < SETS; set++) {
      String suffix = set == 0 ? "" : "@" + set;
      double[] x = draw(random, ROWS * LinearMath.IN);
      inputs.put("x" + suffix, floats(x, ROWS, LinearMath.IN));
      inputs.put(
          "labels" + suffix, floats(draw(random, ROWS * LinearMath.OUT), ROWS, LinearMath.OUT));
      expect("out.y" + suffix, LinearMath.forward(x, weight), ROWS, LinearMath.OUT);
    }
    inputs.put("probe.y", floats(draw(random, ROWS * LinearMath.OUT), ROWS, LinearMath.OUT));
    double[] row = draw(random, LinearMath.IN);
    inputs.put("latency.x", floats(row, 1, LinearMath.IN));
    expect("out.latency.y", LinearMath.forward(row, weight), 1, LinearMath.OUT);
    if (trains) {
      train();
    }
  }

  private void train() {
    double[] x = values("x");
    double[] labels = values("labels");
    double[] probe = values("probe.y");
    double[] out = LinearMath.forward(x, weight);
    expect("loss.probe", new double[] {LinearMath.probeLoss(out, probe)}, 1);
    summarise("grad.w", LinearMath.backward(x, LinearMath.probeUpstream(probe)));
    double[] moved = weight.clone();
    double[] losses = new double[STEPS];
    for (int step = 0; step < STEPS; step++) {
      double[] now = LinearMath.forward(x, moved);
      losses[step] = LinearMath.nativeLoss(now, labels);
      double[] gradient = LinearMath.backward(x, LinearMath.nativeUpstream(now, labels));
      for (int i = 0; i < moved.length; i++) {
        moved[i] -= RATE * gradient[i];
      }
    }
    expect("loss.steps", losses, STEPS);
    double[] change = new double[moved.length];
    for (int i = 0; i < moved.length; i++) {
      change[i] = moved[i] - weight[i];
    }
    summarise("delta3.w", change);
  }

  /// Writes a bundle.
  ///
  /// @param folder where; created
  /// @param trains whether it has gradients and training steps besides the forward program
  /// @throws IOException if it cannot be written
  public static void write(Path folder, boolean trains) throws IOException {
    Files.createDirectories(folder);
    LinearCase linear = new LinearCase(trains);
    SafetensorsWriter.write(
        folder.resolve(CaseFolder.WEIGHTS),
        Map.of("w", floats(linear.weight, LinearMath.OUT, LinearMath.IN)),
        Map.of());
    SafetensorsWriter.write(folder.resolve(CaseFolder.INPUTS), linear.inputs, Map.of());
    SafetensorsWriter.write(folder.resolve(CaseFolder.EXPECTED), linear.expected, Map.of());
    Files.writeString(folder.resolve(CaseFolder.DEFINITION), Json.pretty(linear.definition()));
    seal(folder);
  }

  /// Writes SHA256SUMS for what is there.
  ///
  /// @param folder a bundle
  /// @throws IOException if it cannot be read or written
  public static void seal(Path folder) throws IOException {
    StringBuilder sums = new StringBuilder();
    for (String name :
        List.of(
            CaseFolder.DEFINITION, CaseFolder.EXPECTED, CaseFolder.INPUTS, CaseFolder.WEIGHTS)) {
      sums.append(FileDigest.sha256(folder.resolve(name))).append("  ").append(name).append('\n');
    }
    Files.writeString(folder.resolve(CaseFolder.SUMS), sums);
  }

  private Map<String, Object> definition() {
    Map<String, Object> tensors = new TreeMap<>();
    inputs.forEach(
        (name, tensor) -> tensors.put(name, Map.of("dtype", "F32", "shape", dims(tensor))));
    List<Object> programs = new ArrayList<>();
    programs.add(program("forward", "forward", Map.of("x", "x"), Map.of("y", "out.y")));
    if (trains) {
      programs.add(
          program("latency", "forward", Map.of("x", "latency.x"), Map.of("y", "out.latency.y")));
      Map<String, Object> gradients =
          program(
              "gradients",
              "gradients",
              Map.of("x", "x", "probe.y", "probe.y"),
              Map.of("y", "out.y", "loss", "loss.probe", "gradients", "grad"));
      gradients.put("loss", "probe");
      programs.add(gradients);
      Map<String, Object> steps =
          program(
              "train_sgd",
              "train_sgd",
              Map.of("x", "x", "labels", "labels"),
              Map.of("loss", "loss.steps", "updates", "delta3"));
      steps.put("loss", "native");
      steps.put("outputs", List.of());
      steps.put("learning_rate", RATE);
      steps.put("steps", STEPS);
      programs.add(steps);
    }
    Map<String, Object> limits = new TreeMap<>();
    for (String group : List.of("out.y", "out.latency.y", "grad.w", "delta3.w")) {
      limits.put(
          group, Map.of("limit", LIMIT, "anchor", 1e-7, "mutant_min", 0.5, "verifiable", true));
    }
    Map<String, Object> definition = new LinkedHashMap<>();
    definition.put("schema", "bench-case/1.0");
    definition.put("id", ID);
    definition.put("arch", "linear");
    definition.put("hparams", Map.of("in", LinearMath.IN, "out", LinearMath.OUT));
    definition.put(
        "weights",
        Map.of(
            "dtype",
            "F32",
            "source",
            "test",
            "values",
            weight.length,
            "tensors",
            Map.of("w", Map.of("shape", List.of(LinearMath.OUT, LinearMath.IN)))));
    definition.put("inputs", Map.of("sets", SETS, "tensors", tensors));
    definition.put(
        "outputs", Map.of("y", Map.of("dtype", "F32", "shape", List.of(ROWS, LinearMath.OUT))));
    definition.put("programs", programs);
    definition.put("tolerances", Map.of("fp32", limits));
    return definition;
  }

  private static Map<String, Object> program(
      String name, String kind, Map<String, String> inputs, Map<String, String> expected) {
    Map<String, Object> program = new LinkedHashMap<>();
    program.put("name", name);
    program.put("kind", kind);
    program.put("outputs", List.of("y"));
    program.put("inputs", inputs);
    program.put("expected", expected);
    return program;
  }

  private static List<Integer> dims(Tensor tensor) {
    List<Integer> dims = new ArrayList<>();
    for (int extent : tensor.shape().dims()) {
      dims.add(extent);
    }
    return dims;
  }

  /// Values that single precision holds exactly, so that the truth starts from the same bytes.
  private static double[] draw(Random random, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private double[] values(String input) {
    return java.util.Objects.requireNonNull(inputs.get(input)).toDoubles();
  }

  private static Tensor floats(double[] values, int... dims) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = (float) values[i];
    }
    return Tensor.of(narrow, dims);
  }

  private void expect(String key, double[] values, int... dims) {
    expected.put(key, Tensor.of(values, dims));
  }

  private void summarise(String key, double[] values) {
    double square = 0;
    double maxAbs = 0;
    for (double value : values) {
      square += value * value;
      maxAbs = Math.max(maxAbs, Math.abs(value));
    }
    long[] positions = Summary.positions(key, values.length, 256);
    double[] sample = new double[positions.length];
    for (int j = 0; j < sample.length; j++) {
      sample[j] = values[(int) positions[j]];
    }
    expect(key + ".norm", new double[] {Math.sqrt(square)});
    expect(key + ".maxabs", new double[] {maxAbs});
    expect(key + ".sample", sample, sample.length);
    expect(
        key + ".sketch",
        Summary.sketch(key, values.length, i -> values[(int) i], BUCKETS),
        BUCKETS);
  }
}
