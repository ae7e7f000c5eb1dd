package io.griffinfly.suites.adapter;

import java.util.ArrayList;
import java.util.List;

/// Trains for long and watches memory: a leak of a few bytes a step shows after ten thousand.
final class Endurance {
  /// Marks beside the first: memory is compared from a tenth of the steps on.
  private static final int MARKS = 10;

  private final FrameworkAdapter.Program program;
  private final FrameworkAdapter.Model model;
  private final int inputSets;
  private final long start = System.nanoTime();

  Endurance(FrameworkAdapter.Program program, FrameworkAdapter.Model model, int inputSets) {
    this.program = program;
    this.model = model;
    this.inputSets = inputSets;
  }

  /// Runs the steps.
  ///
  /// @param steps how many
  /// @param listener progress
  /// @return marks after the first step, after each tenth and after the last
  List<AdapterResult.Mark> run(int steps, Sampler.Listener listener) {
    program.reset();
    List<AdapterResult.Mark> marks = new ArrayList<>();
    for (int step = 1; step <= steps; step++) {
      long before = System.nanoTime();
      program.run((step - 1) % inputSets);
      listener.sampled(step, steps, System.nanoTime() - before);
      if (step == 1 || (long) step * MARKS / steps > (step - 1L) * MARKS / steps) {
        marks.add(mark(step));
      }
    }
    return marks;
  }

  private AdapterResult.Mark mark(int step) {
    // A collector with room does not collect, so what steps leave to it would read as growth:
    // memory
    // is what is held behind a collection.
    System.gc();
    return new AdapterResult.Mark(
        step,
        System.nanoTime() - start,
        program.loss(),
        ResidentMemory.bytes(),
        model.devicePeakBytes());
  }
}
