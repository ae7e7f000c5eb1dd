package io.griffinfly.models.synthetic;

import io.griffinfly.engine.io.FileDigest;
import io.griffinfly.engine.io.Progress;
import io.griffinfly.engine.io.WeightsException;
import io.griffinfly.engine.io.safetensors.SafetensorsWriter;
import io.griffinfly.engine.ir.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/// A safetensors file of synthetic tensors, made where it is absent and known by its digest.
public final class SyntheticFile {
  /// Values that one task draws: 1 MB of F32, which is still in the second-level cache when it is
  /// written.
  private static final long CHUNK = 1 << 18;

  private SyntheticFile() {}

  /// A range of one tensor.
  ///
  /// @param tensor the tensor
  /// @param from position of the first value
  /// @param count how many values
  private record Chunk(SyntheticTensor tensor, long from, long count) {}

  /// Makes the file unless it is there with the right bytes.
  ///
  /// @param target the file
  /// @param tensors what it holds
  /// @param sha256 the digest that the file must have, in lower-case hexadecimal digits
  /// @param progress hears of bytes drawn
  /// @return whether the file had to be made
  /// @throws IOException if the file cannot be read or written
  /// @throws WeightsException if what was made has another digest: the definition was not followed
  public static boolean ensure(
      Path target, Collection<SyntheticTensor> tensors, String sha256, Progress progress)
      throws IOException {
    if (Files.exists(target) && FileDigest.sha256(target).equals(sha256)) {
      return false;
    }
    write(target, tensors, progress);
    String found = FileDigest.sha256(target);
    if (!found.equals(sha256)) {
      Files.delete(target);
      throw WeightsException.ofFile(target, "SHA-256 " + sha256, found + " after generation");
    }
    return true;
  }

  /// Draws tensors on all cores and writes them as they come.
  ///
  /// @param target the file, which appears when it is complete
  /// @param tensors what it holds
  /// @param progress hears of bytes drawn
  /// @throws IOException if the file cannot be written
  public static void write(Path target, Collection<SyntheticTensor> tensors, Progress progress)
      throws IOException {
    Map<String, TensorType> types = new TreeMap<>();
    List<Chunk> chunks = new ArrayList<>();
    long total = 0;
    for (SyntheticTensor tensor : tensors) {
      types.put(tensor.name(), tensor.type());
      total += tensor.type().bytes();
      long size = tensor.type().shape().size();
      for (long from = 0; from < size; from += CHUNK) {
        chunks.add(new Chunk(tensor, from, Math.min(CHUNK, size - from)));
      }
    }
    long totalBytes = total;
    AtomicLong doneBytes = new AtomicLong();
    try (SafetensorsWriter writer = SafetensorsWriter.create(target, types, Map.of())) {
      chunks.parallelStream()
          .forEach(chunk -> {
            draw(writer, chunk);
            long bytes = chunk.count() * chunk.tensor().type().dtype().bytes();
            progress.at(doneBytes.addAndGet(bytes), totalBytes);
          });
      writer.commit();
    } catch (UncheckedIOException e) {
      throw new IOException(target + ": " + e.getMessage(), e);
    }
  }

  private static void draw(SafetensorsWriter writer, Chunk chunk) {
    long elementBytes = chunk.tensor().type().dtype().bytes();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(chunk.count() * elementBytes, elementBytes);
      chunk.tensor().fill(values, chunk.from(), chunk.count());
      writer.write(chunk.tensor().name(), chunk.from() * elementBytes, values);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }
}
