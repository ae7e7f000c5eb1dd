package io.griffinfly.engine.train;

import io.griffinfly.engine.data.Dataset;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.run.Parameters;
import io.griffinfly.engine.run.Session;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/// Trains by epochs over a data set. Each batch size has a compiled step of its own, so a last
/// batch that is smaller is trained on like any other.
public final class Trainer implements AutoCloseable {
  /// Is told of every epoch.
  @FunctionalInterface
  public interface Listener {
    /// An epoch has ended.
    ///
    /// @param epoch its number, from 1
    /// @param meanLoss mean loss of its batches, each as it was before its step
    void epoch(int epoch, double meanLoss);
  }

  private final IntFunction<Graph> graphs;
  private final Parameters parameters;
  private final Optimizer optimizer;
  private final Map<Integer, Session> sessions = new HashMap<>();

  /// Creates a trainer.
  ///
  /// @param graphs builds the graph, with a loss, for a batch size; its inputs have the names of
  ///   the data set's columns
  /// @param parameters the states; stay open until the trainer is closed
  /// @param optimizer how they follow their gradients
  public Trainer(IntFunction<Graph> graphs, Parameters parameters, Optimizer optimizer) {
    this.graphs = graphs;
    this.parameters = parameters;
    this.optimizer = optimizer;
  }

  /// Trains.
  ///
  /// @param data the examples, shuffled anew in every epoch
  /// @param batchSize examples of a step
  /// @param epochs how often each example is seen
  /// @param seed of the order of examples
  /// @param listener is told of every epoch
  public void fit(Dataset data, int batchSize, int epochs, long seed, Listener listener) {
    for (int epoch = 1; epoch <= epochs; epoch++) {
      double sum = 0;
      List<Map<String, Tensor>> batches = data.shuffledBatches(batchSize, seed, epoch);
      for (Map<String, Tensor> batch : batches) {
        Session session = session(batch.values().iterator().next().shape().dim(0));
        batch.forEach(session::input);
        session.run();
        sum += session.loss();
      }
      listener.epoch(epoch, sum / batches.size());
    }
  }

  private Session session(int batchSize) {
    Session present = sessions.get(batchSize);
    if (present == null) {
      present = Session.training(graphs.apply(batchSize), parameters, optimizer);
      // What the optimizer keeps begins with its first value; what is trained has one already.
      parameters.initialize(0);
      sessions.put(batchSize, present);
    }
    return present;
  }

  /// Frees the compiled steps; the parameters stay.
  @Override
  public void close() {
    sessions.values().forEach(Session::close);
    sessions.clear();
  }
}
