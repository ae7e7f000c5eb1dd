package io.griffinfly.suites.cli;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.peers.PeerCatalog;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where things lie in the project's folder.
///
/// @param home the folder
record Workspace(Path home) {
  /// Where `run.sh` says that the project lies.
  private static final String HOME = "griffinfly.home";

  /// Finds the project's folder: the one asked for, the one that the launcher names, or the nearest
  /// around the working directory.
  static Workspace find(@Nullable Path asked) {
    String named = System.getProperty(HOME);
    Path start = asked != null ? asked : Path.of(named != null ? named : "");
    Path folder = start.toAbsolutePath().normalize();
    if (asked != null || named != null) {
      return existing(new Workspace(folder));
    }
    for (Path each = folder; each != null; each = each.getParent()) {
      if (Files.isDirectory(each.resolve("suites").resolve("peers"))) {
        return new Workspace(each);
      }
    }
    throw new SuiteException(
        ExitCode.USAGE, "not inside the project's folder; name it with --root");
  }

  private static Workspace existing(Workspace workspace) {
    if (!Files.isDirectory(workspace.peersFolder())) {
      throw new SuiteException(
          ExitCode.USAGE,
          workspace.home() + " is not the project's folder: it has no suites/peers");
    }
    return workspace;
  }

  Path peersFolder() {
    return home.resolve("suites").resolve("peers");
  }

  PeerCatalog peers() {
    return PeerCatalog.read(peersFolder(), cache().resolve("peers"));
  }

  Path cache() {
    return home.resolve(".cache");
  }

  Path cases() {
    return cache().resolve("cases");
  }

  Path results() {
    return home.resolve("results");
  }

  Path runs() {
    return results().resolve("runs");
  }
}
