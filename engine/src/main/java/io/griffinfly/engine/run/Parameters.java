package io.griffinfly.engine.run;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.engine.plan.DeviceMemory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/// The states of a model: weights, buffers and what the optimizer keeps. Apart from sessions, so
/// that any number of them (training and inference, other batch sizes and lengths) work on the same
/// memory, and every session sees what another has changed.
///
/// What an optimizer keeps is among them, and so are the largest gradients of the last step, by
/// which a training step on halves chooses its scales (`gradient_maxima.` and their number):
/// whoever saves all states saves them, whoever restores a file without them begins with the first
/// scale again.
///
/// The first session that wants some weights next to each other gets them placed so; they stay
/// where they are while a session is open. May be read by many threads; changed by one at a time.
public final class Parameters implements AutoCloseable {
  /// One allocation and the states in it, in order.
  private record Block(DeviceMemory memory, List<String> names) {}

  private record Entry(Leaf.State state, Block block, long offset, long version) {
    TensorType type() {
      return state.type();
    }
  }

  private final Device device;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private @Nullable Long seed;
  private int borrowers;

  private Parameters(Device device) {
    this.device = device;
  }

  /// Makes the states of a graph with their first values.
  ///
  /// @param device where they live; stays open at least as long
  /// @param graph whose states are made
  /// @param seed of the random initial values: equal seeds give equal values
  /// @return the store
  public static Parameters initialize(Device device, Graph graph, long seed) {
    Parameters parameters = allocate(device, graph);
    try {
      parameters.initialize(seed);
      return parameters;
    } catch (RuntimeException e) {
      parameters.close();
      throw e;
    }
  }

  /// Makes room for the states of a graph; each must be [set][#set] before a session runs.
  ///
  /// @param device where they live; stays open at least as long
  /// @param graph whose states are made
  /// @return the store
  public static Parameters allocate(Device device, Graph graph) {
    Parameters parameters = new Parameters(device);
    try {
      parameters.add(graph);
      return parameters;
    } catch (RuntimeException e) {
      parameters.close();
      throw e;
    }
  }

  /// Makes room for the states of a graph that are not there yet: the moments of an optimizer, say.
  /// In a store that was [initialized][#initialize(long)] they get their first values.
  ///
  /// @param graph whose states are made
  /// @throws ParametersException if a state is there with another type
  public void add(Graph graph) {
    for (Node node : graph.states()) {
      if (node.op() instanceof Leaf.State state) {
        Entry present = entries.get(state.name());
        if (present == null) {
          long bytes = Math.max(1, state.type().bytes());
          Block block = new Block(device.allocate(bytes), List.of(state.name()));
          entries.put(state.name(), new Entry(state, block, 0, 0));
        } else if (!present.type().equals(state.type())) {
          throw new ParametersException(
              "state "
                  + state.name()
                  + " is "
                  + present.type()
                  + " here, the graph wants "
                  + state.type());
        }
      }
    }
    if (seed != null) {
      initialize(seed);
    }
  }

  /// Gives every state that has no value yet its first one, and those that are added later too.
  ///
  /// @param seed of the random values: equal seeds give equal values
  public void initialize(long seed) {
    this.seed = seed;
    for (String name : unset()) {
      set(name, Initialization.of(entry(name).state, seed));
    }
  }

  /// Gives the states of a kind their first values again, such as what an optimizer has gathered,
  /// where training begins anew from other weights.
  ///
  /// @param role which states
  public void restart(Leaf.Role role) {
    long from = seed == null ? 0 : seed;
    for (Entry entry : List.copyOf(entries.values())) {
      if (entry.state.role() == role) {
        set(entry.state.name(), Initialization.of(entry.state, from));
      }
    }
  }

  /// The states that have no value yet.
  ///
  /// @return their names
  public List<String> unset() {
    return entries.entrySet().stream()
        .filter(entry -> entry.getValue().version == 0)
        .map(Map.Entry::getKey)
        .toList();
  }

  /// The device that holds the states.
  ///
  /// @return the device
  public Device device() {
    return device;
  }

  /// The names of the states.
  ///
  /// @return names, in the order they were made
  public SequencedSet<String> names() {
    return Collections.unmodifiableSequencedSet(new java.util.LinkedHashSet<>(entries.keySet()));
  }

  /// The type of a state.
  ///
  /// @param name its name
  /// @return element type and shape
  public TensorType type(String name) {
    return entry(name).type();
  }

  /// Copies a state to the host.
  ///
  /// @param name its name
  /// @return a copy
  public Tensor get(String name) {
    Entry entry = entry(name);
    Tensor tensor = Tensor.zeros(entry.type());
    entry.block.memory.read(entry.offset, tensor.data());
    return tensor;
  }

  /// Changes a state. Sessions compute again what they had derived from it.
  ///
  /// @param name its name
  /// @param value the new value, of the same shape; another floating-point type is converted
  /// @throws ParametersException if there is no such state or the shape differs
  public void set(String name, Tensor value) {
    Entry entry = entry(name);
    boolean fits =
        value.shape().equals(entry.type().shape())
            && (value.dtype() == entry.type().dtype()
                || (value.dtype().isFloat() && entry.type().dtype().isFloat()));
    if (!fits) {
      throw new ParametersException(
          "state " + name + " is " + entry.type() + ", the value given is " + value.type());
    }
    DType dtype = entry.type().dtype();
    entry.block.memory.write(entry.offset, value.to(dtype).data());
    touch(List.of(name));
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new ParametersException("there is no state " + name);
    }
    return entry;
  }

  /// Says that the states have new values.
  void touch(Collection<String> names) {
    for (String name : names) {
      entries.computeIfPresent(
          name, (_, e) -> new Entry(e.state, e.block, e.offset, e.version + 1));
    }
  }

  /// A number that grows whenever one of the states changes.
  long version(Collection<String> names) {
    return names.stream().mapToLong(name -> entry(name).version).sum();
  }

  /// Whether the states lie, or could be made to lie, next to each other in this order.
  boolean packable(List<String> names) {
    return liesIn(entry(names.getFirst()).block, names)
        || (borrowers == 0 && names.stream().allMatch(name -> entry(name).block.names.size() == 1));
  }

  /// Whether a block holds the states one behind the other.
  private static boolean liesIn(Block block, List<String> names) {
    return Collections.indexOfSubList(block.names, names) >= 0;
  }

  /// Lends the memory of states that a plan wants next to each other, moving them if need be.
  DeviceMemory borrow(List<String> names) {
    if (!liesIn(entry(names.getFirst()).block, names)) {
      if (!packable(names)) {
        throw new IllegalStateException(names + " cannot be placed next to each other any more");
      }
      pack(names);
    }
    Entry first = entry(names.getFirst());
    long bytes = names.stream().mapToLong(name -> entry(name).type().bytes()).sum();
    return first.block.memory.slice(first.offset, bytes);
  }

  /// Says that a session uses the memory: nothing is moved until it returns it.
  void retain() {
    borrowers++;
  }

  /// Says that a session is closed.
  void release() {
    borrowers--;
  }

  private void pack(List<String> names) {
    long bytes = names.stream().mapToLong(name -> entry(name).type().bytes()).sum();
    Block block = new Block(device.allocate(bytes), List.copyOf(names));
    long offset = 0;
    try {
      for (String name : names) {
        block.memory.write(offset, get(name).data());
        offset += type(name).bytes();
      }
    } catch (RuntimeException e) {
      block.memory.close();
      throw e;
    }
    offset = 0;
    for (String name : names) {
      Entry old = entry(name);
      old.block.memory.close();
      entries.put(name, new Entry(old.state, block, offset, old.version));
      offset += old.type().bytes();
    }
  }

  /// The states by name, each read when it is asked for: what a writer of a weight file takes.
  ///
  /// @return types by name
  public SequencedMap<String, TensorType> types() {
    SequencedMap<String, TensorType> types = new LinkedHashMap<>();
    entries.forEach((name, entry) -> types.put(name, entry.type()));
    return types;
  }

  /// Frees the memory. Every session on it must be closed before.
  @Override
  public void close() {
    if (borrowers > 0) {
      throw new IllegalStateException(borrowers + " sessions on these parameters are still open");
    }
    List<Block> blocks = new ArrayList<>();
    entries.values().stream().map(Entry::block).distinct().forEach(blocks::add);
    entries.clear();
    blocks.forEach(block -> block.memory.close());
  }
}
