package io.griffinfly.suites.stats;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A reproducible order.
public final class Shuffle {
  private Shuffle() {}

  /// A uniformly random permutation (Fisher and Yates, in Durstenfeld's form; Knuth, TAOCP 3.4.2,
  /// algorithm P). The generator is SplitMix64, whose sequence Java specifies, so that an order can
  /// be told from its seed on any machine.
  ///
  /// @param items what to order
  /// @param seed which order
  /// @param <T> the kind of item
  /// @return the items in the new order
  public static <T> List<T> of(List<T> items, long seed) {
    List<T> shuffled = new ArrayList<>(items);
    SplittableRandom random = new SplittableRandom(seed);
    for (int last = shuffled.size() - 1; last > 0; last--) {
      int chosen = random.nextInt(last + 1);
      T moved = shuffled.get(chosen);
      shuffled.set(chosen, shuffled.get(last));
      shuffled.set(last, moved);
    }
    return List.copyOf(shuffled);
  }
}
