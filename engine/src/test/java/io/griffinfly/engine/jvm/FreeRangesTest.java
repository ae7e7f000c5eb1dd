package io.griffinfly.engine.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FreeRangesTest {
  private record Piece(long offset, long bytes) {}

  @Test
  void piecesNeverOverlapAndARangeEndsWhole() {
    for (int seed = 0; seed < 50; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      FreeRanges free = new FreeRanges(1000);
      List<Piece> taken = new ArrayList<>();
      for (int step = 0; step < 400; step++) {
        if (random.nextInt(3) > 0) {
          long bytes = random.nextInt(1, 120);
          OptionalLong offset = free.take(bytes);
          if (offset.isPresent()) {
            Piece piece = new Piece(offset.getAsLong(), bytes);
            assertTrue(piece.offset >= 0 && piece.offset + bytes <= 1000);
            assertTrue(
                taken.stream()
                    .allMatch(other ->
                        other.offset + other.bytes <= piece.offset
                            || piece.offset + bytes <= other.offset));
            taken.add(piece);
          }
        } else if (!taken.isEmpty()) {
          Piece piece = taken.remove(random.nextInt(taken.size()));
          free.giveBack(piece.offset, piece.bytes);
        }
        assertEquals(taken.isEmpty(), free.isWhole());
      }
      taken.forEach(piece -> free.giveBack(piece.offset, piece.bytes));
      assertTrue(free.isWhole());
      assertEquals(OptionalLong.of(0), free.take(1000));
    }
  }

  @Test
  void whatWasNotTakenIsNotTakenBack() {
    FreeRanges free = new FreeRanges(100);
    assertEquals(OptionalLong.of(0), free.take(60));
    assertEquals(OptionalLong.empty(), free.take(41));
    assertThrows(IllegalStateException.class, () -> free.giveBack(50, 20));
    assertThrows(IllegalStateException.class, () -> free.giveBack(70, 10));
    free.giveBack(0, 60);
    assertThrows(IllegalStateException.class, () -> free.giveBack(0, 60));
    assertFalse(free.take(100).isEmpty());
  }
}
