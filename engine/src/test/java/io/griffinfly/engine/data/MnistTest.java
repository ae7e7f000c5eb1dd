package io.griffinfly.engine.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.griffinfly.engine.io.FileDigest;
import io.griffinfly.engine.io.HttpFiles;
import io.griffinfly.engine.io.Progress;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistTest {
  private static final Path DIGITS = Path.of("..", "..", "shared", "data", "mnist");
  private static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

  @TempDir Path folder;

  private static Path digits() {
    assumeTrue(Mnist.isIn(DIGITS), () -> "the MNIST files are not in " + DIGITS);
    return DIGITS;
  }

  private static Tensor column(Dataset dataset, String name) {
    return Objects.requireNonNull(dataset.columns().get(name));
  }

  @Test
  void theDigitsAreThere() throws IOException {
    Dataset train = Mnist.train(digits());
    assertEquals(TensorType.of(DType.F32, 60000, 784), column(train, "image").type());
    assertEquals(TensorType.of(DType.I64, 60000), column(train, "label").type());
    Dataset test = Mnist.test(digits());
    assertEquals(10000, test.rows());
    // The first labels and the counts of all digits, as published with the set.
    assertArrayEquals(new long[] {5, 0, 4, 1, 9}, column(train.slice(0, 5), "label").toLongs());
    long[] counts = new long[10];
    for (long label : column(test, "label").toLongs()) {
      counts[(int) label]++;
    }
    assertArrayEquals(new long[] {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}, counts);
    double sum = 0;
    for (float pixel : column(test, "image").toFloats()) {
      assertTrue(pixel >= 0 && pixel <= 1);
      sum += pixel;
    }
    // The mean pixel of the test set, 33.79 of 255.
    assertEquals(0.1325, sum / (10000 * 784), 5e-5);
  }

  @Test
  void theDigestsAreThoseOfTheUnpackedFiles() throws IOException {
    Path unpacked = folder.resolve(TEST_LABELS);
    try (InputStream in =
        new GZIPInputStream(Files.newInputStream(digits().resolve(TEST_LABELS + ".gz")))) {
      Files.copy(in, unpacked);
    }
    String sha256 = FileDigest.sha256(unpacked);
    byte[] packed = Files.readAllBytes(digits().resolve(TEST_LABELS + ".gz"));
    try (HttpFiles server = new HttpFiles(Map.of("/m/" + TEST_LABELS + ".gz", packed))) {
      Path target = folder.resolve("new");
      Mnist.download(
          target, List.of(server.base() + "m/"), Map.of(TEST_LABELS, sha256), Progress.NONE);
      assertEquals(-1, Files.mismatch(unpacked, target.resolve(TEST_LABELS)));
      // What is there is not fetched again, packed or not.
      Mnist.download(target, List.of(), Map.of(TEST_LABELS, sha256), Progress.NONE);
      Mnist.download(digits(), List.of(), Map.of(TEST_LABELS, sha256), Progress.NONE);
    }
  }

  private void write(String name, int type, int[] dims, int fill) throws IOException {
    int count = 1;
    for (int dim : dims) {
      count *= dim;
    }
    ByteBuffer out = ByteBuffer.allocate(4 + 4 * dims.length + count);
    out.put(new byte[] {0, 0, (byte) type, (byte) dims.length});
    for (int dim : dims) {
      out.putInt(dim);
    }
    while (out.hasRemaining()) {
      out.put((byte) fill);
    }
    Files.write(folder.resolve(name), out.array());
  }

  private void assertRefused(String expected) {
    String message =
        String.valueOf(assertThrows(DataException.class, () -> Mnist.test(folder)).getMessage());
    assertTrue(message.contains(expected), message);
  }

  @Test
  void filesThatAreNoDigitsAreRefused() throws IOException {
    assertFalse(Mnist.isIn(folder));
    assertThrows(NoSuchFileException.class, () -> Mnist.test(folder));
    write("t10k-images-idx3-ubyte", 8, new int[] {3, 28, 28}, 255);
    write(TEST_LABELS, 8, new int[] {3}, 9);
    Dataset good = Mnist.test(folder);
    assertEquals(1, column(good, "image").getDouble(783));
    assertEquals(9, column(good, "label").getLong(2));
    write(TEST_LABELS, 8, new int[] {4}, 9);
    assertRefused("3 labels expected, found [4]");
    write(TEST_LABELS, 8, new int[] {3}, 10);
    assertRefused("label 0 is 10");
    write(TEST_LABELS, 9, new int[] {3}, -1);
    assertRefused("label 0 is -1");
    write("t10k-images-idx3-ubyte", 8, new int[] {3, 28, 27}, 0);
    assertRefused("U8[n,28,28] expected, found U8[3,28,27]");
    write("t10k-images-idx3-ubyte", 9, new int[] {3, 28, 28}, 0);
    assertRefused("U8[n,28,28] expected, found I8[3,28,28]");
    write("t10k-images-idx3-ubyte", 8, new int[] {}, 0);
    assertRefused("U8[n,28,28] expected, found U8[]");
  }
}
