package io.griffinfly.engine.io.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.io.Refused;
import io.griffinfly.engine.io.WeightsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every defect that a file can have is refused when the file is opened, in one line that names the
/// file and tells the defect from all others.
class MalformedFileTest {
  @TempDir Path folder;

  /// A broken file.
  ///
  /// @param name what is broken
  /// @param bytes the file
  /// @param expected a part of the message
  record Defect(String name, ByteBuffer bytes, String expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Defect defect(String name, String header, int dataBytes, String expected) {
    return new Defect(name, file(header.getBytes(UTF_8), dataBytes), expected);
  }

  private static ByteBuffer file(byte[] header, int dataBytes) {
    return ByteBuffer.allocate(8 + header.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .rewind();
  }

  private static ByteBuffer lengthOnly(long length, int rest) {
    return ByteBuffer.allocate(8 + rest).order(ByteOrder.LITTLE_ENDIAN).putLong(length).rewind();
  }

  private static String one(String fields) {
    return "{\"a\":{" + fields + "}}";
  }

  private static String f32(String name, String shape, String offsets) {
    return "\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":%s}"
        .replaceFirst("%s", name)
        .replaceFirst("%s", shape)
        .replaceFirst("%s", offsets);
  }

  static Stream<Defect> lengthAndText() {
    byte[] notUtf8 = ("{" + f32("?", "[1]", "[0,4]") + "}").getBytes(UTF_8);
    notUtf8[2] = (byte) 0xff;
    byte[] utf16 = "{\"__metadata__\":{}}".getBytes(java.nio.charset.StandardCharsets.UTF_16LE);
    return Stream.of(
        new Defect(
            "empty file",
            ByteBuffer.allocate(0),
            "expected 8 bytes of header length, found 0 bytes"),
        new Defect(
            "seven bytes",
            ByteBuffer.allocate(7),
            "expected 8 bytes of header length, found 7 bytes"),
        new Defect("header beyond the file", lengthOnly(3, 2), "at most 2 bytes, found a header"),
        new Defect("negative length", lengthOnly(-1, 9), "length of 18446744073709551615"),
        new Defect(
            "header over the limit",
            lengthOnly(Header.LIMIT + 1, (int) Header.LIMIT + 2),
            "at most 100000000 bytes, found a header length of 100000001"),
        defect("empty header", "", 0, "begins with '{', found an empty one"),
        defect("leading space", " {}", 0, "begins with '{', found byte 32"),
        defect("an array", "[]", 0, "begins with '{', found byte 91"),
        defect("cut short", "{\"a\":{\"dtype\":\"F3", 0, "expected a JSON header"),
        defect("no end", "{", 0, "expected a JSON header"),
        defect("two objects", "{}{}", 0, "only spaces after the header's object"),
        new Defect("not UTF-8", file(notUtf8, 4), "expected a JSON header"),
        new Defect("UTF-16", file(utf16, 0), "expected a JSON header"),
        defect("tail without tensors", "{}", 3, "expected 0 bytes of data"));
  }

  static Stream<Defect> metadata() {
    return Stream.of(
        defect("metadata text", "{\"__metadata__\":\"x\"}", 0, "by an object, found a string"),
        defect("metadata number", "{\"__metadata__\":{\"k\":1}}", 0, "\"k\" to be a string"),
        defect("metadata key twice", "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "it twice"),
        defect("metadata twice", "{\"__metadata__\":{},\"__metadata__\":{}}", 0, "a second one"));
  }

  static Stream<Defect> fields() {
    String shape = "\"shape\":[1]";
    String range = "\"data_offsets\":[0,4]";
    String dtype = "\"dtype\":\"F32\"";
    return Stream.of(
        defect("no object", "{\"a\":7}", 0, "tensor \"a\" to be described by an object"),
        defect("no dtype", one(shape + "," + range), 4, "have a dtype, found none"),
        defect("no shape", one(dtype + "," + range), 4, "have a shape, found none"),
        defect("no offsets", one(dtype + "," + shape), 4, "have a data_offsets, found none"),
        defect("a fourth field", one(dtype + ",\"order\":1"), 4, "only, found \"order\""),
        defect("dtype twice", one(dtype + "," + dtype), 4, "have one dtype, found two"),
        defect("shape twice", one(shape + "," + shape), 4, "have one shape, found two"),
        defect("offsets twice", one(range + "," + range), 4, "have one data_offsets, found two"),
        defect("unknown dtype", one("\"dtype\":\"F33\""), 4, "F8_E5M2], found \"F33\""),
        defect("lower case dtype", one("\"dtype\":\"f32\""), 4, "found \"f32\""),
        defect("dtype a number", one("\"dtype\":32"), 4, "found \"32\""),
        defect("scalar shape", one("\"shape\":1"), 4, "numbers from 0 to 2^63 - 1, found a whole"),
        defect("fractional shape", one("\"shape\":[1.0]"), 4, "found a fraction"),
        defect("negative shape", one("\"shape\":[-1]"), 4, "found -1"),
        defect("shape beyond 64 bits", one("\"shape\":[9223372036854775808]"), 4, "found 92233720"),
        defect("null in shape", one("\"shape\":[null]"), 4, "found null"),
        defect("nested shape", one("\"shape\":[[1]]"), 4, "found an array"),
        defect(
            "same name twice",
            "{" + f32("a", "[1]", "[0,4]") + "," + f32("a", "[1]", "[4,8]") + "}",
            8,
            "tensor \"a\" to be described once, found it twice"));
  }

  static Stream<Defect> ranges() {
    String two = "{" + f32("a", "[2]", "[0,8]") + ",";
    return Stream.of(
        defect("one offset", "{" + f32("a", "[1]", "[4]") + "}", 4, "[begin,end]"),
        defect("three offsets", "{" + f32("a", "[1]", "[0,4,8]") + "}", 8, "[begin,end]"),
        defect("backwards", "{" + f32("a", "[1]", "[4,0]") + "}", 4, "found [4, 0]"),
        defect(
            "beyond the file", "{" + f32("a", "[2]", "[0,8]") + "}", 7, "end <= 7, found [0, 8]"),
        defect(
            "too few bytes", "{" + f32("a", "[2]", "[0,4]") + "}", 4, "8 bytes as F32[2], found 4"),
        defect(
            "too many bytes", "{" + f32("a", "[]", "[0,8]") + "}", 8, "4 bytes as F32[], found 8"),
        defect("extent beyond 31 bits", "{" + f32("a", "[2147483648,0]", "[0,0]") + "}", 0, "2^31"),
        defect(
            "size overflows",
            "{" + f32("a", "[2000000000,2000000000,4]", "[0,0]") + "}",
            0,
            "size below 2^63, found shape [2000000000, 2000000000, 4]"),
        defect(
            "size overflows to the range",
            "{" + f32("a", "[1073741824,1073741824,1024,4096]", "[0,0]") + "}",
            0,
            "size below 2^63"),
        defect(
            "overlap", two + f32("b", "[2]", "[4,12]") + "}", 12, "offset 8, found offset 4: ov"),
        defect(
            "same range", two + f32("b", "[2]", "[0,8]") + "}", 8, "offset 8, found offset 0: ov"),
        defect(
            "hole", two + f32("b", "[1]", "[12,16]") + "}", 16, "offset 8, found offset 12: hole"),
        defect(
            "hole in front", "{" + f32("a", "[1]", "[4,8]") + "}", 8, "offset 0, found offset 4"),
        defect("tail", two + f32("b", "[1]", "[8,12]") + "}", 13, "expected 12 bytes of data"));
  }

  @ParameterizedTest
  @MethodSource({"lengthAndText", "metadata", "fields", "ranges"})
  void isRefused(Defect defect) throws IOException {
    Path file = folder.resolve("w.safetensors");
    Files.write(file, defect.bytes().array());
    String message = Refused.with(defect.expected(), () -> Safetensors.open(file));
    assertTrue(message.startsWith(file + ": expected "), message);
  }

  @Test
  void everyTruncationOfAGoodFileIsRefused() throws IOException {
    byte[] good = file(("{" + f32("a", "[3]", "[0,12]") + "}").getBytes(UTF_8), 12).array();
    Path file = folder.resolve("w.safetensors");
    Files.write(file, good);
    Safetensors.open(file).close();
    for (int length = 0; length < good.length; length++) {
      Files.write(file, Arrays.copyOf(good, length));
      assertThrows(WeightsException.class, () -> Safetensors.open(file), "length " + length);
    }
    Files.write(file, Arrays.copyOf(good, good.length + 1));
    assertThrows(WeightsException.class, () -> Safetensors.open(file));
  }

  @Test
  void aHostileNameCannotForgeALine() throws IOException {
    Path file = folder.resolve("w.safetensors");
    Files.write(file, file("{\"a\\nERROR: b\\u001b[31m\":1}".getBytes(UTF_8), 0).array());
    Refused.with("\"a\\u000aERROR: b\\u001b[31m\"", () -> Safetensors.open(file));
  }
}
