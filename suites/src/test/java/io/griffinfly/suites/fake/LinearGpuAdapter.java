package io.griffinfly.suites.fake;

import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.AdapterResult.DeviceFacts;
import io.griffinfly.suites.adapter.AdapterResult.GpuFacts;
import io.griffinfly.suites.adapter.FrameworkAdapter;
import io.griffinfly.suites.adapter.ProgramSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The same framework on a machine with a GPU that is software and one that is not.
public final class LinearGpuAdapter implements FrameworkAdapter {
  private final LinearAdapter adapter = new LinearAdapter();

  @Override
  public Identity identify(AdapterRequest request) {
    Identity identity = adapter.identify(request);
    DeviceFacts device = new DeviceFacts(request.device(), "discrete", "a card", "", null);
    return new Identity(identity.framework(), device);
  }

  @Override
  public Model load(AdapterRequest request, Path caseDirectory) {
    return new OnCard(adapter.load(request, caseDirectory));
  }

  private record OnCard(Model model) implements Model {
    @Override
    public Program compile(ProgramSpec spec) {
      return model.compile(spec);
    }

    @Override
    public Long devicePeakBytes() {
      return 123_000_000L;
    }

    @Override
    public void close() {
      model.close();
    }
  }

  @Override
  public Devices devices() {
    return new Devices(
        List.of(
            new DeviceFacts("jvm", "cpu", "test processor", "", 2),
            gpu("vulkan:0", "software", false),
            gpu("vulkan:1", "discrete", true)),
        List.of());
  }

  private static DeviceFacts gpu(String id, String kind, boolean automatic) {
    GpuFacts facts = new GpuFacts(1 << 30, 32, 32, List.of(), List.of(), automatic);
    return new DeviceFacts(id, kind, "a card", "", null, facts);
  }

  /// A manifest like that of the engine: one variant on each kind of device.
  ///
  /// @param adapter the class that is launched
  /// @return the manifest
  public static Map<String, Object> manifest(Class<? extends FrameworkAdapter> adapter) {
    return Map.ofEntries(
        Map.entry("schema", "griffinfly-peer/1.0"),
        Map.entry("name", "griffinfly"),
        Map.entry("title", "Griffinfly"),
        Map.entry("variants", List.of("jvm", "vulkan")),
        Map.entry("devices", List.of("cpu", "vulkan")),
        Map.entry("only_on", Map.of("cpu", List.of("jvm"), "vulkan", List.of("vulkan"))),
        Map.entry("programs", List.of("forward")),
        Map.entry("architectures", List.of("linear")),
        Map.entry("launch", launch(adapter)));
  }

  /// How a class is launched.
  ///
  /// @param adapter the class
  /// @return the manifest's entry
  public static Map<String, Object> launch(Class<? extends FrameworkAdapter> adapter) {
    return Map.of(
        "adapter",
        adapter.getName(),
        "jvm_args",
        List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
  }
}
