package io.griffinfly.suites.adapter;

import io.griffinfly.engine.io.AtomicFile;
import io.griffinfly.engine.io.WeightsException;
import io.griffinfly.engine.plan.DeviceLostException;
import io.griffinfly.engine.plan.DeviceMemoryException;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.Json;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The process of a framework inside the JVM: speaks the adapter protocol for a [FrameworkAdapter].
public final class AdapterHost {
  private static final System.Logger LOG = System.getLogger(AdapterHost.class.getName());

  private AdapterHost() {}

  /// Serves one unit and exits with the protocol's status.
  ///
  /// @param arguments as in the protocol, and `--adapter CLASS`
  public static void main(String[] arguments) {
    int status = serve(arguments);
    // A framework may leave threads that are no daemons; the unit is over all the same.
    Runtime.getRuntime().exit(status);
  }

  /// Serves one unit.
  ///
  /// @param arguments as in the protocol, and `--adapter CLASS`
  /// @return the exit status
  static int serve(String[] arguments) {
    @Nullable Path out = null;
    try {
      HostArguments host = HostArguments.parse(arguments);
      out = host.out();
      AdapterRequest request = Json.read(host.request(), AdapterRequest.class, ExitCode.INTERNAL);
      FrameworkAdapter adapter = instantiate(host.adapter());
      AdapterResult result;
      try (ProgressFile progress = new ProgressFile(out)) {
        result = new UnitOfWork(adapter, request, host.caseDirectory(), out, progress).perform();
      }
      publish(out, Json.pretty(result));
      return 0;
    } catch (AdapterException e) {
      return fail(out, e.kind(), e);
    } catch (WeightsException e) {
      return fail(out, AdapterException.Kind.BAD_CASE, e);
    } catch (DeviceMemoryException | OutOfMemoryError e) {
      return fail(out, AdapterException.Kind.OUT_OF_MEMORY, e);
    } catch (DeviceLostException e) {
      // Whatever befell it may have been another program's doing.
      return fail(out, AdapterException.Kind.TRANSIENT, e);
    } catch (IOException | RuntimeException | Error e) {
      return fail(out, AdapterException.Kind.INTERNAL, e);
    }
  }

  private static FrameworkAdapter instantiate(String name) {
    try {
      return Class.forName(name).asSubclass(FrameworkAdapter.class).getConstructor().newInstance();
    } catch (InvocationTargetException e) {
      throw new AdapterException(
          AdapterException.Kind.INTERNAL, name + " cannot be made: " + e.getCause(), e);
    } catch (ReflectiveOperationException | ClassCastException e) {
      throw new AdapterException(
          AdapterException.Kind.INTERNAL, name + " is not a FrameworkAdapter: " + e, e);
    }
  }

  private static int fail(@Nullable Path out, AdapterException.Kind kind, Throwable e) {
    LOG.log(System.Logger.Level.ERROR, "unit failed", e);
    String reason = e.getMessage() == null ? e.toString() : e.getMessage();
    if (out != null) {
      try {
        publish(out, Json.pretty(Map.of("reason", reason)));
      } catch (IOException f) {
        LOG.log(System.Logger.Level.ERROR, "no result written", f);
      }
    }
    return kind.exitStatus();
  }

  private static void publish(Path out, String text) throws IOException {
    AtomicFile.write(out.resolve("result.json"), text.getBytes(StandardCharsets.UTF_8));
  }
}
