package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.plan.DeviceAbsentException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// Which of the devices is meant.
final class AdapterChoice {
  private AdapterChoice() {}

  /// Chooses a device.
  ///
  /// @param all what there is
  /// @param wanted a device's index, or a part of its name in any case; empty takes the first of
  ///   the best kind that the engine can use, but no software
  /// @return the index in the list
  /// @throws DeviceAbsentException if there is none
  static int choose(List<AdapterInfo> all, String wanted) {
    requireAny(all);
    if (wanted.isEmpty()) {
      return best(all)
          .map(all::indexOf)
          .orElseThrow(() ->
              new DeviceAbsentException(
                  "there is no Vulkan device with hardware that the engine can use; a software"
                      + " device is taken only by name: "
                      + names(all)));
    }
    if (wanted.chars().allMatch(c -> c >= '0' && c <= '9') && wanted.length() < 6) {
      int index = Integer.parseInt(wanted);
      if (index >= all.size()) {
        throw new DeviceAbsentException(
            "there is no Vulkan device " + index + ", only " + names(all));
      }
      return index;
    }
    String part = wanted.toLowerCase(Locale.ROOT);
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).name().toLowerCase(Locale.ROOT).contains(part)) {
        return i;
      }
    }
    throw new DeviceAbsentException(
        "no Vulkan device has '" + wanted + "' in its name, only " + names(all));
  }

  /// Demands that there are devices at all.
  ///
  /// @return the same
  /// @throws DeviceAbsentException if there is none
  static List<AdapterInfo> requireAny(List<AdapterInfo> all) {
    if (all.isEmpty()) {
      throw new DeviceAbsentException("there is no Vulkan device: " + Loader.NO_DRIVER);
    }
    return all;
  }

  /// The device that is taken without a name.
  static Optional<AdapterInfo> best(List<AdapterInfo> all) {
    return all.stream()
        .filter(info -> info.kind() != AdapterInfo.Kind.SOFTWARE && info.missing().isEmpty())
        .min(Comparator.comparing(AdapterInfo::kind).thenComparingInt(AdapterInfo::index));
  }

  private static String names(List<AdapterInfo> all) {
    return all.stream()
        .map(info -> info.index() + " (" + info.name() + ")")
        .collect(Collectors.joining(", "));
  }
}
