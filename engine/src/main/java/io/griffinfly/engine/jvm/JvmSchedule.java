package io.griffinfly.engine.jvm;

import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Schedule;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// A schedule that can be turned into code.
sealed interface JvmSchedule extends Schedule permits GeneralSchedule, RowSchedule, TileSchedule {
  /// All of them.
  List<JvmSchedule> ALL = List.of(new RowSchedule(), new TileSchedule(), new GeneralSchedule());

  /// Binds a kernel.
  ///
  /// @param spec what to compute; the schedule made an offer for it
  /// @param operands what it reads
  /// @param results what it writes
  /// @param workspace as large as offered
  /// @param threads that will take the kernels' tasks; no result depends on it
  /// @return kernels to run one after the other
  List<Kernel> bind(
      KernelSpec spec,
      List<Operand> operands,
      List<Operand> results,
      MemorySegment workspace,
      int threads);
}
