package io.griffinfly.suites.griffinfly;

import io.griffinfly.engine.io.WeightsException;
import io.griffinfly.engine.io.safetensors.Safetensors;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.jvm.JvmDevice;
import io.griffinfly.engine.jvm.MachinePeak;
import io.griffinfly.engine.opt.Precision;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.engine.run.Parameters;
import io.griffinfly.engine.vulkan.VulkanDevice;
import io.griffinfly.engine.vulkan.VulkanPeak;
import io.griffinfly.models.Model;
import io.griffinfly.models.ModelCatalog;
import io.griffinfly.models.Objective;
import io.griffinfly.models.truth.CaseDefinition;
import io.griffinfly.models.truth.CaseFolder;
import io.griffinfly.suites.adapter.AdapterException;
import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.FrameworkAdapter;
import io.griffinfly.suites.adapter.LossKind;
import io.griffinfly.suites.adapter.ProgramKind;
import io.griffinfly.suites.adapter.ProgramSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A model with its weights on the device. Programs that only read the weights share one store; a
/// program that changes them has its own.
final class LoadedModel implements FrameworkAdapter.Model {
  private final Model model;
  private final Mutant mutant;
  private final Safetensors weights;
  private final Safetensors inputs;
  private final Precision precision;
  private final Device device;
  private @Nullable Parameters shared;

  private LoadedModel(
      Model model,
      Mutant mutant,
      Safetensors weights,
      Safetensors inputs,
      Precision precision,
      Device device) {
    this.model = model;
    this.mutant = mutant;
    this.weights = weights;
    this.inputs = inputs;
    this.precision = precision;
    this.device = device;
  }

  static LoadedModel open(AdapterRequest request, Path folder) {
    Mutant mutant = Mutant.named(request.mutant());
    try (InputStream stream = Files.newInputStream(folder.resolve(CaseFolder.DEFINITION))) {
      CaseDefinition definition = CaseDefinition.read(CaseFolder.DEFINITION, stream);
      LoadedModel loaded =
          new LoadedModel(
              ModelCatalog.of(mutant.definition(definition)),
              mutant,
              Safetensors.open(folder.resolve(CaseFolder.WEIGHTS)),
              Safetensors.open(folder.resolve(CaseFolder.INPUTS)),
              GriffinflyAdapter.precision(request),
              OwnDevices.open(request));
      try {
        if (!request.programs().isEmpty()) {
          ProgramSpec first = request.programs().getFirst();
          loaded.shared = loaded.load(loaded.graph(first, Objective.NONE));
        }
        return loaded;
      } catch (RuntimeException e) {
        loaded.close();
        throw e;
      }
    } catch (IOException | WeightsException e) {
      throw new AdapterException(AdapterException.Kind.BAD_CASE, String.valueOf(e.getMessage()), e);
    }
  }

  /// The states of a graph with the bundle's values.
  private Parameters load(Graph graph) {
    Parameters parameters = Parameters.allocate(device, graph);
    try {
      reset(parameters);
      return parameters;
    } catch (RuntimeException e) {
      parameters.close();
      throw e;
    }
  }

  void reset(Parameters parameters) {
    for (String name : parameters.names()) {
      String source =
          name.startsWith(GraphMutations.STALE)
              ? name.substring(GraphMutations.STALE.length())
              : name;
      if (weights.contains(source)) {
        parameters.set(name, mutant.weight(name, weights.tensor(source, parameters.type(name))));
      }
    }
    parameters.restart(Leaf.Role.OPTIMIZER);
  }

  Tensor input(String name) {
    return inputs.tensor(name);
  }

  private Graph graph(ProgramSpec spec, Objective objective) {
    Map<String, TensorType> types = new HashMap<>();
    spec.inputSets()
        .getFirst()
        .forEach((input, tensor) -> types.put(input, inputs.tensor(tensor).type()));
    return mutant.forward(model.graph(types, objective));
  }

  @Override
  public FrameworkAdapter.Program compile(ProgramSpec spec) {
    Graph graph = graph(spec, objective(spec));
    Parameters lent = spec.kind() == ProgramKind.TRAIN_SGD ? null : shared;
    Parameters parameters = lent == null ? load(graph) : lent;
    try {
      return LoadedProgram.compile(this, spec, graph, mutant, precision, parameters, lent == null);
    } catch (RuntimeException e) {
      if (lent == null) {
        parameters.close();
      }
      throw e;
    }
  }

  @Override
  public AdapterResult.@Nullable Peak peak() {
    return switch (device) {
      case JvmDevice jvm -> {
        MachinePeak peak = MachinePeak.measure(jvm.threads());
        yield new AdapterResult.Peak(
            peak.threads(), peak.flopsPerSecond(), null, peak.bytesPerSecond(), null);
      }
      case VulkanDevice vulkan -> {
        VulkanPeak peak = vulkan.peak();
        yield new AdapterResult.Peak(
            null,
            peak.flopsPerSecond(),
            peak.matrixFlopsPerSecond().isPresent()
                ? peak.matrixFlopsPerSecond().getAsDouble()
                : null,
            peak.bytesPerSecond(),
            peak.barrierNanos());
      }
      default -> null;
    };
  }

  @Override
  public @Nullable Long devicePeakBytes() {
    return device instanceof VulkanDevice vulkan ? vulkan.peakBytes() : null;
  }

  private static Objective objective(ProgramSpec spec) {
    return switch (spec.loss()) {
      case null -> Objective.NONE;
      case LossKind.NATIVE -> Objective.NATIVE;
      case LossKind.PROBE -> Objective.PROBE;
    };
  }

  @Override
  public void close() {
    if (shared != null) {
      shared.close();
    }
    device.close();
    weights.close();
    inputs.close();
  }
}
