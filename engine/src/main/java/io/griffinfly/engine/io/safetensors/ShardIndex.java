package io.griffinfly.engine.io.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.griffinfly.engine.io.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The index of weights that lie in several files: `weight_map` gives each tensor's file.
final class ShardIndex {
  /// The name that the index of a model folder has.
  static final String FILE_NAME = "model.safetensors.index.json";

  private static final String MAP = "weight_map";

  private ShardIndex() {}

  /// Reads an index.
  ///
  /// @param file the index
  /// @return file name by tensor name; every file name is a plain one, to be found beside the index
  /// @throws IOException if the file cannot be read
  /// @throws WeightsException if it is malformed or a file name leads elsewhere
  static NavigableMap<String, String> read(Path file) throws IOException {
    NavigableMap<String, String> shards = new TreeMap<>();
    boolean seen = false;
    try (JsonParser parser = new JsonFactory().createParser(Files.readAllBytes(file))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw WeightsException.ofFile(file, "a JSON object", "something else");
      }
      for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
        parser.nextToken();
        if (!key.equals(MAP)) {
          parser.skipChildren();
        } else if (seen || parser.currentToken() != JsonToken.START_OBJECT) {
          throw WeightsException.ofFile(file, "one " + MAP + ", an object", "something else");
        } else {
          seen = true;
          readMap(file, parser, shards);
        }
      }
    } catch (JsonProcessingException e) {
      throw WeightsException.ofFile(file, "JSON", WeightsException.quote(e.getOriginalMessage()));
    }
    if (shards.isEmpty()) {
      throw WeightsException.ofFile(file, "a " + MAP + " with a tensor in it", "none");
    }
    return shards;
  }

  private static void readMap(Path file, JsonParser parser, NavigableMap<String, String> shards)
      throws IOException {
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      boolean text = parser.nextToken() == JsonToken.VALUE_STRING;
      String shard = String.valueOf(parser.getText());
      if (!text || !isPlain(shard)) {
        throw WeightsException.ofTensor(
            file, name, "lie in a file beside the index", WeightsException.quote(shard));
      }
      if (shards.put(name, shard) != null) {
        throw WeightsException.ofTensor(file, name, "be listed once", "it twice");
      }
    }
  }

  /// Whether a name stays in its folder on every system: no separator of any, no drive, no parent.
  private static boolean isPlain(String name) {
    return !name.isEmpty()
        && !name.equals(".")
        && !name.equals("..")
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ');
  }
}
