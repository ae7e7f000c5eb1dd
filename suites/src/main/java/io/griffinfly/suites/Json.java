package io.griffinfly.suites;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;

/// How every file of ours is written: snake_case names, keys of maps sorted, unknown fields
/// ignored.
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private Json() {}

  /// Reads a file into a record.
  ///
  /// @param file a JSON file
  /// @param type the record
  /// @param blame what to end with if the file is not such a record
  /// @param <T> the record
  /// @return its value
  public static <T> T read(Path file, Class<T> type, ExitCode blame) {
    try {
      T value = MAPPER.readValue(file.toFile(), type);
      if (value == null) {
        throw new SuiteException(blame, file + " holds no value");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new SuiteException(
          blame, file + " is not a valid " + type.getSimpleName() + ": " + firstLine(e), e);
    } catch (IOException e) {
      throw new SuiteException(blame, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /// Reads a record from text.
  ///
  /// @param text JSON
  /// @param type the record
  /// @param <T> the record
  /// @return its value
  /// @throws JsonProcessingException if it is not such a record
  public static <T> T parse(String text, Class<T> type) throws JsonProcessingException {
    return MAPPER.readValue(text, type);
  }

  /// One line of JSON.
  ///
  /// @param value a record
  /// @return the text, without a line end
  public static String line(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new SuiteException(ExitCode.INTERNAL, "cannot write " + value.getClass(), e);
    }
  }

  /// Indented JSON.
  ///
  /// @param value a record
  /// @return the text, ending with a line end
  public static String pretty(Object value) {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new SuiteException(ExitCode.INTERNAL, "cannot write " + value.getClass(), e);
    }
  }

  private static String firstLine(JsonProcessingException e) {
    String where = e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
    return e.getOriginalMessage().lines().findFirst().orElse("unreadable") + where;
  }
}
