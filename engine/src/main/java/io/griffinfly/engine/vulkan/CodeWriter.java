package io.griffinfly.engine.vulkan;

/// Lines of code, indented by their blocks.
final class CodeWriter {
  private final StringBuilder text = new StringBuilder();
  private int depth;

  /// Writes a line of the given parts.
  CodeWriter line(Object... parts) {
    text.repeat("  ", depth);
    for (Object part : parts) {
      text.append(part);
    }
    text.append('\n');
    return this;
  }

  /// Writes a block: a head, the body in braces.
  CodeWriter block(String head, Runnable body) {
    line(head, " {");
    depth++;
    body.run();
    depth--;
    return line("}");
  }

  /// A block that runs with a variable from 0 to below a bound.
  CodeWriter loop(String variable, Object bound, Runnable body) {
    return block(
        "for (int " + variable + " = 0; " + variable + " < " + bound + "; " + variable + "++)",
        body);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
