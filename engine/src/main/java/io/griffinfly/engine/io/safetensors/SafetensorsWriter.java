package io.griffinfly.engine.io.safetensors;

import io.griffinfly.engine.io.AtomicFile;
import io.griffinfly.engine.io.WeightsException;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/// Writes one file: first all types are declared, then the bytes follow in any order, in parts if
/// need be and from several threads, and [#commit] gives the file its name. Until then the target
/// is untouched; a writer that is closed without a commit leaves nothing behind.
public final class SafetensorsWriter implements AutoCloseable {
  /// A ByteBuffer holds less than 2 GB, and heap memory is copied into native memory first: large
  /// parts go in pieces of this size.
  private static final long PIECE_BYTES = 1 << 20;

  private final Path target;
  private final Header header;
  private final AtomicFile file;
  private final long dataStart;
  private final Map<String, AtomicLong> missingBytes = new TreeMap<>();

  private SafetensorsWriter(Path target, Header header) throws IOException {
    this.target = target;
    this.header = header;
    byte[] json = header.encode();
    this.dataStart = (long) Long.BYTES + json.length;
    header
        .entries()
        .forEach((name, entry) -> missingBytes.put(name, new AtomicLong(entry.bytes())));
    this.file = AtomicFile.create(target);
    ByteBuffer start = ByteBuffer.allocate((int) dataStart).order(ByteOrder.LITTLE_ENDIAN);
    start.putLong(json.length).put(json).flip();
    try {
      writeFully(start, 0);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /// Begins a file.
  ///
  /// @param target the file to be, replaced at the commit if it exists
  /// @param types all tensors of the file
  /// @param metadata free text for the header
  /// @return the writer, to be closed
  /// @throws IOException if the temporary file beside the target cannot be written
  public static SafetensorsWriter create(
      Path target, Map<String, TensorType> types, Map<String, String> metadata) throws IOException {
    if (types.containsKey(Header.METADATA)) {
      throw WeightsException.ofTensor(target, Header.METADATA, "have another name", "this one");
    }
    return new SafetensorsWriter(target, Header.layout(types, metadata));
  }

  /// Writes a file of tensors that exist already.
  ///
  /// @param target the file to be
  /// @param tensors all tensors of the file
  /// @param metadata free text for the header
  /// @throws IOException if it cannot be written; the target is then as it was
  public static void write(Path target, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    Map<String, TensorType> types = new TreeMap<>();
    tensors.forEach((name, tensor) -> types.put(name, tensor.type()));
    try (SafetensorsWriter writer = create(target, types, metadata)) {
      for (Map.Entry<String, Tensor> named : tensors.entrySet()) {
        writer.write(named.getKey(), named.getValue());
      }
      writer.commit();
    }
  }

  /// Writes a tensor.
  ///
  /// @param name its declared name
  /// @param tensor its value, of the declared type
  /// @throws IOException if the bytes cannot be written
  public void write(String name, Tensor tensor) throws IOException {
    Entry entry = declared(name);
    if (entry.storage().dtype() != tensor.dtype() || !entry.shape().equals(tensor.shape())) {
      throw WeightsException.ofTensor(
          target, name, "be " + entry + " as declared", tensor.type().toString());
    }
    write(name, 0, tensor.data());
  }

  /// Writes some bytes of a tensor. The parts of a tensor must not overlap: what is checked at the
  /// commit is their sum.
  ///
  /// @param name its declared name
  /// @param byteOffset where the part begins in the tensor, in bytes
  /// @param part the bytes
  /// @throws IOException if the bytes cannot be written
  public void write(String name, long byteOffset, MemorySegment part) throws IOException {
    Entry entry = declared(name);
    long bytes = part.byteSize();
    long missing = count(name).addAndGet(-bytes);
    if (byteOffset < 0 || byteOffset > entry.bytes() - bytes || missing < 0) {
      throw WeightsException.ofTensor(
          target,
          name,
          "take " + entry.bytes() + " bytes",
          bytes + " bytes at " + byteOffset + (missing < 0 ? ", more than are missing" : ""));
    }
    long position = dataStart + entry.offset() + byteOffset;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = part.isNative() ? part : arena.allocate(Math.min(PIECE_BYTES, bytes));
      for (long done = 0; done < bytes; done += PIECE_BYTES) {
        MemorySegment piece = part.asSlice(done, Math.min(PIECE_BYTES, bytes - done));
        if (!part.isNative()) {
          piece = copy.asSlice(0, piece.byteSize()).copyFrom(piece);
        }
        writeFully(piece.asByteBuffer(), position + done);
      }
    }
  }

  /// Completes the file: checks that nothing is missing, flushes it to the disk and gives it its
  /// name in one step.
  ///
  /// @throws IOException if that fails; the target is then as it was
  public void commit() throws IOException {
    for (Map.Entry<String, AtomicLong> named : missingBytes.entrySet()) {
      long missing = named.getValue().get();
      if (missing != 0) {
        throw WeightsException.ofTensor(
            target, named.getKey(), "be written", missing + " bytes missing");
      }
    }
    file.commit();
  }

  private Entry declared(String name) {
    Entry entry = header.entries().get(name);
    if (entry == null) {
      throw WeightsException.ofTensor(target, name, "be declared", "an undeclared name");
    }
    return entry;
  }

  private AtomicLong count(String name) {
    return java.util.Objects.requireNonNull(missingBytes.get(name));
  }

  private void writeFully(ByteBuffer bytes, long position) throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += file.channel().write(bytes, at);
    }
  }

  /// Ends the writing; without a commit the temporary file goes away.
  ///
  /// @throws IOException if the temporary file cannot be removed
  @Override
  public void close() throws IOException {
    file.close();
  }
}
