package io.griffinfly.engine.ir;

import java.util.Arrays;

/// The extents of a tensor, outermost first; rank 0 is a scalar. Immutable.
public final class Shape {
  /// The shape of a scalar.
  public static final Shape SCALAR = new Shape();

  private final int[] dims;

  private Shape(int... dims) {
    this.dims = dims;
  }

  /// Makes a shape.
  ///
  /// @param dims extents, each zero or more
  /// @return the shape
  /// @throws GraphException if an extent is negative
  public static Shape of(int... dims) {
    for (int dim : dims) {
      if (dim < 0) {
        throw new GraphException("negative extent in shape " + Arrays.toString(dims));
      }
    }
    return dims.length == 0 ? SCALAR : new Shape(dims.clone());
  }

  /// The shape of an elementwise result under numpy's rules: aligned at the last dimension, extents
  /// of 1 stretch.
  ///
  /// @param a one shape
  /// @param b another
  /// @return the common shape
  /// @throws GraphException if an aligned pair differs and neither is 1
  public static Shape broadcast(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    int[] out = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int da = i <= a.rank() ? a.dim(-i) : 1;
      int db = i <= b.rank() ? b.dim(-i) : 1;
      if (da != db && da != 1 && db != 1) {
        throw new GraphException("shapes " + a + " and " + b + " do not broadcast");
      }
      out[rank - i] = da == 1 ? db : da;
    }
    return of(out);
  }

  /// Number of dimensions.
  ///
  /// @return the rank
  public int rank() {
    return dims.length;
  }

  /// One extent.
  ///
  /// @param axis the axis; negative counts from the end
  /// @return its extent
  public int dim(int axis) {
    return dims[axis < 0 ? axis + dims.length : axis];
  }

  /// All extents.
  ///
  /// @return a copy
  public int[] dims() {
    return dims.clone();
  }

  /// Number of elements, 1 for a scalar.
  ///
  /// @return the product of the extents
  public long size() {
    long size = 1;
    for (int dim : dims) {
      size *= dim;
    }
    return size;
  }

  /// Resolves a negative axis.
  ///
  /// @param axis an axis; negative counts from the end
  /// @return the axis, 0 or more
  /// @throws GraphException if there is no such axis
  public int axis(int axis) {
    int resolved = axis < 0 ? axis + dims.length : axis;
    if (resolved < 0 || resolved >= dims.length) {
      throw new GraphException("axis " + axis + " does not exist in shape " + this);
    }
    return resolved;
  }

  /// Replaces one extent.
  ///
  /// @param axis the axis; negative counts from the end
  /// @param extent the new extent
  /// @return the new shape
  public Shape with(int axis, int extent) {
    int[] out = dims.clone();
    out[axis(axis)] = extent;
    return of(out);
  }

  /// Row-major strides, in elements.
  ///
  /// @return one stride an axis
  public long[] strides() {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dims[i];
    }
    return strides;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /// The text form, such as `[32,784]`; a scalar is `[]`.
  @Override
  public String toString() {
    return Arrays.toString(dims).replace(" ", "");
  }
}
