package io.griffinfly.engine.egraph;

import java.util.Arrays;

/// A growable list of ints, used as list, stack and queue storage throughout the package.
final class IntList {
  private int[] items = new int[16];
  private int size;

  void add(int item) {
    if (size == items.length) {
      items = Arrays.copyOf(items, size * 2);
    }
    items[size++] = item;
  }

  int get(int index) {
    return items[index];
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  int removeLast() {
    return items[--size];
  }

  void clear() {
    size = 0;
  }

  int[] toArray() {
    return Arrays.copyOf(items, size);
  }

  int[] toSortedArray() {
    int[] sorted = toArray();
    Arrays.sort(sorted);
    return sorted;
  }

  /// Makes room for one more entry per node id: the arrays indexed by node grow together.
  static int[] grown(int[] array, int size) {
    return size < array.length ? array : Arrays.copyOf(array, Math.max(size + 1, size * 2));
  }
}
