package io.griffinfly.models.smollm2;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.griffinfly.models.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;

/// Reads a Llama's configuration as Hugging Face's config.json has it, and as a case.json has it. A
/// key that is not known to leave the mathematics alone is refused: a model that is almost the
/// right one gives plausible numbers.
public final class LlamaConfigReader {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private static final Set<String> SIZES =
      Set.of(
          "hidden_size",
          "num_hidden_layers",
          "num_attention_heads",
          "num_key_value_heads",
          "head_dim",
          "intermediate_size",
          "vocab_size",
          "max_position_embeddings",
          "rms_norm_eps",
          "rope_theta",
          "tie_word_embeddings",
          "initializer_range");

  /// Keys that must say what this graph does, if they are there.
  private static final Map<String, String> FIXED =
      Map.ofEntries(
          Map.entry("model_type", "\"llama\""),
          Map.entry("architectures", "[\"LlamaForCausalLM\"]"),
          Map.entry("hidden_act", "\"silu\""),
          Map.entry("attention_bias", "false"),
          Map.entry("mlp_bias", "false"),
          Map.entry("attention_dropout", "0.0"),
          Map.entry("pretraining_tp", "1"),
          Map.entry("rope_interleaved", "false"),
          Map.entry("rope_scaling", "null"),
          Map.entry("sliding_window", "null"));

  /// Keys about tokens, storage and tools.
  private static final Set<String> HARMLESS =
      Set.of(
          "_name_or_path",
          "bos_token_id",
          "dtype",
          "eos_token_id",
          "is_llama_config",
          "pad_token_id",
          "torch_dtype",
          "transformers.js_config",
          "transformers_version",
          "use_cache");

  private static final Set<String> CASE_KEYS =
      Set.of(
          "hidden",
          "layers",
          "heads",
          "kv_heads",
          "head",
          "ffn",
          "vocab",
          "rms_eps",
          "rope_theta",
          "rope_style",
          "tie_embeddings");

  private final String source;
  private final JsonNode json;

  private LlamaConfigReader(String source, JsonNode json) {
    this.source = source;
    this.json = json;
  }

  /// Reads a config.json.
  ///
  /// @param source names the file in messages
  /// @param stream its bytes, left open
  /// @return the configuration
  /// @throws IOException if the stream fails or is no JSON
  /// @throws ModelException if a key is absent, of the wrong kind, or not known
  public static LlamaConfig read(String source, InputStream stream) throws IOException {
    JsonNode json = JSON.readTree(stream);
    if (!json.isObject()) {
      throw new ModelException(source + ": a configuration is a JSON object");
    }
    LlamaConfigReader reader = new LlamaConfigReader(source, json);
    reader.checkKeys();
    int hidden = reader.size("hidden_size");
    int heads = reader.size("num_attention_heads");
    boolean ownHeadDim = json.hasNonNull("head_dim");
    if (!ownHeadDim && hidden % heads != 0) {
      throw new ModelException(
          source + ": hidden_size " + hidden + " is no multiple of num_attention_heads " + heads);
    }
    return new LlamaConfig(
        hidden,
        reader.size("num_hidden_layers"),
        heads,
        json.hasNonNull("num_key_value_heads") ? reader.size("num_key_value_heads") : heads,
        ownHeadDim ? reader.size("head_dim") : hidden / heads,
        reader.size("intermediate_size"),
        reader.size("vocab_size"),
        reader.size("max_position_embeddings"),
        reader.number("rms_norm_eps"),
        reader.number("rope_theta"),
        reader.flag("tie_word_embeddings"),
        reader.number("initializer_range"));
  }

  /// Reads the hyper-parameters of a case, which have names of their own and no limit of length.
  ///
  /// @param source names the case in messages
  /// @param hyperParameters values by name
  /// @return the configuration
  /// @throws ModelException if one is absent, of the wrong kind, or not known
  static LlamaConfig ofCase(String source, Map<String, Object> hyperParameters) {
    LlamaConfigReader reader = new LlamaConfigReader(source, JSON.valueToTree(hyperParameters));
    for (String key : hyperParameters.keySet()) {
      if (!CASE_KEYS.contains(key)) {
        throw new ModelException(
            source + ": unknown key " + key + ", which may change the mathematics");
      }
    }
    if (!"half".equals(hyperParameters.get("rope_style"))) {
      throw new ModelException(source + ": rope_style must be half");
    }
    int hidden = reader.size("hidden");
    return new LlamaConfig(
        hidden,
        reader.size("layers"),
        reader.size("heads"),
        reader.size("kv_heads"),
        reader.size("head"),
        reader.size("ffn"),
        reader.size("vocab"),
        Integer.MAX_VALUE,
        reader.number("rms_eps"),
        reader.number("rope_theta"),
        reader.flag("tie_embeddings"),
        1 / Math.sqrt(hidden));
  }

  private void checkKeys() throws IOException {
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      String key = field.getKey();
      String fixed = FIXED.get(key);
      if (fixed != null) {
        JsonNode expected = JSON.readTree(fixed);
        boolean same =
            (expected.isNumber() && field.getValue().isNumber())
                ? expected.doubleValue() == field.getValue().doubleValue()
                : expected.equals(field.getValue());
        if (!same) {
          throw new ModelException(
              source + ": " + key + " must be " + fixed + ", not " + field.getValue());
        }
      } else if (!SIZES.contains(key) && !HARMLESS.contains(key)) {
        throw new ModelException(
            source + ": unknown key " + key + ", which may change the mathematics");
      }
    }
  }

  private JsonNode required(String key, String kind) {
    JsonNode value = json.get(key);
    if (value == null || value.isNull()) {
      throw new ModelException(source + ": " + key + " is absent; it must be " + kind);
    }
    return value;
  }

  private int size(String key) {
    JsonNode value = required(key, "a whole number");
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw new ModelException(source + ": " + key + " must be a whole number, not " + value);
    }
    return value.intValue();
  }

  private double number(String key) {
    JsonNode value = required(key, "a number");
    if (!value.isNumber()) {
      throw new ModelException(source + ": " + key + " must be a number, not " + value);
    }
    return value.doubleValue();
  }

  private boolean flag(String key) {
    JsonNode value = required(key, "true or false");
    if (!value.isBoolean()) {
      throw new ModelException(source + ": " + key + " must be true or false, not " + value);
    }
    return value.booleanValue();
  }
}
