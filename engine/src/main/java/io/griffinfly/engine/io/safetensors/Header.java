package io.griffinfly.engine.io.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.griffinfly.engine.ir.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// A header: what its JSON object holds.
///
/// @param metadata free text of whoever wrote the file, sorted by key
/// @param entries the tensors, sorted by name
record Header(NavigableMap<String, String> metadata, NavigableMap<String, Entry> entries) {
  /// The key that is no tensor.
  static final String METADATA = "__metadata__";

  /// Longest header that is read, in bytes; the format's own limit.
  static final long LIMIT = 100_000_000;

  private static final int ALIGNMENT = 8;

  /// Copies its arguments.
  Header {
    metadata = Collections.unmodifiableNavigableMap(new TreeMap<>(metadata));
    entries = Collections.unmodifiableNavigableMap(new TreeMap<>(entries));
  }

  /// Lays tensors out in the order of their names, without holes, which the format forbids: equal
  /// tensors give equal bytes, whoever writes them. Where element sizes mix, a tensor may lie
  /// unaligned.
  ///
  /// @param types the tensors
  /// @param metadata free text
  /// @return the header
  static Header layout(Map<String, TensorType> types, Map<String, String> metadata) {
    NavigableMap<String, Entry> entries = new TreeMap<>();
    long offset = 0;
    for (Map.Entry<String, TensorType> named : new TreeMap<>(types).entrySet()) {
      TensorType type = named.getValue();
      StorageType storage = StorageType.of(type.dtype());
      entries.put(named.getKey(), new Entry(named.getKey(), storage, type.shape(), offset));
      offset += type.bytes();
    }
    return new Header(new TreeMap<>(metadata), entries);
  }

  /// The JSON text, padded with spaces to a multiple of 8 bytes.
  ///
  /// @return UTF-8 bytes
  byte[] encode() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(METADATA);
        for (Map.Entry<String, String> text : metadata.entrySet()) {
          json.writeStringField(text.getKey(), text.getValue());
        }
        json.writeEndObject();
      }
      for (Entry entry : entries.values()) {
        json.writeObjectFieldStart(entry.name());
        json.writeStringField("dtype", entry.storage().name());
        json.writeFieldName("shape");
        int[] dims = entry.shape().dims();
        json.writeArray(dims, 0, dims.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {entry.offset(), entry.offset() + entry.bytes()}, 0, 2);
        json.writeEndObject();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    while (out.size() % ALIGNMENT != 0) {
      out.write(' ');
    }
    return out.toByteArray();
  }
}
