package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;

/// The fastest way that a device has for a matrix product inside of another operation.
final class Products {
  private Products() {}

  static Stage write(Product product, DeviceProfile.Gpu gpu) {
    return TexelProduct.accepts(product, gpu)
        ? TexelProduct.write(product, gpu)
        : LaneProduct.write(product);
  }
}
