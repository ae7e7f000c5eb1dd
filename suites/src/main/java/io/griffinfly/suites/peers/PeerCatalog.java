package io.griffinfly.suites.peers;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.Json;
import io.griffinfly.suites.SuiteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/// All peers, by name.
///
/// @param peers every one whose folder has a manifest
public record PeerCatalog(List<Peer> peers) {
  /// The framework that the project is about; it leads every list.
  public static final String OWN = "griffinfly";

  /// Copies the list.
  public PeerCatalog {
    peers = List.copyOf(peers);
  }

  /// Reads all manifests.
  ///
  /// @param folder with one folder for each peer
  /// @param state parent of the folders that peers keep
  /// @return the catalogue
  public static PeerCatalog read(Path folder, Path state) {
    List<Peer> peers = new ArrayList<>();
    try (Stream<Path> folders = Files.list(folder)) {
      for (Path each : folders.sorted().toList()) {
        Path file = each.resolve("manifest.json");
        if (Files.isRegularFile(file)) {
          Manifest manifest = Json.read(file, Manifest.class, ExitCode.INTERNAL);
          String name = each.getFileName().toString();
          String problem = manifest.problem(name);
          if (problem != null) {
            throw new SuiteException(ExitCode.INTERNAL, file + ": " + problem);
          }
          peers.add(new Peer(manifest, each, state.resolve(name)));
        }
      }
    } catch (IOException e) {
      throw new SuiteException(
          ExitCode.INTERNAL, "cannot read the peers in " + folder + ": " + e.getMessage(), e);
    }
    peers.sort(
        Comparator.comparing((Peer peer) -> !peer.name().equals(OWN)).thenComparing(Peer::name));
    return new PeerCatalog(peers);
  }

  /// A peer by name.
  ///
  /// @param name the framework
  /// @return the peer; empty if there is none
  public Optional<Peer> find(String name) {
    return peers.stream().filter(peer -> peer.name().equals(name)).findFirst();
  }

  /// All kinds of device that some peer runs on.
  ///
  /// @return their names
  public List<String> devices() {
    return List.copyOf(
        new TreeSet<>(peers.stream().flatMap(peer -> peer.manifest().devices().stream()).toList()));
  }

  /// All names.
  ///
  /// @return the frameworks, in order
  public List<String> names() {
    return peers.stream().map(Peer::name).toList();
  }
}
