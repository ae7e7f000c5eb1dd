package io.griffinfly.engine.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// A file that is there whole or not at all: it is written beside its place under a name that no
/// other writer has, and [#commit] forces it to the disk and gives it its own name in one step.
/// Until then the target is as it was; without a commit nothing is left behind.
///
/// ```
/// try (AtomicFile file = AtomicFile.create(target)) {
///   write(file.channel());
///   file.commit();
/// }
/// ```
///
/// Of several writers of one target the last to commit wins, with a whole file.
public final class AtomicFile implements AutoCloseable {
  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private boolean committed;

  private AtomicFile(Path target, Path temporary) throws IOException {
    this.target = target;
    this.temporary = temporary;
    this.channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /// Begins a file.
  ///
  /// @param target the file to be, replaced at the commit if it exists; its folder must exist
  /// @return the file, to be closed
  /// @throws IOException if nothing can be written beside the target
  public static AtomicFile create(Path target) throws IOException {
    long process = ProcessHandle.current().pid();
    long thread = Thread.currentThread().threadId();
    String suffix = "." + process + "-" + thread + "-" + System.nanoTime() + ".tmp";
    return new AtomicFile(target, target.resolveSibling(target.getFileName() + suffix));
  }

  /// Writes a whole file.
  ///
  /// @param target the file to be, replaced if it exists; its folder must exist
  /// @param content all of its bytes
  /// @throws IOException if it cannot be written; the target is then as it was
  public static void write(Path target, byte[] content) throws IOException {
    try (AtomicFile file = create(target)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        file.channel.write(bytes);
      }
      file.commit();
    }
  }

  /// Where the content goes, in any order.
  ///
  /// @return the channel, closed by the commit
  public FileChannel channel() {
    return channel;
  }

  /// Forces the content to the disk and gives the file its name. The name comes second: after a
  /// loss of power it never stands for content that was not yet written.
  ///
  /// @throws IOException if that fails; the target is then as it was
  public void commit() throws IOException {
    channel.force(true);
    channel.close();
    // What is there is replaced; with a folder in the way it fails.
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    committed = true;
  }

  /// Ends the writing; without a commit what was written goes away.
  ///
  /// @throws IOException if it cannot be removed
  @Override
  public void close() throws IOException {
    channel.close();
    if (!committed) {
      Files.deleteIfExists(temporary);
    }
  }
}
