package io.griffinfly.engine.device;

import io.griffinfly.engine.ir.DType;

/// A matrix product that the lanes of a device compute together, on operands that they hold
/// together.
///
/// @param scope who computes together
/// @param lanes of a workgroup that does; for [Scope#SUBGROUP] any number of whole subgroups
/// @param operands type of both operands
/// @param sums type of the sums
/// @param m rows: exactly so many, or for [Scope#WORKGROUP] a multiple of them
/// @param n columns, likewise
/// @param k depth, likewise
public record CoopShape(Scope scope, int lanes, DType operands, DType sums, int m, int n, int k) {
  /// Who computes together.
  public enum Scope {
    /// The lanes of a subgroup (VK_KHR_cooperative_matrix).
    SUBGROUP,
    /// All lanes of a workgroup, on tiles of any multiple of the extents, read by tensor addresses
    /// and changed element by element (VK_NV_cooperative_matrix2).
    WORKGROUP
  }
}
