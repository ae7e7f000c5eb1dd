package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;

/// The fastest way that a device has for a matrix product inside of another operation.
final class Products {
  private Products() {}

  static Stage write(Product product, DeviceProfile.Gpu gpu) {
    if (TexelProduct.accepts(product, gpu)) {
      return TexelProduct.write(product, gpu);
    }
    // A tile of a few rows would mostly compute nothing.
    return TileProduct.accepts(gpu) && Math.min(product.m(), product.n()) >= TileProduct.TILE / 4
        ? TileProduct.write(product)
        : LaneProduct.write(product);
  }
}
