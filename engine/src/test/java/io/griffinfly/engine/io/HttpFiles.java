package io.griffinfly.engine.io;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// A web server for tests: one answer a connection, on this machine alone. A path that begins with
/// `/cut` promises a byte more than it sends.
public final class HttpFiles implements AutoCloseable {
  private final ServerSocket socket;
  private final Map<String, byte[]> files;

  /// Starts it.
  ///
  /// @param files content by path
  /// @throws IOException if there is no free port
  public HttpFiles(Map<String, byte[]> files) throws IOException {
    this.files = Map.copyOf(files);
    this.socket = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().start(this::serve);
  }

  /// Where it is.
  ///
  /// @return its address, with a slash at the end
  public String base() {
    return "http://" + socket.getInetAddress().getHostAddress() + ":" + socket.getLocalPort() + "/";
  }

  private void serve() {
    while (!socket.isClosed()) {
      try (Socket connection = socket.accept()) {
        answer(connection);
      } catch (IOException e) {
        // A client that hung up, or the end of the test: the client's side tells.
      }
    }
  }

  private void answer(Socket connection) throws IOException {
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
    String request = String.valueOf(in.readLine());
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      // Headers do not matter here.
    }
    String path = request.split(" ", -1)[1];
    byte[] body = files.get(path);
    int promised = body == null ? 0 : body.length + (path.startsWith("/cut") ? 1 : 0);
    String head =
        (body == null ? "HTTP/1.1 404 Not Found" : "HTTP/1.1 200 OK")
            + "\r\nConnection: close\r\nContent-Length: "
            + promised
            + "\r\n\r\n";
    OutputStream out = connection.getOutputStream();
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.write(body == null ? new byte[0] : body);
    out.flush();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
