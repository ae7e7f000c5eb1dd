package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.Layout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// The buffers of a plan that is being made.
final class Memory {
  private final List<Buffer> buffers = new ArrayList<>();
  private final Map<Integer, Tensor> constants = new LinkedHashMap<>();
  private final SequencedMap<String, View> inputs = new LinkedHashMap<>();
  private final SequencedMap<String, View> states = new LinkedHashMap<>();

  View input(String name, TensorType type) {
    View view = allocate(Buffer.Kind.INPUT, name, type, Layout.dense(type.shape()));
    inputs.put(name, view);
    return view;
  }

  View state(String name, TensorType type) {
    View view = states.get(name);
    if (view == null) {
      view = allocate(Buffer.Kind.STATE, name, type, Layout.dense(type.shape()));
      states.put(name, view);
    }
    return view;
  }

  /// One buffer for several states, one behind the other.
  View pack(List<String> names, List<TensorType> types, TensorType whole) {
    View view =
        allocate(Buffer.Kind.STATE, String.join("+", names), whole, Layout.dense(whole.shape()));
    long offset = 0;
    for (int i = 0; i < names.size(); i++) {
      TensorType type = types.get(i);
      Layout layout = Layout.of(offset, type.shape().strides());
      states.put(names.get(i), new View(view.buffer(), type, layout));
      offset += type.shape().size();
    }
    return view;
  }

  View constant(String name, Tensor tensor) {
    View view = allocate(Buffer.Kind.CONSTANT, name, tensor.type(), Layout.dense(tensor.shape()));
    constants.put(view.buffer(), tensor);
    return view;
  }

  /// A buffer with room for one tensor of the given gapless layout.
  View allocate(Buffer.Kind kind, String name, TensorType type, Layout layout) {
    DType dtype = type.dtype();
    buffers.add(new Buffer(buffers.size(), kind, name, dtype, type.shape().size()));
    return new View(buffers.size() - 1, type, layout);
  }

  Buffer buffer(View view) {
    return buffers.get(view.buffer());
  }

  List<Buffer> buffers() {
    return buffers;
  }

  Map<Integer, Tensor> constants() {
    return constants;
  }

  SequencedMap<String, View> inputs() {
    return inputs;
  }

  SequencedMap<String, View> states() {
    return states;
  }
}
