package io.griffinfly.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;
  private Path target = Path.of("");

  @BeforeEach
  void nameTheTarget() {
    target = folder.resolve("target.txt");
  }

  private Set<Path> files() throws IOException {
    try (Stream<Path> list = Files.list(folder)) {
      return list.collect(Collectors.toSet());
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aCommitReplacesTheTargetAndLeavesNothingElse() throws IOException {
    for (String content : List.of("", "first", "second, longer", "3")) {
      AtomicFile.write(target, bytes(content));
      assertEquals(content, Files.readString(target));
      assertEquals(Set.of(target), files());
    }
  }

  @Test
  void theTargetIsAsItWasUntilTheCommit() throws IOException {
    Files.writeString(target, "old");
    try (AtomicFile file = AtomicFile.create(target)) {
      file.channel().write(ByteBuffer.wrap(bytes("new")));
      assertEquals("old", Files.readString(target));
      assertEquals(2, files().size(), "it is written beside the target, on the same disk");
      file.commit();
      assertEquals("new", Files.readString(target));
    }
    assertEquals(Set.of(target), files());
  }

  @Test
  void withoutACommitNothingIsLeft() throws IOException {
    Files.writeString(target, "old");
    IOException thrown =
        assertThrows(
            IOException.class,
            () -> {
              try (AtomicFile file = AtomicFile.create(target)) {
                file.channel().write(ByteBuffer.wrap(bytes("half of")));
                throw new IOException("the disk is full");
              }
            });
    assertEquals("the disk is full", thrown.getMessage());
    assertEquals("old", Files.readString(target));
    assertEquals(Set.of(target), files());
  }

  @Test
  void writersOfOneTargetDoNotDisturbOneAnother() throws IOException {
    Set<String> contents =
        IntStream.range(0, 8).mapToObj(i -> ("" + i).repeat(10_000)).collect(Collectors.toSet());
    contents.parallelStream()
        .forEach(content -> {
          try {
            AtomicFile.write(target, bytes(content));
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    assertTrue(contents.contains(Files.readString(target)), "not what one of them wrote");
    assertEquals(Set.of(target), files());
  }

  @Test
  void whatIsInTheWayStaysAndIsNamed() throws IOException {
    Files.createDirectories(target.resolve("full"));
    FileSystemException thrown =
        assertThrows(FileSystemException.class, () -> AtomicFile.write(target, bytes("new")));
    assertTrue(String.valueOf(thrown.getMessage()).contains(target.toString()));
    assertEquals(Set.of(target), files());
    Path nowhere = folder.resolve("nowhere").resolve("target.txt");
    assertThrows(NoSuchFileException.class, () -> AtomicFile.write(nowhere, bytes("new")));
  }
}
