package io.griffinfly.engine.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class IdxTest {
  @TempDir Path folder;

  /// Two rows of three elements: 1, 2, .. 5 and a last one whose highest bit is set.
  private static byte[] sample(Idx.Element element) {
    ByteBuffer out = ByteBuffer.allocate(12 + 6 * 8);
    out.put(new byte[] {0, 0, (byte) code(element), 2}).putInt(2).putInt(3);
    for (int i = 1; i <= 6; i++) {
      int value = i == 6 ? -2 : i;
      switch (element) {
        case U8, I8 -> out.put((byte) value);
        case I16 -> out.putShort((short) value);
        case I32 -> out.putInt(value);
        case F32 -> out.putFloat(value);
        case F64 -> out.putDouble(value);
      }
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  private static int code(Idx.Element element) {
    return switch (element) {
      case U8 -> 0x08;
      case I8 -> 0x09;
      case I16 -> 0x0b;
      case I32 -> 0x0c;
      case F32 -> 0x0d;
      case F64 -> 0x0e;
    };
  }

  private static byte[] pack(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("f"), bytes);
  }

  private static void assertRefused(String expected, Path file) {
    String message =
        String.valueOf(assertThrows(DataException.class, () -> Idx.read(file)).getMessage());
    assertTrue(message.startsWith(file + ": ") && message.contains(expected), message);
  }

  @ParameterizedTest
  @EnumSource(Idx.Element.class)
  void everyElementTypeIsReadRawAndPacked(Idx.Element element) throws IOException {
    double last = element == Idx.Element.U8 ? 254 : -2;
    for (byte[] bytes : new byte[][] {sample(element), pack(sample(element))}) {
      Idx idx = Idx.read(file(bytes));
      assertEquals(element, idx.element());
      assertEquals(Shape.of(2, 3), idx.shape());
      assertArrayEquals(
          new double[] {1, 2, 3, 4, 5, last}, idx.toTensor(DType.F64, 1, 6).toDoubles());
      assertArrayEquals(
          new double[] {0.5, 1, 1.5, 2, 2.5, last / 2},
          idx.toTensor(DType.F32, 2, 3, 2).toDoubles());
    }
  }

  @ParameterizedTest
  @EnumSource(Idx.Element.class)
  void everyTruncationIsRefused(Idx.Element element) throws IOException {
    byte[] raw = sample(element);
    for (int length = 0; length < raw.length; length++) {
      assertRefused("cut short", file(Arrays.copyOf(raw, length)));
    }
    assertRefused("bytes after the", file(Arrays.copyOf(raw, raw.length + 1)));
    byte[] packed = pack(raw);
    for (int length = 2; length < packed.length; length++) {
      assertRefused("", file(Arrays.copyOf(packed, length)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "01000801, no IDX file",
    "00010801, no IDX file",
    "00000a01, no IDX file",
    "0000080180000000, an array of less than 2 GB expected; extent 0 is 2147483648",
    "000008020000000080000000, an array of less than 2 GB expected; extent 1 is 2147483648",
    "00000c0120000000, an array of less than 2 GB expected; extent 0 is 536870912",
    "0000080300010000000100007fffffff, an array of less than 2 GB expected; extent 1 is 65536"
  })
  void whatIsNoArrayIsRefused(String hex, String message) throws IOException {
    assertRefused(message, file(java.util.HexFormat.of().parseHex(hex)));
  }

  @Test
  void brokenGzipIsRefused() throws IOException {
    byte[] packed = pack(sample(Idx.Element.F64));
    packed[packed.length - 5] ^= 1;
    assertRefused("broken gzip stream", file(packed));
  }

  @Test
  void aTensorMustHaveAsManyElements() throws IOException {
    Idx idx = Idx.read(file(sample(Idx.Element.U8)));
    assertThrows(DataException.class, () -> idx.toTensor(DType.F32, 1, 7));
  }
}
