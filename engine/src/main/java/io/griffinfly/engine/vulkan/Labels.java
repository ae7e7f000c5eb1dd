package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;
import java.util.stream.IntStream;

/// The labels of a loss. One that is neither a class nor the ignored one raises the fault word and
/// counts as ignored.
///
/// @param place the labels
/// @param classes number of classes
/// @param ignoreIndex the label that is ignored
record Labels(Place place, int classes, long ignoreIndex) {
  /// A label.
  ///
  /// @param value variable of its number, of the labels' type
  /// @param isClass variable that says whether it counts and is a class
  record Label(String value, String isClass) {}

  long count() {
    return place.shape().size();
  }

  /// A number of the labels' type.
  private String number(long value) {
    return Glsl.literal(place.dtype(), (double) value);
  }

  private String isIgnored(String label) {
    boolean fits = place.dtype() == DType.I64 || ignoreIndex == (int) ignoreIndex;
    return fits ? label + " == " + number(ignoreIndex) : "false";
  }

  /// The position of a row's element in a tensor of the labels' shape.
  String position(ShaderWriter shader, Bound bound, String row) {
    List<Integer> extents = IntStream.of(place.shape().dims()).boxed().toList();
    List<Long> strides =
        IntStream.range(0, extents.size()).mapToObj(bound.place()::stride).toList();
    return bound.position(shader.coordinates(row, extents), strides);
  }

  /// Reads the label of a row.
  ///
  /// @return a variable of the labels' type
  String load(ShaderWriter shader, Bound bound, String row) {
    return shader.let(
        Glsl.register(place.dtype()), shader.load(bound, position(shader, bound, row)));
  }

  /// Looks at a label.
  ///
  /// @param value variable that holds it
  /// @param row its row
  /// @param reports GLSL of whether this lane reports a wrong one
  Label check(ShaderWriter shader, String value, String row, String reports) {
    String isClass =
        shader.let("bool", value, " >= ", number(0), " && ", value, " < ", number(classes));
    String ignored = isIgnored(value);
    String wrong = reports + " && !" + isClass + " && !(" + ignored + ")";
    String fault = shader.fault();
    shader.body().line("if (", wrong, ") { atomicMin(", fault, "[0], uint(", row, ")); }");
    return new Label(value, shader.let("bool", isClass, " && !(", ignored, ")"));
  }

  /// Reads a label and looks at it.
  Label read(ShaderWriter shader, Bound bound, String row, String reports) {
    return check(shader, load(shader, bound, row), row, reports);
  }

  /// Declares 1 for a row whose label is not ignored, else 0.
  String counts(ShaderWriter shader, Bound bound, String row) {
    String label = shader.load(bound, position(shader, bound, row));
    return shader.let("float", isIgnored(label), " ? 0.0 : 1.0");
  }
}
