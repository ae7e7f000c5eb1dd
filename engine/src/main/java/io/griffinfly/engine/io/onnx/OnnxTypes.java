package io.griffinfly.engine.io.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;

/// Types and tensors in ONNX's messages.
final class OnnxTypes {
  private OnnxTypes() {}

  static int code(DType dtype) {
    TensorProto.DataType type =
        switch (dtype) {
          case F64 -> TensorProto.DataType.DOUBLE;
          case F32 -> TensorProto.DataType.FLOAT;
          case F16 -> TensorProto.DataType.FLOAT16;
          case BF16 -> TensorProto.DataType.BFLOAT16;
          case I64 -> TensorProto.DataType.INT64;
          case I32 -> TensorProto.DataType.INT32;
          case BOOL -> TensorProto.DataType.BOOL;
        };
    return type.getNumber();
  }

  static ValueInfoProto value(String name, TensorType type) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (int dim : type.shape().dims()) {
      shape.addDimBuilder().setDimValue(dim);
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(code(type.dtype())).setShape(shape).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /// A tensor's name, type and shape, without elements.
  static TensorProto.Builder header(String name, TensorType type) {
    TensorProto.Builder builder =
        TensorProto.newBuilder().setName(name).setDataType(code(type.dtype()));
    for (int dim : type.shape().dims()) {
      builder.addDims(dim);
    }
    return builder;
  }

  /// Elements as ONNX stores them: little-endian, which is what a tensor is.
  static ByteString raw(Tensor tensor) {
    return ByteString.copyFrom(tensor.data().asByteBuffer());
  }
}
