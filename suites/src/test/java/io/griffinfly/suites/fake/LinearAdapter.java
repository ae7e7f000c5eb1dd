package io.griffinfly.suites.fake;

import io.griffinfly.engine.io.safetensors.Safetensors;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.models.truth.CaseFolder;
import io.griffinfly.suites.adapter.AdapterException;
import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.AdapterResult.DeviceFacts;
import io.griffinfly.suites.adapter.AdapterResult.FrameworkFacts;
import io.griffinfly.suites.adapter.FrameworkAdapter;
import io.griffinfly.suites.adapter.LossKind;
import io.griffinfly.suites.adapter.ProgramKind;
import io.griffinfly.suites.adapter.ProgramSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A framework that computes the test case, right or wrong as its variant says.
public final class LinearAdapter implements FrameworkAdapter {
  @Override
  public Identity identify(AdapterRequest request) {
    return new Identity(
        new FrameworkFacts(
            request.framework(), "1.0", request.variant(), "test", "eager", "fp32", Map.of()),
        devices().all().getFirst());
  }

  @Override
  public Devices devices() {
    return new Devices(
        List.of(new DeviceFacts("cpu", "cpu", "test processor", "", null)), List.of());
  }

  @Override
  public Model load(AdapterRequest request, Path caseDirectory) {
    String fault =
        request.mutant() == null ? request.variant() : Objects.requireNonNull(request.mutant());
    if (fault.equals("unsupported")) {
      throw new AdapterException(AdapterException.Kind.UNSUPPORTED, "no kernels for this");
    }
    if (fault.equals("bad_case")) {
      throw new AdapterException(AdapterException.Kind.BAD_CASE, "no tensor w");
    }
    try (Safetensors weights = Safetensors.open(caseDirectory.resolve(CaseFolder.WEIGHTS));
        Safetensors inputs = Safetensors.open(caseDirectory.resolve(CaseFolder.INPUTS))) {
      Map<String, double[]> values = new LinkedHashMap<>();
      inputs.names().forEach(name -> values.put(name, inputs.tensor(name).toDoubles()));
      return new LinearModel(fault, weights.tensor("w").toDoubles(), values);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class LinearModel implements Model {
    private final String fault;
    private final double[] weight;
    private final Map<String, double[]> inputs;

    LinearModel(String fault, double[] weight, Map<String, double[]> inputs) {
      this.fault = fault;
      this.weight = weight;
      this.inputs = inputs;
    }

    @Override
    public Program compile(ProgramSpec spec) {
      return new LinearProgram(this, spec);
    }

    @Override
    public void close() {}
  }

  private static final class LinearProgram implements Program {
    private final LinearModel model;
    private final ProgramSpec spec;
    private double[] parameters;
    private double[] gradient = new double[0];
    private double[] out = new double[0];
    private double[] next = new double[0];
    private double loss;

    LinearProgram(LinearModel model, ProgramSpec spec) {
      this.model = model;
      this.spec = spec;
      this.parameters = model.weight.clone();
    }

    @Override
    public void run(int inputSet) {
      linger();
      double[] x = input("x", inputSet);
      double[] w = model.fault.equals("zeros") ? new double[parameters.length] : parameters;
      double[] fresh = LinearMath.forward(x, w);
      // One iteration late, as a buffer swapped too early would be.
      out = model.fault.equals("stale") && next.length > 0 ? next : fresh;
      next = fresh;
      if (spec.kind() == ProgramKind.FORWARD) {
        return;
      }
      boolean probe = spec.loss() == LossKind.PROBE;
      double[] target = input(probe ? "probe.y" : "labels", inputSet);
      loss = probe ? LinearMath.probeLoss(out, target) : LinearMath.nativeLoss(out, target);
      double[] upstream =
          probe ? LinearMath.probeUpstream(target) : LinearMath.nativeUpstream(out, target);
      gradient = LinearMath.backward(x, upstream);
      if (model.fault.equals("wrong_gradient")
          || (probe && model.fault.equals("wrong_when_verified"))) {
        gradient[3] += 1;
      }
      if (spec.kind() == ProgramKind.TRAIN_SGD && !model.fault.equals("no_update")) {
        for (int i = 0; i < parameters.length; i++) {
          parameters[i] -= spec.learningRate() * gradient[i];
        }
      }
    }

    /// Long enough for a clock to see.
    private void linger() {
      long until = System.nanoTime() + 200_000;
      while (System.nanoTime() < until) {
        Thread.onSpinWait();
      }
    }

    private double[] input(String name, int set) {
      String tensor = Objects.requireNonNull(spec.inputSets().get(set).get(name));
      return Objects.requireNonNull(model.inputs.get(tensor));
    }

    @Override
    public boolean poison() {
      out = new double[out.length];
      java.util.Arrays.fill(out, Double.NaN);
      return true;
    }

    @Override
    public void reset() {
      parameters = model.weight.clone();
    }

    @Override
    public double loss() {
      return loss;
    }

    @Override
    public Map<String, Tensor> outputs() {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      if (!spec.outputs().isEmpty()) {
        tensors.put("out/y", output());
      }
      switch (spec.kind()) {
        case FORWARD, TRAIN_SGD -> {}
        case GRADIENTS -> tensors.put("grad/w", floats(gradient, LinearMath.OUT, LinearMath.IN));
      }
      return tensors;
    }

    @Override
    public Map<String, Tensor> parameters() {
      return Map.of("param/w", floats(parameters, LinearMath.OUT, LinearMath.IN));
    }

    private Tensor output() {
      double[] values = out.clone();
      if (model.fault.equals("nan")) {
        values[1] = Double.NaN;
      }
      int rows = values.length / LinearMath.OUT;
      return model.fault.equals("wrong_shape")
          ? floats(values, LinearMath.OUT, rows)
          : floats(values, rows, LinearMath.OUT);
    }

    private static Tensor floats(double[] values, int... dims) {
      float[] narrow = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        narrow[i] = (float) values[i];
      }
      return Tensor.of(narrow, dims);
    }

    @Override
    public void close() {}
  }
}
