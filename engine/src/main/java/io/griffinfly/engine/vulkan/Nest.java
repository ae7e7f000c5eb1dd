package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.Shape;
import java.util.ArrayList;
import java.util.List;

/// Some axes of a domain in the order in which lanes run through them, outermost first: axes of
/// extent 1 are gone, and axes that every place crosses with one stride are joined.
///
/// @param extents the extents
/// @param strides one list a place, in elements
record Nest(List<Integer> extents, List<List<Long>> strides) {
  /// Brings axes in order.
  ///
  /// @param domain extents
  /// @param axes which of its axes
  /// @param places each of the domain's shape; the first one that tells two axes apart decides
  ///   which is inside
  static Nest over(Shape domain, List<Integer> axes, List<Place> places) {
    List<Integer> order = new ArrayList<>(axes);
    order.removeIf(axis -> domain.dim(axis) == 1);
    order.sort((a, b) -> compare(places, a, b));
    List<Integer> extents = new ArrayList<>();
    List<Integer> lasts = new ArrayList<>();
    for (int axis : order) {
      int top = lasts.size() - 1;
      if (top >= 0 && joins(domain, places, lasts.get(top), axis)) {
        extents.set(top, extents.get(top) * domain.dim(axis));
        lasts.set(top, axis);
      } else {
        extents.add(domain.dim(axis));
        lasts.add(axis);
      }
    }
    List<List<Long>> strides =
        places.stream().map(place -> lasts.stream().map(place::stride).toList()).toList();
    return new Nest(List.copyOf(extents), strides);
  }

  private static int compare(List<Place> places, int a, int b) {
    for (Place place : places) {
      int order = Long.compare(place.stride(b), place.stride(a));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(a, b);
  }

  private static boolean joins(Shape domain, List<Place> places, int outer, int inner) {
    long joined = domain.dim(inner);
    return joined * domain.dim(outer) <= Integer.MAX_VALUE
        && places.stream().allMatch(p -> p.stride(outer) == p.stride(inner) * joined);
  }

  /// Number of positions.
  long size() {
    long size = 1;
    for (int extent : extents) {
      size *= extent;
    }
    return size;
  }
}
