package io.griffinfly.engine.egraph;

import java.util.ArrayList;
import java.util.List;

/// The names of a pattern, numbered. Slot 0 is the matched root node and has no name.
final class Slots {
  private final List<String> names = new ArrayList<>(List.of(Pattern.UNNAMED));
  private final List<Boolean> areNodes = new ArrayList<>(List.of(true));

  /// The slot of a name, opened at its first use.
  int open(String name, boolean isNode) {
    int slot = names.indexOf(name);
    if (slot < 0) {
      names.add(name);
      areNodes.add(isNode);
      return names.size() - 1;
    }
    if (areNodes.get(slot) != isNode) {
      throw new EGraphException("pattern name " + name + " is both a node and a variable");
    }
    return slot;
  }

  /// The slot of a name that must exist.
  int of(String name) {
    int slot = names.indexOf(name);
    if (slot <= 0) {
      throw new EGraphException(
          "no part of the pattern is called " + name + "; there are " + names);
    }
    return slot;
  }

  boolean isNode(int slot) {
    return areNodes.get(slot);
  }

  int size() {
    return names.size();
  }
}
