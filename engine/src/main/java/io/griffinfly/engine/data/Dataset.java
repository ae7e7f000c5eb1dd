package io.griffinfly.engine.data;

import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.AbstractList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;

/// Examples: columns with a row for each example, named as the inputs of the graph that they feed.
/// Batches are maps from names to tensors; the last one of an epoch has the rows that are left.
public final class Dataset {
  private final SequencedMap<String, Tensor> columns;
  private final int rows;

  private Dataset(SequencedMap<String, Tensor> columns, int rows) {
    this.columns = columns;
    this.rows = rows;
  }

  /// Puts columns together.
  ///
  /// @param columns tensor by name, each of rank 1 or more with the same first extent
  /// @return the examples, which share the tensors' memory
  /// @throws DataException if there is no column or one has another number of rows
  public static Dataset of(Map<String, Tensor> columns) {
    int rows = -1;
    for (Map.Entry<String, Tensor> column : columns.entrySet()) {
      Tensor tensor = column.getValue();
      if (tensor.shape().rank() == 0) {
        throw new DataException("column " + column.getKey() + " is a scalar: it has no rows");
      }
      if (rows >= 0 && tensor.shape().dim(0) != rows) {
        throw new DataException(
            "column " + column.getKey() + " has " + tensor.shape().dim(0) + " rows, not " + rows);
      }
      rows = tensor.shape().dim(0);
    }
    if (rows < 0) {
      throw new DataException("a data set has a column at least");
    }
    return new Dataset(Collections.unmodifiableSequencedMap(new LinkedHashMap<>(columns)), rows);
  }

  /// Number of examples.
  ///
  /// @return the count
  public int rows() {
    return rows;
  }

  /// The columns.
  ///
  /// @return tensor by name, in order
  public SequencedMap<String, Tensor> columns() {
    return columns;
  }

  /// Some examples in a row, as views.
  ///
  /// @param from first row
  /// @param count how many
  /// @return the examples, which share the memory
  public Dataset slice(int from, int count) {
    if (from < 0 || count < 0 || from > rows - count) {
      throw new DataException(
          "there are " + rows + " rows, not " + count + " from row " + from + " on");
    }
    SequencedMap<String, Tensor> slices = new LinkedHashMap<>();
    columns.forEach((name, tensor) -> {
      TensorType type = tensor.type().withShape(tensor.shape().with(0, count));
      long rowBytes = rowBytes(tensor);
      MemorySegment data = tensor.data().asSlice(from * rowBytes, count * rowBytes);
      slices.put(name, new Tensor(type, data));
    });
    return new Dataset(Collections.unmodifiableSequencedMap(slices), count);
  }

  private static long rowBytes(Tensor tensor) {
    long bytes = tensor.dtype().bytes();
    for (int axis = 1; axis < tensor.shape().rank(); axis++) {
      bytes *= tensor.shape().dim(axis);
    }
    return bytes;
  }

  /// The examples in batches, in order, as views.
  ///
  /// @param size rows of a batch, 1 or more
  /// @return the batches, made when they are asked for
  public List<Map<String, Tensor>> batches(int size) {
    return new Batches(size) {
      @Override
      Map<String, Tensor> rows(int from, int count) {
        return slice(from, count).columns();
      }
    };
  }

  /// The examples in batches, in an order of their own for every seed and epoch.
  ///
  /// @param size rows of a batch, 1 or more
  /// @param seed the seed
  /// @param epoch the epoch, from 0
  /// @return the batches, copied when they are asked for; the same on every machine
  public List<Map<String, Tensor>> shuffledBatches(int size, long seed, int epoch) {
    int[] order = order(seed, epoch);
    return new Batches(size) {
      @Override
      Map<String, Tensor> rows(int from, int count) {
        return gather(order, from, count);
      }
    };
  }

  /// Fisher and Yates's shuffle (Durstenfeld 1964). [Random] is specified to the bit, which the
  /// newer generators' bounded draws are not.
  private int[] order(long seed, int epoch) {
    Random random = new Random(seed ^ (0x9e3779b97f4a7c15L * (epoch + 1)));
    int[] order = new int[rows];
    for (int i = 0; i < rows; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private Map<String, Tensor> gather(int[] order, int from, int count) {
    SequencedMap<String, Tensor> batch = new LinkedHashMap<>();
    columns.forEach((name, tensor) -> {
      Tensor copy = Tensor.zeros(tensor.type().withShape(tensor.shape().with(0, count)));
      long bytes = rowBytes(tensor);
      for (int i = 0; i < count; i++) {
        MemorySegment.copy(tensor.data(), order[from + i] * bytes, copy.data(), i * bytes, bytes);
      }
      batch.put(name, copy);
    });
    return Collections.unmodifiableSequencedMap(batch);
  }

  /// Batches by number.
  private abstract class Batches extends AbstractList<Map<String, Tensor>> {
    private final int size;

    Batches(int size) {
      if (size < 1) {
        throw new DataException("a batch has a row at least, not " + size);
      }
      this.size = size;
    }

    /// Makes one batch.
    abstract Map<String, Tensor> rows(int from, int count);

    @Override
    public Map<String, Tensor> get(int index) {
      java.util.Objects.checkIndex(index, size());
      return rows(index * size, Math.min(size, rows - index * size));
    }

    @Override
    public int size() {
      return Math.ceilDiv(rows, size);
    }
  }
}
