package io.griffinfly.suites.griffinfly;

import io.griffinfly.engine.opt.Precision;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.suites.adapter.AdapterException;
import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.FrameworkAdapter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/// The engine of this project. Variants: `jvm` on the device `cpu`, `vulkan` on GPUs.
public final class GriffinflyAdapter implements FrameworkAdapter {
  private static final String PRECISION = "fp32";

  /// The variant that rounds the factors of products where the device multiplies halves.
  private static final String HALVES = "vulkan-tf32";

  /// How exact a variant's products have to be.
  static Precision precision(AdapterRequest request) {
    return request.variant().equals(HALVES) ? Precision.TF32 : Precision.FP32;
  }

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
      Precision factors = precision(request);
      if (factors != Precision.FP32 && !factors.usesHalves(device.profile())) {
        throw new AdapterException(
            AdapterException.Kind.UNSUPPORTED,
            device.profile().name()
                + " has no matrix units that multiply halves: it would compute what"
                + " griffinfly:vulkan does");
      }
      AdapterResult.DeviceFacts facts = OwnDevices.facts(device);
      return new Identity(
          new AdapterResult.FrameworkFacts(
              "griffinfly",
              EngineVersion.get(),
              request.variant(),
              request.variant(),
              "compiled",
              factors.name().toLowerCase(Locale.ROOT),
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
