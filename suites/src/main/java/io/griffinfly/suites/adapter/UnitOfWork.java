package io.griffinfly.suites.adapter;

import io.griffinfly.engine.io.safetensors.SafetensorsWriter;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.run.Trace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One unit, done: load, then each program compiled, run and timed to its end, then outputs.
final class UnitOfWork {
  private final FrameworkAdapter adapter;
  private final AdapterRequest request;
  private final Path caseDirectory;
  private final Path out;
  private final ProgressFile progress;
  private final Sampler sampler;
  private final Map<String, AdapterResult.ProgramTimes> times = new LinkedHashMap<>();
  private final Map<String, AdapterResult.MetricSamples> metrics = new LinkedHashMap<>();
  private final Map<String, Tensor> tensors = new TreeMap<>();
  private final Trace trace;
  private boolean traced;
  private AdapterResult.@Nullable Peak peak;

  UnitOfWork(
      FrameworkAdapter adapter,
      AdapterRequest request,
      Path caseDirectory,
      Path out,
      ProgressFile progress) {
    this.adapter = adapter;
    this.request = request;
    this.caseDirectory = caseDirectory;
    this.out = out;
    this.progress = progress;
    this.sampler = new Sampler(request.sampling(), System::nanoTime);
    this.trace = new Trace(request.framework() + " " + request.variant());
  }

  /// A compiled program and what it is for.
  private record Compiled(ProgramSpec spec, FrameworkAdapter.Program program) {}

  AdapterResult perform() throws IOException {
    FrameworkAdapter.Identity identity = adapter.identify(request);
    if (request.mode() == Mode.PROBE) {
      return result(identity, null);
    }
    progress.phase("load", null);
    long start = System.nanoTime();
    try (FrameworkAdapter.Model model = adapter.load(request, caseDirectory)) {
      long loadNs = System.nanoTime() - start;
      List<Compiled> compiled = new ArrayList<>();
      try {
        for (ProgramSpec spec : request.programs()) {
          compiled.add(carryThrough(model, spec));
        }
        if (request.mode() != Mode.COMPILE) {
          progress.phase("outputs", null);
          for (Compiled each : compiled) {
            collect(each);
          }
          SafetensorsWriter.write(
              out.resolve("outputs.safetensors"), tensors, Map.of("nonce", request.nonce()));
        }
        // Last, because it takes memory that would count as the programs'.
        if (request.kernels() && request.mode() == Mode.BENCH) {
          peak = model.peak();
        }
      } finally {
        compiled.forEach(each -> each.program.close());
      }
      String traceFile = request.trace();
      if (traceFile != null && traced) {
        trace.write(Path.of(traceFile));
      }
      return result(identity, loadNs);
    }
  }

  private AdapterResult result(FrameworkAdapter.Identity identity, @Nullable Long loadNs) {
    FrameworkAdapter.@Nullable Devices devices =
        request.mode() == Mode.PROBE ? adapter.devices() : null;
    return new AdapterResult(
        AdapterRequest.PROTOCOL,
        request.nonce(),
        identity.framework(),
        identity.device(),
        devices == null ? null : devices.all(),
        loadNs,
        times,
        metrics,
        peak,
        devices == null ? List.of() : devices.notes());
  }

  private Compiled carryThrough(FrameworkAdapter.Model model, ProgramSpec spec) {
    progress.phase("compile", spec.name());
    long start = System.nanoTime();
    FrameworkAdapter.Program program = model.compile(spec);
    long compileNs = System.nanoTime() - start;
    try {
      run(model, spec, program, compileNs);
      return new Compiled(spec, program);
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  private void run(
      FrameworkAdapter.Model model,
      ProgramSpec spec,
      FrameworkAdapter.Program program,
      long compileNs) {
    long start = System.nanoTime();
    program.run(0);
    long firstRunNs = System.nanoTime() - start;
    String metric = spec.metric();
    List<AdapterResult.KernelTime> kernels = List.of();
    Integer barriers = null;
    List<AdapterResult.Mark> endurance = List.of();
    if (request.mode() == Mode.BENCH && metric != null) {
      progress.phase("warmup", spec.name());
      Sampler.Sampled sampled = sampler.sample(program, spec, progress);
      metrics.put(metric, sampled.metric());
      sampled.outputs().forEach((name, tensor) -> put(spec, name, tensor));
      if (spec.kind() == ProgramKind.TRAIN_SGD) {
        put(spec, "timed_loss", Tensor.of(new double[] {program.loss()}, 1));
      }
      if (request.kernels()) {
        kernels = program.kernels();
        barriers = program.barriers();
      }
      if (request.trace() != null) {
        traced |= program.trace(trace);
      }
      Integer steps = request.endurance();
      if (steps != null && spec.kind() == ProgramKind.TRAIN_SGD) {
        endurance = new Endurance(program, model, spec.inputSets().size()).run(steps, progress);
      }
    }
    times.put(
        spec.name(),
        new AdapterResult.ProgramTimes(
            compileNs,
            firstRunNs,
            false,
            ResidentMemory.peakBytes(),
            model.devicePeakBytes(),
            kernels,
            barriers,
            endurance));
  }

  private void collect(Compiled compiled) {
    ProgramSpec spec = compiled.spec();
    FrameworkAdapter.Program program = compiled.program();
    switch (spec.kind()) {
      case FORWARD -> {
        if (!metrics.containsKey(spec.metric())) {
          program.poison();
          program.run(spec.finalSet());
          program.outputs().forEach((name, tensor) -> put(spec, name, tensor));
        }
      }
      case GRADIENTS -> {
        program.poison();
        program.run(spec.finalSet());
        put(spec, "loss", Tensor.of(new double[] {program.loss()}, 1));
        program.outputs().forEach((name, tensor) -> put(spec, name, tensor));
      }
      case TRAIN_SGD -> {
        program.reset();
        double[] losses = new double[spec.steps()];
        for (int step = 0; step < losses.length; step++) {
          program.run(step % spec.inputSets().size());
          losses[step] = program.loss();
        }
        put(spec, "loss", Tensor.of(losses, losses.length));
        program.outputs().forEach((name, tensor) -> put(spec, name, tensor));
        program.parameters().forEach((name, tensor) -> put(spec, name, tensor));
      }
    }
  }

  private void put(ProgramSpec spec, String name, Tensor tensor) {
    tensors.put(spec.name() + "/" + name, tensor);
  }
}
