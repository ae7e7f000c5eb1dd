package io.griffinfly.suites.cli;

import io.griffinfly.suites.adapter.ProgressFile;
import io.griffinfly.suites.run.RunEvent;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/// One line that is redrawn: which process, which phase, how many samples, the latest time, what is
/// left.
final class BarProgress implements RunEvent.Listener, AutoCloseable {
  private static final int LINE_WIDTH = 110;

  /// Rare enough to cost the measured process nothing that shows.
  private static final int REDRAW_MILLIS = 500;

  private final Console console;
  private @Nullable ProgressBar bar;
  private String unit = "";

  BarProgress(Console console) {
    this.console = console;
  }

  @Override
  public void on(RunEvent event) {
    switch (event) {
      case RunEvent.Preparing preparing -> console.say(preparing.what());
      case RunEvent.Started started -> {
        close();
        bar =
            new ProgressBarBuilder()
                .setTaskName("griffinfly")
                .setInitialMax(started.units())
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(REDRAW_MILLIS)
                .setMaxRenderedLength(LINE_WIDTH)
                .startsFrom(started.done(), java.time.Duration.ZERO)
                .setConsumer(
                    new ConsoleProgressBarConsumer(
                        new PrintStream(
                            new FileOutputStream(FileDescriptor.err),
                            true,
                            StandardCharsets.UTF_8)))
                .build();
      }
      case RunEvent.UnitStarted started -> {
        unit = started.unit().contender().label() + " " + started.unit().mode().word();
        extra("");
      }
      case RunEvent.UnitProgress progress -> progress(progress.progress());
      case RunEvent.Heartbeat _ -> {
        // The bar redraws itself and counts the seconds.
      }
      case RunEvent.UnitSkipped _ -> step();
      case RunEvent.UnitFinished _ -> step();
      case RunEvent.Finished _ -> close();
    }
  }

  private void progress(ProgressFile.Event event) {
    StringBuilder text = new StringBuilder(event.phase());
    if (event.program() != null) {
      text.append(' ').append(event.program());
    }
    Long nanos = event.lastNs();
    if (event.done() != null && event.of() != null && nanos != null) {
      text.append(' ').append(event.done()).append('/').append(event.of());
      text.append(String.format(Locale.ROOT, " %.2f ms", nanos / 1e6));
    }
    extra(text.toString());
  }

  private void extra(String phase) {
    if (bar != null) {
      bar.setExtraMessage(" " + unit + " " + phase);
    }
  }

  private void step() {
    if (bar != null) {
      bar.step();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
