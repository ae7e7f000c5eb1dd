package io.griffinfly.suites.cli;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.peers.PeerCatalog;
import io.griffinfly.suites.plan.Contender;
import io.griffinfly.suites.plan.Plan;
import io.griffinfly.suites.plan.PlannedUnit;
import io.griffinfly.suites.run.Probe;
import java.util.EnumSet;
import java.util.Set;

/// `--dry-run`: everything is checked, each framework is asked, nothing is timed.
final class DryRun {
  private DryRun() {}

  static ExitCode print(Console console, Plan plan, PeerCatalog catalog) {
    Set<ExitCode> outcomes = EnumSet.noneOf(ExitCode.class);
    StringBuilder out = new StringBuilder();
    plan.cases().forEach(each -> out.append("case       ").append(each).append('\n'));
    for (Contender contender : plan.contenders()) {
      Probe.Answer answer =
          Probe.ask(
              catalog.find(contender.framework()).orElseThrow(),
              contender.variant(),
              plan.options().device(),
              plan.options().threads());
      var result = answer.result();
      out.append("framework  ").append(contender.label()).append(' ');
      if (result == null) {
        out.append("does not answer: ").append(answer.problem()).append('\n');
        outcomes.add(ExitCode.FRAMEWORK);
      } else {
        out.append(result.framework().version()).append('\n');
      }
    }
    for (Plan.Absent absent : plan.absent()) {
      out.append("absent     ").append(absent.label()).append(": ").append(absent.reason());
      out.append('\n');
      if (absent.asked()) {
        outcomes.add(ExitCode.FRAMEWORK);
      }
    }
    for (PlannedUnit unit : plan.units()) {
      out.append("process    ").append(unit.id()).append('\n');
    }
    out.append("plan       ").append(plan.sha256()).append('\n');
    out.append("time       at least ").append(plan.leastSeconds()).append(" s\n");
    if (plan.units().isEmpty()) {
      outcomes.add(ExitCode.NOTHING_RAN);
    }
    console.print(out.toString());
    return ExitCode.worst(outcomes);
  }
}
