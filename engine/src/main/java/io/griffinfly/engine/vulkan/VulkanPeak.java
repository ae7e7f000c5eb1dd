package io.griffinfly.engine.vulkan;

import java.util.OptionalDouble;

/// The rates that no kernel of a device can beat, measured: what a kernel's time is a percentage
/// of.
///
/// **Arithmetic.** Every lane runs single-precision multiply-adds in twelve independent chains and
/// touches no memory; there are so many lanes that the device is full for milliseconds.
///
/// **Matrix units.** Products of halves that stay in registers, summed in single precision, by
/// workgroups where they multiply together, else by subgroups.
///
/// **Memory.** A copy between two buffers that no cache holds; what is read and what is written
/// counts.
///
/// **Barriers.** Dispatches of one workgroup that writes one word a lane, each behind a barrier.
///
/// Of each the best window counts, on the device's own clock; before, the device has been busy for
/// long enough to have raised its clock rates. Takes about a second.
///
/// @param flopsPerSecond single-precision operations; a multiply-add counts two
/// @param matrixFlopsPerSecond operations on matrix units; empty where products use none
/// @param bytesPerSecond bytes read and written by copying
/// @param barrierNanos nanoseconds of a dispatch that does nothing much, with the barrier before it
public record VulkanPeak(
    double flopsPerSecond,
    OptionalDouble matrixFlopsPerSecond,
    double bytesPerSecond,
    double barrierNanos) {}
