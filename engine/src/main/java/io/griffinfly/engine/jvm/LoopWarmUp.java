package io.griffinfly.engine.jvm;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Runs new loops on a little memory of its own until the just-in-time compiler takes them up.
///
/// Code on the Vector API runs some hundred times slower until C2 has compiled it, and a loop that
/// a model calls thirty times a run would take minutes to get there. HotSpot compiles a method for
/// the last time after 600 calls if calls and rounds of its loops together are 15,000
/// (`Tier4MinInvocationThreshold`, `Tier4CompileThreshold`).
final class LoopWarmUp implements Kernel {
  private static final int CALLS = 1_200;
  private static final int ROWS = 4;

  /// Whole vectors of every width, and a rest.
  private static final int COLUMNS = 4 * 16 + 3;

  private static final ConcurrentLinkedQueue<LoopWarmUp.Cold> NEW = new ConcurrentLinkedQueue<>();

  /// A loop that has not run yet.
  private record Cold(LoopSpec spec, TileLoop loop) {}

  private final List<Cold> loops;

  private LoopWarmUp(List<Cold> loops) {
    this.loops = loops;
  }

  /// Says that a loop is new.
  static void add(LoopSpec spec, TileLoop loop) {
    NEW.add(new Cold(spec, loop));
  }

  /// A kernel that warms what is new; one task a loop.
  static Kernel ofNew() {
    List<Cold> loops = new ArrayList<>();
    for (Cold cold = NEW.poll(); cold != null; cold = NEW.poll()) {
      loops.add(cold);
    }
    return new LoopWarmUp(loops);
  }

  @Override
  public int tasks() {
    return loops.size();
  }

  @Override
  public void run(int task, long scratch) {
    LoopSpec spec = loops.get(task).spec;
    long entryBytes = (long) ROWS * COLUMNS * Long.BYTES;
    try (Arena arena = Arena.ofConfined()) {
      long block = arena.allocate(TileLoop.blockBytes(spec.entries()), Memory.ALIGNMENT).address();
      long memory = arena.allocate(spec.entries() * entryBytes, Memory.ALIGNMENT).address();
      for (int entry = 0; entry < spec.entries(); entry++) {
        long stride = spec.access(entry) == TileLoop.Access.SPLAT ? 0 : spec.bytes(entry);
        TileLoop.set(block, entry, memory + entry * entryBytes, COLUMNS * stride, stride);
      }
      for (int call = 0; call < CALLS; call++) {
        loops.get(task).loop.run(block, ROWS, COLUMNS);
      }
    }
  }
}
