package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;

/// The fastest way that a device has for a matrix product inside of another operation.
final class Products {
  /// Fewest rows and columns for which tiles pay.
  private static final int FEWEST_LINES = 16;

  private Products() {}

  static Stage write(Product product, DeviceProfile.Gpu gpu) {
    if (TexelProduct.accepts(product, gpu)) {
      return TexelProduct.write(product, gpu);
    }
    // A tile of a few rows would mostly compute nothing.
    boolean tiles =
        TileShape.ALL.stream().anyMatch(shape -> shape.fits(gpu))
            && Math.min(product.m(), product.n()) >= FEWEST_LINES;
    return tiles ? TileProduct.write(product, gpu) : LaneProduct.write(product);
  }
}
