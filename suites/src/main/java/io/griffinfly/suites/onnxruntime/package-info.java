/// ONNX Runtime as a peer: our own forward graph, exported, in a JVM of its own.
///
/// Its manifest starts that JVM with `-Xrs`: the Java binding takes the environment down in a
/// shutdown hook, so that a JVM that ends on a signal while a session runs would crash and leave a
/// dump behind. `ORT_DISABLE_TELEMETRY` is set there too: since 1.29 the official builds report
/// sessions to Microsoft unless it is, and a peer opens no connection.
@NullMarked
package io.griffinfly.suites.onnxruntime;

import org.jspecify.annotations.NullMarked;
