package io.griffinfly.engine.io.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.griffinfly.engine.io.Refused;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  private static final DType[] TYPES = DType.values();

  @TempDir Path folder;

  private static Map<String, Tensor> randomTensors(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    Map<String, Tensor> tensors = new TreeMap<>();
    int count = random.nextInt(1, 12);
    for (int i = 0; i < count; i++) {
      int[] dims = new int[random.nextInt(5)];
      for (int d = 0; d < dims.length; d++) {
        dims[d] = random.nextInt(0, 6);
      }
      Tensor tensor = Tensor.zeros(TensorType.of(TYPES[random.nextInt(TYPES.length)], dims));
      for (long b = 0; b < tensor.data().byteSize(); b++) {
        tensor.data().set(ValueLayout.JAVA_BYTE, b, (byte) random.nextInt());
      }
      tensors.put("layer." + random.nextInt(100) + ".\u00fcml\u00e4ut \"" + i + "\"", tensor);
    }
    return tensors;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void readsWhatItWrote(long seed) throws IOException {
    Map<String, Tensor> tensors = randomTensors(seed);
    Map<String, String> metadata = Map.of("format", "pt", "line\nbreak", "\u2028 \u0000");
    Path file = folder.resolve("w.safetensors");
    SafetensorsWriter.write(file, tensors, metadata);
    try (Safetensors weights = Safetensors.open(file)) {
      assertEquals(tensors.keySet(), weights.names());
      assertEquals(metadata, weights.metadata());
      tensors.forEach((name, tensor) -> {
        Tensor read = weights.tensor(name, tensor.type());
        assertEquals(tensor.type(), read.type());
        assertEquals(-1, tensor.data().mismatch(read.data()), name);
      });
    }
  }

  @Test
  void theBytesAreAsTheFormatSays() throws IOException {
    Path file = folder.resolve("w.safetensors");
    SafetensorsWriter.write(
        file,
        Map.of("b", Tensor.of(new float[] {1, 2}, 1, 2), "a", Tensor.of(new float[] {3})),
        Map.of("k", "v"));
    String json =
        "{\"__metadata__\":{\"k\":\"v\"},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[4,12]}}";
    int padded = (json.length() + 7) / 8 * 8;
    byte[] bytes = Files.readAllBytes(file);
    assertEquals(padded, MemorySegment.ofArray(bytes).get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
    String text = new String(bytes, 8, padded, StandardCharsets.UTF_8);
    assertEquals(json + " ".repeat(padded - json.length()), text);
    assertArrayEquals(
        new byte[] {0, 0, 0x40, 0x40, 0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40},
        java.util.Arrays.copyOfRange(bytes, 8 + padded, bytes.length));
  }

  @ParameterizedTest
  @EnumSource(StorageType.class)
  void everyStorageTypeIsRead(StorageType storage) throws IOException {
    String json =
        "{\"a\":{\"dtype\":\"T\",\"shape\":[3],\"data_offsets\":[0,N]}}"
            .replace("T", storage.name())
            .replace("N", Integer.toString(3 * storage.bytes()));
    Path file = folder.resolve("w.safetensors");
    writeRaw(file, json, 3L * storage.bytes());
    try (Safetensors weights = Safetensors.open(file)) {
      assertEquals(storage, weights.entry("a").storage());
      assertEquals(3L * storage.bytes(), weights.bytes("a").byteSize());
      if (storage.dtype() != null) {
        assertEquals(TensorType.of(storage.dtype(), 3), weights.tensor("a").type());
        assertEquals(storage, StorageType.of(storage.dtype()));
      } else {
        Refused.with(
            "to have an element type that the engine knows, found " + storage + "[3]",
            () -> weights.tensor("a"));
      }
    }
  }

  private static void writeRaw(Path file, String json, long dataBytes) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.writeLong(Long.reverseBytes(json.length()));
      out.write(json.getBytes(StandardCharsets.UTF_8));
      out.setLength(8 + json.length() + dataBytes);
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "files are not sparse there by default")
  void aFileMayBeLargerThanTwoGigabytes() throws IOException {
    long count = (1L << 29) + 3;
    String json =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[N],\"data_offsets\":[0,E]},"
            .replace("[N]", "[" + count + "]")
            .replace("E]", 4 * count + "]");
    json += "\"b\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[B,E]}}";
    json = json.replace("[B", "[" + 4 * count).replace("E]", 4 * count + 8 + "]");
    Path file = folder.resolve("large.safetensors");
    writeRaw(file, json, 4 * count + 8);
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.seek(out.length() - 4);
      out.writeInt(Integer.reverseBytes(-77));
    }
    try (Safetensors weights = Safetensors.open(file)) {
      assertEquals(-77, weights.tensor("b").getLong(1));
      assertEquals(0, weights.tensor("a").getDouble(count - 1));
    }
  }

  @Test
  void aReaderMayAskForTypeAndShape() throws IOException {
    Path file = folder.resolve("w.safetensors");
    SafetensorsWriter.write(file, Map.of("w", Tensor.of(new float[6], 2, 3)), Map.of());
    try (Safetensors weights = Safetensors.open(file)) {
      Refused.with(
          "w.safetensors: expected tensor \"w\" to be F32[3,2], found F32[2,3]",
          () -> weights.tensor("w", TensorType.of(DType.F32, 3, 2)));
      Refused.with(
          "tensor \"w\" to be F16[2,3], found F32[2,3]",
          () -> weights.tensor("w", TensorType.of(DType.F16, 2, 3)));
      Refused.with(
          "tensor \"v\" to be there, found no such tensor among 1", () -> weights.tensor("v"));
      assertFalse(weights.contains("v"));
    }
  }

  @Test
  void aTensorEndsWithItsFile() throws IOException {
    Path file = folder.resolve("w.safetensors");
    SafetensorsWriter.write(file, Map.of("w", Tensor.of(new float[1], 1)), Map.of());
    Safetensors weights = Safetensors.open(file);
    Tensor tensor = weights.tensor("w");
    assertThrows(
        IllegalArgumentException.class,
        () -> tensor.data().set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
    weights.close();
    assertThrows(IllegalStateException.class, () -> tensor.getDouble(0));
  }

  @Test
  void shardsAreFoundThroughTheIndex() throws IOException {
    SafetensorsWriter.write(
        folder.resolve("1.safetensors"), Map.of("a", Tensor.of(new float[] {1}, 1)), Map.of());
    SafetensorsWriter.write(
        folder.resolve("2.safetensors"), Map.of("b", Tensor.of(new float[] {2}, 1)), Map.of());
    // The index counts, not the single file beside it.
    SafetensorsWriter.write(
        folder.resolve("model.safetensors"), Map.of("c", Tensor.of(new float[1], 1)), Map.of());
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(
        index,
        "{\"metadata\":{\"total_size\":8},"
            + "\"weight_map\":{\"a\":\"1.safetensors\",\"b\":\"2.safetensors\"}}");
    for (Path path : Stream.of(folder, index).toList()) {
      try (Safetensors weights = Safetensors.open(path)) {
        assertEquals(java.util.Set.of("a", "b"), weights.names());
        assertEquals(1, weights.tensor("a").getDouble(0));
        assertEquals(2, weights.tensor("b").getDouble(0));
      }
    }
    Files.delete(index);
    try (Safetensors weights = Safetensors.open(folder)) {
      assertEquals(java.util.Set.of("c"), weights.names());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../1.safetensors",
        "/etc/passwd",
        "a/b",
        "a\\\\b",
        "..",
        ".",
        "",
        "C:x",
        "\\u0000"
      })
  void anIndexCannotLeadOutOfItsFolder(String shard) throws IOException {
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(index, "{\"weight_map\":{\"a\":\"" + shard + "\"}}");
    Refused.with("tensor \"a\" to lie in a file beside the index", () -> Safetensors.open(folder));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]|a JSON object",
        "{}|a weight_map with a tensor",
        "{\"weight_map\":{}}|a weight_map with a tensor",
        "{\"weight_map\":7}|one weight_map, an object",
        "{\"weight_map\":{\"a\":\"1\"},\"weight_map\":{}}|one weight_map",
        "{\"weight_map\":{\"a\":1}}|to lie in a file beside the index",
        "{\"weight_map\":{\"a\":\"1\",\"a\":\"1\"}}|to be listed once",
        "{\"weight_map\":{\"a\":\"1\"|expected JSON",
        "{\"weight_map\":{\"a\":\"absent\"}}|absent: expected a file, found none",
        "{\"weight_map\":{\"b\":\"1.safetensors\"}}|\"b\" to lie in 1.safetensors, found no such"
      })
  void aMalformedIndexIsRefused(String textAndMessage) throws IOException {
    SafetensorsWriter.write(
        folder.resolve("1.safetensors"), Map.of("a", Tensor.of(new float[1], 1)), Map.of());
    int bar = textAndMessage.lastIndexOf('|');
    Files.writeString(
        folder.resolve("model.safetensors.index.json"), textAndMessage.substring(0, bar));
    Refused.with(textAndMessage.substring(bar + 1), () -> Safetensors.open(folder));
  }

  @Test
  void anAbsentFileIsNamed() {
    Refused.with("none.safetensors: expected a file, found none", () -> open("none.safetensors"));
    Refused.with("none.index.json: expected a file, found none", () -> open("none.index.json"));
    Refused.with("model.safetensors: expected a file, found none", () -> Safetensors.open(folder));
  }

  private void open(String name) throws IOException {
    Safetensors.open(folder.resolve(name)).close();
  }
}
