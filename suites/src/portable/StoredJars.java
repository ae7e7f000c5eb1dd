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
/// without the native libraries of other platforms, and without the jars that hold nothing else. The archive is compressed as a whole, which makes classes of many jars a
/// third smaller than jars that are compressed already.
final class StoredJars {
  /// As ONNX Runtime, JLine and LWJGL name the folders of their libraries; packages of classes may be named the same.
  private static final Pattern OTHER_PLATFORMS =
      Pattern.compile(
          "(?i)(^|.*/)(osx|mac|macos|win|windows|freebsd|openbsd|android)(-[^/]*)?/.*"
              + "|(^|.*/)linux(-|/)(aarch64|arm|arm32|arm64|armv6|armv7|ppc64|ppc64le|riscv64|x86|x86-32)/.*");

  /// What a jar has besides what it is for.
  private static final Pattern ABOUT_ITSELF = Pattern.compile("META-INF/.*|module-info\\.class|.*/");

  private StoredJars() {}

  public static void main(String[] folders) throws IOException {
    Path to = Path.of(folders[1]);
    Files.createDirectories(to);
    try (Stream<Path> jars = Files.list(Path.of(folders[0]))) {
      for (Path jar : jars.sorted().toList()) {
        if (isForThisPlatform(jar)) {
          store(jar, to.resolve(jar.getFileName()));
        }
      }
    }
  }

  /// Whether anything is left of a jar without what is for other platforms; one with nothing in it from the start stays.
  private static boolean isForThisPlatform(Path from) throws IOException {
    try (ZipFile jar = new ZipFile(from.toFile())) {
      List<? extends ZipEntry> content =
          jar.stream().filter(entry -> !ABOUT_ITSELF.matcher(entry.getName()).matches()).toList();
      return content.isEmpty() || !content.stream().allMatch(StoredJars::isForAnotherPlatform);
    }
  }

  private static boolean isForAnotherPlatform(ZipEntry entry) {
    String name = entry.getName();
    return !name.endsWith(".class") && OTHER_PLATFORMS.matcher(name).matches();
  }

  private static void store(Path from, Path to) throws IOException {
    try (ZipFile jar = new ZipFile(from.toFile());
        OutputStream file = Files.newOutputStream(to);
        ZipOutputStream stored = new ZipOutputStream(file)) {
      stored.setMethod(ZipOutputStream.STORED);
      List<? extends ZipEntry> entries = Collections.list(jar.entries());
      for (ZipEntry entry : entries) {
        if (isForAnotherPlatform(entry)) {
          continue;
        }
        ZipEntry copy = new ZipEntry(entry.getName());
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
