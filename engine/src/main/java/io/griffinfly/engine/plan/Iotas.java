package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Tensor;

/// Counting tensors, written out.
final class Iotas {
  private Iotas() {}

  static Tensor tensor(Leaf.Iota iota) {
    Tensor tensor = Tensor.zeros(iota.type());
    long stride = iota.type().shape().strides()[iota.axis()];
    int extent = iota.type().shape().dim(iota.axis());
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, (double) (i / stride % extent));
    }
    return tensor;
  }
}
