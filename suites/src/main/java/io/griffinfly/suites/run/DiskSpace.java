package io.griffinfly.suites.run;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.Mode;
import io.griffinfly.suites.adapter.ProgramSpec;
import io.griffinfly.suites.cases.CaseDescription;
import io.griffinfly.suites.cases.CaseDescription.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Room on the disk for what a unit will return. Without this check a full disk would read as a
/// fault of the framework that happened to write when it was full.
final class DiskSpace {
  /// For everything but tensors: request, result, log, record.
  private static final long REST_BYTES = 4L << 20;

  private DiskSpace() {}

  /// Refuses to start a unit that cannot be written down.
  ///
  /// @param folder where it will write
  /// @param request what it is asked
  /// @param description its case
  static void require(Path folder, AdapterRequest request, CaseDescription description) {
    require(folder, bytes(request, description));
  }

  /// Refuses to write more than there is room for. Where the room cannot be told, as in a root of
  /// another system that is no mount point, writing itself will tell.
  ///
  /// @param folder where it will be written
  /// @param needed bytes
  static void require(Path folder, long needed) {
    long free;
    try {
      free = Files.getFileStore(folder).getUsableSpace();
    } catch (IOException _) {
      return;
    }
    if (free < needed) {
      throw new SuiteException(
          ExitCode.INTERNAL,
          "cannot write "
              + folder
              + ": "
              + megabytes(free)
              + " free, "
              + megabytes(needed)
              + " needed; make room, or name another folder with --out");
    }
  }

  /// Bytes that a unit writes: its tensors in single precision, and the rest.
  ///
  /// @param request what it is asked
  /// @param description its case
  /// @return an upper bound
  static long bytes(AdapterRequest request, CaseDescription description) {
    long values = 0;
    if (request.mode() == Mode.VERIFY || request.mode() == Mode.BENCH) {
      for (ProgramSpec program : request.programs()) {
        for (String output : program.outputs()) {
          TensorSpec form = description.outputs().get(output);
          values += form == null ? 0 : form.extents().size();
        }
        values +=
            switch (program.kind()) {
              case FORWARD -> 0;
              case GRADIENTS, TRAIN_SGD -> description.weights().values();
            };
      }
    }
    return values * Float.BYTES + REST_BYTES;
  }

  private static String megabytes(long bytes) {
    return Math.ceilDiv(bytes, 1_000_000L) + " MB";
  }
}
