package io.griffinfly.engine.ir;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Every operation there is, read off the sealed families: what enumerates operations (the text
/// form, tests of the whole catalogue) cannot forget a new one.
public final class OpCatalogue {
  private static final ClassValue<SequencedMap<String, Class<? extends Record>>> BY_NAME =
      new ClassValue<>() {
        @Override
        protected SequencedMap<String, Class<? extends Record>> computeValue(Class<?> sealed) {
          return Collections.unmodifiableSequencedMap(find(sealed));
        }
      };

  private OpCatalogue() {}

  /// The operations' records by their simple names, which are unique.
  ///
  /// @return the records, sorted by name
  public static SequencedMap<String, Class<? extends Record>> records() {
    return records(Op.class);
  }

  /// The records that a sealed interface permits, directly or through others that it permits.
  ///
  /// @param sealed a sealed interface
  /// @return its records by simple name, sorted
  static SequencedMap<String, Class<? extends Record>> records(Class<?> sealed) {
    return BY_NAME.get(sealed);
  }

  private static SequencedMap<String, Class<? extends Record>> find(Class<?> sealed) {
    SequencedMap<String, Class<? extends Record>> found = new TreeMap<>();
    List<Class<?>> pending = new ArrayList<>(List.of(sealed));
    while (!pending.isEmpty()) {
      Class<?> next = pending.removeLast();
      if (!next.isRecord()) {
        pending.addAll(List.of(next.getPermittedSubclasses()));
      } else if (found.put(next.getSimpleName(), next.asSubclass(Record.class)) != null) {
        throw new GraphException("two records of " + sealed + " are named " + next.getSimpleName());
      }
    }
    return found;
  }
}
