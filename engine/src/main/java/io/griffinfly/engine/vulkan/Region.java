package io.griffinfly.engine.vulkan;

/// A range of a buffer of the device.
///
/// @param buffer the buffer's handle
/// @param offset first byte
/// @param bytes number of bytes
record Region(long buffer, long offset, long bytes) {
  Region slice(long from, long length) {
    if (from < 0 || length < 0 || from > bytes - length) {
      throw new IndexOutOfBoundsException(
          length + " bytes at " + from + " lie outside a region of " + bytes + " bytes");
    }
    return new Region(buffer, offset + from, length);
  }

  boolean contains(Region other) {
    return buffer == other.buffer
        && offset <= other.offset
        && other.offset + other.bytes <= offset + bytes;
  }

  boolean overlaps(Region other) {
    return buffer == other.buffer
        && offset < other.offset + other.bytes
        && other.offset < offset + bytes;
  }
}
