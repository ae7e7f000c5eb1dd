package io.griffinfly.suites.adapter;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one process reports: raw facts, no conclusion.
///
/// @param protocol version of the protocol, 1
/// @param nonce the request's
/// @param framework what ran
/// @param device where it ran
/// @param devices after a probe, all devices that it could run on; null if only that one
/// @param loadNs nanoseconds from file to where the device computes on the weights; null after a
///   probe
/// @param programs times by program name
/// @param metrics samples by metric name
/// @param peak what the device can do, if kernels were timed; null if unknown
/// @param notes remarks for the reader of the result
public record AdapterResult(
    int protocol,
    String nonce,
    FrameworkFacts framework,
    DeviceFacts device,
    @Nullable List<DeviceFacts> devices,
    @Nullable Long loadNs,
    @Nullable Map<String, ProgramTimes> programs,
    @Nullable Map<String, MetricSamples> metrics,
    @Nullable Peak peak,
    @Nullable List<String> notes) {

  /// What ran.
  ///
  /// @param name the framework
  /// @param version its version
  /// @param variant which way of running it
  /// @param backend what it computes with
  /// @param execMode eager, compiled, graph, cudagraph or interpreter
  /// @param precisionDeclared the arithmetic that it says it uses
  /// @param flags settings that matter
  public record FrameworkFacts(
      String name,
      String version,
      @Nullable String variant,
      @Nullable String backend,
      @Nullable String execMode,
      @Nullable String precisionDeclared,
      @Nullable Map<String, String> flags) {}

  /// Where it ran.
  ///
  /// @param id stable identity
  /// @param kind cpu, discrete, integrated or software
  /// @param name for people
  /// @param driver version; empty without one
  /// @param threads threads used; null if they do not matter
  /// @param gpu what else there is to say of a device with compute shaders; null of others
  public record DeviceFacts(
      String id,
      String kind,
      String name,
      @Nullable String driver,
      @Nullable Integer threads,
      @Nullable GpuFacts gpu) {
    /// A device without compute shaders.
    ///
    /// @param id stable identity
    /// @param kind cpu, discrete, integrated or software
    /// @param name for people
    /// @param driver version; empty without one
    /// @param threads threads used; null if they do not matter
    public DeviceFacts(
        String id, String kind, String name, @Nullable String driver, @Nullable Integer threads) {
      this(id, kind, name, driver, threads, null);
    }
  }

  /// A device with compute shaders.
  ///
  /// @param memoryBytes size of its memory
  /// @param minSubgroupSize fewest lanes of a subgroup
  /// @param maxSubgroupSize most lanes of a subgroup
  /// @param matrices products that lanes compute together, for people, one entry for each pair of
  ///   types
  /// @param missing what the framework needs and the device lacks
  /// @param automatic after a probe, whether it is the one that is taken where none is named; null
  ///   otherwise
  public record GpuFacts(
      long memoryBytes,
      int minSubgroupSize,
      int maxSubgroupSize,
      List<String> matrices,
      List<String> missing,
      @Nullable Boolean automatic) {
    /// Copies the lists.
    public GpuFacts {
      matrices = List.copyOf(matrices);
      missing = List.copyOf(missing);
    }
  }

  /// What a program took before it was timed.
  ///
  /// @param compileNs nanoseconds to build, optimise and generate code
  /// @param firstRunNs nanoseconds of the first run
  /// @param lazyCompile whether compileNs was taken from the first call
  /// @param hostPeakBytes peak resident memory of the process when the program was done
  /// @param devicePeakBytes most bytes that tensors have taken on a device with memory of its own;
  ///   null on a CPU
  /// @param kernels times of its kernels, if asked for
  /// @param barriers how often an iteration waits until everything before has ended, if kernels
  ///   were asked for; null if unknown
  /// @param endurance how a long training went, if one was asked for
  public record ProgramTimes(
      long compileNs,
      long firstRunNs,
      @Nullable Boolean lazyCompile,
      @Nullable Long hostPeakBytes,
      @Nullable Long devicePeakBytes,
      @Nullable List<KernelTime> kernels,
      @Nullable Integer barriers,
      @Nullable List<Mark> endurance) {}

  /// What a long training has come to at one of its steps.
  ///
  /// @param steps done so far
  /// @param nanos nanoseconds since the first
  /// @param loss of the latest
  /// @param hostBytes resident memory of the process; null where the system does not say
  /// @param devicePeakBytes most bytes that tensors have taken on a device with memory of its own;
  ///   null on a CPU
  public record Mark(
      int steps,
      long nanos,
      double loss,
      @Nullable Long hostBytes,
      @Nullable Long devicePeakBytes) {}

  /// One kernel of a program.
  ///
  /// @param name for people
  /// @param calls times that one iteration runs it
  /// @param nanos nanoseconds of all calls of one iteration
  /// @param flops floating-point operations of all calls
  /// @param bytes bytes that must move: operands read once, results written once
  /// @param matrixUnits whether it computes on units for matrices; null if unknown
  public record KernelTime(
      String name,
      long calls,
      double nanos,
      double flops,
      double bytes,
      @Nullable Boolean matrixUnits) {}

  /// Rates of the device that no kernel can beat, measured in the same process on the same threads.
  ///
  /// @param threads of the CPU that were busy at once; null on a device of its own
  /// @param flopsPerSecond floating-point operations; a multiply-add counts two
  /// @param matrixFlopsPerSecond the same on units for matrices; null if there are none
  /// @param bytesPerSecond bytes read from memory, or read and written by copying, caches left out
  /// @param barrierNanos nanoseconds of the shortest kernel with a barrier before it; null if
  ///   unknown
  public record Peak(
      @Nullable Integer threads,
      double flopsPerSecond,
      @Nullable Double matrixFlopsPerSecond,
      double bytesPerSecond,
      @Nullable Double barrierNanos) {
    /// The shortest time that the operations of a kernel can take.
    ///
    /// @param kernel the kernel
    /// @return nanoseconds
    public double flopFloorNanos(KernelTime kernel) {
      Double onMatrixUnits = Boolean.TRUE.equals(kernel.matrixUnits) ? matrixFlopsPerSecond : null;
      return kernel.flops / (onMatrixUnits == null ? flopsPerSecond : onMatrixUnits) * 1e9;
    }

    /// The shortest time that a kernel can take: its operations at the peak rate, or its bytes,
    /// whichever takes longer.
    ///
    /// @param kernel the kernel
    /// @return nanoseconds
    public double floorNanos(KernelTime kernel) {
      return Math.max(flopFloorNanos(kernel), kernel.bytes / bytesPerSecond * 1e9);
    }
  }

  /// The raw samples of one metric.
  ///
  /// @param warmupIterations untimed iterations
  /// @param warmupNs their nanoseconds
  /// @param steady whether the pace settled
  /// @param innerBatch iterations in a sample
  /// @param samplesNs nanoseconds of each sample
  /// @param bracketNs wall time from the first sample to outputs on the host
  /// @param readbackNs nanoseconds of copying outputs to the host once
  /// @param poisoned whether outputs were filled with NaN before
  public record MetricSamples(
      int warmupIterations,
      long warmupNs,
      boolean steady,
      int innerBatch,
      List<Long> samplesNs,
      long bracketNs,
      long readbackNs,
      boolean poisoned) {}
}
