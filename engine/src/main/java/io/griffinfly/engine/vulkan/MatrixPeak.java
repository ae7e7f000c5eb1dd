package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.CoopShape;
import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.vulkan.Shader.BindingKind;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The kernel that keeps matrix units busy: products of halves that are in registers, summed in
/// single precision.
///
/// @param shader it reads a factor, a float, and has memory for sums that it writes only if that is
///   0, so that none of the products can be left out
/// @param sumBytes of that memory
/// @param flops of a workgroup
record MatrixPeak(Shader shader, long sumBytes, double flops) {
  /// Rows, columns and depth of a workgroup's product: some 100 registers a lane.
  private static final int SIDE = 128;

  private static final int DEPTH = 64;

  /// Lanes of a workgroup whose subgroups multiply.
  private static final int LANES = 256;

  /// Products of a subgroup that do not wait for each other.
  private static final int CHAINS = 4;

  private static final int ITERATIONS = 64;

  /// Who multiplies what.
  ///
  /// @param scope GLSL of who computes a product together
  /// @param chains independent products
  /// @param teams those that compute together in a workgroup
  private record Form(
      String scope, int lanes, int subgroupSize, int m, int n, int k, int chains, int teams) {
    private String matrix(String type, int rows, int columns, String use) {
      return "coopmat<"
          + type
          + ", "
          + scope
          + ", "
          + rows
          + ", "
          + columns
          + ", gl_MatrixUse"
          + use
          + ">";
    }

    private int sums() {
      return m * n * chains * teams;
    }

    private double flops() {
      return 2.0 * sums() * k * ITERATIONS;
    }
  }

  /// The kernel for the units that products are computed on; empty where there are none.
  static Optional<MatrixPeak> of(DeviceProfile.Gpu gpu) {
    return gpu.coopShapes().stream()
        .filter(shape ->
            shape.scope() == CoopShape.Scope.WORKGROUP
                && CoopTile.multiplies(gpu, shape.lanes(), SIDE, SIDE))
        .max(Comparator.comparingInt(CoopShape::lanes))
        .map(shape -> new Form("gl_ScopeWorkgroup", shape.lanes(), 0, SIDE, SIDE, DEPTH, 1, 1))
        .or(() -> FragmentTile.shape(gpu).map(shape -> ofSubgroups(shape, gpu.subgroupSize())))
        .map(MatrixPeak::write);
  }

  private static Form ofSubgroups(CoopShape shape, int subgroupSize) {
    return new Form(
        "gl_ScopeSubgroup",
        LANES,
        subgroupSize,
        shape.m(),
        shape.n(),
        shape.k(),
        CHAINS,
        LANES / subgroupSize);
  }

  private static MatrixPeak write(Form form) {
    CodeWriter code = new CodeWriter().line("#version 450");
    code.line("#extension GL_KHR_memory_scope_semantics : require");
    code.line("#extension GL_KHR_cooperative_matrix : require");
    if (form.teams == 1) {
      code.line("#extension GL_NV_cooperative_matrix2 : require");
    }
    code.line("#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require")
        .line("layout(local_size_x = ", form.lanes, ") in;")
        .line("layout(binding = 0, std430) readonly buffer Factor { float factor; };")
        .line("layout(binding = 1, std430) writeonly buffer Sums { float sums[]; };");
    code.block("void main()", () -> multiply(code, form));
    return new MatrixPeak(
        new Shader(
            code.toString(), List.of(BindingKind.BUFFER, BindingKind.BUFFER), form.subgroupSize),
        (long) form.sums() * DType.F32.bytes(),
        form.flops());
  }

  private static void multiply(CodeWriter code, Form form) {
    String left = form.matrix("float16_t", form.m, form.k, "A");
    String right = form.matrix("float16_t", form.k, form.n, "B");
    String sum = form.matrix("float", form.m, form.n, "Accumulator");
    code.line(left, " a = ", left, "(float16_t(factor));");
    code.line(right, " b = ", right, "(float16_t(factor));");
    for (int i = 0; i < form.chains; i++) {
      code.line(sum, " sum", i, " = ", sum, "(0.0);");
    }
    code.loop(
        "i",
        ITERATIONS,
        () -> {
          for (int i = 0; i < form.chains; i++) {
            code.line("sum", i, " = coopMatMulAdd(a, b, sum", i, ");");
          }
        });
    code.block(
        "if (factor == 0.0)",
        () -> {
          code.line("uint team = gl_LocalInvocationIndex / ", form.lanes / form.teams, "u;");
          for (int i = 0; i < form.chains; i++) {
            String at = "(team * " + form.chains + "u + " + i + "u) * " + form.m * form.n + "u";
            code.line(
                "coopMatStore(sum",
                i,
                ", sums, ",
                at,
                ", ",
                form.n,
                ", gl_CooperativeMatrixLayoutRowMajor);");
          }
        });
  }
}
