package io.griffinfly.engine.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;

/// Files from the network. A file gets its name only when its digest is the known one.
public final class Download {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration RESPONSE_TIMEOUT = Duration.ofMinutes(2);
  private static final int BUFFER_BYTES = 1 << 16;

  private Download() {}

  /// Fetches a file.
  ///
  /// @param sources where it may be found, tried in order
  /// @param target the file to be
  /// @param sha256 its digest, in lower-case hexadecimal digits
  /// @param progress hears of bytes received
  /// @throws IOException if no source yields it; the message says why for each
  public static void file(List<URI> sources, Path target, String sha256, Progress progress)
      throws IOException {
    fetch(sources, target, sha256, progress, false);
  }

  /// Fetches a file that is packed with gzip at its source and not here.
  ///
  /// @param sources where it may be found, tried in order
  /// @param target the file to be, unpacked
  /// @param sha256 the digest of the unpacked file, in lower-case hexadecimal digits
  /// @param progress hears of packed bytes received
  /// @throws IOException if no source yields it; the message says why for each
  public static void unpacking(List<URI> sources, Path target, String sha256, Progress progress)
      throws IOException {
    fetch(sources, target, sha256, progress, true);
  }

  private static void fetch(
      List<URI> sources, Path target, String sha256, Progress progress, boolean unpack)
      throws IOException {
    StringBuilder reasons = new StringBuilder();
    for (URI source : sources) {
      try (AtomicFile file = AtomicFile.create(target)) {
        String found = store(source, file, progress, unpack);
        if (!found.equals(sha256)) {
          throw new IOException("SHA-256 " + sha256 + " expected, found " + found);
        }
        file.commit();
        return;
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        reasons.append("; ").append(source).append(": ").append(reason(e));
      }
    }
    throw new IOException("cannot download " + target + reasons);
  }

  private static String reason(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  private static String store(URI source, AtomicFile file, Progress progress, boolean unpack)
      throws IOException {
    HttpRequest request = HttpRequest.newBuilder(source).timeout(RESPONSE_TIMEOUT).build();
    MessageDigest digest = FileDigest.sha256();
    try (HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()) {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      long total = response.headers().firstValueAsLong("Content-Length").orElse(-1);
      try (InputStream body = new Counted(response.body(), total, progress)) {
        if (response.statusCode() != 200) {
          throw new IOException("HTTP status " + response.statusCode());
        }
        InputStream content = unpack ? new GZIPInputStream(body, BUFFER_BYTES) : body;
        content.transferTo(
            new DigestOutputStream(Channels.newOutputStream(file.channel()), digest));
      }
    } catch (InterruptedException | ClosedByInterruptException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the download of " + source + " was interrupted");
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /// Counts what passes.
  private static final class Counted extends InputStream {
    private final InputStream in;
    private final long total;
    private final Progress progress;
    private long done;

    Counted(InputStream in, long total, Progress progress) {
      this.in = in;
      this.total = total;
      this.progress = progress;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = in.read(bytes, offset, length);
      if (count > 0) {
        done += count;
        progress.at(done, total);
      }
      return count;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
