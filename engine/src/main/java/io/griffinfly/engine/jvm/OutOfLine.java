package io.griffinfly.engine.jvm;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// A loop on vectors that C2 compiles by itself and inlines nowhere.
///
/// C2 inlines whatever is small and hot, and counts the nodes of a whole compilation: a kernel that
/// calls ten short loops on vectors passes its limit, and the vectors of those parsed last are
/// boxed. SmolLM2's training step allocated 190 MB in every run that way, and an attention's
/// softmax took four times as long. What is called through a method handle that is no constant is
/// never inlined; the call takes some nanoseconds.
final class OutOfLine implements LaneLoop {
  private static final MethodType TYPE =
      MethodType.methodType(void.class, long.class, long.class, long.class, long.class, int.class);
  private static final MethodHandle RUN = run();

  /// Not final: that would make it a constant.
  private MethodHandle loop;

  private OutOfLine(MethodHandle loop) {
    this.loop = loop;
  }

  /// A loop that is not inlined where it is called.
  static LaneLoop of(LaneLoop loop) {
    return new OutOfLine(RUN.bindTo(loop));
  }

  private static MethodHandle run() {
    try {
      return MethodHandles.lookup().findVirtual(LaneLoop.class, "run", TYPE);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("LaneLoop.run", e);
    }
  }

  @Override
  public void run(long a, long b, long c, long d, int rows) {
    try {
      loop.invokeExact(a, b, c, d, rows);
    } catch (RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable thrown) {
      throw new LinkageError("LaneLoop.run", thrown);
    }
  }
}
