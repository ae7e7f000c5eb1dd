package io.griffinfly.models.smollm2;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.grad.Seed;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.jvm.JvmDevice;
import io.griffinfly.engine.opt.ConstantTables;
import io.griffinfly.engine.opt.HalfFactors;
import io.griffinfly.engine.opt.Optimizer;
import io.griffinfly.engine.opt.RooflineCosts;
import io.griffinfly.engine.opt.RuleSet;
import io.griffinfly.engine.ref.Interpretation;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.run.CompilerOptions;
import io.griffinfly.engine.run.Parameters;
import io.griffinfly.engine.run.Session;
import io.griffinfly.engine.train.TrainingGraph;
import io.griffinfly.models.Objective;
import io.griffinfly.models.truth.OpenCase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The gradients of the tiny model as a device with matrix units computes them, whose factors are
/// halves, against double precision.
class HalfFactorsAgreementTest {
  /// Of each parameter's gradient. Most err by less than 1e-3; those of queries and keys, which are
  /// differences that nearly cancel, by 2.8e-3, with any scale that loses nothing.
  private static final double LIMIT = 4e-3;

  @TempDir Path root;

  private static Graph rounded(Graph forward, JvmDevice device) {
    var optimizer = new Optimizer(RooflineCosts.of(device.profile()), Set.of(), _ -> {});
    Graph raised = optimizer.run(forward, RuleSet.RAISE);
    Graph step = optimizer.run(TrainingGraph.gradients(raised, Seed.STATE), RuleSet.LOWER);
    Graph lowered = ConstantTables.fold(step);
    return HalfFactors.round(lowered, Seed.gradients(lowered), 4096);
  }

  private static double distance(Tensor found, Tensor truth) {
    double error = 0;
    double size = 0;
    double[] x = found.toDoubles();
    double[] y = truth.toDoubles();
    for (int i = 0; i < x.length; i++) {
      error += (x[i] - y[i]) * (x[i] - y[i]);
      size += y[i] * y[i];
    }
    return Math.sqrt(error / size);
  }

  /// The first step, whose scales are all the same, and those that follow what they found.
  @Test
  void everyStepIsOfTheClassOfTf32() throws IOException {
    try (OpenCase tiny = OpenCase.open("smollm2/tiny", root);
        JvmDevice device = JvmDevice.onAllProcessors()) {
      Map<String, Tensor> feed = tiny.feed(Map.of("input_ids", "input_ids", "labels", "labels"));
      Graph forward = tiny.graph(feed, Objective.NATIVE);
      Interpretation truth =
          Interpreter.run(TrainingGraph.gradients(forward), feed, tiny.parameters());
      Graph rounded = rounded(forward, device);
      try (var parameters = Parameters.initialize(device, rounded, 1);
          var session =
              Session.of(rounded, parameters, CompilerOptions.defaults().withoutOptimizer())) {
        tiny.parameters().forEach(parameters::set);
        for (int step = 1; step <= 3; step++) {
          String which = " in step " + step;
          Map<String, Tensor> found = session.run(feed);
          truth
              .outputs()
              .forEach((name, exact) -> {
                double error = distance(Objects.requireNonNull(found.get(name)), exact);
                assertTrue(error < LIMIT, () -> name + " errs by " + error + which);
              });
        }
      }
    }
  }
}
