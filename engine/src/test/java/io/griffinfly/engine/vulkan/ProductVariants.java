package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.kernel.Schedule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Every way in which GPUs compute matrix products, for tests that do not want to depend on what
/// the predictions choose.
public final class ProductVariants {
  private ProductVariants() {}

  /// Products by tiles, each in one way, by what it is.
  public static Map<String, Schedule> tiles() {
    Map<String, Schedule> all = new LinkedHashMap<>();
    for (TileShape shape : TileShape.ALL) {
      all.put(shape + " whole", new TileSchedule(List.of(shape), 1, 1));
      all.put(shape + " in parts", new TileSchedule(List.of(shape), 3, 3));
    }
    return all;
  }

  /// Products of a few rows, each in one way, by what it is.
  public static Map<String, Schedule> vectors() {
    Map<String, Schedule> all = new LinkedHashMap<>();
    for (int count : List.of(1, 2, 4)) {
      all.put(count + " columns or parts", new VectorSchedule(List.of(count), List.of(count)));
    }
    return all;
  }
}
