package io.griffinfly.engine.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.jvm.TileLoop.Access;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The exponential of softmax weights beside that of generated loops.
class LaneExpTest {
  private static final TileLoop EXP =
      Loops.map(new ScalarExpr.Apply(ScalarFn.EXP, List.of(Loops.arg(0))), Access.CONTIGUOUS);

  private static float[] weights(float[] x) {
    float[] result = new float[x.length];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment vector = arena.allocate(Lanes.BYTES, Memory.ALIGNMENT);
      for (int i = 0; i < x.length; i += Lanes.COUNT) {
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
          vector.setAtIndex(ValueLayout.JAVA_FLOAT, lane, x[Math.min(i + lane, x.length - 1)]);
        }
        Lanes.store(vector.address(), LaneExp.weight(Lanes.load(vector.address())));
        for (int lane = 0; lane < Math.min(Lanes.COUNT, x.length - i); lane++) {
          result[i + lane] = vector.getAtIndex(ValueLayout.JAVA_FLOAT, lane);
        }
      }
    }
    return result;
  }

  private static float[] exponentials(float[] x) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(TileLoop.blockBytes(2), Memory.ALIGNMENT);
      MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_FLOAT, x);
      MemorySegment to = arena.allocate(from.byteSize());
      TileLoop.set(block.address(), 0, from.address(), 0, Float.BYTES);
      TileLoop.set(block.address(), 1, to.address(), 0, Float.BYTES);
      EXP.run(block.address(), 1, x.length);
      return to.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  @Test
  void hasTheBitsOfTheOtherWhereItIsNormal() {
    float[] x = new float[400_000];
    for (int i = 0; i < x.length; i++) {
      x[i] = -87.3f + i * (175.2f / x.length);
    }
    float[] expected = exponentials(x);
    float[] found = weights(x);
    for (int i = 0; i < x.length; i++) {
      assertEquals(expected[i], found[i], 0, "e^" + x[i]);
    }
  }

  @Test
  void vanishesBelowAndKeepsNaN() {
    float[] found =
        weights(
            new float[] {
              Math.nextDown(-87.3f), -88, -104, -1e30f, Float.NEGATIVE_INFINITY, Float.NaN, 0, -0f
            });
    for (int i = 0; i < 5; i++) {
      assertEquals(0, found[i], 0);
    }
    assertTrue(Float.isNaN(found[5]));
    assertEquals(1, found[6], 0);
    assertEquals(1, found[7], 0);
  }
}
