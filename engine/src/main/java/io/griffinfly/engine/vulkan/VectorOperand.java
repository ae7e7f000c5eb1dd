package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;
import java.util.stream.IntStream;

/// An operand of a product of a few rows, of which a lane reads so many elements along an axis at a
/// time.
///
/// @param shader where reads are written
/// @param bound the operand
/// @param unit elements of a read, 1 or 4
/// @param stride from one to the next
/// @param fours whether four are read at once
record VectorOperand(ShaderWriter shader, Bound bound, int unit, long stride, boolean fours) {
  /// Binds an operand.
  ///
  /// @param axis along which it is read
  static VectorOperand bind(ShaderWriter shader, Place place, int axis, int unit) {
    boolean fours = unit == 4 && place.inFours(axis);
    Bound bound = fours ? shader.readsFours(place) : shader.reads(place);
    return new VectorOperand(shader, bound, unit, place.stride(axis), fours);
  }

  /// The type of a variable that holds a read.
  static String type(int unit) {
    return unit == 4 ? "vec4" : "float";
  }

  /// Reads elements.
  ///
  /// @param position of the first
  /// @return the variable that holds them
  String read(String position) {
    if (fours) {
      return shader.let("vec4", shader.loadFour(bound, position));
    }
    List<String> elements =
        IntStream.range(0, unit)
            .mapToObj(i -> shader.load(bound, position + " + " + i * stride))
            .toList();
    String type = type(unit);
    return shader.let(type, type, "(", String.join(", ", elements), ")");
  }
}
