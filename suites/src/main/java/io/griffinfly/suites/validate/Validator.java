package io.griffinfly.suites.validate;

import io.griffinfly.engine.io.WeightsException;
import io.griffinfly.engine.io.safetensors.Safetensors;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.models.truth.CaseFolder;
import io.griffinfly.models.truth.Truth;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.Mode;
import io.griffinfly.suites.adapter.ProgramSpec;
import io.griffinfly.suites.cases.CaseBundle;
import io.griffinfly.suites.cases.CaseDescription;
import io.griffinfly.suites.cases.CaseDescription.TensorSpec;
import io.griffinfly.suites.cases.CaseDescription.Tolerance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// Checks the tensors that one unit returned.
public final class Validator {
  private static final String OUT = "out";

  private final CaseBundle bundle;
  private final AdapterRequest request;
  private final Truth truth;
  private final Safetensors weights;
  private final Safetensors returned;
  private final Set<String> wanted = new HashSet<>();
  private final List<Comparison> comparisons = new ArrayList<>();
  private final List<Check> malformed = new ArrayList<>();
  private final Map<String, List<Double>> losses = new TreeMap<>();

  private Validator(
      CaseBundle bundle,
      AdapterRequest request,
      Truth truth,
      Safetensors weights,
      Safetensors returned) {
    this.bundle = bundle;
    this.request = request;
    this.truth = truth;
    this.weights = weights;
    this.returned = returned;
  }

  /// Checks a unit.
  ///
  /// @param bundle the case
  /// @param request what was asked
  /// @param outputs the `outputs.safetensors` that came back
  /// @return the checks and their conclusion
  public static Validation validate(CaseBundle bundle, AdapterRequest request, Path outputs) {
    Path weightsFile = bundle.directory().resolve(CaseFolder.WEIGHTS);
    try (Truth truth = Truth.open(bundle.directory());
        Safetensors weights = Safetensors.open(weightsFile)) {
      try (Safetensors returned = Safetensors.open(outputs)) {
        return new Validator(bundle, request, truth, weights, returned).validate();
      } catch (WeightsException e) {
        Check check = Check.malformed("outputs.safetensors", String.valueOf(e.getMessage()));
        return new Validation(
            Validation.Verdict.WRONG, request.precision(), List.of(check), Map.of());
      }
    } catch (IOException e) {
      throw new SuiteException(
          ExitCode.INTERNAL, "cannot read " + outputs + ": " + e.getMessage(), e);
    }
  }

  private Validation validate() {
    if (!request.nonce().equals(returned.metadata().get("nonce"))) {
      malformed.add(
          Check.malformed(
              "nonce",
              "outputs.safetensors was not written by this unit: expected nonce "
                  + request.nonce()
                  + ", found "
                  + returned.metadata().get("nonce")));
    }
    for (ProgramSpec spec : request.programs()) {
      gather(spec, caseProgram(spec.name()));
    }
    for (String name : returned.names()) {
      if (!wanted.contains(name)) {
        malformed.add(Check.malformed(name, "nobody asked for this tensor"));
      }
    }
    List<Measured> measured =
        comparisons.parallelStream().map(each -> each.measure(truth)).toList();
    return strictestClass(Measured.withFloor(measured));
  }

  private CaseDescription.Program caseProgram(String name) {
    return bundle.description().programs().stream()
        .filter(program -> program.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private Validation strictestClass(List<Measured> measured) {
    List<Validation> tried = new ArrayList<>();
    Map<String, Map<String, Tolerance>> classes = bundle.description().tolerances();
    for (String precision : Precisions.STRICTEST_FIRST) {
      Map<String, Tolerance> byGroup = classes.get(precision);
      if (byGroup != null) {
        Limits limits = new Limits(precision, byGroup);
        List<Check> checks = new ArrayList<>(malformed);
        measured.forEach(each -> checks.add(each.judge(limits)));
        tried.add(new Validation(Validation.conclude(checks), precision, checks, losses));
      }
    }
    if (tried.isEmpty()) {
      throw new SuiteException(
          ExitCode.BUNDLE, bundle.directory() + ": case.json has no tolerances");
    }
    return Precisions.classify(tried);
  }

  private void gather(ProgramSpec spec, CaseDescription.Program program) {
    for (String output : spec.outputs()) {
      String key =
          CaseDescription.inSet(
              program.expected().getOrDefault(output, OUT + "." + output), spec.finalSet());
      String name = spec.name() + "/" + OUT + "/" + output;
      compareOutput(name, key, bundle.description().outputs().get(output));
    }
    switch (spec.kind()) {
      case FORWARD -> {}
      case GRADIENTS -> {
        readLosses(spec.name(), "loss", 1, Check.Family.OUTPUTS);
        forEachParameter(spec, "grad", "gradients", program, Check.Family.GRADIENTS);
      }
      case TRAIN_SGD -> {
        readLosses(spec.name(), "loss", spec.steps(), Check.Family.UPDATES);
        if (request.mode() == Mode.BENCH && spec.metric() != null) {
          readLosses(spec.name(), "timed_loss", 1, Check.Family.UPDATES);
        }
        forEachParameter(spec, "param", "updates", program, Check.Family.UPDATES);
      }
    }
  }

  private void compareOutput(String name, String key, @Nullable TensorSpec form) {
    wanted.add(name);
    Tensor tensor = tensor(name);
    if (tensor == null) {
      return;
    }
    // A program on an input of its own, such as a single token, has outputs of its own shape, which
    // the truth knows; a summary has forgotten it, and case.json says.
    Shape expected =
        truth.names().contains(key)
            ? truth.full(key).shape()
            : form == null ? tensor.shape() : form.extents();
    if (tensor.shape().equals(expected)) {
      comparisons.add(
          new Comparison(name, key, Check.Family.OUTPUTS, tensor.size(), tensor::getDouble));
    } else {
      malformed.add(misshapen(name, tensor.shape(), expected));
    }
  }

  private static Check misshapen(String name, Shape found, Shape expected) {
    return Check.malformed(name, "shape " + found + ", expected " + expected);
  }

  private void forEachParameter(
      ProgramSpec spec,
      String prefix,
      String expected,
      CaseDescription.Program program,
      Check.Family family) {
    String keys = program.expected().get(expected);
    if (keys == null) {
      return;
    }
    bundle
        .description()
        .weights()
        .tensors()
        .forEach((parameter, form) -> {
          String name = spec.name() + "/" + prefix + "/" + parameter;
          wanted.add(name);
          Tensor tensor = tensor(name);
          if (tensor == null) {
            return;
          }
          if (!tensor.shape().equals(form.extents())) {
            malformed.add(misshapen(name, tensor.shape(), form.extents()));
            return;
          }
          String key = keys + "." + parameter;
          comparisons.add(
              new Comparison(name, key, family, tensor.size(), values(tensor, parameter, family)));
        });
  }

  /// A change of a parameter is exact in double precision, as both of its ends are single.
  private LongToDoubleFunction values(Tensor tensor, String parameter, Check.Family family) {
    if (family != Check.Family.UPDATES) {
      return tensor::getDouble;
    }
    Tensor before = weights.tensor(parameter);
    return i -> tensor.getDouble(i) - before.getDouble(i);
  }

  private @Nullable Tensor tensor(String name) {
    if (!returned.contains(name)) {
      malformed.add(Check.malformed(name, "missing from outputs.safetensors"));
      return null;
    }
    Tensor tensor = returned.tensor(name);
    if (tensor.dtype() != DType.F32) {
      malformed.add(Check.malformed(name, "element type " + tensor.dtype() + ", expected F32"));
      return null;
    }
    return tensor;
  }

  /// A loss is no check, but one that is no number is a failure of what it was computed from.
  private void readLosses(String program, String kind, int count, Check.Family family) {
    String name = program + "/" + kind;
    wanted.add(name);
    if (!returned.contains(name) || returned.tensor(name).size() != count) {
      malformed.add(Check.malformed(name, "expected " + count + " values"));
      return;
    }
    List<Double> values = new ArrayList<>();
    for (double value : returned.tensor(name).toDoubles()) {
      values.add(value);
      if (!Double.isFinite(value)) {
        malformed.add(Check.wrong(name, family, "the loss is " + value));
      }
    }
    losses.put(name, values);
  }
}
