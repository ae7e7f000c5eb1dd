package io.griffinfly.suites.cli;

import io.griffinfly.engine.io.Progress;
import io.griffinfly.suites.run.RunEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Shows what goes on, in the way that was asked for.
final class ProgressView implements RunEvent.Listener, AutoCloseable {
  private static final List<String> WAYS = List.of("tty", "plain", "jsonl", "none");

  private final RunEvent.Listener listener;
  private final @Nullable BarProgress bar;

  private ProgressView(RunEvent.Listener listener, @Nullable BarProgress bar) {
    this.listener = listener;
    this.bar = bar;
  }

  static ProgressView of(@Nullable String asked, Console console) {
    String way =
        asked == null
            ? (console.errIsTerminal() ? "tty" : "plain")
            : Choices.resolve("progress", List.of(asked), WAYS).getFirst();
    return switch (way) {
      case "tty" -> {
        BarProgress bar = new BarProgress(console);
        yield new ProgressView(bar, bar);
      }
      case "jsonl" -> new ProgressView(new JsonProgress(console), null);
      case "none" -> new ProgressView(_ -> {}, null);
      default -> new ProgressView(new PlainProgress(console), null);
    };
  }

  @Override
  public void on(RunEvent event) {
    listener.on(event);
  }

  /// Turns bytes made into events, one for every tenth.
  Progress bytes(String what) {
    int[] shown = {-1};
    return (done, total) -> {
      int tenth = total <= 0 ? 0 : (int) (10 * done / total);
      synchronized (shown) {
        if (tenth > shown[0]) {
          shown[0] = tenth;
          listener.on(new RunEvent.Preparing(what + ": " + 10 * tenth + " %"));
        }
      }
    };
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
