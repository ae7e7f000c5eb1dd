package io.griffinfly.suites.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.suites.adapter.FrameworkAdapter;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every manifest of the project is whole, and names what is there.
class ManifestTest {
  private static final Path PEERS = Path.of("peers").toAbsolutePath();

  @TempDir Path state;

  @Test
  void everyPeerOfTheProjectIsWhole() throws Exception {
    PeerCatalog catalog = PeerCatalog.read(PEERS, state);
    assertFalse(catalog.peers().isEmpty());
    for (Peer peer : catalog.peers()) {
      Manifest manifest = peer.manifest();
      assertFalse(manifest.architectures().isEmpty(), peer.name());
      assertEquals(
          manifest.variants().size(), manifest.variants().stream().distinct().count(), peer.name());
      String adapter = manifest.launch().adapter();
      if (adapter != null) {
        Class<?> type = Class.forName(adapter);
        assertTrue(FrameworkAdapter.class.isAssignableFrom(type), adapter);
        assertTrue(Modifier.isPublic(type.getConstructor().getModifiers()), adapter);
      }
      for (List<String> command :
          Stream.of(manifest.launch().command(), ready(manifest))
              .filter(Objects::nonNull)
              .toList()) {
        Path program = Path.of(peer.expand(command.getFirst(), 2));
        assertTrue(Files.isExecutable(program), program + " is not executable");
      }
      Manifest.Prepare prepare = manifest.prepare();
      if (prepare != null) {
        Path program = Path.of(peer.expand(prepare.command().getFirst(), 2));
        assertTrue(Files.isExecutable(program), program + " is not executable");
        Manifest.Ready ready = manifest.ready();
        assertTrue(ready != null && ready.hint().contains("--prepare " + peer.name()), peer.name());
      }
    }
  }

  private static @Nullable List<String> ready(Manifest manifest) {
    Manifest.Ready ready = manifest.ready();
    return ready == null ? null : ready.command();
  }

  @Test
  void peerRunsOnWhatItsManifestSays() throws Exception {
    Path folder = Files.createDirectories(state.resolve("peers/wide"));
    Path gpu = state.resolve("gpu");
    Files.writeString(
        folder.resolve("manifest.json"),
        """
        {"schema": "griffinfly-peer/1.0", "name": "wide", "title": "Wide",
         "variants": ["plain", "graphs"], "devices": ["cpu", "cuda"],
         "only_on": {"cuda": ["graphs"]}, "stands_for": {"vulkan": "cuda"},
         "programs": ["forward"], "architectures": ["llama"], "launch": {"command": ["x"]},
         "ready": {"command": ["test", "-e", "${state}/here"], "hint": "prepare it"},
         "ready_on": {"cuda": {"files": ["GPU"], "hint": "needs a GPU"}}}
        """
            .replace("GPU\"]", gpu + "\"]"));
    Peer peer = PeerCatalog.read(state.resolve("peers"), state.resolve("own")).peers().getFirst();
    assertTrue(peer.runsOn("cpu") && peer.runsOn("cuda:1") && peer.runsOn("vulkan:0"));
    assertFalse(peer.runsOn("metal"));
    assertEquals("cuda", peer.device("vulkan"));
    assertEquals("cuda", peer.device("vulkan:3"));
    assertEquals("cuda:H100", peer.device("vulkan:H100"));
    assertEquals("cuda:1", peer.device("cuda:1"));
    assertEquals("cuda", peer.needsDevice("graphs", "cpu").orElseThrow());
    assertTrue(peer.needsDevice("graphs", "vulkan:0").isEmpty());
    assertTrue(peer.needsDevice("plain", "cpu").isEmpty());
    assertEquals("not installed: prepare it", peer.notReady("cpu").orElseThrow());
    Files.createDirectories(peer.state());
    Files.writeString(peer.state().resolve("here"), "");
    assertTrue(peer.notReady("cpu").isEmpty());
    assertEquals("needs a GPU", peer.notReady("vulkan").orElseThrow());
    Files.writeString(gpu, "");
    assertTrue(peer.notReady("vulkan").isEmpty());
  }

  @Test
  void aCommandThatCannotStartIsNotReady() {
    assertFalse(ReadyCommand.succeeds(List.of(state.resolve("nothing").toString())));
    assertFalse(ReadyCommand.succeeds(List.of("false")));
    assertTrue(ReadyCommand.succeeds(List.of("true")));
  }

  @Test
  void peerIsReadyOnceItsFilesAreThere() throws Exception {
    Path folder = Files.createDirectories(state.resolve("peers/late"));
    Files.writeString(
        folder.resolve("manifest.json"),
        """
        {"schema": "griffinfly-peer/1.0", "name": "late", "title": "Late", "variants": ["default"],
         "devices": ["cpu", "vulkan"], "programs": ["forward"], "architectures": ["llama"],
         "launch": {"command": ["${state}/bin/late", "${peer}/x", "${threads}"]},
         "ready": {"files": ["${state}/ready"], "hint": "./run.sh --prepare late"}}
        """);
    Peer peer = PeerCatalog.read(state.resolve("peers"), state.resolve("own")).peers().getFirst();
    assertEquals("not installed: ./run.sh --prepare late", peer.notReady().orElseThrow());
    Files.createDirectories(peer.state());
    Files.writeString(peer.state().resolve("ready"), "");
    assertTrue(peer.notReady().isEmpty());
    assertTrue(peer.runsOn("vulkan:0") && peer.runsOn("cpu") && !peer.runsOn("cuda"));
    assertEquals(folder + "/x 3", peer.expand("${peer}/x ${threads}", 3));
  }
}
