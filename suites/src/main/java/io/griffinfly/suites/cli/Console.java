package io.griffinfly.suites.cli;

import io.griffinfly.suites.report.Painter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.IStyle;
import picocli.CommandLine.Help.Ansi.Style;

/// Where the command writes: the artefact to stdout, everything else to stderr.
///
/// @param out stdout
/// @param err stderr
/// @param errIsTerminal whether someone watches stderr
record Console(PrintWriter out, PrintWriter err, boolean errIsTerminal) {
  /// The console of this process.
  static Console of(PrintWriter out, PrintWriter err) {
    return new Console(out, err, isTerminal(2));
  }

  /// On Linux the descriptor itself can be asked; elsewhere picocli knows as much as Java does,
  /// which is about stdin and stdout only.
  private static boolean isTerminal(int descriptor) {
    Path link = Path.of("/proc/self/fd/" + descriptor);
    if (Files.isSymbolicLink(link)) {
      try {
        String target = Files.readSymbolicLink(link).toString();
        return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
      } catch (IOException _) {
        return false;
      }
    }
    return Ansi.AUTO.enabled();
  }

  /// Colours if stdout can show them.
  Painter painter() {
    return Ansi.AUTO.enabled() ? new Colours() : Painter.NONE;
  }

  /// One line on stderr.
  void say(String line) {
    err.println(line);
    err.flush();
  }

  /// Text on stdout.
  void print(String text) {
    out.print(text);
    out.flush();
  }

  private static final class Colours implements Painter {
    private static String wrap(IStyle style, String text) {
      return text.isEmpty() ? text : style.on() + text + style.off();
    }

    @Override
    public String strong(String text) {
      return wrap(Style.bold, text);
    }

    @Override
    public String good(String text) {
      return wrap(Style.fg_green, text);
    }

    @Override
    public String bad(String text) {
      return wrap(Style.fg_red, text);
    }

    @Override
    public String faint(String text) {
      return wrap(Style.faint, text);
    }
  }
}
