package io.griffinfly.suites.cli;

import io.griffinfly.suites.adapter.ProgressFile;
import io.griffinfly.suites.run.RunEvent;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One line for each change of phase, and one every few seconds in between, so that silence means
/// hung.
final class PlainProgress implements RunEvent.Listener {
  private final Console console;
  private @Nullable String phase;

  PlainProgress(Console console) {
    this.console = console;
  }

  @Override
  public void on(RunEvent event) {
    switch (event) {
      case RunEvent.Preparing preparing -> console.say(preparing.what());
      case RunEvent.Started started ->
          console.say(
              "run "
                  + started.runId()
                  + ": "
                  + started.units()
                  + " processes"
                  + (started.done() > 0 ? ", " + started.done() + " of them done before" : ""));
      case RunEvent.UnitStarted started -> {
        phase = null;
        console.say("[" + started.number() + "/" + started.units() + "] " + started.unit().id());
      }
      case RunEvent.UnitProgress progress -> progress(progress.progress());
      case RunEvent.Heartbeat beat -> console.say("    ... " + beat.seconds() + " s");
      case RunEvent.UnitSkipped skipped ->
          console.say("    skipped " + skipped.unit().id() + ": " + skipped.reason());
      case RunEvent.UnitFinished finished -> {
        String message = finished.record().message();
        console.say(
            "    "
                + finished.record().status().word()
                + (message == null ? "" : ": " + message)
                + String.format(Locale.ROOT, " (%.1f s)", finished.record().wallNs() / 1e9));
      }
      case RunEvent.Finished finished -> console.say("run " + finished.runId() + " is complete");
    }
  }

  private void progress(ProgressFile.Event event) {
    String now = event.phase() + (event.program() == null ? "" : " " + event.program());
    if (!now.equals(phase)) {
      phase = now;
      console.say("    " + now);
    }
  }
}
