package io.griffinfly.suites.cli;

import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.peers.Manifest;
import io.griffinfly.suites.peers.Peer;
import io.griffinfly.suites.peers.PeerCatalog;
import io.griffinfly.suites.run.Launch;
import io.griffinfly.suites.run.Supervisor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// `--prepare NAME`: runs the preparation that a manifest names, one at a time, with a log. It sees
/// the user's whole environment: installers need proxies, certificates and mirrors.
final class Preparation {
  private Preparation() {}

  static ExitCode run(Console console, Workspace workspace, String asked) {
    PeerCatalog catalog = workspace.peers();
    String name = Choices.resolve("framework", List.of(asked), catalog.names()).getFirst();
    Peer peer = catalog.find(name).orElseThrow();
    Manifest.Prepare prepare = peer.manifest().prepare();
    if (prepare == null) {
      console.say(name + " needs no preparation");
      return ExitCode.OK;
    }
    Path log = peer.state().resolve("prepare.log");
    try {
      Files.createDirectories(peer.state());
      try (FileChannel channel =
              FileChannel.open(
                  peer.state().resolve("prepare.lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.tryLock()) {
        if (lock == null) {
          throw new SuiteException(
              ExitCode.FRAMEWORK, name + " is being prepared by another process; log: " + log);
        }
        return perform(console, peer, prepare, log);
      }
    } catch (IOException e) {
      throw new SuiteException(ExitCode.INTERNAL, DurableFile.unwritable(peer.state(), e), e);
    }
  }

  private static ExitCode perform(Console console, Peer peer, Manifest.Prepare prepare, Path log) {
    console.say("preparing " + peer.name() + "; log: " + log);
    Supervisor supervisor = new Supervisor();
    Thread stop = new Thread(supervisor::stop, "stop preparation");
    Runtime.getRuntime().addShutdownHook(stop);
    Supervisor.Outcome outcome =
        supervisor.run(
            new Launch(peer.expand(prepare.command(), 0), System.getenv()),
            peer.folder(),
            log,
            prepare.timeoutSeconds(),
            new Heartbeat(console));
    Runtime.getRuntime().removeShutdownHook(stop);
    if (outcome.timedOut() || outcome.exitStatus() != 0 || peer.notReady().isPresent()) {
      throw new SuiteException(
          ExitCode.FRAMEWORK,
          "preparing "
              + peer.name()
              + (outcome.timedOut()
                  ? " took longer than " + prepare.timeoutSeconds() + " s"
                  : " failed, exit " + outcome.exitStatus())
              + "; the log says why: "
              + log);
    }
    console.say(peer.name() + " is ready");
    return ExitCode.OK;
  }

  /// Says now and then that it goes on.
  private static final class Heartbeat implements Runnable {
    private static final long EVERY_NANOS = 10_000_000_000L;

    private final Console console;
    private final long began = System.nanoTime();
    private long spokeAt = began;

    Heartbeat(Console console) {
      this.console = console;
    }

    @Override
    public void run() {
      long now = System.nanoTime();
      if (now - spokeAt >= EVERY_NANOS) {
        spokeAt = now;
        console.say("    ... " + (now - began) / 1_000_000_000L + " s");
      }
    }
  }
}
