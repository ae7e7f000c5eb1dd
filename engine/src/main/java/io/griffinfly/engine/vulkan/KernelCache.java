package io.griffinfly.engine.vulkan;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/// Compiled kernels on disk. An entry is written to a file of its own and then renamed, so that
/// another process finds all of it or nothing; it begins with its checksum, and one that does not
/// agree is as if it were not there. A folder that cannot be written keeps nothing.
final class KernelCache {
  private static final String HASH = "SHA-256";

  private final Optional<Path> folder;

  KernelCache(Optional<Path> folder) {
    this.folder = folder;
  }

  /// The name of an entry for a text.
  static String key(String text) {
    return HexFormat.of().formatHex(hash(text.getBytes(StandardCharsets.UTF_8)));
  }

  /// An entry.
  ///
  /// @param name its name, a file name
  Optional<byte[]> get(String name) {
    if (folder.isEmpty()) {
      return Optional.empty();
    }
    try {
      byte[] all = Files.readAllBytes(folder.get().resolve(name));
      int length = hash(new byte[0]).length;
      if (all.length >= length) {
        byte[] content = Arrays.copyOfRange(all, length, all.length);
        if (Arrays.equals(hash(content), Arrays.copyOf(all, length))) {
          return Optional.of(content);
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /// Keeps an entry.
  ///
  /// @return whether it was kept
  boolean put(String name, byte[] content) {
    if (folder.isEmpty()) {
      return false;
    }
    try {
      Files.createDirectories(folder.get());
      Path partial = Files.createTempFile(folder.get(), name, ".partial");
      try {
        byte[] hash = hash(content);
        byte[] all = Arrays.copyOf(hash, hash.length + content.length);
        System.arraycopy(content, 0, all, hash.length, content.length);
        Files.write(partial, all);
        Files.move(
            partial,
            folder.get().resolve(name),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
        return true;
      } finally {
        Files.deleteIfExists(partial);
      }
    } catch (IOException e) {
      return false;
    }
  }

  private static byte[] hash(byte[] content) {
    try {
      return MessageDigest.getInstance(HASH).digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has " + HASH, e);
    }
  }
}
