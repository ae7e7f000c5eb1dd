package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;

/// The vectors of a tensor `[batch, head, number, element]`, or its numbers `[batch, head,
/// number]`, that belong to a key head, in a shader: numbered, of all query heads of the key head,
/// the head fastest.
final class HeadVectors {
  private final ShaderWriter shader;
  private final Bound bound;
  private final boolean fours;
  private final int members;
  private final String start;

  private HeadVectors(
      ShaderWriter shader, Bound bound, boolean fours, int members, String batch, String head) {
    this.shader = shader;
    this.bound = bound;
    this.fours = fours;
    this.members = members;
    Place place = bound.place();
    start =
        shader.let(
            "int",
            Glsl.position(
                units(place.layout().offset()),
                List.of(batch, head),
                List.of(units(place.stride(0)), units(place.stride(1) * members))));
  }

  /// Positions count fours where the tensor lies in fours: so no position has to be divided.
  private long units(long elements) {
    return fours ? elements / 4 : elements;
  }

  /// Binds what is read.
  ///
  /// @param members heads of the tensor that belong to a key head
  /// @param batch variable of the batch
  /// @param head variable of the key head
  static HeadVectors read(
      ShaderWriter shader, Place place, int members, String batch, String head) {
    boolean fours = place.shape().rank() == 4 && place.inFours();
    Bound bound = fours ? shader.readsFours(place) : shader.reads(place);
    return new HeadVectors(shader, bound, fours, members, batch, head);
  }

  /// Binds what is written.
  static HeadVectors written(
      ShaderWriter shader, Place place, int members, String batch, String head) {
    boolean fours = place.shape().rank() == 4 && place.inFours();
    Bound bound = fours ? shader.writesFours(place) : shader.writes(place);
    return new HeadVectors(shader, bound, fours, members, batch, head);
  }

  /// Fours of a vector.
  int width() {
    return bound.place().dim(3) / 4;
  }

  /// GLSL of where a vector begins.
  ///
  /// @param number a variable
  String position(String number) {
    Place place = bound.place();
    String vector = " * " + units(place.stride(2));
    return members == 1
        ? start + " + " + number + vector
        : start
            + " + "
            + number
            + " / "
            + members
            + vector
            + " + "
            + number
            + " % "
            + members
            + " * "
            + units(place.stride(1));
  }

  /// GLSL of four elements of a vector.
  ///
  /// @param position a variable: where the vector begins
  /// @param four GLSL of their number among the vector's fours
  String load(String position, String four) {
    if (fours) {
      return shader.fourth(bound, position + " + " + four);
    }
    StringBuilder text = new StringBuilder("vec4(");
    for (int i = 0; i < 4; i++) {
      text.append(i == 0 ? "" : ", ").append(shader.load(bound, element(position, four, i)));
    }
    return text.append(")").toString();
  }

  private String element(String position, String four, int i) {
    return position + " + ((" + four + ") * 4 + " + i + ") * " + bound.place().stride(3);
  }

  /// Writes four elements of a vector.
  ///
  /// @param value a variable
  void store(String position, String four, String value) {
    if (fours) {
      shader.storeFourth(bound, position + " + " + four, value);
      return;
    }
    for (int i = 0; i < 4; i++) {
      shader.store(bound, element(position, four, i), value + "[" + i + "]");
    }
  }

  /// GLSL of the number with a number.
  String load(String position) {
    return shader.load(bound, position);
  }

  void store(String position, String value) {
    shader.store(bound, position, value);
  }
}
