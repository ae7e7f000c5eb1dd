package io.griffinfly.suites.report;

import io.griffinfly.suites.adapter.AdapterResult.DeviceFacts;
import io.griffinfly.suites.adapter.AdapterResult.GpuFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `--list-devices`: what there is, which of it is used where none is named, and why the others are
/// not.
public final class DeviceTable {
  private static final List<String> HEADINGS =
      List.of("Device", "Name", "Kind", "Driver", "Memory", "Subgroups", "Matrices");
  private static final String SOFTWARE = "software";

  private DeviceTable() {}

  /// Lays it out.
  ///
  /// @param devices what there is, the CPU first
  /// @param automatic the GPU that `--device auto` takes; empty if it takes the CPU
  /// @param notes why there are no more
  /// @param painter gives it its look
  /// @return several lines
  public static String render(
      List<DeviceFacts> devices,
      Optional<DeviceFacts> automatic,
      List<String> notes,
      Painter painter) {
    StringBuilder out = new StringBuilder();
    List<List<Cell>> rows = devices.stream().map(DeviceTable::cells).toList();
    out.append(new Grid(HEADINGS, rows, HEADINGS.size()).render(painter));
    DeviceFacts taken = automatic.orElse(devices.getFirst());
    out.append("\n--device auto is ").append(taken.id()).append(": ");
    out.append(
        automatic.isPresent()
            ? "the first GPU of the best kind, discrete before integrated"
            : "no GPU here that the engine can use");
    out.append('\n');
    for (DeviceFacts device : devices) {
      GpuFacts gpu = device.gpu();
      if (gpu != null && !device.equals(taken)) {
        out.append(device.id()).append(" is not: ").append(reason(device, gpu)).append('\n');
      }
    }
    notes.forEach(note -> out.append("vulkan is not: ").append(note).append('\n'));
    if (!notes.isEmpty()) {
      out.append("./run.sh --install installs it on Debian and Ubuntu, as root\n");
    }
    return out.toString();
  }

  private static String reason(DeviceFacts device, GpuFacts gpu) {
    if (!gpu.missing().isEmpty()) {
      return "it lacks " + String.join(", ", gpu.missing()) + "; a newer driver may have it";
    }
    return (device.kind().equals(SOFTWARE) ? "it is software" : "another comes first")
        + "; ask for it by name: --device "
        + device.id();
  }

  private static List<Cell> cells(DeviceFacts device) {
    List<Cell> cells = new ArrayList<>();
    cells.add(Cell.of(device.id()));
    cells.add(Cell.of(device.name()));
    cells.add(Cell.of(device.kind()));
    String driver = device.driver();
    cells.add(driver == null || driver.isEmpty() ? Cell.none() : Cell.of(driver));
    GpuFacts gpu = device.gpu();
    if (gpu == null) {
      cells.addAll(List.of(Cell.none(), Cell.none(), Cell.none()));
      return cells;
    }
    cells.add(Cell.of(Quantity.of(gpu.memoryBytes() / 1e6, "MB")));
    int least = gpu.minSubgroupSize();
    int most = gpu.maxSubgroupSize();
    cells.add(Cell.of(least == most ? Integer.toString(least) : least + " to " + most));
    cells.add(gpu.matrices().isEmpty() ? Cell.none() : new Cell(gpu.matrices(), Cell.Style.PLAIN));
    return cells;
  }
}
