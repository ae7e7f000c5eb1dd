package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.CoopShape;
import java.util.List;

/// A device that Vulkan offers, for people to choose from.
///
/// @param index its number, in the order in which the system lists them
/// @param name its name
/// @param driver the driver's name and version
/// @param kind what it is
/// @param memoryBytes size of its largest heap of memory of its own
/// @param minSubgroupSize fewest lanes of a subgroup
/// @param maxSubgroupSize most lanes of a subgroup
/// @param coopShapes matrix products that its lanes compute together; empty if there are none
/// @param missing what the engine needs and it lacks; empty if the engine can use it
public record AdapterInfo(
    int index,
    String name,
    String driver,
    Kind kind,
    long memoryBytes,
    int minSubgroupSize,
    int maxSubgroupSize,
    List<CoopShape> coopShapes,
    List<String> missing) {
  /// Copies the lists.
  public AdapterInfo {
    coopShapes = List.copyOf(coopShapes);
    missing = List.copyOf(missing);
  }

  /// What a device is, the preferred kinds first.
  public enum Kind {
    /// A GPU with memory of its own.
    DISCRETE,
    /// A GPU that shares the host's memory.
    INTEGRATED,
    /// A part of a GPU that a hypervisor lends.
    VIRTUAL,
    /// Something else with hardware.
    OTHER,
    /// The host's processor, such as Mesa's lavapipe: for tests, taken only when asked for by name.
    SOFTWARE
  }
}
