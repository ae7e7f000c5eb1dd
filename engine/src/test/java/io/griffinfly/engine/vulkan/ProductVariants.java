package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.kernel.Schedule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

  /// Products of a few rows with what is joined to them, each in one way, by what it is.
  public static Map<String, Schedule> vectorJoins() {
    Map<String, Schedule> all = new LinkedHashMap<>();
    for (int count : List.of(1, 2, 4)) {
      all.put(count + " columns", new VectorJoinSchedule(List.of(count)));
    }
    return all;
  }

  /// Products on the matrix units of workgroups, each cut in one way, by what it is.
  public static Map<String, Schedule> matrixUnits() {
    Map<String, Schedule> all = new LinkedHashMap<>();
    for (CoopTile tile :
        List.of(
            new CoopTile(32, 32, 96, 128, 1),
            new CoopTile(32, 32, 16, 128, 3),
            new CoopTile(64, 64, 48, 128, 1),
            new CoopTile(128, 64, 32, 256, 1),
            new CoopTile(128, 128, 48, 256, 2))) {
      all.put(tile.toString(), new CoopSchedule((_, _, _) -> Optional.of(tile)));
    }
    return all;
  }

  /// Products by the matrix units of a device's subgroups, each in one way, by what it is.
  public static Map<String, Schedule> fragments(VulkanDevice device) {
    Map<String, Schedule> all = new LinkedHashMap<>();
    for (FragmentTile tile : FragmentTile.whole(device.profile().gpu().orElseThrow())) {
      for (int parts : List.of(1, 2, 4)) {
        FragmentSchedule.Choice choice =
            (_, product, _) ->
                tile.split(product).filter(each -> each.splits() == parts).findFirst();
        all.put(tile + " in parts: " + parts, new FragmentSchedule(choice));
      }
    }
    return all;
  }
}
