package io.griffinfly.suites.griffinfly;

import io.griffinfly.engine.jvm.JvmDevice;
import io.griffinfly.suites.adapter.AdapterException;
import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.FrameworkAdapter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The engine of this project. Devices: `cpu`, which is the device `jvm`.
public final class GriffinflyAdapter implements FrameworkAdapter {
  private static final String PRECISION = "fp32";

  /// For the host.
  public GriffinflyAdapter() {}

  @Override
  public Identity identify(AdapterRequest request) {
    if (!request.precision().equals(PRECISION)) {
      throw new AdapterException(
          AdapterException.Kind.UNSUPPORTED,
          "the jvm device computes in " + PRECISION + ", not " + request.precision());
    }
    return new Identity(
        new AdapterResult.FrameworkFacts(
            "griffinfly",
            EngineVersion.get(),
            request.variant(),
            "jvm",
            "compiled",
            PRECISION,
            Map.of("java", Runtime.version().toString())),
        device(request.threads()));
  }

  private static AdapterResult.DeviceFacts device(int threads) {
    try (JvmDevice device = new JvmDevice(threads)) {
      return new AdapterResult.DeviceFacts("jvm", "cpu", device.profile().name(), "", threads);
    }
  }

  @Override
  public Model load(AdapterRequest request, Path caseDirectory) {
    return LoadedModel.open(request, caseDirectory);
  }

  @Override
  public List<AdapterResult.DeviceFacts> devices() {
    return List.of(device(Runtime.getRuntime().availableProcessors()));
  }
}
