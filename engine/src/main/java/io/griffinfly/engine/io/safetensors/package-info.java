/// The safetensors format: an 8-byte little-endian header length, a JSON header that gives name,
/// element type, shape and byte range of every tensor, then the bytes.
///
/// Source: the format section of the safetensors project's README. Reading is memory-mapped, one
/// mapping a file, so that a file may be larger than 2 GB and costs nothing until it is touched;
/// everything that the header claims is checked before the first tensor is handed out. Writing
/// streams into an [AtomicFile][io.griffinfly.engine.io.AtomicFile]: the target is there when it is
/// complete.
package io.griffinfly.engine.io.safetensors;
