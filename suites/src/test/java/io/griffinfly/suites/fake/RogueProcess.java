package io.griffinfly.suites.fake;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// A peer's process that breaks the protocol in the way that its first argument names. Only the
/// JDK: it starts fast and is a plain process to the harness.
public final class RogueProcess {
  private RogueProcess() {}

  /// Misbehaves.
  ///
  /// @param arguments the fault, then the protocol's arguments
  /// @throws Exception as part of misbehaving
  public static void main(String[] arguments) throws Exception {
    List<String> all = Arrays.asList(arguments);
    Path out = Path.of(all.get(all.indexOf("--out") + 1));
    switch (arguments[0]) {
      case "hang" -> Thread.sleep(600_000);
      case "crash" -> {
        print("about to fall over");
        Runtime.getRuntime().halt(134);
      }
      case "silent" -> print("done, they say");
      case "junk" -> Files.writeString(out.resolve("result.json"), "{\"protocol\": 1, junk");
      case "half" -> {
        Path request = Path.of(all.get(all.indexOf("--request") + 1));
        Files.writeString(out.resolve("result.json"), result(Files.readString(request)));
        Files.write(out.resolve("outputs.safetensors"), new byte[] {64, 0, 0, 0, 0, 0, 0, 0, '{'});
      }
      case "child" -> {
        leaveChild(all);
        Files.writeString(out.resolve("result.json"), "{}");
      }
      case "old_result" ->
          Files.writeString(
              out.resolve("result.json"),
              result("\"nonce\" : \"0000000000000000\", \"framework\" : \"old_result\","));
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /// A child that would outlive its parent by far, with its number written down for the test.
  private static void leaveChild(List<String> all) throws IOException {
    Process child = new ProcessBuilder("sleep", "600").redirectErrorStream(true).start();
    Path state = Path.of(all.get(1));
    Files.createDirectories(state);
    Files.writeString(state.resolve("child.pid"), Long.toString(child.pid()));
  }

  private static String result(String request) {
    String nonce = field(request, "nonce");
    String name = field(request, "framework");
    return """
    {"protocol": 1, "nonce": "%s", "framework": {"name": "%s", "version": "1"},
     "device": {"id": "cpu", "kind": "cpu", "name": "cpu"},
     "programs": {"forward": {"compile_ns": 1, "first_run_ns": 1},
                  "latency": {"compile_ns": 1, "first_run_ns": 1},
                  "gradients": {"compile_ns": 1, "first_run_ns": 1},
                  "train_sgd": {"compile_ns": 1, "first_run_ns": 1}},
     "metrics": {}}
    """
        .replaceFirst("%s", nonce)
        .replaceFirst("%s", name);
  }

  private static String field(String json, String name) {
    int at = json.indexOf("\"" + name + "\"");
    int from = json.indexOf('"', json.indexOf(':', at)) + 1;
    return json.substring(from, json.indexOf('"', from));
  }

  private static void print(String line) {
    PrintWriter log =
        new PrintWriter(
            new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8);
    log.println(line);
  }
}
