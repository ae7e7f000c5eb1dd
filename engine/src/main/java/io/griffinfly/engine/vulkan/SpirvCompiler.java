package io.griffinfly.engine.vulkan;

import static org.lwjgl.system.MemoryStack.stackPush;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_compilation_status_success;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_compile_into_spv;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_compile_options_initialize;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_compile_options_release;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_compile_options_set_optimization_level;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_compile_options_set_target_env;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_compiler_initialize;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_compiler_release;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_env_version_vulkan_1_2;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_env_version_vulkan_1_3;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_glsl_compute_shader;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_optimization_level_zero;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_result_get_bytes;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_result_get_compilation_status;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_result_get_error_message;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_result_release;
import static org.lwjgl.util.shaderc.Shaderc.shaderc_target_env_vulkan;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;

/// From GLSL to SPIR-V. Used by one thread.
final class SpirvCompiler implements AutoCloseable {
  /// What the compiler's output depends on besides the text; part of the key of the cache.
  static final String VERSION = "shaderc of LWJGL 3.4.3, Vulkan 1.2 or 1.3, unoptimized";

  /// What says that a shader needs SPIR-V 1.6.
  private static final String NEEDS_1_6 = "#extension GL_KHR_cooperative_matrix";

  private final long compiler = shaderc_compiler_initialize();
  private final long options = shaderc_compile_options_initialize();

  SpirvCompiler() {
    // Drivers optimize themselves, and spirv-opt breaks kernels with cooperative matrices.
    shaderc_compile_options_set_optimization_level(options, shaderc_optimization_level_zero);
  }

  /// Compiles a compute shader.
  ///
  /// @throws IllegalStateException if the text is wrong, which is a mistake of its writer
  byte[] compile(String source) {
    shaderc_compile_options_set_target_env(
        options,
        shaderc_target_env_vulkan,
        source.contains(NEEDS_1_6)
            ? shaderc_env_version_vulkan_1_3
            : shaderc_env_version_vulkan_1_2);
    ByteBuffer text = MemoryUtil.memUTF8(source, false);
    long result = 0;
    try (MemoryStack stack = stackPush()) {
      result =
          shaderc_compile_into_spv(
              compiler,
              text,
              shaderc_glsl_compute_shader,
              stack.UTF8("kernel"),
              stack.UTF8("main"),
              options);
      if (shaderc_result_get_compilation_status(result) != shaderc_compilation_status_success) {
        throw new IllegalStateException(shaderc_result_get_error_message(result) + "\n" + source);
      }
      ByteBuffer words = Objects.requireNonNull(shaderc_result_get_bytes(result));
      byte[] spirv = new byte[words.remaining()];
      words.get(spirv);
      return spirv;
    } finally {
      if (result != 0) {
        shaderc_result_release(result);
      }
      MemoryUtil.memFree(text);
    }
  }

  @Override
  public void close() {
    shaderc_compile_options_release(options);
    shaderc_compiler_release(compiler);
  }
}
