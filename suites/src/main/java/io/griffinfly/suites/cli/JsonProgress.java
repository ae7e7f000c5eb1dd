package io.griffinfly.suites.cli;

import io.griffinfly.suites.Json;
import io.griffinfly.suites.run.RunEvent;
import java.util.LinkedHashMap;
import java.util.Map;

/// The same events for tools, one JSON object a line.
final class JsonProgress implements RunEvent.Listener {
  private final Console console;

  JsonProgress(Console console) {
    this.console = console;
  }

  @Override
  public void on(RunEvent event) {
    Map<String, Object> line = new LinkedHashMap<>();
    switch (event) {
      case RunEvent.Preparing preparing -> {
        line.put("event", "preparing");
        line.put("what", preparing.what());
      }
      case RunEvent.Started started -> {
        line.put("event", "started");
        line.put("run_id", started.runId());
        line.put("units", started.units());
        line.put("done", started.done());
      }
      case RunEvent.UnitStarted started -> {
        line.put("event", "unit_started");
        line.put("unit", started.unit().id());
        line.put("number", started.number());
        line.put("units", started.units());
      }
      case RunEvent.UnitProgress progress -> {
        line.put("event", "unit_progress");
        line.put("unit", progress.unit().id());
        line.put("progress", progress.progress());
      }
      case RunEvent.Heartbeat beat -> {
        line.put("event", "heartbeat");
        line.put("unit", beat.unit().id());
        line.put("seconds", beat.seconds());
      }
      case RunEvent.UnitSkipped skipped -> {
        line.put("event", "unit_skipped");
        line.put("unit", skipped.unit().id());
        line.put("reason", skipped.reason());
      }
      case RunEvent.UnitFinished finished -> {
        line.put("event", "unit_finished");
        line.put("unit", finished.unit().id());
        line.put("status", finished.record().status());
        line.put("message", String.valueOf(finished.record().message()));
      }
      case RunEvent.Finished finished -> {
        line.put("event", "finished");
        line.put("run_id", finished.runId());
      }
    }
    console.say(Json.line(line));
  }
}
