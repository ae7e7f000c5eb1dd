package io.griffinfly.engine.conformance;

import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.plan.Device;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// A kind of device under test.
public interface Subject {
  /// Devices of this kind that must all yield the same bits, such as one for each number of
  /// threads. They stay open.
  List<Device> devices();

  /// A new device, for the caller to close.
  Device open();

  /// Why no device of this kind takes a spec; empty if it must.
  Optional<String> exclusion(KernelSpec spec);

  /// The layouts that a case is tried on.
  List<Lie> lies();

  /// The layouts that a case is tried on for which layouts matter most: matrix products.
  default List<Lie> liesOfProducts() {
    return allLies();
  }

  /// Demands that nothing was reported against the devices since the last call.
  void requireNoComplaints();

  /// The layouts that every kernel must take. [Lie#WIDE] matters to kernels for matrix units alone.
  static List<Lie> allLies() {
    return List.of(Lie.DENSE, Lie.PADDED, Lie.REVERSED, Lie.SPACED);
  }

  /// One layout a case, in turn.
  static List<Lie> lieInTurn(AtomicInteger turn) {
    return List.of(allLies().get(Math.floorMod(turn.getAndIncrement(), allLies().size())));
  }
}
