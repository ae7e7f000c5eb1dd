package io.griffinfly.engine.io.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.griffinfly.engine.io.AtomicFile;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/// An exported graph: everything but the values of its states, which are given when it is written.
public final class OnnxModel {
  /// Where the data of a state begins in a file of its own: what a cache line and a vector load
  /// want.
  public static final int ALIGNMENT_BYTES = 64;

  /// States from this many bytes on are kept beside the model; smaller models are a single file.
  private static final long LARGE_BYTES = 32L << 20;

  private final OnnxForm form;
  private final List<Leaf.Input> inputs;
  private final List<Leaf.State> states;
  private final SequencedMap<String, Node> outputs;
  private final NodeWriter.Written written;

  OnnxModel(
      OnnxForm form,
      List<Leaf.Input> inputs,
      List<Leaf.State> states,
      SequencedMap<String, Node> outputs,
      NodeWriter.Written written) {
    this.form = form;
    this.inputs = inputs;
    this.states = states;
    this.outputs = outputs;
    this.written = written;
  }

  /// The states whose values the model needs.
  ///
  /// @return the states, in the order of the graph
  public List<Leaf.State> states() {
    return List.copyOf(states);
  }

  /// Operators that occur, each as often as it does: what a report or a test compares.
  ///
  /// @return names of operators, in order
  public List<String> operators() {
    return written.nodes().stream().map(node -> node.getOpType()).toList();
  }

  /// The model in one piece, states inside. Messages end at 2 GiB.
  ///
  /// @param values each state's tensor by name
  /// @return the bytes of the file
  /// @throws OnnxExportException if a value is missing or of another type
  public byte[] toBytes(Map<String, Tensor> values) {
    return model(state ->
            OnnxTypes.header(state.name(), state.type())
                .setRawData(OnnxTypes.raw(value(state, values)))
                .build())
        .toByteArray();
  }

  /// The model with states that are declared but lie elsewhere, for a runtime that is handed them
  /// in memory.
  ///
  /// @return the bytes of the file
  public byte[] toBytesWithoutStates() {
    return model(external("states", _ -> 0)).toByteArray();
  }

  /// Writes the model, and states of 32 MiB together or more into `<file>.data` beside it, each at
  /// a multiple of [#ALIGNMENT_BYTES]. The files appear complete or not at all.
  ///
  /// @param file the model's file
  /// @param values each state's tensor by name
  /// @throws IOException if a file cannot be written
  /// @throws OnnxExportException if a value is missing or of another type
  public void write(Path file, Map<String, Tensor> values) throws IOException {
    write(file, values, LARGE_BYTES);
  }

  void write(Path file, Map<String, Tensor> values, long largeBytes) throws IOException {
    if (states.stream().mapToLong(state -> state.type().bytes()).sum() < largeBytes) {
      AtomicFile.write(file, toBytes(values));
      return;
    }
    Path data = file.resolveSibling(file.getFileName() + ".data");
    try (AtomicFile beside = AtomicFile.create(data)) {
      FileChannel channel = beside.channel();
      for (Leaf.State state : states) {
        channel.position(align(channel.position()));
        writeFully(channel, value(state, values).data().asByteBuffer());
      }
      beside.commit();
    }
    long[] end = {0};
    byte[] model =
        model(
                external(
                    data.getFileName().toString(),
                    state -> {
                      long begin = align(end[0]);
                      end[0] = begin + state.type().bytes();
                      return begin;
                    }))
            .toByteArray();
    AtomicFile.write(file, model);
  }

  private static long align(long position) {
    return (position + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static Tensor value(Leaf.State state, Map<String, Tensor> values) {
    Tensor tensor = values.get(state.name());
    if (tensor == null || !tensor.type().equals(state.type())) {
      throw new OnnxExportException(
          "state "
              + state.name()
              + " is "
              + state.type()
              + ", but its value is "
              + (tensor == null ? "missing" : tensor.type()));
    }
    return tensor;
  }

  private static Function<Leaf.State, TensorProto> external(
      String location, ToLongFunction<Leaf.State> offset) {
    return state -> {
      TensorProto.Builder tensor =
          OnnxTypes.header(state.name(), state.type())
              .setDataLocation(TensorProto.DataLocation.EXTERNAL);
      tensor.addExternalDataBuilder().setKey("location").setValue(location);
      tensor
          .addExternalDataBuilder()
          .setKey("offset")
          .setValue(Long.toString(offset.applyAsLong(state)));
      tensor
          .addExternalDataBuilder()
          .setKey("length")
          .setValue(Long.toString(state.type().bytes()));
      return tensor.build();
    };
  }

  private ModelProto model(Function<Leaf.State, TensorProto> state) {
    GraphProto.Builder graph =
        GraphProto.newBuilder().setName("griffinfly").addAllNode(written.nodes());
    inputs.forEach(input -> graph.addInput(OnnxTypes.value(input.name(), input.type())));
    outputs.forEach((name, node) -> graph.addOutput(OnnxTypes.value(name, node.type())));
    states.forEach(leaf -> graph.addInitializer(state.apply(leaf)));
    written
        .constants()
        .forEach((name, literal) -> {
          TensorType type = literal.type();
          graph.addInitializer(
              OnnxTypes.header(name, type).setRawData(OnnxTypes.raw(literal.toTensor())));
        });
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(form.irVersion())
            .setProducerName("griffinfly")
            .setGraph(graph)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(form.opset()));
    if (form.usesContrib()) {
      model.addOpsetImport(
          OperatorSetIdProto.newBuilder().setDomain(NodeWriter.CONTRIB).setVersion(1));
    }
    return model.build();
  }
}
