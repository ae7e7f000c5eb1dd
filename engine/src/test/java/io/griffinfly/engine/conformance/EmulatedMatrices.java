package io.griffinfly.engine.conformance;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Rewrites kernels that use the matrix units of whole workgroups (GL_NV_cooperative_matrix2),
/// which no software device has, into plain GLSL: each lane has every so many elements of a matrix.
/// So what such kernels compute is tested everywhere; how fast they are shows only on the hardware.
///
/// It knows what the engine writes, a statement a line, and refuses the rest. What is read behind
/// the edges of a layout that does not clamp is not a number.
final class EmulatedMatrices {
  private static final Pattern SIZE = Pattern.compile("layout\\(local_size_x = \\d+\\) in;");

  /// Lanes of a workgroup, whatever it asks for: with few elements a lane, drivers that unroll
  /// their loops compile them in seconds and not in minutes.
  private static final int LANES = 1024;

  /// Elements that lanes exchange at a time.
  private static final int EXCHANGED = 2048;

  private static final String TYPE =
      "coopmat<(\\w+), gl_ScopeWorkgroup, (\\d+), (\\d+), gl_MatrixUse(\\w+)>";
  private static final Pattern DECLARATION = Pattern.compile(TYPE + " (\\w+);");
  private static final Pattern DEFINITION =
      Pattern.compile(TYPE + " (\\w+) = " + TYPE + "\\((.+)\\);");
  private static final Pattern LAYOUT =
      Pattern.compile("tensorLayoutNV<2(, \\w+)?> (\\w+) = createTensorLayoutNV\\(.*\\);");
  private static final Pattern VIEW =
      Pattern.compile("tensorViewNV<2, false, 1, 0> (\\w+) = createTensorViewNV\\(.*\\);");
  private static final Pattern SET =
      Pattern.compile("(\\w+) = setTensorLayout(Dimension|Stride)NV\\(\\1, (.+), (.+)\\);");
  private static final Pattern CALL = Pattern.compile("(?:(\\w+) = )?coopMat(\\w+)\\((.*)\\);");
  private static final Pattern SLICE = Pattern.compile("sliceTensorLayoutNV\\((.*)\\)");
  private static final Pattern ASSIGNMENT = Pattern.compile("(\\w+) = (.+);");
  private static final Pattern WORD = Pattern.compile("\\b[A-Za-z_]\\w*\\b");

  /// A matrix.
  ///
  /// @param half whether its elements are halves
  /// @param use Accumulator, whose elements lanes have; A or B, which are read where they lie
  private record Matrix(boolean half, int rows, int columns, String use) {
    boolean isSum() {
      return use.equals("Accumulator");
    }

    int size() {
      return rows * columns;
    }

    /// Elements of a lane, the last perhaps behind the end.
    int laneSize() {
      return Math.ceilDiv(size(), LANES);
    }
  }

  /// A matrix that is an operand of products: from the expressions of a row and a column to that of
  /// the element.
  @FunctionalInterface
  private interface Operand {
    String element(String row, String column);
  }

  /// A tensor's layout.
  private static final class Layout {
    private final boolean clamps;
    private String lines = "";
    private String line = "";
    private String stride = "";

    private Layout(boolean clamps) {
      this.clamps = clamps;
    }

    String inside(String first, String second) {
      return "(" + first + ") < " + lines + " && (" + second + ") < " + line;
    }
  }

  private final Map<String, Matrix> matrices = new HashMap<>();
  private final Map<String, Operand> operands = new HashMap<>();
  private final Map<String, Layout> layouts = new HashMap<>();
  private final List<String> converted = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private int scratch;
  private int operandElements;

  private EmulatedMatrices() {}

  /// The same kernel without matrix units.
  ///
  /// @param source of a kernel
  /// @return the source itself where it uses none
  static String rewrite(String source) {
    if (!source.contains("gl_ScopeWorkgroup")) {
      return source;
    }
    EmulatedMatrices emulation = new EmulatedMatrices();
    int main = source.indexOf("void main()");
    source.substring(main).lines().forEach(emulation::line);
    StringBuilder head = new StringBuilder();
    SIZE.matcher(source.substring(0, main))
        .replaceFirst("layout(local_size_x = " + LANES + ") in;")
        .lines()
        .filter(line -> !line.contains("cooperative_matrix"))
        .forEach(line -> head.append(line).append('\n'));
    if (emulation.operandElements > 0) {
      head.append("shared float operand[" + emulation.operandElements + "];\n");
    }
    if (emulation.scratch > 0) {
      head.append("shared float scratch[" + emulation.scratch + "];\n");
    }
    return head.append(emulation.text).toString();
  }

  private void emit(String... lines) {
    for (String line : lines) {
      text.append(line).append('\n');
    }
  }

  /// What is made of a statement of a form.
  private record Rule(Pattern form, Consumer<Matcher> translation) {}

  private final List<Rule> rules =
      List.of(
          new Rule(LAYOUT, m -> layouts.put(m.group(2), new Layout(m.group(1) != null))),
          new Rule(SET, this::set),
          // That a view's name stands in a load says all.
          new Rule(VIEW, _ -> {}),
          new Rule(DECLARATION, m -> declare(m.group(5), matrix(m))),
          new Rule(DEFINITION, m -> define(m.group(5), matrix(m), m.group(10))),
          new Rule(CALL, m -> call(m.group(1), m.group(2), split(m.group(3)))));

  private void line(String line) {
    String code = line.strip();
    for (Rule rule : rules) {
      Matcher match = rule.form.matcher(code);
      if (match.matches()) {
        rule.translation.accept(match);
        return;
      }
    }
    Matcher assignment = ASSIGNMENT.matcher(code);
    Matrix target = assignment.matches() ? matrices.get(assignment.group(1)) : null;
    if (target != null) {
      each(target, assignment.group(1) + "[e_] = " + ofLane(assignment.group(2)) + ";");
    } else {
      emit(line);
    }
  }

  private static Matrix matrix(Matcher type) {
    return new Matrix(
        type.group(1).equals("float16_t"),
        Integer.parseInt(type.group(2)),
        Integer.parseInt(type.group(3)),
        type.group(4));
  }

  private void set(Matcher match) {
    Layout layout = Objects.requireNonNull(layouts.get(match.group(1)), match.group());
    if (match.group(2).equals("Dimension")) {
      layout.lines = match.group(3);
      layout.line = match.group(4);
    } else {
      assertOne(match.group(4));
      layout.stride = match.group(3);
    }
  }

  private static void assertOne(String stride) {
    if (!stride.equals("1")) {
      throw new IllegalArgumentException("the last axis has the stride " + stride);
    }
  }

  private void declare(String name, Matrix matrix) {
    matrices.put(name, matrix);
    if (matrix.isSum()) {
      emit("float " + name + "[" + matrix.laneSize() + "];");
    } else {
      emit("int " + name + "_from, " + name + "_0, " + name + "_1;");
    }
  }

  private void define(String name, Matrix matrix, String value) {
    Matrix other = matrices.get(value);
    if (matrix.isSum()) {
      declare(name, matrix);
      each(matrix, name + "[e_] = " + rounded(matrix, ofLane(value)) + ";");
    } else {
      if (other == null) {
        throw new IllegalArgumentException("an operand made of " + value);
      }
      // One array for all: what was there before is lost.
      converted.forEach(operands::remove);
      converted.add(name);
      operandElements = Math.max(operandElements, matrix.size());
      matrices.put(name, matrix);
      operands.put(
          name,
          (row, column) -> "operand[(" + row + ") * " + matrix.columns() + " + " + column + "]");
      emit("barrier();");
      each(other, "operand[i_] = " + rounded(matrix, value + "[e_]") + ";");
      emit("barrier();");
    }
  }

  private static String rounded(Matrix matrix, String value) {
    return matrix.half() ? "unpackHalf2x16(packHalf2x16(vec2(" + value + ", 0.0))).x" : value;
  }

  /// An expression in which matrices stand for the lane's element.
  private String ofLane(String expression) {
    return WORD.matcher(expression)
        .replaceAll(
            word -> matrices.containsKey(word.group()) ? word.group() + "[e_]" : word.group());
  }

  private void each(Matrix matrix, String... lines) {
    emit("for (int e_ = 0; e_ < " + matrix.laneSize() + "; e_++) {");
    emit("int i_ = e_ * " + LANES + " + lane;");
    if (matrix.size() % LANES != 0) {
      emit("if (i_ >= " + matrix.size() + ") { break; }");
    }
    emit("int r_ = i_ / " + matrix.columns() + ";", "int c_ = i_ % " + matrix.columns() + ";");
    emit(lines);
    emit("}");
  }

  private void call(@Nullable String target, String function, List<String> arguments) {
    switch (function) {
      case "LoadTensorNV" -> load(arguments);
      case "StoreTensorNV" -> store(arguments);
      case "MulAdd" -> multiply(Objects.requireNonNull(target), arguments);
      case "PerElementNV" -> {
        List<String> passed = new ArrayList<>(List.of("uint(r_)", "uint(c_)"));
        passed.add(ofLane(arguments.get(1)));
        arguments.subList(3, arguments.size()).forEach(each -> passed.add(ofLane(each)));
        Matrix matrix = matrix(arguments.getFirst());
        String value = arguments.get(2) + "(" + String.join(", ", passed) + ")";
        each(matrix, arguments.getFirst() + "[e_] = " + rounded(matrix, value) + ";");
      }
      case "ReduceNV" -> reduce(arguments);
      default -> throw new IllegalArgumentException("coopMat" + function + " is not known");
    }
  }

  private Matrix matrix(String name) {
    Matrix matrix = matrices.get(name);
    if (matrix == null) {
      throw new IllegalArgumentException(name + " is no matrix");
    }
    return matrix;
  }

  private void load(List<String> arguments) {
    String name = arguments.getFirst();
    Matrix matrix = matrix(name);
    List<String> slice = slice(arguments.get(3));
    Layout layout = Objects.requireNonNull(layouts.get(slice.getFirst()));
    boolean turned = arguments.size() == 5;
    String from = name + "_from";
    Operand memory =
        (row, column) -> {
          String first = name + "_0 + " + (turned ? column : row);
          String second = name + "_1 + " + (turned ? row : column);
          String at = from + " + (" + first + ") * " + layout.stride + " + " + second;
          String behind = layout.clamps ? "0.0" : "uintBitsToFloat(0x7fc00000u)";
          String value = "float(" + arguments.get(1) + "[" + at + "])";
          return "((" + layout.inside(first, second) + ") ? " + value + " : " + behind + ")";
        };
    String start = from + " = int(" + arguments.get(2) + ");";
    String corner = name + "_0 = " + slice.get(1) + "; " + name + "_1 = " + slice.get(3) + ";";
    if (matrix.isSum()) {
      emit("{", "int " + from + ", " + name + "_0, " + name + "_1;", start, corner);
      each(matrix, name + "[e_] = " + memory.element("r_", "c_") + ";");
      emit("}");
    } else {
      emit(start, corner);
      operands.put(name, memory);
    }
  }

  private void store(List<String> arguments) {
    List<String> slice = slice(arguments.get(3));
    Layout layout = Objects.requireNonNull(layouts.get(slice.getFirst()));
    Matrix matrix = matrix(arguments.getFirst());
    String first = slice.get(1) + " + r_";
    String second = slice.get(3) + " + c_";
    String guard = layout.clamps ? "if (" + layout.inside(first, second) + ") " : "";
    String at = "int(" + arguments.get(2) + ") + (" + first + ") * " + layout.stride;
    String type = matrix.half() ? "float16_t" : "float";
    String value = type + "(" + arguments.getFirst() + "[e_])";
    each(matrix, guard + arguments.get(1) + "[" + at + " + " + second + "] = " + value + ";");
  }

  private void multiply(String target, List<String> arguments) {
    Operand left = Objects.requireNonNull(operands.get(arguments.get(0)), arguments::toString);
    Operand right = Objects.requireNonNull(operands.get(arguments.get(1)), arguments::toString);
    each(
        matrix(target),
        "float sum_ = " + arguments.get(2) + "[e_];",
        "for (int d_ = 0; d_ < " + matrix(arguments.getFirst()).columns() + "; d_++) {",
        "sum_ += " + left.element("r_", "d_") + " * " + right.element("d_", "c_") + ";",
        "}",
        target + "[e_] = sum_;");
  }

  /// Rows of a matrix are exchanged some at a time: shared memory is small.
  private void reduce(List<String> arguments) {
    Matrix to = matrix(arguments.get(0));
    Matrix from = matrix(arguments.get(1));
    boolean byRows = arguments.get(2).equals("gl_CooperativeMatrixReduceRowNV");
    int piece = Math.max(1, EXCHANGED / from.columns());
    scratch = Math.max(scratch, piece * from.columns());
    for (int first = 0; first < from.rows(); first += piece) {
      int count = Math.min(piece, from.rows() - first);
      String inside = "if (r_ >= " + first + " && r_ < " + (first + count) + ") ";
      String own = "(r_ - " + first + ") * " + from.columns();
      String target = arguments.get(0) + "[e_]";
      emit("barrier();");
      each(from, inside + "scratch[" + own + " + c_] = " + arguments.get(1) + "[e_];");
      emit("barrier();");
      // A row is there as a whole; of a column there are further elements in every piece.
      String begin = byRows ? own : "c_";
      String step = byRows ? "1" : Integer.toString(from.columns());
      String initial = byRows || first == 0 ? "scratch[" + begin + "]" : target;
      int done = byRows || first == 0 ? 1 : 0;
      each(
          to,
          (byRows ? inside : "") + "{",
          "float all_ = " + initial + ";",
          "for (int d_ = " + done + "; d_ < " + (byRows ? from.columns() : count) + "; d_++) {",
          "all_ = " + arguments.get(3) + "(all_, scratch[" + begin + " + d_ * " + step + "]);",
          "}",
          target + " = all_;",
          "}");
    }
  }

  private static List<String> slice(String call) {
    Matcher match = SLICE.matcher(call);
    if (!match.matches()) {
      throw new IllegalArgumentException("no slice of a layout: " + call);
    }
    return split(match.group(1));
  }

  /// Arguments between commas outside of brackets.
  private static List<String> split(String arguments) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < arguments.length(); i++) {
      char c = arguments.charAt(i);
      if (c == '(' || c == '[') {
        depth++;
      } else if (c == ')' || c == ']') {
        depth--;
      } else if (c == ',' && depth == 0) {
        parts.add(arguments.substring(start, i).strip());
        start = i + 1;
      }
    }
    parts.add(arguments.substring(start).strip());
    return parts;
  }
}
