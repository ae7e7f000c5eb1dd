package io.griffinfly.suites.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.io.WeightsException;
import io.griffinfly.engine.io.onnx.OnnxExporter;
import io.griffinfly.engine.io.onnx.OnnxForm;
import io.griffinfly.engine.io.onnx.OnnxModel;
import io.griffinfly.engine.io.safetensors.Safetensors;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.opt.Optimizer;
import io.griffinfly.engine.opt.RooflineCosts;
import io.griffinfly.engine.opt.RuleSet;
import io.griffinfly.models.Model;
import io.griffinfly.models.ModelCatalog;
import io.griffinfly.models.ModelException;
import io.griffinfly.models.Objective;
import io.griffinfly.models.truth.CaseDefinition;
import io.griffinfly.models.truth.CaseFolder;
import io.griffinfly.suites.adapter.AdapterException;
import io.griffinfly.suites.adapter.FrameworkAdapter;
import io.griffinfly.suites.adapter.ProgramKind;
import io.griffinfly.suites.adapter.ProgramSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The weights of a case, mapped and lent to ONNX Runtime without a copy.
final class OrtModel implements FrameworkAdapter.Model {
  /// Only decides between equal graphs: a CPU's rates to the order of magnitude.
  private static final DeviceProfile CPU = new DeviceProfile("cpu", 2, 200_000, 20_000);

  private final OnnxForm form;
  private final int threads;
  private final Path caseDirectory;
  private final Model model;
  private final Safetensors weights;
  private final Safetensors inputs;
  private final Map<String, OnnxTensorLike> lent = new HashMap<>();

  private OrtModel(
      OnnxForm form,
      int threads,
      Path caseDirectory,
      Model model,
      Safetensors weights,
      Safetensors inputs) {
    this.form = form;
    this.threads = threads;
    this.caseDirectory = caseDirectory;
    this.model = model;
    this.weights = weights;
    this.inputs = inputs;
  }

  static OrtModel open(OnnxForm form, int threads, Path caseDirectory) {
    Path definition = caseDirectory.resolve(CaseFolder.DEFINITION);
    try (InputStream stream = Files.newInputStream(definition)) {
      Model model = ModelCatalog.of(CaseDefinition.read(definition.toString(), stream));
      OrtModel opened =
          new OrtModel(
              form,
              threads,
              caseDirectory,
              model,
              Safetensors.open(caseDirectory.resolve(CaseFolder.WEIGHTS)),
              Safetensors.open(caseDirectory.resolve(CaseFolder.INPUTS)));
      opened.lend();
      return opened;
    } catch (IOException | ModelException e) {
      throw new AdapterException(
          AdapterException.Kind.BAD_CASE, caseDirectory + ": " + e.getMessage(), e);
    } catch (OrtException e) {
      throw OrtTensors.failure("the weights cannot be lent", e);
    }
  }

  private void lend() throws OrtException {
    for (String name : weights.names()) {
      lent.put(name, OrtTensors.lend(weights.tensor(name)));
    }
  }

  @Override
  public FrameworkAdapter.Program compile(ProgramSpec spec) {
    if (spec.kind() != ProgramKind.FORWARD) {
      throw new AdapterException(
          AdapterException.Kind.UNSUPPORTED,
          "ONNX Runtime runs forward programs, not " + spec.name() + " (" + spec.kind() + ")");
    }
    Graph graph = graph(spec);
    requireWeights(graph);
    OnnxModel exported = OnnxExporter.export(raised(graph), form);
    OrtEnvironment environment = OnnxRuntimeAdapter.environment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      Map<String, OnnxTensorLike> needed = new HashMap<>(lent);
      Set<String> names = new HashSet<>();
      exported.states().forEach(state -> names.add(state.name()));
      needed.keySet().retainAll(names);
      options.addExternalInitializers(needed);
      OrtSession session = environment.createSession(exported.toBytesWithoutStates(), options);
      return new OrtProgram(session, inputSets(spec), outputs(spec, graph));
    } catch (OrtException e) {
      throw OrtTensors.failure(spec.name() + " cannot be compiled", e);
    }
  }

  private Graph graph(ProgramSpec spec) {
    Map<String, TensorType> types = new HashMap<>();
    spec.inputSets()
        .getFirst()
        .forEach((input, tensor) -> types.put(input, inputs.tensor(tensor).type()));
    return model.graph(types, Objective.NONE);
  }

  private static Graph raised(Graph graph) {
    Optimizer optimizer = new Optimizer(RooflineCosts.of(CPU), Set.of(), _ -> {});
    return optimizer.run(graph, RuleSet.RAISE);
  }

  /// The file must hold the model's weights, all of them and nothing else.
  private void requireWeights(Graph graph) {
    Path file = caseDirectory.resolve(CaseFolder.WEIGHTS);
    Set<String> surplus = new HashSet<>(weights.names());
    for (Node node : graph.states()) {
      if (node.op() instanceof Leaf.State(String name, TensorType type, _, _)) {
        weights.tensor(name, type);
        surplus.remove(name);
      }
    }
    if (!surplus.isEmpty()) {
      throw WeightsException.ofFile(file, "the model's weights only", "also " + surplus);
    }
  }

  private List<Map<String, OnnxTensor>> inputSets(ProgramSpec spec) throws OrtException {
    List<Map<String, OnnxTensor>> sets = new ArrayList<>();
    for (Map<String, String> names : spec.inputSets()) {
      Map<String, OnnxTensor> set = new HashMap<>();
      for (Map.Entry<String, String> name : names.entrySet()) {
        set.put(name.getKey(), OrtTensors.lend(OrtTensors.copy(inputs.tensor(name.getValue()))));
      }
      sets.add(set);
    }
    return sets;
  }

  private static Map<String, Tensor> outputs(ProgramSpec spec, Graph graph) {
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    for (String name : spec.outputs()) {
      Node node = graph.outputs().get(name);
      if (node == null) {
        throw new AdapterException(
            AdapterException.Kind.BAD_CASE,
            "the model has the outputs " + graph.outputs().keySet() + ", not " + name);
      }
      outputs.put(name, Tensor.zeros(node.type()));
    }
    return outputs;
  }

  @Override
  public void close() {
    lent.values().forEach(OnnxTensorLike::close);
    weights.close();
    inputs.close();
  }
}
