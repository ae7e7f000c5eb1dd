package io.griffinfly.engine.io.safetensors;

import io.griffinfly.engine.io.WeightsException;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;

/// Weights in one file or several, mapped into memory. Every header is read and checked when the
/// weights are opened; the bytes of a tensor come from the disk when they are touched. May be read
/// by several threads. Tensors are views that end with [#close].
public final class Safetensors implements AutoCloseable {
  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path path;
  private final Arena arena;
  private final NavigableMap<String, String> metadata = new TreeMap<>();
  private final NavigableMap<String, Stored> tensors = new TreeMap<>();

  /// Where a tensor was found.
  ///
  /// @param file the file it lies in
  /// @param entry what that file's header says of it
  /// @param data its bytes
  private record Stored(Path file, Entry entry, MemorySegment data) {}

  private Safetensors(Path path, Arena arena) {
    this.path = path;
    this.arena = arena;
  }

  /// Opens weights.
  ///
  /// @param path a file, an index (`*.index.json`) with its files beside it, or a folder that has
  ///   `model.safetensors.index.json` or else `model.safetensors`
  /// @return the weights, to be closed
  /// @throws IOException if a file cannot be read
  /// @throws WeightsException if a file is absent or not what the format demands
  @SuppressWarnings("MustBeClosedChecker") // the arena closes with the weights, or here on failure
  public static Safetensors open(Path path) throws IOException {
    Arena arena = Arena.ofShared();
    try {
      Path start = path;
      if (Files.isDirectory(path)) {
        Path index = path.resolve(ShardIndex.FILE_NAME);
        start = Files.exists(index) ? index : path.resolve("model.safetensors");
      }
      Safetensors weights = new Safetensors(start, arena);
      if (start.toString().endsWith(".index.json")) {
        weights.addShards();
      } else {
        weights.tensors.putAll(weights.addFile(start));
      }
      return weights;
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private void addShards() throws IOException {
    requireFile(path);
    Map<String, Map<String, Stored>> opened = new HashMap<>();
    for (Map.Entry<String, String> listed : ShardIndex.read(path).entrySet()) {
      String fileName = listed.getValue();
      Map<String, Stored> shard = opened.get(fileName);
      if (shard == null) {
        shard = addFile(path.resolveSibling(fileName));
        opened.put(fileName, shard);
      }
      Stored stored = shard.get(listed.getKey());
      if (stored == null) {
        throw WeightsException.ofTensor(
            path, listed.getKey(), "lie in " + fileName, "no such tensor there");
      }
      tensors.put(listed.getKey(), stored);
    }
  }

  private Map<String, Stored> addFile(Path file) throws IOException {
    requireFile(file);
    MemorySegment mapped;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < Long.BYTES) {
        throw WeightsException.ofFile(file, "8 bytes of header length", size + " bytes");
      }
      mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
    }
    long length = mapped.get(LENGTH, 0);
    long limit = Math.min(Header.LIMIT, mapped.byteSize() - Long.BYTES);
    if (Long.compareUnsigned(length, limit) > 0) {
      throw WeightsException.ofFile(
          file,
          "a header of at most " + limit + " bytes",
          "a header length of " + Long.toUnsignedString(length));
    }
    byte[] json = mapped.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
    MemorySegment data = mapped.asSlice(Long.BYTES + length);
    Header header = HeaderReader.read(file, json, data.byteSize());
    metadata.putAll(header.metadata());
    Map<String, Stored> found = new HashMap<>();
    for (Entry entry : header.entries().values()) {
      MemorySegment bytes = data.asSlice(entry.offset(), entry.bytes());
      found.put(entry.name(), new Stored(file, entry, bytes));
    }
    return found;
  }

  private static void requireFile(Path file) {
    if (!Files.isRegularFile(file)) {
      throw WeightsException.ofFile(file, "a file", Files.exists(file) ? "something else" : "none");
    }
  }

  /// All names.
  ///
  /// @return the names, sorted
  public NavigableSet<String> names() {
    return Collections.unmodifiableNavigableSet(tensors.navigableKeySet());
  }

  /// The free text of the files.
  ///
  /// @return text by key; where several files have a key, the text of the one read last
  public NavigableMap<String, String> metadata() {
    return Collections.unmodifiableNavigableMap(metadata);
  }

  /// Whether there is such a tensor.
  ///
  /// @param name the name
  /// @return true if there is
  public boolean contains(String name) {
    return tensors.containsKey(name);
  }

  /// What the header says of a tensor.
  ///
  /// @param name the name
  /// @return its entry
  /// @throws WeightsException if there is no such tensor
  public Entry entry(String name) {
    return stored(name).entry();
  }

  /// The bytes of a tensor, of any storage type.
  ///
  /// @param name the name
  /// @return a read-only view, little-endian, not necessarily aligned
  /// @throws WeightsException if there is no such tensor
  public MemorySegment bytes(String name) {
    return stored(name).data();
  }

  /// A tensor.
  ///
  /// @param name the name
  /// @return a read-only view of the file
  /// @throws WeightsException if there is none, or its storage type has no counterpart here
  public Tensor tensor(String name) {
    Stored stored = stored(name);
    DType dtype = stored.entry().storage().dtype();
    if (dtype == null) {
      throw WeightsException.ofTensor(
          stored.file(), name, "have an element type that the engine knows", stored.entry() + "");
    }
    return new Tensor(new TensorType(dtype, stored.entry().shape()), stored.data());
  }

  /// A tensor that must have a given type and shape.
  ///
  /// @param name the name
  /// @param expected its type
  /// @return a read-only view of the file
  /// @throws WeightsException if there is none, or it is of another type or shape
  public Tensor tensor(String name, TensorType expected) {
    Stored stored = stored(name);
    Entry entry = stored.entry();
    if (entry.storage().dtype() != expected.dtype() || !entry.shape().equals(expected.shape())) {
      String wanted = StorageType.of(expected.dtype()).name() + expected.shape();
      throw WeightsException.ofTensor(stored.file(), name, "be " + wanted, entry.toString());
    }
    return tensor(name);
  }

  private Stored stored(String name) {
    Stored stored = tensors.get(name);
    if (stored == null) {
      throw WeightsException.ofTensor(
          path, name, "be there", "no such tensor among " + tensors.size());
    }
    return stored;
  }

  /// Unmaps the files; every tensor that came from here becomes invalid.
  @Override
  public void close() {
    arena.close();
  }
}
