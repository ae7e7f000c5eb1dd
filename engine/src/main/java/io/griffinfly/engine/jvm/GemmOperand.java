package io.griffinfly.engine.jvm;

import java.util.LinkedHashMap;
import java.util.Map;

/// One side of a bound matrix product: packed already, or to be packed piece by piece.
final class GemmOperand {
  private final boolean packed;
  private final long[] addresses;
  private final long laneStride;
  private final long depthStride;

  private GemmOperand(boolean packed, long[] addresses, long laneStride, long depthStride) {
    this.packed = packed;
    this.addresses = addresses;
    this.laneStride = laneStride;
    this.depthStride = depthStride;
  }

  /// An operand whose pieces lie one after the other from each address on.
  static GemmOperand packed(long[] addresses) {
    return new GemmOperand(true, addresses, 0, 0);
  }

  /// An operand as it is.
  ///
  /// @param addresses one for each product of the batch
  /// @param laneStride bytes from one row (left) or column (right) to the next
  /// @param depthStride bytes from one term to the next
  static GemmOperand strided(long[] addresses, long laneStride, long depthStride) {
    return new GemmOperand(false, addresses, laneStride, depthStride);
  }

  boolean packed() {
    return packed;
  }

  long address(int batch) {
    return addresses[batch];
  }

  /// Packs one piece of the operand of product `batch`.
  void pack(
      Packer packer,
      int batch,
      int lane,
      int lanes,
      int width,
      int firstTerm,
      int terms,
      long target) {
    long source = addresses[batch] + lane * laneStride + firstTerm * depthStride;
    packer.pack(source, laneStride, depthStride, lanes, width, terms, target);
  }

  /// The matrices that differ, each once, so that a shared one is packed once.
  Distinct distinct() {
    Map<Long, Integer> numbers = new LinkedHashMap<>();
    int[] number = new int[addresses.length];
    for (int i = 0; i < addresses.length; i++) {
      number[i] = numbers.computeIfAbsent(addresses[i], _ -> numbers.size());
    }
    long[] once = numbers.keySet().stream().mapToLong(Long::longValue).toArray();
    return new Distinct(strided(once, laneStride, depthStride), once.length, number);
  }

  /// The result of [#distinct()].
  static final class Distinct {
    private final GemmOperand operand;
    private final int count;
    private final int[] number;

    private Distinct(GemmOperand operand, int count, int[] number) {
      this.operand = operand;
      this.count = count;
      this.number = number;
    }

    GemmOperand operand() {
      return operand;
    }

    int count() {
      return count;
    }

    /// For each product of the batch the one of `targets` that belongs to its matrix.
    long[] spread(long[] targets) {
      long[] spread = new long[number.length];
      for (int i = 0; i < spread.length; i++) {
        spread[i] = targets[number[i]];
      }
      return spread;
    }
  }
}
