package io.griffinfly.models.synthetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// The test vectors of `models/truth/README.md`, and the properties that the definition promises.
class SyntheticTensorTest {
  private static double[] first(String name, TensorKind kind, int count, int... dims) {
    SyntheticTensor tensor = new SyntheticTensor(name, TensorType.of(DType.F32, dims), kind);
    return Arrays.copyOf(tensor.generate().toDoubles(), count);
  }

  private static long[] integers(String name, int count) {
    TensorType type = TensorType.of(DType.I64, count);
    return new SyntheticTensor(name, type, new TensorKind.Integers(49152)).generate().toLongs();
  }

  @Test
  void hashesAreAsPublished() {
    assertEquals(0xa88fd795d5c6d156L, SplitMix64.fnv1a64("model.embed_tokens.weight"));
    assertEquals(0xcbf29ce484222325L, SplitMix64.fnv1a64(""));
    assertEquals(0x5692161d100b05e5L, SplitMix64.mix64(1));
  }

  @Test
  void drawsAreAsPublished() {
    assertArrayEquals(
        new double[] {
          -0.708587646484375,
          -0.8036651611328125,
          -0.05364990234375,
          0.879241943359375,
          -1.395599365234375
        },
        first("model.embed_tokens.weight", TensorKind.Real.NORMAL, 5, 5));
    assertArrayEquals(
        new double[] {1.2749176025390625, -0.5901947021484375, -0.50811767578125},
        first("probe.logits", TensorKind.Real.NORMAL, 3, 3));
    assertArrayEquals(
        new double[] {0.013159513473510742, -0.0030745267868041992, 0.011861801147460938},
        first(
            "model.layers.0.self_attn.o_proj.weight",
            TensorKind.Real.RESIDUAL_WEIGHT,
            3,
            576,
            576));
    assertArrayEquals(
        new double[] {1.1106128692626953, 1.0161571502685547, 0.8992795944213867},
        first("model.norm.weight", TensorKind.Real.GAIN, 3, 576));
    assertArrayEquals(new long[] {4766, 40762, 41893, 28605, 12503}, integers("input_ids", 5));
    assertArrayEquals(new long[] {14145, 7551, 40521}, integers("input_ids@1", 3));
    assertArrayEquals(new long[] {27227, 32526, 20416}, integers("labels", 3));
    assertArrayEquals(new long[] {7837, 2730, 47164}, integers("labels@1", 3));
  }

  @ParameterizedTest
  @CsvSource({
    "48,-3", "80,-3", "512,-4", "513,-5", "576,-5", "1536,-5", "2048,-5", "2049,-6", "1,0", "2,0",
    "3,-1", "8,-1", "9,-2"
  })
  void weightsAreScaledByAPowerOfTwo(int fanIn, int exponent) {
    assertEquals(Math.scalb(1f, exponent), TensorKind.weightScale(Shape.of(7, fanIn)));
    assertEquals(Math.scalb(1f, exponent), TensorKind.weightScale(Shape.of(7, fanIn, 1, 1)));
  }

  @ParameterizedTest
  @EnumSource(TensorKind.Real.class)
  void valuesHaveTheMomentsOfTheirKind(TensorKind.Real kind) {
    double scale =
        switch (kind) {
          case WEIGHT -> 1.0 / 16;
          case RESIDUAL_WEIGHT -> 1.0 / 64;
          case EMBEDDING, GAIN, RUNNING_MEAN -> 1.0 / 16;
          case RESIDUAL_GAIN, BIAS -> 1.0 / 64;
          case RUNNING_VARIANCE -> 1.0 / 8;
          case NORMAL -> 1;
        };
    // |z| of a normal z has the mean √(2/π) and the variance 1 − 2/π; Irwin-Hall is close to that.
    boolean folded = kind == TensorKind.Real.RUNNING_VARIANCE;
    double mean =
        switch (kind) {
          case GAIN -> 1;
          case RESIDUAL_GAIN -> 0.25;
          case RUNNING_VARIANCE -> 1 + Math.sqrt(2 / Math.PI) * scale;
          case WEIGHT, RESIDUAL_WEIGHT, EMBEDDING, BIAS, RUNNING_MEAN, NORMAL -> 0;
        };
    double deviation = scale * (folded ? Math.sqrt(1 - 2 / Math.PI) : 1);
    int count = 1 << 16;
    double[] values = first("any." + kind, kind, count, 256, 256);
    double sum = 0;
    double squares = 0;
    for (double value : values) {
      sum += value - mean;
      squares += (value - mean) * (value - mean);
    }
    // Five standard errors, and 2 % for the tails that Irwin-Hall lacks.
    assertEquals(0, sum / count, deviation * (5 / Math.sqrt(count) + 0.02));
    assertEquals(1, Math.sqrt(squares / count) / deviation, 5 / Math.sqrt(2.0 * count) + 0.02);
  }

  @Test
  void everyPartOfATensorIsTheSameAsInTheWhole() {
    TensorType type = TensorType.of(DType.F32, 3, 1001);
    SyntheticTensor tensor = new SyntheticTensor("a.weight", type, TensorKind.Real.WEIGHT);
    float[] whole = tensor.generate().toFloats();
    float[] part = new float[77];
    for (int from : new int[] {0, 1, 1000, 3003 - 77}) {
      tensor.fill(MemorySegment.ofArray(part), from, part.length);
      assertArrayEquals(Arrays.copyOfRange(whole, from, from + part.length), part);
    }
  }

  @Test
  void namesTellTheKinds() {
    assertEquals(TensorKind.Real.EMBEDDING, TensorKind.ofWeight("model.embed_tokens.weight", 2));
    assertEquals(TensorKind.Real.GAIN, TensorKind.ofWeight("model.norm.weight", 1));
    assertEquals(TensorKind.Real.RESIDUAL_WEIGHT, TensorKind.ofWeight("a.mlp.down_proj.weight", 2));
    assertEquals(TensorKind.Real.WEIGHT, TensorKind.ofWeight("a.mlp.up_proj.weight", 2));
    assertEquals(TensorKind.Real.WEIGHT, TensorKind.ofWeight("weight", 4));
    assertEquals(TensorKind.Real.BIAS, TensorKind.ofWeight("fc2.bias", 1));
    assertEquals(TensorKind.Real.RUNNING_MEAN, TensorKind.ofWeight("bn1.running_mean", 1));
    assertEquals(TensorKind.Real.RUNNING_VARIANCE, TensorKind.ofWeight("bn1.running_var", 1));
  }

  @Test
  void kindAndElementTypeMustAgree() {
    TensorType f64 = TensorType.of(DType.F64, 1);
    assertThrows(
        IllegalArgumentException.class,
        () -> new SyntheticTensor("a", f64, TensorKind.Real.NORMAL));
    TensorType f32 = TensorType.of(DType.F32, 1);
    assertThrows(
        IllegalArgumentException.class,
        () -> new SyntheticTensor("a", f32, new TensorKind.Integers(3)));
  }

  @Test
  void integersCoverTheirRange() {
    TensorType type = TensorType.of(DType.I64, 1000);
    Tensor drawn = new SyntheticTensor("ids", type, new TensorKind.Integers(7)).generate();
    int[] counts = new int[7];
    for (long value : drawn.toLongs()) {
      counts[(int) value]++;
    }
    // Mean 143, standard deviation 11.
    assertTrue(Arrays.stream(counts).allMatch(n -> n > 88 && n < 198), Arrays.toString(counts));
  }
}
