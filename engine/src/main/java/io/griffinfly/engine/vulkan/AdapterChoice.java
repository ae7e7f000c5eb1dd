package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.plan.DeviceAbsentException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Which of the devices is meant.
final class AdapterChoice {
  private AdapterChoice() {}

  /// Chooses a device.
  ///
  /// @param all what there is
  /// @param wanted a device's index, or a part of its name in any case; empty takes the first of
  ///   the best kind, but no software
  /// @return the index in the list
  /// @throws DeviceAbsentException if there is none
  static int choose(List<AdapterInfo> all, String wanted) {
    if (all.isEmpty()) {
      throw new DeviceAbsentException("there is no Vulkan device: " + Loader.NO_DRIVER);
    }
    if (wanted.isEmpty()) {
      return all.stream()
          .filter(info -> info.kind() != AdapterInfo.Kind.SOFTWARE)
          .min(Comparator.comparing(AdapterInfo::kind).thenComparingInt(AdapterInfo::index))
          .map(all::indexOf)
          .orElseThrow(() ->
              new DeviceAbsentException(
                  "there is no Vulkan device with hardware; a software device is taken only by"
                      + " name: "
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

  private static String names(List<AdapterInfo> all) {
    return all.stream()
        .map(info -> info.index() + " (" + info.name() + ")")
        .collect(Collectors.joining(", "));
  }
}
