package io.griffinfly.suites.griffinfly;

import io.griffinfly.engine.plan.Device;
import io.griffinfly.suites.adapter.AdapterException;
import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.FrameworkAdapter;
import java.nio.file.Path;
import java.util.Map;

/// The engine of this project. Variants: `jvm` on the device `cpu`, `vulkan` on GPUs.
public final class GriffinflyAdapter implements FrameworkAdapter {
  private static final String PRECISION = "fp32";

  /// For the host.
  public GriffinflyAdapter() {}

  @Override
  public Identity identify(AdapterRequest request) {
    if (!request.precision().equals(PRECISION)) {
      throw new AdapterException(
          AdapterException.Kind.UNSUPPORTED,
          "griffinfly computes in " + PRECISION + ", not " + request.precision());
    }
    try (Device device = OwnDevices.open(request)) {
      AdapterResult.DeviceFacts facts = OwnDevices.facts(device);
      return new Identity(
          new AdapterResult.FrameworkFacts(
              "griffinfly",
              EngineVersion.get(),
              request.variant(),
              request.variant(),
              "compiled",
              PRECISION,
              Map.of("java", Runtime.version().toString())),
          facts);
    }
  }

  @Override
  public Model load(AdapterRequest request, Path caseDirectory) {
    return LoadedModel.open(request, caseDirectory);
  }

  @Override
  public Devices devices() {
    return OwnDevices.all();
  }
}
