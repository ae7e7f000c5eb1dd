package io.griffinfly.engine.io.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.griffinfly.engine.io.Refused;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  private static final Map<String, TensorType> TYPES =
      Map.of("a", TensorType.of(DType.F32, 3), "b", TensorType.of(DType.I64, 5));

  @TempDir Path folder;
  private Path file = Path.of("");

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("w.safetensors");
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> list = Files.list(folder)) {
      return list.toList();
    }
  }

  @Test
  void partsMayComeInAnyOrderFromAnyThread() throws IOException {
    // Larger than a piece of the writer and not a multiple of one.
    int count = 700_001;
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    MemorySegment bytes = MemorySegment.ofArray(values);
    int parts = 7;
    try (SafetensorsWriter writer =
        SafetensorsWriter.create(file, Map.of("w", TensorType.of(DType.F32, count)), Map.of())) {
      IntStream.range(0, parts)
          .parallel()
          .forEach(part -> {
            long from = 4L * (count / parts) * part;
            long to = part == parts - 1 ? 4L * count : 4L * (count / parts) * (part + 1);
            try {
              writer.write("w", from, bytes.asSlice(from, to - from));
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          });
      writer.commit();
    }
    try (Safetensors weights = Safetensors.open(file)) {
      assertArrayEquals(values, weights.tensor("w").toFloats());
    }
  }

  @Test
  void withoutACommitTheTargetIsAsItWas() throws IOException {
    Files.writeString(file, "old");
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, TYPES, Map.of())) {
      writer.write("a", Tensor.of(new float[3], 3));
      assertEquals("old", Files.readString(file));
    }
    assertEquals("old", Files.readString(file));
    assertEquals(List.of(file), files());
  }

  @Test
  void aCommitReplacesTheTargetAndLeavesNothingElse() throws IOException {
    Files.writeString(file, "old");
    SafetensorsWriter.write(file, Map.of("a", Tensor.of(new float[3], 3)), Map.of());
    assertEquals(List.of(file), files());
    try (Safetensors weights = Safetensors.open(file)) {
      assertEquals(java.util.Set.of("a"), weights.names());
    }
  }

  @Test
  void aCommitDemandsEveryByte() throws IOException {
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, TYPES, Map.of())) {
      Refused.with("tensor \"a\" to be written, found 12 bytes missing", writer::commit);
      writer.write("a", Tensor.of(new float[3], 3));
      writer.write("b", 8, MemorySegment.ofArray(new long[3]));
      Refused.with("tensor \"b\" to be written, found 16 bytes missing", writer::commit);
      writer.write("b", 0, MemorySegment.ofArray(new long[1]));
      writer.write("b", 32, MemorySegment.ofArray(new long[1]));
      writer.commit();
    }
    assertEquals(List.of(file), files());
  }

  @Test
  void whatWasNotDeclaredIsRefused() throws IOException {
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, TYPES, Map.of())) {
      Refused.with(
          "tensor \"c\" to be declared", () -> writer.write("c", Tensor.of(new float[3], 3)));
      Refused.with(
          "tensor \"a\" to be F32[3] as declared, found f32[1,3]",
          () -> writer.write("a", Tensor.of(new float[3], 1, 3)));
      Refused.with(
          "tensor \"a\" to be F32[3] as declared, found f64[3]",
          () -> writer.write("a", Tensor.of(new double[3], 3)));
    }
    Refused.with(
        "tensor \"__metadata__\" to have another name",
        () ->
            SafetensorsWriter.write(
                file, Map.of("__metadata__", Tensor.of(new float[1], 1)), Map.of()));
    assertEquals(List.of(), files());
  }

  @Test
  void partsOutsideATensorAreRefused() throws IOException {
    MemorySegment twoLongs = MemorySegment.ofArray(new long[2]);
    for (long offset : new long[] {-8, 25, 32, Long.MAX_VALUE, Long.MIN_VALUE}) {
      try (SafetensorsWriter writer = SafetensorsWriter.create(file, TYPES, Map.of())) {
        Refused.with(
            "tensor \"b\" to take 40 bytes, found 16 bytes at " + offset,
            () -> writer.write("b", offset, twoLongs));
      }
    }
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, TYPES, Map.of())) {
      writer.write("b", Tensor.of(new long[5], 5));
      Refused.with("more than are missing", () -> writer.write("b", 0, twoLongs));
    }
  }

  @Test
  void aFolderThatIsAbsentFailsBeforeAnythingIsWritten() {
    Path absent = folder.resolve("absent").resolve("w.safetensors");
    assertThrows(
        NoSuchFileException.class,
        () -> SafetensorsWriter.write(absent, Map.of("a", Tensor.of(new float[1], 1)), Map.of()));
  }
}
