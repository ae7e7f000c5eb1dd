package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.Layout;
import java.lang.foreign.MemorySegment;

/// A tensor that a kernel reads or writes, bound to memory before the first run.
///
/// @param type element type and shape
/// @param layout where its elements are, counted from the start of the memory
/// @param memory the buffer, lent by the session that owns it
record Operand(TensorType type, Layout layout, MemorySegment memory) {}
