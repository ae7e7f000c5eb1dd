package io.griffinfly.engine.vulkan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.conformance.SoftwareVulkan;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GlslTest {
  @Test
  void numbersHaveOneExactSpellingInEveryLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertEquals("0.5", Glsl.literal(0.5f));
      assertEquals("(-0.0)", Glsl.literal(-0.0f));
      assertEquals("1.0E-5", Glsl.literal(1e-5f));
      assertEquals("1.4E-45", Glsl.literal(Float.MIN_VALUE));
      assertEquals("uintBitsToFloat(0x7fc00000u)", Glsl.literal(Float.NaN));
      assertEquals("uintBitsToFloat(0xff800000u)", Glsl.literal(Float.NEGATIVE_INFINITY));
      assertEquals("(-2147483647 - 1)", Glsl.literal(Integer.MIN_VALUE));
      assertEquals("(-7L)", Glsl.literal(-7L));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void positionsLeaveOutWhatIsZero() {
    assertEquals("0", Glsl.position(0, List.of("i"), List.of(0L)));
    assertEquals("i * 3 + j + 7", Glsl.position(7, List.of("i", "j"), List.of(3L, 1L)));
  }

  @Test
  void everyFunctionCompilesByItself() {
    SoftwareVulkan.require();
    try (SpirvCompiler compiler = new SpirvCompiler()) {
      for (String name : GlslMath.names()) {
        CodeWriter code = new CodeWriter();
        code.line("#version 450");
        code.line("#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require");
        Set<String> written = new HashSet<>();
        GlslMath.write(name, written, code);
        code.line("void main() {}");
        // The magic number of SPIR-V, in little endian.
        assertEquals(0x03, compiler.compile(code.toString())[0], name);
      }
    }
  }
}
