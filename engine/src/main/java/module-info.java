import org.jspecify.annotations.NullMarked;

/// The Griffinfly engine: graph, autodiff, optimizer, kernels and devices.
@NullMarked
module io.griffinfly.engine {
  requires static org.jspecify;
  requires static jdk.incubator.vector;
  requires com.fasterxml.jackson.core;
  // ONNX alone; a program that uses it brings them.
  requires static org.tribuo.util.onnx;
  requires static com.google.protobuf;
  // The vulkan device alone; a program that uses it brings them, and org.lwjgl.natives.
  requires static org.lwjgl;
  requires static org.lwjgl.vulkan;
  requires static org.lwjgl.shaderc;
  requires java.net.http;

  exports io.griffinfly.engine.data;
  exports io.griffinfly.engine.io;
  exports io.griffinfly.engine.io.safetensors;
  exports io.griffinfly.engine.io.onnx;
  exports io.griffinfly.engine.ir;
  exports io.griffinfly.engine.grad;
  exports io.griffinfly.engine.ref;
  exports io.griffinfly.engine.nn;
  exports io.griffinfly.engine.device;
  exports io.griffinfly.engine.jvm;
  exports io.griffinfly.engine.kernel;
  exports io.griffinfly.engine.opt;
  exports io.griffinfly.engine.plan;
  exports io.griffinfly.engine.run;
  exports io.griffinfly.engine.egraph;
  exports io.griffinfly.engine.vulkan;
  exports io.griffinfly.engine.train;
}
