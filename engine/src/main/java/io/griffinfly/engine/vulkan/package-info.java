/// GPUs through Vulkan 1.2 and later; the only package that uses LWJGL.
///
/// A [VulkanDevice][io.griffinfly.engine.vulkan.VulkanDevice] runs the same plans as every device.
/// From the top: an executable binds a plan to memory and records it once as one command buffer,
/// with a barrier only where a kernel touches what an earlier one wrote; a schedule turns the work
/// of a step into stages, each one dispatch of a compute shader; writers of stages (elementwise,
/// folds, products, rows) build its GLSL from the layouts of its operands, all of them literals, so
/// that equal kernels have equal text and share one pipeline; pipelines are compiled in parallel
/// and kept on disk. Native objects are owned by the context, which destroys them in the reverse
/// order of their making on every path, the end of the process included: a device that is alive
/// when the process exits has crashed a driver.
package io.griffinfly.engine.vulkan;
