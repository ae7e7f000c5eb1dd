package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Reads four neighbouring elements of every operand of an expression, and writes the expression
/// for each of the four. Neighbours differ in the last of the coordinates alone, whose extent is a
/// multiple of four.
final class FourReader {
  /// How four elements of an operand are read.
  private enum Reach {
    /// In one access.
    FOUR,
    /// They are one element.
    ONE,
    /// One by one: truth values and the like, next to each other.
    EACH
  }

  /// How each of the four is called in a vector.
  private static final List<String> COMPONENTS = List.of(".x", ".y", ".z", ".w");

  private final ShaderWriter shader;
  private final List<Place> from;
  private final List<List<Long>> strides;
  private final List<Reach> reaches = new ArrayList<>();
  private final List<Bound> bound = new ArrayList<>();

  /// @param shader that reads
  /// @param from operands
  /// @param strides of each along the coordinates
  FourReader(ShaderWriter shader, List<Place> from, List<List<Long>> strides) {
    this.shader = shader;
    this.from = from;
    this.strides = strides;
    for (int i = 0; i < from.size(); i++) {
      Place place = from.get(i);
      Reach reach =
          strides.get(i).getLast() == 0
              ? Reach.ONE
              : (inFours(place, strides.get(i)) ? Reach.FOUR : Reach.EACH);
      reaches.add(reach);
      bound.add(reach == Reach.FOUR ? shader.readsFours(place) : shader.reads(place));
    }
  }

  private static boolean isWide(Place place) {
    return place.dtype() == DType.F32 || place.dtype() == DType.F16;
  }

  /// Whether four elements of a tensor can be read or written at once.
  static boolean inFours(Place place, List<Long> strides) {
    int last = strides.size() - 1;
    return isWide(place)
        && strides.get(last) == 1
        && place.layout().offset() % 4 == 0
        && strides.subList(0, last).stream().allMatch(stride -> stride % 4 == 0);
  }

  /// Whether every operand can be read in fours, repeats, or has elements of a type that is read
  /// one by one in any case.
  static boolean accepts(List<Place> from, List<List<Long>> strides) {
    return IntStream.range(0, from.size())
        .allMatch(i -> {
          long last = strides.get(i).getLast();
          return last == 0
              || inFours(from.get(i), strides.get(i))
              || (last == 1 && !isWide(from.get(i)));
        });
  }

  /// Whether some operand can be read in fours.
  static boolean anyInFours(List<Place> from, List<List<Long>> strides) {
    return IntStream.range(0, from.size()).anyMatch(i -> inFours(from.get(i), strides.get(i)));
  }

  /// Four elements of every operand.
  final class Fours {
    private final List<ExpressionWriter> writers = new ArrayList<>();

    private Fours(List<List<String>> elements) {
      List<DType> types = from.stream().map(Place::dtype).toList();
      for (int c = 0; c < 4; c++) {
        int component = c;
        writers.add(new ExpressionWriter(shader, types, i -> elements.get(i).get(component)));
      }
    }

    /// Writes an expression.
    ///
    /// @return a variable for each of the four
    List<String> write(ScalarExpr expression, DType wanted) {
      return writers.stream().map(writer -> writer.write(expression, wanted)).toList();
    }
  }

  /// Reads.
  ///
  /// @param at variables of the coordinates of the first of the four
  Fours read(List<String> at) {
    List<List<String>> elements = new ArrayList<>();
    for (int i = 0; i < from.size(); i++) {
      Bound operand = bound.get(i);
      String position = operand.position(at, strides.get(i));
      String register = Glsl.register(from.get(i).dtype());
      elements.add(
          switch (reaches.get(i)) {
            case FOUR -> {
              String four = shader.let("vec4", shader.loadFour(operand, position));
              yield COMPONENTS.stream().map(component -> four + component).toList();
            }
            case ONE -> {
              String one = shader.let(register, shader.load(operand, position));
              yield List.of(one, one, one, one);
            }
            case EACH -> {
              List<String> each = new ArrayList<>();
              for (int c = 0; c < 4; c++) {
                each.add(shader.let(register, shader.load(operand, position + " + " + c)));
              }
              yield each;
            }
          });
    }
    return new Fours(elements);
  }
}
