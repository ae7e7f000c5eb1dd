package io.griffinfly.engine.ref;

import static io.griffinfly.engine.ref.Values.at;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Value.Array;
import java.util.List;
import org.junit.jupiter.api.Test;

class MoveReferenceTest {
  private static final Array X = Values.random(5, 3, 4, 5);

  @Test
  void reshapeKeepsTheOrder() {
    Array y = Values.apply(new Move.Reshape(Shape.of(5, 12)), X);
    assertArrayEquals(X.data(), y.data());
    assertEquals(Shape.of(5, 12), y.shape());
  }

  @Test
  void transposeReordersAxes() {
    Array y = Values.apply(new Move.Transpose(List.of(2, 0, 1)), X);
    assertEquals(Shape.of(5, 3, 4), y.shape());
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 4; j++) {
        for (int k = 0; k < 5; k++) {
          assertEquals(at(X, i, j, k), at(y, k, i, j));
        }
      }
    }
  }

  @Test
  void broadcastRepeats() {
    Array x = Values.random(1, 3, 1);
    Array y = Values.apply(new Move.Broadcast(Shape.of(2, 3, 4)), x);
    for (int i = 0; i < 24; i++) {
      assertEquals(x.get(i / 4 % 3), y.get(i));
    }
    assertEquals(0, Values.apply(new Move.Broadcast(Shape.of(0, 3, 2)), x).size());
  }

  @Test
  void sliceAndPadUndoEachOther() {
    for (int axis = 0; axis < 3; axis++) {
      Array padded = Values.apply(new Move.Pad(axis, 2, 1), X);
      assertEquals(X.shape().dim(axis) + 3, padded.shape().dim(axis));
      assertEquals(sum(X), sum(padded), 1e-12);
      Array back = Values.apply(new Move.Slice(axis, 2, X.shape().dim(axis)), padded);
      assertArrayEquals(X.data(), back.data());
    }
    Array middle = Values.apply(new Move.Slice(1, 1, 2), X);
    assertEquals(at(X, 2, 2, 4), at(middle, 2, 1, 4));
    assertEquals(Shape.of(3, 0, 5), Values.apply(new Move.Slice(1, 4, 0), X).shape());
  }

  @Test
  void concatJoins() {
    Array other = Values.random(6, 3, 2, 5);
    Array joined = Values.apply(new Move.Concat(1), X, Values.random(7, 3, 0, 5), other);
    assertEquals(Shape.of(3, 6, 5), joined.shape());
    assertEquals(at(X, 1, 3, 2), at(joined, 1, 3, 2));
    assertEquals(at(other, 2, 1, 4), at(joined, 2, 5, 4));
  }

  @Test
  void takeReadsRowsAndScatterAddIsItsTranspose() {
    Array ids = Values.integers(new long[] {3, 0, 3, 1, 2, 3}, 2, 3);
    for (int axis = 0; axis < 3; axis++) {
      Array table = Values.random(axis, 4, 4, 4);
      Array taken = Values.apply(new Gather.Take(axis), table, ids);
      assertEquals(4, taken.shape().rank());
      assertEquals(2, taken.shape().dim(axis));
      // Scatter is the transpose of the linear map take: <take(t), u> = <t, scatter(u)>.
      Array updates = Values.random(9, taken.shape().dims());
      Array scattered = Values.apply(new Gather.ScatterAdd(axis, 4), ids, updates);
      assertEquals(table.shape(), scattered.shape());
      assertEquals(dot(taken, updates), dot(table, scattered), 1e-12);
    }
    Array table = Values.random(4, 5, 3, 2);
    Array taken = Values.apply(new Gather.Take(0), table, ids);
    assertEquals(at(table, 1, 2, 1), at(taken, 1, 0, 2, 1));
    assertEquals(at(table, 3, 2, 0), at(taken, 0, 2, 2, 0));
  }

  @Test
  void indicesMustBeInside() {
    Array table = Values.random(4, 5);
    var take = new Gather.Take(0);
    assertThrows(
        GraphException.class, () -> Values.apply(take, table, Values.integers(new long[] {5}, 1)));
    assertThrows(
        GraphException.class, () -> Values.apply(take, table, Values.integers(new long[] {-1}, 1)));
  }

  @Test
  void leaves() {
    Array iota = Values.apply(new Leaf.Iota(TensorType.of(DType.I32, 2, 3, 2), 1));
    assertArrayEquals(new double[] {0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2}, iota.data());
    Literal literal = Literal.of(TensorType.of(DType.F32, 2), 1, 0.1);
    Array constant = Values.apply(new Leaf.Constant(literal));
    assertArrayEquals(new double[] {1, 0.1}, constant.data());
    assertEquals(literal, constant.toLiteral());
    var input = new Leaf.Input("x", TensorType.of(DType.F32));
    assertThrows(GraphException.class, () -> Values.apply(input));
  }

  private static double sum(Array x) {
    return java.util.Arrays.stream(x.data()).sum();
  }

  private static double dot(Array a, Array b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      sum += a.get(i) * b.get(i);
    }
    return sum;
  }
}
