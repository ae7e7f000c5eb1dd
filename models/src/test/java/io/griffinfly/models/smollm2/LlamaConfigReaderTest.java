package io.griffinfly.models.smollm2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.griffinfly.models.ModelException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LlamaConfigReaderTest {
  private static String text() throws IOException {
    try (InputStream stream =
        Objects.requireNonNull(LlamaModel.class.getResourceAsStream("config.json"))) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static LlamaConfig read(String json) throws IOException {
    return LlamaConfigReader.read(
        "c.json", new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
  }

  /// Replaces the value of a key, or adds the key in front.
  private static String with(String key, String value) throws IOException {
    String pattern = "\"" + key + "\": [^\\n]*?(,?)\\n";
    String json = text();
    String replaced = json.replaceFirst(pattern, "\"" + key + "\": " + value + "$1\n");
    boolean present = json.contains("\"" + key + "\"");
    return present ? replaced : json.replaceFirst("\\{", "{\"" + key + "\": " + value + ",");
  }

  private static String without(String key) throws IOException {
    return text().replaceFirst("  \"" + key + "\": [^\\n]*\\n", "");
  }

  @Test
  void smolLm2IsAsPublished() {
    assertEquals(
        new LlamaConfig(
            576, 30, 9, 3, 64, 1536, 49152, 8192, 1e-5, 100000, true, 0.041666666666666664),
        LlamaModel.smolLm2().config());
  }

  @Test
  void optionalKeysHaveDefaults() throws IOException {
    assertEquals(9, read(without("num_key_value_heads")).keyValueHeads());
    assertEquals(64, read(with("head_dim", "null")).headDim());
    assertEquals(32, read(with("head_dim", "32")).headDim());
    assertEquals(LlamaModel.smolLm2().config(), read(without("rope_scaling")));
    assertEquals(LlamaModel.smolLm2().config(), read(with("attention_dropout", "0")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rope_scaling|{\"type\": \"linear\"}|rope_scaling must be null, not {\"type\":\"linear\"}",
        "hidden_act|\"gelu\"|hidden_act must be \"silu\", not \"gelu\"",
        "attention_bias|true|attention_bias must be false, not true",
        "mlp_bias|true|mlp_bias must be false, not true",
        "attention_dropout|0.1|attention_dropout must be 0.0, not 0.1",
        "rope_interleaved|true|rope_interleaved must be false, not true",
        "sliding_window|4096|sliding_window must be null, not 4096",
        "pretraining_tp|2|pretraining_tp must be 1, not 2",
        "model_type|\"mistral\"|model_type must be \"llama\", not \"mistral\"",
        "partial_rotary_factor|1|unknown key partial_rotary_factor, which may change the mathematics",
        "quantization_config|null|unknown key quantization_config, which may change the mathematics",
        "hidden_size|\"576\"|hidden_size must be a whole number, not \"576\"",
        "hidden_size|576.0|hidden_size must be a whole number, not 576.0",
        "hidden_size|null|hidden_size is absent; it must be a whole number",
        "hidden_size|3000000000|hidden_size must be a whole number, not 3000000000",
        "hidden_size|577|hidden_size 577 is no multiple of num_attention_heads 9",
        "rope_theta|\"1e4\"|rope_theta must be a number, not \"1e4\"",
        "tie_word_embeddings|1|tie_word_embeddings must be true or false, not 1"
      })
  void whatWouldChangeTheMathematicsIsRefused(String key, String value, String message)
      throws IOException {
    String json = with(key, value);
    ModelException e = assertThrows(ModelException.class, () -> read(json));
    assertEquals("c.json: " + message, e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hidden_size",
        "num_hidden_layers",
        "num_attention_heads",
        "intermediate_size",
        "max_position_embeddings",
        "rms_norm_eps",
        "rope_theta",
        "tie_word_embeddings",
        "initializer_range"
      })
  void noSizeIsGuessed(String key) throws IOException {
    String json = without(key);
    String message = assertThrows(ModelException.class, () -> read(json)).getMessage() + "";
    assertEquals(
        "c.json: " + key + " is absent; it must be ", message.replaceFirst("be .*", "be "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "num_hidden_layers|0|every size of a Llama is 1 or more, not 0",
        "num_key_value_heads|4|9 query heads cannot share 4 key heads",
        "head_dim|63|a head of 63 is odd: rotary embedding turns pairs",
        "rms_norm_eps|0|rms_norm_eps and rope_theta are positive, not 0.0 and 100000.0",
        "rope_theta|-1|rms_norm_eps and rope_theta are positive, not 1.0E-5 and -1.0"
      })
  void sizesMustFit(String key, String value, String message) throws IOException {
    String json = with(key, value);
    ModelException e = assertThrows(ModelException.class, () -> read(json));
    assertEquals(message, e.getMessage());
  }

  @Test
  void aKeyTwiceIsRefused() throws IOException {
    String json = text().replaceFirst("\\{", "{\"hidden_size\": 1,");
    assertThrows(IOException.class, () -> read(json));
    assertThrows(ModelException.class, () -> read("[]"));
  }
}
