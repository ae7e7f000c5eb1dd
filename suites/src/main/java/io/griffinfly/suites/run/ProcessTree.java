package io.griffinfly.suites.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A process and everything that it started, also what has lost its parent. On Linux each runs in a
/// session of its own (`setsid`), whose members proc(5) lists; elsewhere the descendants are
/// remembered as they are seen.
final class ProcessTree {
  private static final Path SETSID = Path.of("/usr/bin/setsid");
  private static final Path PROC = Path.of("/proc");

  private final Process root;
  private final Map<Long, ProcessHandle> seen = new LinkedHashMap<>();

  ProcessTree(Process root) {
    this.root = root;
  }

  /// What goes before a command so that it gets a session of its own.
  static List<String> prefix() {
    return Files.isExecutable(SETSID) && Files.isDirectory(PROC)
        ? List.of(SETSID.toString())
        : List.of();
  }

  /// Remembers the descendants of the moment, where no session does. Reading every process of the
  /// machine takes milliseconds of a core, so this must not happen beside a measurement on Linux.
  void look() {
    if (prefix().isEmpty()) {
      root.descendants().forEach(each -> seen.put(each.pid(), each));
    }
  }

  /// Everything but the root that is alive.
  List<ProcessHandle> others() {
    look();
    sessionMembers().forEach(each -> seen.put(each.pid(), each));
    return seen.values().stream()
        .filter(each -> each.pid() != root.pid() && each.isAlive() && !zombie(each.pid()))
        .toList();
  }

  private List<ProcessHandle> sessionMembers() {
    if (prefix().isEmpty()) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(PROC)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.chars().allMatch(Character::isDigit))
          .map(Long::parseLong)
          .filter(pid -> stat(pid, SESSION).equals(Long.toString(root.pid())))
          .flatMap(pid -> ProcessHandle.of(pid).stream())
          .toList();
    } catch (IOException _) {
      return List.of();
    }
  }

  /// Places of fields after the command's name, which is in parentheses and may hold anything.
  private static final int STATE = 0;

  private static final int SESSION = 3;

  private static boolean zombie(long pid) {
    return stat(pid, STATE).equals("Z");
  }

  private static String stat(long pid, int field) {
    try {
      String text = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
      return text.substring(text.lastIndexOf(')') + 2).split(" ", -1)[field];
    } catch (IOException | IndexOutOfBoundsException _) {
      return "";
    }
  }

  /// Asks all to end, and ends those that have not after a while.
  void kill(long graceMillis) {
    List<ProcessHandle> others = others();
    root.destroy();
    others.forEach(ProcessHandle::destroy);
    try {
      root.waitFor(graceMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    root.destroyForcibly();
    others().forEach(ProcessHandle::destroyForcibly);
  }
}
