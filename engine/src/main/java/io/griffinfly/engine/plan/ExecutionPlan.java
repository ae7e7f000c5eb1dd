package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Tensor;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// What a session runs: kernels in levels, and the memory they work in. Pure data.
///
/// @param buffers all buffers, by number
/// @param arenaOffsets byte offset of each temporary buffer in the arena
/// @param arenaBytes size of the arena
/// @param constants contents of the constant buffers
/// @param inputs where the caller puts the inputs
/// @param states where the states are; several states on one buffer lie behind each other in the
///   order of the map
/// @param prepare levels to run before the first run and again when a state has changed from
///   outside
/// @param levels levels of every run: the steps of one level are independent
/// @param outputs where the outputs are after a run
/// @param loss where the loss is after a run, if the graph has one
public record ExecutionPlan(
    List<Buffer> buffers,
    Map<Integer, Long> arenaOffsets,
    long arenaBytes,
    Map<Integer, Tensor> constants,
    SequencedMap<String, View> inputs,
    SequencedMap<String, View> states,
    List<List<Step>> prepare,
    List<List<Step>> levels,
    SequencedMap<String, View> outputs,
    @Nullable View loss) {

  /// Number of kernels of one run.
  ///
  /// @return the count
  public int kernels() {
    return levels.stream().mapToInt(List::size).sum();
  }

  /// Bytes that are kept beside the parameters and the arena: derived copies and constants.
  ///
  /// @return the count
  public long derivedBytes() {
    return buffers.stream()
        .filter(buffer ->
            switch (buffer.kind()) {
              case DERIVED, CONSTANT -> true;
              case INPUT, STATE, TEMPORARY -> false;
            })
        .mapToLong(Buffer::bytes)
        .sum();
  }

  /// The text form: sizes, then one kernel a line, levels apart by a blank line.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("arena ").append(arenaBytes).append(" bytes, derived ").append(derivedBytes());
    text.append(" bytes, ").append(kernels()).append(" kernels in ").append(levels.size());
    text.append(" levels\n");
    prepare.forEach(level -> PlanText.level(text, "prepare", level));
    levels.forEach(level -> PlanText.level(text, "run", level));
    outputs.forEach((name, view) ->
        text.append("output ").append(name).append(" = ").append(view).append('\n'));
    return text.toString();
  }
}
