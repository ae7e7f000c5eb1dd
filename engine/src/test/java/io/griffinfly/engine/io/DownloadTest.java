package io.griffinfly.engine.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadTest {
  private static final byte[] CONTENT = new byte[300_001];
  private static final String SHA256;

  static {
    new Random(1).nextBytes(CONTENT);
    SHA256 = HexFormat.of().formatHex(FileDigest.sha256().digest(CONTENT));
  }

  @TempDir Path folder;

  private static byte[] packed() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(CONTENT);
    }
    return out.toByteArray();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Test
  void aFileArrivesWholeAndProgressIsHeard() throws IOException {
    Path target = folder.resolve("f");
    AtomicLong heard = new AtomicLong();
    try (HttpFiles server = new HttpFiles(Map.of("/a", CONTENT, "/a.gz", packed()))) {
      List<URI> sources = List.of(URI.create(server.base() + "a"));
      Download.file(
          sources,
          target,
          SHA256,
          (done, total) -> {
            assertEquals(CONTENT.length, total);
            heard.set(done);
          });
      assertArrayEquals(CONTENT, Files.readAllBytes(target));
      assertEquals(CONTENT.length, heard.get());
      Path unpacked = folder.resolve("g");
      List<URI> packed = List.of(URI.create(server.base() + "a.gz"));
      Download.unpacking(packed, unpacked, SHA256, Progress.NONE);
      assertArrayEquals(CONTENT, Files.readAllBytes(unpacked));
      assertEquals(2, files().size());
    }
  }

  @Test
  void theNextMirrorIsTried() throws IOException {
    Path target = folder.resolve("f");
    try (HttpFiles server = new HttpFiles(Map.of("/good", CONTENT, "/bad", new byte[7]))) {
      List<URI> sources =
          Stream.of("absent", "bad", "good").map(p -> URI.create(server.base() + p)).toList();
      Download.file(sources, target, SHA256, Progress.NONE);
    }
    assertArrayEquals(CONTENT, Files.readAllBytes(target));
  }

  @Test
  void everyReasonIsNamedAndNothingIsLeft() throws IOException {
    Path target = folder.resolve("f");
    String closed;
    try (HttpFiles server = new HttpFiles(Map.of())) {
      closed = server.base();
    }
    try (HttpFiles server = new HttpFiles(Map.of("/bad", new byte[7], "/cut", CONTENT))) {
      List<URI> sources =
          Stream.of(server.base() + "absent", server.base() + "bad", server.base() + "cut", closed)
              .map(URI::create)
              .toList();
      IOException e =
          assertThrows(
              IOException.class, () -> Download.file(sources, target, SHA256, Progress.NONE));
      String message = String.valueOf(e.getMessage());
      assertTrue(message.startsWith("cannot download " + target + "; "), message);
      assertTrue(message.contains("absent: HTTP status 404; "), message);
      assertTrue(message.contains("bad: SHA-256 " + SHA256 + " expected, found "), message);
      assertTrue(message.contains("cut: ") && message.contains(closed + ": "), message);
    }
    assertFalse(Files.exists(target));
    assertEquals(List.of(), files());
  }
}
