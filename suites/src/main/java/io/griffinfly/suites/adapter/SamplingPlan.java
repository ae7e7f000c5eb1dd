package io.griffinfly.suites.adapter;

/// How a metric is sampled in one process. All counts are minima.
///
/// @param warmupIterations untimed iterations
/// @param warmupNs untimed nanoseconds
/// @param warmupCapNs nanoseconds after which an unsteady warm-up gives up
/// @param steady whether the warm-up waits for a steady pace
/// @param samples timed samples
/// @param samplesNs nanoseconds that the samples take together
/// @param sampleNs nanoseconds that one sample lasts; short iterations are batched to reach it
public record SamplingPlan(
    int warmupIterations,
    long warmupNs,
    long warmupCapNs,
    boolean steady,
    int samples,
    long samplesNs,
    long sampleNs) {}
