package io.griffinfly.suites.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// `--install` with programs in the place of apt-get and dpkg-query: one that writes down how it
/// was called, and one that knows what the first has installed.
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the programs are shell scripts")
class InstallationTest {
  @TempDir Path root;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private Path program(String name, String script) throws IOException {
    Path file = root.resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + script);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  /// @param installs what apt-get does when it is to install
  private Installation.Host host(boolean isRoot, boolean hasNvidiaDriver, String installs)
      throws IOException {
    Path apt =
        program(
            "apt-get",
            "echo $DEBIAN_FRONTEND $* >>"
                + root
                + "/calls; [ $1 = update ] && exit 1\n"
                + installs);
    Path dpkg =
        program(
            "dpkg-query",
            "[ -e " + root + "/installed-$4 ] && printf 'ii ' || { echo no >&2; exit 1; }");
    return new Installation.Host(Optional.of(apt), Optional.of(dpkg), isRoot, hasNvidiaDriver);
  }

  private static final String WELL = "for package; do : >ROOT/installed-$package; done\n";

  private ExitCode install(Installation.Host host, boolean dryRun) {
    Console console = new Console(new PrintWriter(out), new PrintWriter(err), false);
    return new Installation(console, host, root.resolve("logs/apt.log")).run(dryRun);
  }

  private String well() {
    return WELL.replace("ROOT", root.toString());
  }

  private List<String> calls() throws IOException {
    return Files.exists(root.resolve("calls"))
        ? Files.readAllLines(root.resolve("calls"))
        : List.of();
  }

  @Test
  void installsWhatIsMissingAndSaysWhatItRuns() throws IOException {
    Files.writeString(root.resolve("installed-libvulkan1"), "");
    assertEquals(ExitCode.OK, install(host(true, false, well()), false));
    String command = "install -y --no-install-recommends mesa-vulkan-drivers";
    assertEquals(List.of("noninteractive update", "noninteractive " + command), calls());
    assertTrue(
        err.toString().contains("running apt-get update && apt-get " + command), err.toString());
    assertEquals(ExitCode.OK, install(host(true, false, well()), false));
    assertEquals(2, calls().size(), "nothing is missing any more");
    assertTrue(err.toString().contains("installed already: libvulkan1, mesa-vulkan-drivers"));
    assertEquals("", out.toString());
  }

  @Test
  void nvidiasDriverNeedsTwoMore() throws IOException {
    install(host(true, true, well()), false);
    assertTrue(
        calls().getLast().endsWith(" libvulkan1 mesa-vulkan-drivers libegl1 libxext6"),
        calls().toString());
  }

  @Test
  void withoutRootNothingRunsAndOneLineSaysWhatWould() throws IOException {
    Installation.Host host = host(false, false, well());
    SuiteException thrown = assertThrows(SuiteException.class, () -> install(host, false));
    assertEquals(6, thrown.exitCode().number());
    assertEquals(
        "--install needs root: sudo sh -c 'apt-get update && apt-get install -y"
            + " --no-install-recommends libvulkan1 mesa-vulkan-drivers'",
        thrown.getMessage());
    assertEquals(ExitCode.OK, install(host, true));
    assertTrue(
        String.valueOf(thrown.getMessage()).contains(out.toString().strip()), out.toString());
    assertFalse(out.toString().isBlank());
    assertEquals(List.of(), calls());
  }

  @Test
  void withoutAptGetOneLineSaysWhatToDo() {
    var host = new Installation.Host(Optional.empty(), Optional.empty(), true, false);
    SuiteException thrown = assertThrows(SuiteException.class, () -> install(host, false));
    assertEquals(6, thrown.exitCode().number());
    assertTrue(
        String.valueOf(thrown.getMessage()).startsWith("--install needs apt-get"),
        thrown.getMessage());
  }

  @Test
  void aFailureNamesItsLog() throws IOException {
    Installation.Host host = host(true, false, "echo no such package; exit 100\n");
    SuiteException thrown = assertThrows(SuiteException.class, () -> install(host, false));
    assertEquals(6, thrown.exitCode().number());
    Path log = root.resolve("logs/apt.log");
    assertEquals("apt-get install failed, exit 100; the log says why: " + log, thrown.getMessage());
    assertEquals("no such package\n", Files.readString(log));
  }
}
