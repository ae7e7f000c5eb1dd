package io.griffinfly.suites.griffinfly;

import io.griffinfly.engine.run.Session;

/// The version of the engine on the class path.
final class EngineVersion {
  private EngineVersion() {}

  /// The version that the engine's jar names; `development` when it runs from classes.
  static String get() {
    String version = Session.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
