package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Writes one compute shader: collects its bindings, the functions that it calls and its body.
/// Variables that a body may use: `group`, the number of the workgroup, and `lane`, that of the
/// lane in it.
final class ShaderWriter {
  private final int lanes;
  private final int subgroupSize;
  private CodeWriter body = new CodeWriter();
  private final CodeWriter declarations = new CodeWriter();
  private final CodeWriter functions = new CodeWriter();
  private final Set<String> written = new HashSet<>();
  private final Set<String> extensions = new TreeSet<>();
  private final List<Stage.Binding> bindings = new ArrayList<>();
  private final List<Shader.BindingKind> kinds = new ArrayList<>();
  private int variables;

  /// @param lanes of a workgroup
  /// @param subgroupSize lanes of a subgroup that the code relies on; 0 for any
  ShaderWriter(int lanes, int subgroupSize) {
    this.lanes = lanes;
    this.subgroupSize = subgroupSize;
    if (subgroupSize > 0) {
      extensions.add("GL_KHR_shader_subgroup_basic");
      extensions.add("GL_KHR_shader_subgroup_shuffle");
    }
  }

  /// A bound tensor.
  ///
  /// @param name of the array in the shader
  /// @param place the tensor
  record Bound(String name, Place place) {
    String position(List<String> variables, List<Long> strides) {
      return Glsl.position(place.layout().offset(), variables, strides);
    }
  }

  CodeWriter body() {
    return body;
  }

  int lanes() {
    return lanes;
  }

  /// A name that no other variable has.
  String variable(String prefix) {
    return prefix + variables++;
  }

  /// Declares a variable with a value.
  ///
  /// @return its name
  String let(String type, Object... value) {
    String name = variable("v");
    body.line(type, " ", name, " = ", join(value), ";");
    return name;
  }

  private static String join(Object... parts) {
    StringBuilder text = new StringBuilder();
    for (Object part : parts) {
      text.append(part);
    }
    return text.toString();
  }

  /// A line outside of functions.
  void declare(String line) {
    declarations.line(line);
  }

  Bound reads(Place place) {
    return bind(place, true, false);
  }

  Bound writes(Place place) {
    return bind(place, false, true);
  }

  /// A tensor that is read and written in place.
  Bound updates(Place place) {
    return bind(place, true, true);
  }

  private Bound bind(Place place, boolean reads, boolean writes) {
    String name = add(new Stage.Binding(place.slot(), reads, writes), Shader.BindingKind.BUFFER);
    String access = writes ? (reads ? "" : "writeonly ") : "readonly ";
    storage(name, access, Glsl.storage(place.dtype()));
    return new Bound(name, place);
  }

  /// Binds a tensor that lies in groups of four ([Place#inFours]) for [#loadFour].
  Bound readsFours(Place place) {
    return bindFours(place, true, false);
  }

  /// Binds a tensor that lies in groups of four ([Place#inFours]) for [#storeFour].
  Bound writesFours(Place place) {
    return bindFours(place, false, true);
  }

  /// Binds halves that lie in groups of eight, as `uvec4`.
  Bound readsEights(Place place) {
    String name = add(new Stage.Binding(place.slot(), true, false), Shader.BindingKind.BUFFER);
    storage(name, "readonly ", "uvec4");
    return new Bound(name, place);
  }

  private Bound bindFours(Place place, boolean reads, boolean writes) {
    String name = add(new Stage.Binding(place.slot(), reads, writes), Shader.BindingKind.BUFFER);
    storage(
        name, writes ? "writeonly " : "readonly ", place.dtype() == DType.F16 ? "uvec2" : "vec4");
    return new Bound(name, place);
  }

  /// Binds a tensor whose elements, of single or half precision, are read and written by
  /// cooperative matrices.
  Bound matrix(Place place, boolean writes) {
    String name = add(new Stage.Binding(place.slot(), !writes, writes), Shader.BindingKind.BUFFER);
    boolean half = place.dtype() == DType.F16;
    if (half) {
      extensions.add("GL_EXT_shader_16bit_storage");
      extensions.add("GL_EXT_shader_explicit_arithmetic_types_float16");
    }
    storage(name, writes ? "writeonly " : "readonly ", half ? "float16_t" : "float");
    return new Bound(name, place);
  }

  /// Demands an extension of the language.
  void extension(String name) {
    extensions.add(name);
  }

  /// Writes a function of the shader's own, from what is written to the body meanwhile.
  ///
  /// @param head its type, name and parameters
  /// @param content writes what is between its braces
  void function(String head, Runnable content) {
    CodeWriter main = body;
    body = new CodeWriter();
    content.run();
    String text = body.toString();
    body = main;
    functions.block(head, () -> text.lines().forEach(functions::line));
  }

  /// Binds a tensor of single precision as texels of four elements; its offset and every stride but
  /// the last, which is 1, are multiples of 4.
  Bound texels(Place place) {
    String name = add(new Stage.Binding(place.slot(), true, false), Shader.BindingKind.TEXELS);
    int number = bindings.size() - 1;
    declarations.line("layout(set = 0, binding = ", number, ") uniform textureBuffer ", name, ";");
    extensions.add("GL_EXT_samplerless_texture_functions");
    return new Bound(name, place);
  }

  /// Binds the step's fault word.
  String fault() {
    String name = add(new Stage.Binding(new Slot.Fault(), true, true), Shader.BindingKind.BUFFER);
    storage(name, "", "uint");
    return name;
  }

  private String add(Stage.Binding binding, Shader.BindingKind kind) {
    bindings.add(binding);
    kinds.add(kind);
    return "b" + (bindings.size() - 1);
  }

  private void storage(String name, String access, String type) {
    switch (type) {
      case "uint8_t" -> extensions.add("GL_EXT_shader_8bit_storage");
      case "uint16_t" -> extensions.add("GL_EXT_shader_16bit_storage");
      default -> {}
    }
    declarations.line(
        "layout(set = 0, binding = ",
        bindings.size() - 1,
        ", std430) ",
        access,
        "buffer Binding",
        bindings.size() - 1,
        " { ",
        type,
        " ",
        name,
        "[]; };");
  }

  /// A call of one of the functions of [GlslMath].
  String call(String function, String... arguments) {
    GlslMath.write(function, written, functions);
    return function + "(" + String.join(", ", arguments) + ")";
  }

  /// The element at a position, as a register holds it.
  String load(Bound bound, String position) {
    String element = bound.name + "[" + position + "]";
    return switch (bound.place.dtype()) {
      case F32, I32, I64 -> element;
      case F16 -> "unpackHalf2x16(uint(" + element + ")).x";
      case BF16 -> "uintBitsToFloat(uint(" + element + ") << 16)";
      case BOOL -> "(uint(" + element + ") != 0u)";
      case F64 -> throw new IllegalArgumentException("F64 is not bound");
    };
  }

  /// Writes an element from what a register holds.
  void store(Bound bound, String position, String value) {
    String stored =
        switch (bound.place.dtype()) {
          case F32, I32, I64 -> value;
          case F16 -> "uint16_t(" + call("half_bits", value) + ")";
          case BF16 -> "uint16_t(" + call("bfloat_bits", value) + ")";
          case BOOL -> "uint8_t(" + value + " ? 1 : 0)";
          case F64 -> throw new IllegalArgumentException("F64 is not bound");
        };
    body.line(bound.name, "[", position, "] = ", stored, ";");
  }

  /// Four neighbouring elements as a `vec4`, in one access of memory.
  ///
  /// @param bound from [#readsFours]
  /// @param position of the first, a multiple of 4
  String loadFour(Bound bound, String position) {
    return fourth(bound, "(" + position + ") >> 2");
  }

  /// The same by the number of the group.
  String fourth(Bound bound, String number) {
    String group = bound.name + "[" + number + "]";
    return bound.place.dtype() == DType.F16 ? call("from_halves", group) : group;
  }

  /// Writes four neighbouring elements.
  ///
  /// @param bound from [#writesFours]
  /// @param position of the first, a multiple of 4
  /// @param value a `vec4`
  void storeFour(Bound bound, String position, String value) {
    storeFourth(bound, "(" + position + ") >> 2", value);
  }

  /// The same by the number of the group.
  void storeFourth(Bound bound, String number, String value) {
    String stored = bound.place.dtype() == DType.F16 ? call("to_halves", value) : value;
    body.line(bound.name, "[", number, "] = ", stored, ";");
  }

  /// Splits a number into coordinates, the last axis fastest.
  ///
  /// @param number a variable, less than the product of the extents
  /// @return a variable an axis
  List<String> coordinates(String number, List<Integer> extents) {
    List<String> names = new ArrayList<>();
    int outermost = 0;
    while (outermost < extents.size() && extents.get(outermost) == 1) {
      outermost++;
    }
    String rest = number;
    for (int axis = extents.size() - 1; axis >= 0; axis--) {
      int extent = extents.get(axis);
      if (extent == 1) {
        names.addFirst("0");
      } else if (axis == outermost) {
        names.addFirst(rest);
      } else {
        String quotient = let("int", rest, " / ", extent);
        names.addFirst(let("int", rest, " - ", quotient, " * ", extent));
        rest = quotient;
      }
    }
    return names;
  }

  /// The stage, of so many workgroups.
  Stage stage(long workgroups) {
    CodeWriter all = new CodeWriter();
    all.line("#version 450");
    all.line("#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require");
    extensions.forEach(name -> all.line("#extension ", name, " : require"));
    all.line("layout(local_size_x = ", lanes, ") in;");
    declarations.toString().lines().forEach(all::line);
    functions.toString().lines().forEach(all::line);
    all.block(
        "void main()",
        () -> {
          all.line("int group = int(gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x);");
          all.line("int lane = int(gl_LocalInvocationIndex);");
          // Groups form a rectangle, of which the last row may be longer than needed.
          all.line("if (group >= ", Math.max(1, workgroups), ") { return; }");
          body.toString().lines().forEach(all::line);
        });
    return new Stage(new Shader(all.toString(), kinds, subgroupSize), bindings, workgroups);
  }

  /// The type that a register has for an element.
  static String register(DType type) {
    return Glsl.register(type);
  }
}
