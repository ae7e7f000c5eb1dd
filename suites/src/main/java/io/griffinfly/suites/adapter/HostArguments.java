package io.griffinfly.suites.adapter;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The adapter command line, read.
///
/// @param adapter class that implements [FrameworkAdapter]
/// @param caseDirectory the bundle
/// @param request the request's file
/// @param out the unit's output folder
record HostArguments(String adapter, Path caseDirectory, Path request, Path out) {
  /// Reads `--name value` pairs.
  ///
  /// @param arguments the command line
  /// @return the arguments
  static HostArguments parse(String[] arguments) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      values.put(arguments[i], arguments[i + 1]);
    }
    if (!String.valueOf(AdapterRequest.PROTOCOL).equals(values.get("--protocol"))) {
      throw new AdapterException(
          AdapterException.Kind.INTERNAL,
          "this adapter speaks --protocol " + AdapterRequest.PROTOCOL + " only");
    }
    return new HostArguments(
        need(values, "--adapter"),
        Path.of(need(values, "--case")),
        Path.of(need(values, "--request")),
        Path.of(need(values, "--out")));
  }

  private static String need(Map<String, String> values, String name) {
    String value = values.get(name);
    if (value == null) {
      throw new AdapterException(AdapterException.Kind.INTERNAL, "missing argument " + name);
    }
    return value;
  }
}
