package io.griffinfly.engine.io.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import io.griffinfly.engine.io.WeightsException;
import io.griffinfly.engine.ir.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Reads the JSON of one header and refuses whatever the format does not allow.
final class HeaderReader {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(JsonFactory.Feature.CHARSET_DETECTION).build();

  private final Path file;
  private final long dataBytes;
  private final NavigableMap<String, String> metadata = new TreeMap<>();
  private final NavigableMap<String, Entry> entries = new TreeMap<>();
  private boolean metadataSeen;

  private HeaderReader(Path file, long dataBytes) {
    this.file = file;
    this.dataBytes = dataBytes;
  }

  /// Reads a header.
  ///
  /// @param file the file, for messages
  /// @param json the header's bytes
  /// @param dataBytes how many bytes follow the header
  /// @return the header, every range of it valid
  /// @throws WeightsException if anything is not as the format demands
  static Header read(Path file, byte[] json, long dataBytes) {
    if (json.length == 0 || json[0] != '{') {
      String found = json.length == 0 ? "an empty one" : "byte " + (json[0] & 0xff);
      throw WeightsException.ofFile(file, "a header that begins with '{'", found);
    }
    HeaderReader reader = new HeaderReader(file, dataBytes);
    try (JsonParser parser = FACTORY.createParser(json)) {
      reader.object(parser);
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : " at byte " + e.getLocation().getByteOffset();
      String what = WeightsException.quote(e.getOriginalMessage());
      throw WeightsException.ofFile(file, "a JSON header", what + where);
    } catch (IOException e) {
      // A malformed UTF-8 sequence; the bytes lie in memory, nothing else can fail.
      throw WeightsException.ofFile(
          file, "a header in UTF-8", WeightsException.quote(String.valueOf(e.getMessage())));
    }
    reader.checkCover();
    return new Header(reader.metadata, reader.entries);
  }

  private void object(JsonParser parser) throws IOException {
    parser.nextToken();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      if (token != JsonToken.START_OBJECT) {
        throw WeightsException.ofTensor(file, name, "be described by an object", spell(token));
      }
      if (name.equals(Header.METADATA)) {
        readMetadata(parser);
      } else {
        readTensor(parser, name);
      }
    }
    if (parser.nextToken() != null) {
      throw WeightsException.ofFile(
          file, "only spaces after the header's object", spell(parser.currentToken()));
    }
  }

  private void readMetadata(JsonParser parser) throws IOException {
    if (metadataSeen) {
      throw WeightsException.ofFile(file, "one " + Header.METADATA, "a second one");
    }
    metadataSeen = true;
    for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      String where = Header.METADATA + " " + WeightsException.quote(key);
      if (token != JsonToken.VALUE_STRING) {
        throw WeightsException.ofFile(file, where + " to be a string", spell(token));
      }
      if (metadata.put(key, parser.getText()) != null) {
        throw WeightsException.ofFile(file, where + " once", "it twice");
      }
    }
  }

  private void readTensor(JsonParser parser, String name) throws IOException {
    StorageType storage = null;
    long[] dims = null;
    long[] range = null;
    for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
      parser.nextToken();
      switch (key) {
        case "dtype" -> storage = once(name, key, storage, readStorage(parser, name));
        case "shape" -> dims = once(name, key, dims, readNumbers(parser, name, key));
        case "data_offsets" -> range = once(name, key, range, readNumbers(parser, name, key));
        case String other ->
            throw WeightsException.ofTensor(
                file,
                name,
                "have dtype, shape and data_offsets only",
                WeightsException.quote(other));
      }
    }
    Entry entry =
        check(
            name,
            present(name, "dtype", storage),
            present(name, "shape", dims),
            present(name, "data_offsets", range));
    if (entries.put(name, entry) != null) {
      throw WeightsException.ofTensor(file, name, "be described once", "it twice");
    }
  }

  private <T> T once(String name, String key, @Nullable T before, T now) {
    if (before != null) {
      throw WeightsException.ofTensor(file, name, "have one " + key, "two");
    }
    return now;
  }

  private <T> T present(String name, String key, @Nullable T value) {
    if (value == null) {
      throw WeightsException.ofTensor(file, name, "have a " + key, "none");
    }
    return value;
  }

  private StorageType readStorage(JsonParser parser, String name) throws IOException {
    String text = String.valueOf(parser.getText());
    for (StorageType type : StorageType.values()) {
      if (parser.currentToken() == JsonToken.VALUE_STRING && type.name().equals(text)) {
        return type;
      }
    }
    throw WeightsException.ofTensor(
        file,
        name,
        "have a dtype of " + List.of(StorageType.values()),
        WeightsException.quote(text));
  }

  private long[] readNumbers(JsonParser parser, String name, String key) throws IOException {
    String expected = "have a " + key + " of whole numbers from 0 to 2^63 - 1";
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw WeightsException.ofTensor(file, name, expected, spell(parser.currentToken()));
    }
    List<Long> numbers = new java.util.ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      boolean whole = parser.currentToken() == JsonToken.VALUE_NUMBER_INT;
      String found = whole ? parser.getText() : spell(parser.currentToken());
      try {
        if (!whole || parser.getLongValue() < 0) {
          throw WeightsException.ofTensor(file, name, expected, found);
        }
        numbers.add(parser.getLongValue());
      } catch (InputCoercionException e) {
        throw WeightsException.ofTensor(file, name, expected, found);
      }
    }
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  private Entry check(String name, StorageType storage, long[] dims, long[] range) {
    if (range.length != 2 || range[0] > range[1] || range[1] > dataBytes) {
      throw WeightsException.ofTensor(
          file,
          name,
          "have data_offsets [begin,end] with begin <= end <= " + dataBytes,
          java.util.Arrays.toString(range));
    }
    int[] extents = new int[dims.length];
    long bytes = storage.bytes();
    try {
      for (int i = 0; i < dims.length; i++) {
        extents[i] = Math.toIntExact(dims[i]);
        bytes = Math.multiplyExact(bytes, dims[i]);
      }
    } catch (ArithmeticException e) {
      throw WeightsException.ofTensor(
          file,
          name,
          "have extents below 2^31 and a size below 2^63",
          "shape " + java.util.Arrays.toString(dims));
    }
    Entry entry = new Entry(name, storage, Shape.of(extents), range[0]);
    if (bytes != range[1] - range[0]) {
      throw WeightsException.ofTensor(
          file, name, "take " + bytes + " bytes as " + entry, range[1] - range[0] + " bytes");
    }
    return entry;
  }

  /// The ranges must tile the data: no overlap, no hole, no tail.
  private void checkCover() {
    List<Entry> order =
        entries.values().stream()
            .sorted(Comparator.comparingLong(Entry::offset).thenComparingLong(Entry::bytes))
            .toList();
    long end = 0;
    for (Entry entry : order) {
      if (entry.offset() != end) {
        String found = "offset " + entry.offset() + (entry.offset() < end ? ": overlap" : ": hole");
        throw WeightsException.ofTensor(file, entry.name(), "begin at offset " + end, found);
      }
      end += entry.bytes();
    }
    if (end != dataBytes) {
      throw WeightsException.ofFile(
          file, end + " bytes of data, the end of the last tensor", dataBytes + " bytes");
    }
  }

  private static String spell(@Nullable JsonToken token) {
    return switch (token) {
      case null -> "the end of the text";
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT -> "a whole number";
      case VALUE_NUMBER_FLOAT -> "a fraction";
      case VALUE_TRUE, VALUE_FALSE -> "a truth value";
      case VALUE_NULL -> "null";
      case FIELD_NAME, END_OBJECT, END_ARRAY, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> "no value";
    };
  }
}
