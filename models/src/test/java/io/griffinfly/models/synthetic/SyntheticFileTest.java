package io.griffinfly.models.synthetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.io.FileDigest;
import io.griffinfly.engine.io.Progress;
import io.griffinfly.engine.io.WeightsException;
import io.griffinfly.engine.io.safetensors.Safetensors;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyntheticFileTest {
  /// Larger than a chunk, and not a multiple of one.
  private static final SyntheticTensor LARGE =
      new SyntheticTensor(
          "large.weight", TensorType.of(DType.F32, 601, 1003), TensorKind.Real.WEIGHT);

  private static final SyntheticTensor SMALL =
      new SyntheticTensor("ids", TensorType.of(DType.I64, 1, 5), new TensorKind.Integers(9));

  private static final List<SyntheticTensor> TENSORS = List.of(LARGE, SMALL);

  @TempDir Path folder;

  @Test
  void theFileHoldsTheTensorsAndProgressReachesTheEnd() throws IOException {
    Path file = folder.resolve("w.safetensors");
    AtomicLong last = new AtomicLong();
    long total = LARGE.type().bytes() + SMALL.type().bytes();
    SyntheticFile.write(
        file,
        TENSORS,
        (done, all) -> {
          assertEquals(total, all);
          last.accumulateAndGet(done, Math::max);
        });
    assertEquals(total, last.get());
    try (Safetensors weights = Safetensors.open(file)) {
      for (SyntheticTensor tensor : TENSORS) {
        assertArrayEquals(
            tensor.generate().toDoubles(),
            weights.tensor(tensor.name(), tensor.type()).toDoubles());
      }
    }
  }

  @Test
  void aFileWithTheRightDigestIsKeptAndAnyOtherMadeAgain() throws IOException {
    Path file = folder.resolve("w.safetensors");
    SyntheticFile.write(file, TENSORS, Progress.NONE);
    String sha256 = FileDigest.sha256(file);
    assertFalse(SyntheticFile.ensure(file, TENSORS, sha256, Progress.NONE));
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    assertTrue(SyntheticFile.ensure(file, TENSORS, sha256, Progress.NONE));
    assertEquals(sha256, FileDigest.sha256(file));
    Files.delete(file);
    assertTrue(SyntheticFile.ensure(file, TENSORS, sha256, Progress.NONE));
    assertEquals(sha256, FileDigest.sha256(file));
  }

  @Test
  void anotherDigestLeavesNoFile() throws IOException {
    Path file = folder.resolve("w.safetensors");
    String wrong = "0".repeat(64);
    WeightsException e =
        assertThrows(
            WeightsException.class,
            () -> SyntheticFile.ensure(file, TENSORS, wrong, Progress.NONE));
    assertTrue(String.valueOf(e.getMessage()).contains("expected SHA-256 " + wrong + ", found "));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }
}
