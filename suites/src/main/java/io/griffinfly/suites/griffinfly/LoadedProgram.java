package io.griffinfly.suites.griffinfly;

import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.opt.Precision;
import io.griffinfly.engine.run.CompilerOptions;
import io.griffinfly.engine.run.Parameters;
import io.griffinfly.engine.run.Session;
import io.griffinfly.engine.run.Trace;
import io.griffinfly.engine.train.Sgd;
import io.griffinfly.engine.train.TrainingGraph;
import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.FrameworkAdapter;
import io.griffinfly.suites.adapter.ProgramSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A session with the input sets of one program.
final class LoadedProgram implements FrameworkAdapter.Program {
  /// Where the kernels of all programs stand in a trace that the host does not compute itself.
  private static final String GPU_TRACK = "GPU";

  private final LoadedModel model;
  private final ProgramSpec spec;
  private final Session session;
  private final Parameters parameters;
  private final boolean ownsParameters;
  private final List<String> trained;
  private final Trace history;
  private final List<Map<String, Tensor>> inputSets = new ArrayList<>();

  private LoadedProgram(
      LoadedModel model,
      ProgramSpec spec,
      Session session,
      Parameters parameters,
      boolean ownsParameters,
      List<String> trained,
      Trace history) {
    this.model = model;
    this.spec = spec;
    this.session = session;
    this.parameters = parameters;
    this.ownsParameters = ownsParameters;
    this.trained = trained;
    this.history = history;
    for (Map<String, String> set : spec.inputSets()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      set.forEach((input, tensor) -> tensors.put(input, model.input(tensor)));
      inputSets.add(tensors);
    }
  }

  static LoadedProgram compile(
      LoadedModel model,
      ProgramSpec spec,
      Graph graph,
      Mutant mutant,
      Precision precision,
      Parameters parameters,
      boolean ownsParameters) {
    Trace history = new Trace(spec.name());
    CompilerOptions options = history.passes(spec.name(), options(spec, mutant, precision));
    List<String> trained = new ArrayList<>();
    for (var node : graph.states()) {
      if (node.op() instanceof Leaf.State(String name, _, Leaf.Role role, _)
          && role == Leaf.Role.PARAMETER) {
        trained.add(name);
      }
    }
    long start = System.nanoTime();
    Session session = Session.of(graph, parameters, options);
    try {
      long elapsed = System.nanoTime() - start;
      history.add(new Trace.Span(spec.name(), "compile", start, elapsed, Map.of()));
      model.reset(parameters);
      parameters.initialize(0);
      history.record(spec.name(), "prepare", session::prepare);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
    return new LoadedProgram(model, spec, session, parameters, ownsParameters, trained, history);
  }

  private static CompilerOptions options(ProgramSpec spec, Mutant mutant, Precision precision) {
    CompilerOptions options = CompilerOptions.defaults().withPrecision(precision);
    return switch (spec.kind()) {
      case FORWARD -> options;
      case GRADIENTS ->
          options.withStep((forward, seed) -> mutant.step(TrainingGraph.gradients(forward, seed)));
      case TRAIN_SGD ->
          options.withStep((forward, seed) ->
              mutant.step(TrainingGraph.of(forward, Sgd.of(spec.learningRate()), seed)));
    };
  }

  @Override
  public void run(int inputSet) {
    inputSets.get(inputSet).forEach(session::input);
    session.run();
  }

  @Override
  public boolean poison() {
    session.poison();
    return true;
  }

  @Override
  public void reset() {
    model.reset(parameters);
  }

  @Override
  public double loss() {
    return session.loss();
  }

  @Override
  public Map<String, Tensor> outputs() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String output : spec.outputs()) {
      tensors.put("out/" + output, session.output(output));
    }
    switch (spec.kind()) {
      case FORWARD, TRAIN_SGD -> {}
      case GRADIENTS -> {
        for (String name : trained) {
          tensors.put("grad/" + name, session.output("grad." + name));
        }
      }
    }
    return tensors;
  }

  @Override
  public Map<String, Tensor> parameters() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String name : trained) {
      tensors.put("param/" + name, parameters.get(name));
    }
    return tensors;
  }

  @Override
  public List<AdapterResult.KernelTime> kernels() {
    return KernelTimes.measure(session);
  }

  @Override
  public Integer barriers() {
    return session.barriers();
  }

  @Override
  public boolean trace(Trace trace) {
    trace.addAll(history);
    boolean isGpu = parameters.device().profile().gpu().isPresent();
    if (isGpu) {
      // Records the form that is timed, which is no part of a run.
      trace.record(spec.name(), "record", () -> session.run((_, _, _) -> {}));
    }
    trace.record(
        spec.name(), "run", () -> session.run(trace.kernels(isGpu ? GPU_TRACK : spec.name())));
    return true;
  }

  @Override
  public void close() {
    session.close();
    if (ownsParameters) {
      parameters.close();
    }
  }
}
