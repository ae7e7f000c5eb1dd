package io.griffinfly.engine.jvm;

import java.lang.foreign.MemorySegment;

/// A right operand that was packed before, by [MatrixProduct#pack]: weights, packed once for many
/// products.
///
/// @param memory native memory
/// @param offset of its first byte, a multiple of 64
public record Panels(MemorySegment memory, long offset) {}
