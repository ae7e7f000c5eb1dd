import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// `java StoredJars.java FROM TO`: copies the jars of a folder for the portable archive, entry by entry, uncompressed and
/// without the native libraries of other platforms. The archive is compressed as a whole, which makes classes of many jars a
/// third smaller than jars that are compressed already.
final class StoredJars {
  /// As ONNX Runtime, JLine and LWJGL name the folders of their libraries; packages of classes may be named the same.
  private static final Pattern OTHER_PLATFORMS =
      Pattern.compile(
          "(?i)(^|.*/)(osx|mac|macos|win|windows|freebsd|openbsd|android)(-[^/]*)?/.*"
              + "|(^|.*/)linux(-|/)(aarch64|arm|arm32|arm64|armv6|armv7|ppc64|ppc64le|riscv64|x86|x86-32)/.*");

  private StoredJars() {}

  public static void main(String[] folders) throws IOException {
    Path to = Path.of(folders[1]);
    Files.createDirectories(to);
    try (Stream<Path> jars = Files.list(Path.of(folders[0]))) {
      for (Path jar : jars.sorted().toList()) {
        store(jar, to.resolve(jar.getFileName()));
      }
    }
  }

  private static void store(Path from, Path to) throws IOException {
    try (ZipFile jar = new ZipFile(from.toFile());
        OutputStream file = Files.newOutputStream(to);
        ZipOutputStream stored = new ZipOutputStream(file)) {
      stored.setMethod(ZipOutputStream.STORED);
      List<? extends ZipEntry> entries = Collections.list(jar.entries());
      for (ZipEntry entry : entries) {
        String name = entry.getName();
        if (!name.endsWith(".class") && OTHER_PLATFORMS.matcher(name).matches()) {
          continue;
        }
        ZipEntry copy = new ZipEntry(name);
        copy.setLastModifiedTime(entry.getLastModifiedTime());
        copy.setSize(entry.getSize());
        copy.setCrc(entry.getCrc());
        stored.putNextEntry(copy);
        try (InputStream bytes = jar.getInputStream(entry)) {
          bytes.transferTo(stored);
        }
        stored.closeEntry();
      }
    }
  }
}
