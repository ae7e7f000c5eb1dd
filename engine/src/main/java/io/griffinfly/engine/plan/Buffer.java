package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.DType;

/// A piece of memory that the plan speaks of by number.
///
/// @param id position in the plan's list
/// @param kind who gives it content and how long it lives
/// @param name the input's or state's name; for others what it holds, for reports
/// @param dtype element type
/// @param elements number of elements
public record Buffer(int id, Kind kind, String name, DType dtype, long elements) {
  /// Who gives a buffer its content and how long it lives.
  public enum Kind {
    /// Filled by the caller before a run.
    INPUT,
    /// A state of the parameter store; outlives the session.
    STATE,
    /// Known when the plan is made.
    CONSTANT,
    /// Computed from states and constants only: kept from run to run until a state changes.
    DERIVED,
    /// Lives inside one run; shares memory with others.
    TEMPORARY
  }

  /// Size of the buffer.
  ///
  /// @return the size in bytes
  public long bytes() {
    return elements * dtype.bytes();
  }
}
