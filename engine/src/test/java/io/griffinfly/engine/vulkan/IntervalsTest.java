package io.griffinfly.engine.vulkan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class IntervalsTest {
  private static Barriers.Use use(long offset, long bytes, boolean writes) {
    return new Barriers.Use(new Region(1, offset, bytes), writes);
  }

  private static Recorder.Dispatch dispatch(int id, Barriers.Use... uses) {
    return new Recorder.Dispatch(new Pipeline(0, 0, 0), id, 1, 1, List.of(uses));
  }

  private static List<Long> order(List<Recorder.Dispatch> dispatches) {
    return Intervals.order(dispatches).stream().map(Recorder.Dispatch::set).toList();
  }

  private static boolean meet(Recorder.Dispatch a, Recorder.Dispatch b) {
    return a.uses().stream()
        .anyMatch(x ->
            b.uses().stream()
                .anyMatch(y -> (x.writes() || y.writes()) && x.region().overlaps(y.region())));
  }

  @Test
  void aSecondDispatchRunsBesideTheFirstOfTheNextStep() {
    Recorder.Dispatch first = dispatch(0, use(0, 8, true));
    Recorder.Dispatch second = dispatch(1, use(0, 8, false), use(8, 8, true));
    Recorder.Dispatch other = dispatch(2, use(16, 8, true));
    Recorder.Dispatch next = dispatch(3, use(0, 8, false), use(24, 8, true));
    assertEquals(List.of(0L, 2L, 1L, 3L), order(List.of(first, second, other, next)));
  }

  @Test
  void whoeverMeetsKeepsItsOrder() {
    var random = new SplittableRandom(7);
    for (int round = 0; round < 200; round++) {
      List<Recorder.Dispatch> dispatches = new ArrayList<>();
      for (int id = 0; id < 30; id++) {
        List<Barriers.Use> uses = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          uses.add(use(random.nextInt(60), 1 + random.nextInt(6), i == 2));
        }
        dispatches.add(dispatch(id, uses.toArray(Barriers.Use[]::new)));
      }
      List<Recorder.Dispatch> ordered = Intervals.order(dispatches);
      assertEquals(30, ordered.stream().distinct().count());
      for (int i = 0; i < ordered.size(); i++) {
        for (int j = i + 1; j < ordered.size(); j++) {
          Recorder.Dispatch a = ordered.get(i);
          Recorder.Dispatch b = ordered.get(j);
          assertTrue(a.set() < b.set() || !meet(a, b), () -> b.set() + " stands behind " + a.set());
        }
      }
    }
  }
}
