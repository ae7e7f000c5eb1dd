package io.griffinfly.suites.adapter;

import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.run.Trace;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A framework inside the JVM. One instance serves one process: [#identify], then [#load], then for
/// each program compile, run, and outputs. The host does all timing and writes all files; an
/// implementation has a public constructor without arguments and is named in its manifest.
///
/// Failures are thrown as [AdapterException]; anything else counts as internal.
public interface FrameworkAdapter {
  /// What runs and where, without loading anything.
  ///
  /// @param request the unit
  /// @return facts for the result
  Identity identify(AdapterRequest request);

  /// Brings the weights to where the device computes on them.
  ///
  /// @param request the unit
  /// @param caseDirectory the bundle: case.json, weights.safetensors, inputs.safetensors
  /// @return the model, closed by the host
  Model load(AdapterRequest request, Path caseDirectory);

  /// Devices that this framework could run on here, if there are more than [#identify] names.
  ///
  /// @return the devices; none if there is only that one
  default Devices devices() {
    return new Devices(List.of(), List.of());
  }

  /// The devices of this machine.
  ///
  /// @param all one entry each
  /// @param notes why there are no more, a line each; none if nothing is in the way
  record Devices(List<AdapterResult.DeviceFacts> all, List<String> notes) {
    /// Copies the lists.
    public Devices {
      all = List.copyOf(all);
      notes = List.copyOf(notes);
    }
  }

  /// What runs and where.
  ///
  /// @param framework what
  /// @param device where
  record Identity(AdapterResult.FrameworkFacts framework, AdapterResult.DeviceFacts device) {}

  /// Loaded weights.
  interface Model extends AutoCloseable {
    /// Builds, optimises and generates code for a program, with all its input sets in place.
    ///
    /// @param spec what to run
    /// @return the program, closed by the host before the model
    Program compile(ProgramSpec spec);

    /// Measures what the device can do at most, with nothing else running. Called once, after all
    /// programs, and only if kernels are timed.
    ///
    /// @return its rates; null if the framework cannot tell
    default AdapterResult.@Nullable Peak peak() {
      return null;
    }

    /// The most bytes that tensors have taken so far on a device with memory of its own.
    ///
    /// @return bytes; null on a CPU, or if the framework cannot tell
    default @Nullable Long devicePeakBytes() {
      return null;
    }

    @Override
    void close();
  }

  /// A compiled computation with its inputs bound.
  interface Program extends AutoCloseable {
    /// Runs one iteration; returns when its results are complete and the device is idle.
    ///
    /// @param inputSet which of the program's input sets, from 0
    void run(int inputSet);

    /// Fills the output buffers with NaN.
    ///
    /// @return false if the framework does not let its output buffers be written
    boolean poison();

    /// Sets the parameters back to the bundle's bytes (train_sgd only).
    void reset();

    /// The loss of the latest run (gradients, train_sgd).
    ///
    /// @return the scalar
    double loss();

    /// Tensors of the latest run: `out/<output>`, and `grad/<parameter>` (gradients). Valid until
    /// the next run.
    ///
    /// @return tensors by name
    Map<String, Tensor> outputs();

    /// The parameters as the runs so far have left them (train_sgd only): `param/<parameter>`. They
    /// are no part of [#outputs], which are read back while a clock runs: copying a whole model
    /// there takes as long as several steps of training it, and memory that would count as theirs.
    ///
    /// @return tensors by name
    Map<String, Tensor> parameters();

    /// Times single kernels over some iterations of their own.
    ///
    /// @return one entry for each kernel; empty if the framework cannot
    default List<AdapterResult.KernelTime> kernels() {
      return List.of();
    }

    /// How often an iteration waits until everything before has ended.
    ///
    /// @return the number; null if the framework cannot tell
    default @Nullable Integer barriers() {
      return null;
    }

    /// Adds how it was compiled, and the kernels of one iteration of its own, to a trace.
    ///
    /// @param trace takes them, on a track named after the program; kernels of a device of its own
    ///   on one named `GPU`
    /// @return false if the framework cannot
    default boolean trace(Trace trace) {
      return false;
    }

    @Override
    void close();
  }
}
