package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;

/// One operand of a product by tiles on its way from memory through registers into shared memory,
/// where fours of its lines (rows of the left matrix, columns of the right one) lie next to each
/// other, depth by depth.
///
/// Neighbouring lanes read neighbouring memory, along the depth or along the lines, four elements
/// at a time where the matrix allows it.
final class TileOperand {
  private final ShaderWriter shader;
  private final Bound bound;
  private final String shared;
  private final Axis lines;
  private final Axis depth;
  private final boolean alongDepth;
  private final int unit;
  private final List<Element> elements = new ArrayList<>();

  /// An axis of the matrix.
  ///
  /// @param number which it is
  /// @param tile elements of it in a block
  /// @param extent elements of it in all
  /// @param stride from one to the next
  record Axis(int number, int tile, int extent, long stride) {
    boolean isWhole() {
      return extent % tile == 0;
    }
  }

  /// What a lane brings at a time: one element, or four.
  ///
  /// @param line variable of its line in the tile
  /// @param depth variable of its depth in the block
  /// @param start variable of its position at the first block, without its depth if blocks are cut
  /// @param register where it waits
  private record Element(String line, String depth, String start, String register) {}

  private TileOperand(
      ShaderWriter shader, Bound bound, String shared, Axis lines, Axis depth, int unit) {
    this.shader = shader;
    this.bound = bound;
    this.shared = shared;
    this.lines = lines;
    this.depth = depth;
    this.alongDepth = isAlong(lines, depth);
    this.unit = unit;
  }

  /// Binds an operand and declares its shared memory.
  ///
  /// @param shared a name
  /// @param buffers blocks in shared memory
  static TileOperand bind(
      ShaderWriter shader, Place place, String shared, Axis lines, Axis depth, int buffers) {
    boolean fours = place.inFours(isAlong(lines, depth) ? depth.number() : lines.number());
    Bound bound = fours ? shader.readsFours(place) : shader.reads(place);
    int block = depth.tile() * TileShape.pitch(lines.tile());
    shader.declare("shared vec4 " + shared + "[" + buffers * block + "];");
    return new TileOperand(shader, bound, shared, lines, depth, fours ? 4 : 1);
  }

  /// Whether the nearest elements are those of the depth.
  private static boolean isAlong(Axis lines, Axis depth) {
    return depth.stride() == 1 || (lines.stride() != 1 && depth.stride() < lines.stride());
  }

  Bound bound() {
    return bound;
  }

  /// Fours of one block in shared memory.
  int block() {
    return depth.tile() * TileShape.pitch(lines.tile());
  }

  /// Declares where this lane's elements are, and registers for them.
  ///
  /// @param start position of the matrix
  /// @param first variable of the first line of the tile
  void begin(String start, String first) {
    int count = lines.tile() * depth.tile() / (unit * shader.lanes());
    for (int i = 0; i < count; i++) {
      String number = shader.let("int", "lane + ", i * shader.lanes());
      String line;
      String at;
      if (alongDepth && unit == 4) {
        // Two fours of a line and sixteen lines: whole sectors of memory, and all banks.
        line = shader.let("int", "(", number, " >> 1) & ", lines.tile() - 1);
        String pair = "(" + number + " >> " + (1 + log(lines.tile())) + ")";
        at = shader.let("int", "(", pair, " * 2 + (", number, " & 1)) * 4");
      } else if (alongDepth) {
        line = shader.let("int", number, " >> ", log(depth.tile()));
        at = shader.let("int", number, " & ", depth.tile() - 1);
      } else {
        int across = lines.tile() / unit;
        line = shader.let("int", "(", number, " & ", across - 1, ") * ", unit);
        at = shader.let("int", number, " >> ", log(across));
      }
      // What lies outside is read from the last line and not stored.
      int last = lines.extent() - (alongDepth ? 1 : unit);
      String inside =
          lines.isWhole()
              ? "(" + first + " + " + line + ")"
              : "min(" + first + " + " + line + ", " + last + ")";
      String along = depth.isWhole() ? " + " + at + " * " + depth.stride() : "";
      String position = shader.let("int", start, " + ", inside, " * ", lines.stride(), along);
      String register = shader.let(type(), type(), "(0.0)");
      elements.add(new Element(line, at, position, register));
    }
  }

  private String type() {
    return unit == 4 ? "vec4" : "float";
  }

  private static int log(int powerOfTwo) {
    return Integer.numberOfTrailingZeros(powerOfTwo);
  }

  /// Reads a block into the registers.
  ///
  /// @param first GLSL of its first depth
  /// @param moved GLSL of what to add to positions
  void load(String first, String moved) {
    int last = depth.extent() - (alongDepth ? unit : 1);
    for (Element element : elements) {
      String at = first + " + " + element.depth;
      String distance =
          depth.isWhole()
              ? "(" + first + ") * " + depth.stride()
              : "min(" + at + ", " + last + ") * " + depth.stride();
      String position = element.start + moved + " + " + distance;
      String value = unit == 4 ? shader.loadFour(bound, position) : shader.load(bound, position);
      shader.body().line(element.register, " = ", value, ";");
    }
    if (!depth.isWhole()) {
      // After all reads: depths outside count as zero.
      for (Element element : elements) {
        String inside = first + " + " + element.depth + " < " + depth.extent();
        String value = element.register + " : " + type() + "(0.0)";
        shader.body().line(element.register, " = ", inside, " ? ", value, ";");
      }
    }
  }

  /// Writes the registers into shared memory.
  ///
  /// @param buffer GLSL of where the block begins in it, in fours
  void put(String buffer) {
    int pitch = TileShape.pitch(lines.tile());
    CodeWriter body = shader.body();
    for (Element element : elements) {
      String four = element.line + " >> 2";
      if (unit == 4 && alongDepth) {
        for (int c = 0; c < 4; c++) {
          String row = "(" + element.depth + " + " + c + ") * " + pitch;
          String at = buffer + " + " + row + " + (" + four + ")";
          body.line(
              shared, "[", at, "][", element.line, " & 3] = ", element.register, "[", c, "];");
        }
      } else {
        String at = buffer + " + " + element.depth + " * " + pitch + " + (" + four + ")";
        String component = unit == 4 ? "" : "[" + element.line + " & 3]";
        body.line(shared, "[", at, "]", component, " = ", element.register, ";");
      }
    }
  }

  /// GLSL of a four of lines in shared memory.
  ///
  /// @param buffer where the block begins
  /// @param at GLSL of the depth
  /// @param line GLSL of the number of the four
  String read(String buffer, String at, String line) {
    int pitch = TileShape.pitch(lines.tile());
    return shared + "[" + buffer + " + (" + at + ") * " + pitch + " + " + line + "]";
  }
}
