package io.griffinfly.engine.ref;

import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Value.Array;
import java.util.List;

final class GatherReference {
  private GatherReference() {}

  static Array evaluate(Gather op, List<Array> inputs, TensorType type) {
    double[] out = new double[Math.toIntExact(type.shape().size())];
    switch (op) {
      case Gather.Take(int axis) -> {
        Array table = inputs.get(0);
        int[] positions = positions(table.shape(), axis, inputs.get(1));
        for (int i = 0; i < out.length; i++) {
          out[i] = table.get(positions[i]);
        }
      }
      case Gather.ScatterAdd(int axis, _) -> {
        Array updates = inputs.get(1);
        int[] positions = positions(type.shape(), axis, inputs.get(0));
        for (int i = 0; i < positions.length; i++) {
          out[positions[i]] += updates.get(i);
        }
      }
    }
    return Array.of(type, out);
  }

  /// For every taken element its position in the table: the table is outer × extent × inner, what
  /// is taken is outer × indices × inner.
  private static int[] positions(Shape table, int axis, Array indices) {
    int extent = table.dim(axis);
    int inner = 1;
    for (int i = axis + 1; i < table.rank(); i++) {
      inner *= table.dim(i);
    }
    int outer = 1;
    for (int i = 0; i < axis; i++) {
      outer *= table.dim(i);
    }
    int[] positions = new int[outer * indices.size() * inner];
    for (int i = 0; i < positions.length; i++) {
      int index = (int) indices.get(i / inner % indices.size());
      if (index < 0 || index >= extent) {
        throw new GraphException("index " + index + " leaves the axis, which has " + extent);
      }
      positions[i] = (i / inner / indices.size() * extent + index) * inner + i % inner;
    }
    return positions;
  }
}
