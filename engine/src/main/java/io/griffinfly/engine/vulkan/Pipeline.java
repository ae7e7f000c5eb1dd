package io.griffinfly.engine.vulkan;

/// A compiled kernel.
///
/// @param handle the pipeline
/// @param layout its layout
/// @param setLayout the layout of its descriptor set
record Pipeline(long handle, long layout, long setLayout) {}
