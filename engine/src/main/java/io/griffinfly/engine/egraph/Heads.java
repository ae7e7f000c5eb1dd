package io.griffinfly.engine.egraph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/// The client's operator records interned to ints, with their kinds. Only looked up, never
/// iterated: the hash map cannot make a run differ from another.
final class Heads<H> {
  private final ToIntFunction<? super H> kindOf;
  private final Map<H, Integer> ids = new HashMap<>();
  private final List<H> ops = new ArrayList<>();
  private final IntList kinds = new IntList();

  Heads(ToIntFunction<? super H> kindOf) {
    this.kindOf = kindOf;
  }

  int intern(H op) {
    Integer known = ids.get(op);
    if (known != null) {
      return known;
    }
    int kind = kindOf.applyAsInt(op);
    if (kind < 0) {
      throw new EGraphException("operator " + op + " has kind " + kind + ", kinds start at 0");
    }
    ids.put(op, ops.size());
    ops.add(op);
    kinds.add(kind);
    return ops.size() - 1;
  }

  H op(int head) {
    return ops.get(head);
  }

  int kind(int head) {
    return kinds.get(head);
  }
}
