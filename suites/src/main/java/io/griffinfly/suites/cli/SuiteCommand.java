package io.griffinfly.suites.cli;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.plan.Profile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `./run.sh`: what can be asked for. Each flag is one field; what it does is in an action of its
/// own.
@Command(
    name = "run.sh",
    sortOptions = false,
    usageHelpWidth = 110,
    header =
        "Times neural-network frameworks on the same bytes and checks every value before it prints"
            + " a number.",
    synopsisHeading = "%nUsage: ",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all that was asked for is done and right",
      "1:a fault of the harness, or results that cannot be written",
      "2:a wrong flag, or an unknown model, device or framework",
      "3:a framework failed, timed out, or was asked for by name and is not ready",
      "4:some values are wrong, or times are not credible",
      "6:the machine is unfit: no JDK, or --install without root or apt-get",
      "8:nothing was there to run",
      "9:a bundle or weights are missing, malformed, or not what their digest says",
      "130:interrupted; --resume goes on"
    },
    footer = {
      "",
      "Examples:",
      "  ./run.sh -m SmolLM2                        every framework that is ready, first look",
      "  ./run.sh -m SmolLM2 --profile standard     with exact intervals",
      "  ./run.sh --check                           what is installed, what the rest needs"
    })
public final class SuiteCommand implements Callable<Integer> {
  @Spec @Nullable CommandSpec spec;

  @Option(
      names = {"-m", "--model"},
      split = ",",
      paramLabel = "NAME",
      description = "Models, by name or the beginning of it. Default: all.")
  @Nullable List<String> models;

  @Option(
      names = {"-f", "--frameworks"},
      split = ",",
      paramLabel = "NAME",
      description = "Frameworks, or framework:variant. Default: all that are ready.")
  @Nullable List<String> frameworks;

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      description =
          "quick: 3 processes each, provisional (default). standard: 6 processes, exact interval.")
  @Nullable String profile;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description =
          "Where to run: auto (default), a GPU if there is one, else cpu; or one that --list or"
              + " --list-devices names. Software such as vulkan:llvmpipe only by name.")
  @Nullable String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of every framework. Default: all cores.")
  @Nullable Integer threads;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Timed processes of each framework. Default: as the profile says.")
  @Nullable Integer rounds;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the order within rounds. Default: 7.")
  @Nullable Long seed;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "When a process is ended. Default: 900.")
  @Nullable Long timeout;

  @Option(names = "--verify-only", description = "Check values, take no times.")
  boolean verifyOnly;

  @Option(
      names = "--case",
      paramLabel = "DIR",
      description = "A case bundle of your own instead of a model.")
  @Nullable Path caseDirectory;

  @Option(
      names = "--kernels",
      description = "Also time single kernels (griffinfly alone unless -f says otherwise).")
  boolean kernels;

  @Option(
      names = "--endurance",
      paramLabel = "STEPS",
      description =
          "Also train so many steps and watch memory (griffinfly alone unless -f says otherwise).")
  @Nullable Integer endurance;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "Also write a Perfetto trace (griffinfly alone unless -f says otherwise).")
  @Nullable Path trace;

  @Option(names = "--mutate", hidden = true, paramLabel = "NAME")
  @Nullable String mutate;

  @Option(
      names = "--resume",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "RUN",
      description = "Go on with an interrupted run. Default: the latest.")
  @Nullable String resume;

  @Option(
      names = "--update",
      description =
          "Publish the run into results/raw and rebuild the tables; without -m, -f or --case the"
              + " latest complete run.")
  boolean update;

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description =
          "Draw the run's times as an SVG; without -m, -f or --case those of the latest complete"
              + " run.")
  @Nullable Path picture;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the runs. Default: results/runs.")
  @Nullable Path out;

  @Option(names = "--json", description = "Print results as JSON instead of a table.")
  boolean json;

  @Option(
      names = "--progress",
      paramLabel = "HOW",
      description = "tty, plain, jsonl or none, on stderr. Default: tty on a terminal, else plain.")
  @Nullable String progress;

  @Option(names = "--dry-run", description = "Check everything, print the plan, run nothing.")
  boolean dryRun;

  @Option(
      names = "--check",
      description = "Say which frameworks are ready and what the others need.")
  boolean check;

  @Option(
      names = "--prepare",
      paramLabel = "NAME",
      description = "Make a framework ready (may download).")
  @Nullable String prepare;

  @Option(
      names = "--install",
      description =
          "Install what GPUs need: the Vulkan loader and drivers, by apt-get, as root; with --dry-run"
              + " say how.")
  boolean install;

  @Option(names = "--list", description = "Print models, frameworks, devices and metrics.")
  boolean list;

  @Option(
      names = "--list-devices",
      description = "Print the devices of this machine, which of them auto takes and why.")
  boolean listDevices;

  @Option(
      names = "--root",
      paramLabel = "DIR",
      description = "The project's folder. Default: the one that run.sh lies in.")
  @Nullable Path root;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this.")
  boolean help;

  /// Reads the command line and does what it says.
  ///
  /// @param arguments the command line
  /// @return the exit code
  public static int execute(String... arguments) {
    return execute(new CommandLine(new SuiteCommand()), arguments);
  }

  /// Reads the command line and does what it says, writing elsewhere.
  ///
  /// @param out instead of stdout
  /// @param err instead of stderr
  /// @param arguments the command line
  /// @return the exit code
  public static int execute(PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine commandLine = new CommandLine(new SuiteCommand());
    commandLine.setOut(out);
    commandLine.setErr(err);
    return execute(commandLine, arguments);
  }

  private static int execute(CommandLine commandLine, String... arguments) {
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setParameterExceptionHandler((e, _) -> {
      commandLine.getErr().println("griffinfly: " + e.getMessage() + "; see --help");
      commandLine.getErr().flush();
      return ExitCode.USAGE.number();
    });
    commandLine.setExecutionExceptionHandler((e, _, _) -> fail(commandLine, e));
    return commandLine.execute(arguments);
  }

  private static int fail(CommandLine commandLine, Exception e) {
    if (e instanceof SuiteException known) {
      commandLine.getErr().println("griffinfly: " + known.getMessage());
      commandLine.getErr().flush();
      return known.exitCode().number();
    }
    commandLine.getErr().println("griffinfly: internal error: " + e);
    e.printStackTrace(commandLine.getErr());
    commandLine.getErr().flush();
    return ExitCode.INTERNAL.number();
  }

  @Override
  public Integer call() {
    CommandLine commandLine =
        java.util.Objects.requireNonNull(spec, "picocli sets it").commandLine();
    Console console = Console.of(commandLine.getOut(), commandLine.getErr());
    Workspace workspace = Workspace.find(root);
    return action(console, workspace).number();
  }

  private ExitCode action(Console console, Workspace workspace) {
    if (list) {
      return Listing.print(console, workspace.peers());
    }
    if (listDevices) {
      return new Readiness(console, workspace).devices();
    }
    if (check) {
      return new Readiness(console, workspace).check(frameworks);
    }
    if (install) {
      Path log = workspace.cache().resolve("install").resolve("apt-install.log");
      return new Installation(console, Installation.Host.here(), log).run(dryRun);
    }
    if (prepare != null) {
      return Preparation.run(console, workspace, prepare);
    }
    if (picture != null) {
      OptionsReader.requireName("--picture", picture);
      OutputFile.check(picture);
    }
    if ((update || picture != null) && !runs()) {
      return Publication.latest(console, workspace, this);
    }
    return new Benchmark(console, workspace, this).run();
  }

  /// Whether something was asked for that only a run gives.
  private boolean runs() {
    return models != null || frameworks != null || caseDirectory != null || resume != null;
  }

  Path runsFolder(Workspace workspace) {
    return out == null ? workspace.runs() : out.toAbsolutePath().normalize();
  }

  /// Flags that decide a plan, which `--resume` takes from the run that it goes on with.
  boolean shapesPlan() {
    return models != null
        || frameworks != null
        || caseDirectory != null
        || profile != null
        || device != null
        || threads != null
        || rounds != null
        || seed != null
        || timeout != null
        || mutate != null
        || trace != null
        || endurance != null
        || kernels
        || verifyOnly;
  }

  Profile chosenProfile() {
    List<String> names =
        java.util.Arrays.stream(Profile.values())
            .map(each -> each.name().toLowerCase(java.util.Locale.ROOT))
            .toList();
    String name =
        Choices.resolve("profile", List.of(profile == null ? "quick" : profile), names).getFirst();
    return Profile.valueOf(name.toUpperCase(java.util.Locale.ROOT));
  }
}
