package io.griffinfly.engine.vulkan;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Native objects with one owner, destroyed in the reverse order of their making.
final class Owned implements AutoCloseable {
  private final Deque<Runnable> destroyers = new ArrayDeque<>();

  /// Takes an object over.
  ///
  /// @param destroy destroys it
  void add(Runnable destroy) {
    destroyers.push(destroy);
  }

  /// Destroys everything, also when some of it fails; the first failure is thrown at the end.
  @Override
  public void close() {
    RuntimeException failure = null;
    while (!destroyers.isEmpty()) {
      try {
        destroyers.pop().run();
      } catch (RuntimeException e) {
        failure = first(failure, e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static RuntimeException first(@Nullable RuntimeException before, RuntimeException now) {
    if (before == null) {
      return now;
    }
    before.addSuppressed(now);
    return before;
  }
}
