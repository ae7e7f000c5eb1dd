package io.griffinfly.engine.run;

import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.plan.Buffer;
import io.griffinfly.engine.plan.DeviceMemory;
import io.griffinfly.engine.plan.Executable;
import io.griffinfly.engine.plan.ExecutionPlan;
import io.griffinfly.engine.plan.View;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// A compiled graph with its working memory. Belongs to one thread at a time; shares its
/// [Parameters] with other sessions.
public final class Session implements AutoCloseable {
  private final ExecutionPlan plan;
  private final Parameters parameters;
  private final Executable executable;
  private final List<String> prepared;
  private final List<String> assigned;
  private long preparedVersion = -1;

  private Session(Compiled compiled, Parameters parameters) {
    this.plan = compiled.plan();
    this.parameters = parameters;
    assigned = compiled.assignedStates();
    prepared = plan.states().keySet().stream().filter(name -> !assigned.contains(name)).toList();
    Map<Integer, DeviceMemory> states = new HashMap<>();
    for (Buffer buffer : plan.buffers()) {
      if (buffer.kind() == Buffer.Kind.STATE) {
        states.put(buffer.id(), parameters.borrow(members(buffer)));
      }
    }
    executable = parameters.device().load(plan, states);
    parameters.retain();
  }

  /// Compiles a graph for inference.
  ///
  /// @param graph the graph
  /// @param parameters its states
  /// @return the session
  public static Session inference(Graph graph, Parameters parameters) {
    return of(graph, parameters, CompilerOptions.defaults());
  }

  /// Compiles a training step: forward, loss, backward and update.
  ///
  /// @param graph a graph with a loss
  /// @param parameters its states; what the optimizer keeps is added
  /// @param optimizer adds the backward pass and the update
  /// @return the session
  public static Session training(Graph graph, Parameters parameters, StepBuilder optimizer) {
    return of(graph, parameters, CompilerOptions.defaults().withStep(optimizer));
  }

  /// Compiles a graph.
  ///
  /// @param graph the graph
  /// @param parameters its states
  /// @param options how
  /// @return the session
  public static Session of(Graph graph, Parameters parameters, CompilerOptions options) {
    parameters.add(graph);
    return new Session(Compiler.compile(graph, options, parameters), parameters);
  }

  private List<String> members(Buffer buffer) {
    return plan.states().entrySet().stream()
        .filter(entry -> entry.getValue().buffer() == buffer.id())
        .map(Map.Entry::getKey)
        .toList();
  }

  /// What the session runs.
  ///
  /// @return the plan
  public ExecutionPlan plan() {
    return plan;
  }

  /// How often a run waits until everything before has ended.
  ///
  /// @return the number
  public int barriers() {
    return executable.barriers();
  }

  /// Sets an input; it keeps its value until it is set again.
  ///
  /// @param name the input
  /// @param value its value, of exactly its type
  /// @throws GraphException if there is no such input or the type differs
  public void input(String name, Tensor value) {
    View view = plan.inputs().get(name);
    if (view == null) {
      throw new GraphException(
          "the graph has no input " + name + "; it has " + plan.inputs().sequencedKeySet());
    }
    if (!view.type().equals(value.type())) {
      throw new GraphException(
          "input " + name + " is " + view.type() + ", the value given is " + value.type());
    }
    executable.write(view, value.data());
  }

  /// Runs the graph once.
  ///
  /// @throws GraphException if a label or an index was wrong. On the `vulkan` device, which finds
  ///   out while it runs, a training step has updated the parameters by then, in a way that is not
  ///   defined: set them anew, or go back to a checkpoint.
  public void run() {
    prepare();
    executable.run();
    parameters.touch(assigned);
  }

  /// Runs the graph once, one kernel at a time, and reports each.
  ///
  /// @param listener is told of each kernel
  public void run(Executable.Listener listener) {
    prepare();
    executable.run(listener);
    parameters.touch(assigned);
  }

  /// Computes what depends on the parameters only, if they changed since it was done last; a run
  /// does it by itself.
  ///
  /// @throws ParametersException if a state has no value yet
  public void prepare() {
    long version = parameters.version(prepared);
    if (version != preparedVersion) {
      List<String> unset = parameters.unset();
      List<String> missing = plan.states().keySet().stream().filter(unset::contains).toList();
      if (!missing.isEmpty()) {
        throw new ParametersException(
            missing.size() + " states have no value, the first is " + missing.getFirst());
      }
      executable.prepare();
      preparedVersion = version;
    }
  }

  /// Sets inputs and runs the graph once.
  ///
  /// @param inputs values by name
  /// @return every output by name, and the loss as `loss` if the graph has one
  public SequencedMap<String, Tensor> run(Map<String, Tensor> inputs) {
    inputs.forEach(this::input);
    run();
    SequencedMap<String, Tensor> outputs = new LinkedHashMap<>();
    plan.outputs().keySet().forEach(name -> outputs.put(name, output(name)));
    if (plan.loss() != null) {
      outputs.putIfAbsent("loss", read(plan.loss()));
    }
    return outputs;
  }

  /// Copies an output of the last run to the host.
  ///
  /// @param name the output
  /// @return a copy
  /// @throws GraphException if there is no such output
  public Tensor output(String name) {
    View view = plan.outputs().get(name);
    if (view == null) {
      throw new GraphException(
          "the graph has no output " + name + "; it has " + plan.outputs().sequencedKeySet());
    }
    return read(view);
  }

  /// The loss of the last run.
  ///
  /// @return the loss
  /// @throws GraphException if the graph has none
  public double loss() {
    View loss = plan.loss();
    if (loss == null) {
      throw new GraphException("the graph has no loss");
    }
    return read(loss).getDouble(0);
  }

  private Tensor read(View view) {
    Tensor tensor = Tensor.zeros(view.type());
    executable.read(view, tensor.data());
    return tensor;
  }

  /// Fills the working memory with NaN patterns, so that a value which no kernel writes shows
  /// itself.
  public void poison() {
    executable.poison();
  }

  /// Frees the working memory; the parameters stay.
  @Override
  public void close() {
    executable.close();
    parameters.release();
  }
}
