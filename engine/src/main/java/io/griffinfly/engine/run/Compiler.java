package io.griffinfly.engine.run;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.grad.Seed;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Verifier;
import io.griffinfly.engine.opt.ConstantTables;
import io.griffinfly.engine.opt.HalfFactors;
import io.griffinfly.engine.opt.Optimizer;
import io.griffinfly.engine.opt.RooflineCosts;
import io.griffinfly.engine.opt.RuleSet;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.engine.plan.Planner;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// From a graph to a plan, pass by pass; the verifier runs behind each.
final class Compiler {
  /// A step from graph to graph.
  private record Pass(String name, UnaryOperator<Graph> run) {}

  private Compiler() {}

  /// Compiles a graph.
  ///
  /// @param graph the graph
  /// @param options how
  /// @param parameters take the states that the training step adds, and say which can lie side by
  ///   side
  static Compiled compile(Graph graph, CompilerOptions options, Parameters parameters) {
    DeviceProfile profile = parameters.device().profile();
    Optimizer optimizer =
        new Optimizer(RooflineCosts.of(profile), options.withoutRules(), options.reports());
    List<Pass> passes = new ArrayList<>();
    if (options.optimize()) {
      passes.add(new Pass("raise", current -> optimizer.run(current, RuleSet.RAISE)));
    }
    StepBuilder step = options.step();
    if (step != null) {
      Seed seed = options.precision().usesHalves(profile) ? Seed.STATE : Seed.CONSTANT;
      passes.add(new Pass("training step", forward -> step.step(forward, seed)));
    }
    if (options.optimize()) {
      passes.add(new Pass("lower", current -> optimizer.run(current, RuleSet.LOWER)));
      passes.add(new Pass("constant tables", ConstantTables::fold));
    }
    if (options.precision().usesHalves(profile)) {
      double scale = options.precision().firstScale(profile);
      passes.add(
          new Pass(
              "half factors",
              lowered -> HalfFactors.round(lowered, Seed.gradients(lowered), scale)));
    }
    Graph current = Verifier.verify(graph, "building");
    for (Pass pass : passes) {
      current = Verifier.verify(pass.run.apply(current), pass.name);
    }
    parameters.add(current);
    Device device = parameters.device();
    return new Compiled(
        current, Planner.plan(current, device.profile(), device.schedules(), parameters::packable));
  }
}
