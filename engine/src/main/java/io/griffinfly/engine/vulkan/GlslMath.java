package io.griffinfly.engine.vulkan;

import java.util.List;
import java.util.Map;
import java.util.Set;

/// Functions that kernels call, written in GLSL: Vulkan promises 3 + 2|x| units in the last place
/// for an exponential and nothing useful for sines, and drivers differ. These are within 4 units on
/// every device that rounds products and sums correctly; square roots and quotients are the
/// device's own.
final class GlslMath {
  /// A function and the functions that it calls.
  private record Function(List<String> calls, String text) {}

  private static final Map<String, Function> FUNCTIONS =
      Map.ofEntries(
          function("power_of_two", List.of(), GlslFunctions.POWER_OF_TWO),
          function("exponential", List.of("power_of_two"), GlslFunctions.EXPONENTIAL),
          function("decay", List.of(), GlslFunctions.DECAY),
          function("decays", List.of("decay"), GlslFunctions.DECAYS),
          function("along", List.of(), GlslFunctions.ALONG),
          function("logarithm", List.of(), GlslFunctions.LOGARITHM),
          function("sigmoid", List.of("exponential"), GlslFunctions.SIGMOID),
          function("hyperbolic_tangent", List.of("exponential"), GlslFunctions.TANH),
          function("error_function", List.of("exponential"), GlslFunctions.ERF),
          function("power", List.of("exponential"), GlslFunctions.POWER),
          function("quarter_turns", List.of(), GlslTurns.QUARTER_TURNS),
          function("sine", List.of("quarter_turns"), GlslTurns.SINE),
          function("cosine", List.of("quarter_turns"), GlslTurns.COSINE),
          function("power_within", List.of(), GlslFunctions.POWER_WITHIN),
          function("signum", List.of(), GlslFunctions.SIGNUM),
          function("rectified", List.of(), GlslFunctions.RECTIFIED),
          function("larger", List.of(), GlslFunctions.LARGER),
          function("smaller", List.of(), GlslFunctions.SMALLER),
          function("half_bits", List.of(), GlslFunctions.HALF_BITS),
          function("from_halves", List.of(), GlslFunctions.FROM_HALVES),
          function("to_halves", List.of("half_bits"), GlslFunctions.TO_HALVES),
          function("bfloat_bits", List.of(), GlslFunctions.BFLOAT_BITS),
          function("to_int", List.of(), GlslFunctions.TO_INT),
          function("to_long", List.of(), GlslFunctions.TO_LONG),
          function("long_to_int", List.of(), GlslFunctions.LONG_TO_INT));

  private GlslMath() {}

  private static Map.Entry<String, Function> function(
      String name, List<String> calls, String text) {
    return Map.entry(name, new Function(calls, text));
  }

  /// Writes a function behind those that it calls, unless it is written already.
  ///
  /// @param name the function
  /// @param written the names of the functions written so far
  /// @param code where to
  static void write(String name, Set<String> written, CodeWriter code) {
    if (written.contains(name)) {
      return;
    }
    Function function = FUNCTIONS.get(name);
    if (function == null) {
      throw new IllegalArgumentException("there is no function " + name);
    }
    function.calls.forEach(called -> write(called, written, code));
    function.text.lines().forEach(code::line);
    written.add(name);
  }

  /// The names of all functions.
  static Set<String> names() {
    return FUNCTIONS.keySet();
  }
}
