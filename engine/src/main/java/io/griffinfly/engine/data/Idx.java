package io.griffinfly.engine.data;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// An array in the IDX format of the MNIST files (LeCun, Cortes and Burges): two zero bytes, the
/// element type, the number of dimensions, each extent and then all elements, big-endian. A file
/// may be packed with gzip.
public final class Idx {
  private static final ValueLayout.OfShort I16 = big(ValueLayout.JAVA_SHORT_UNALIGNED);
  private static final ValueLayout.OfInt I32 = big(ValueLayout.JAVA_INT_UNALIGNED);
  private static final ValueLayout.OfFloat F32 = big(ValueLayout.JAVA_FLOAT_UNALIGNED);
  private static final ValueLayout.OfDouble F64 = big(ValueLayout.JAVA_DOUBLE_UNALIGNED);

  private final Element element;
  private final Shape shape;
  private final MemorySegment data;

  private Idx(Element element, Shape shape, byte[] data) {
    this.element = element;
    this.shape = shape;
    this.data = MemorySegment.ofArray(data);
  }

  /// The element types of the format.
  public enum Element {
    /// Unsigned byte.
    U8(0x08, 1),
    /// Signed byte.
    I8(0x09, 1),
    /// Signed 16-bit integer.
    I16(0x0b, 2),
    /// Signed 32-bit integer.
    I32(0x0c, 4),
    /// Single precision.
    F32(0x0d, 4),
    /// Double precision.
    F64(0x0e, 8);

    private final int code;
    private final int bytes;

    Element(int code, int bytes) {
      this.code = code;
      this.bytes = bytes;
    }
  }

  @SuppressWarnings("unchecked")
  private static <L extends ValueLayout> L big(L layout) {
    return (L) layout.withOrder(ByteOrder.BIG_ENDIAN);
  }

  /// Reads a file; that it is packed is seen from its first bytes.
  ///
  /// @param file the file
  /// @return its array
  /// @throws IOException if it cannot be read
  /// @throws DataException if it is malformed, cut short or too long
  public static Idx read(Path file) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      raw.mark(2);
      boolean packed = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      if (!packed) {
        return read(file, raw);
      }
      try (InputStream unpacked = new GZIPInputStream(raw, 1 << 16)) {
        return read(file, unpacked);
      }
    } catch (ZipException | EOFException e) {
      throw new DataException(file + ": broken gzip stream: " + e.getMessage());
    }
  }

  private static Idx read(Path file, InputStream stream) throws IOException {
    byte[] magic = read(file, stream, 4, "a magic number");
    Element element =
        Arrays.stream(Element.values())
            .filter(e -> magic[0] == 0 && magic[1] == 0 && magic[2] == e.code)
            .findFirst()
            .orElseThrow(
                () -> new DataException(file + ": no IDX file, begins " + Arrays.toString(magic)));
    int[] dims = new int[magic[3] & 0xff];
    MemorySegment extents =
        MemorySegment.ofArray(read(file, stream, 4 * dims.length, dims.length + " extents"));
    long bytes = element.bytes;
    for (int axis = 0; axis < dims.length; axis++) {
      dims[axis] = extents.getAtIndex(I32, axis);
      bytes *= dims[axis];
      if (dims[axis] < 0 || bytes > Integer.MAX_VALUE) {
        throw new DataException(
            file
                + ": an array of less than 2 GB expected; extent "
                + axis
                + " is "
                + Integer.toUnsignedString(dims[axis]));
      }
    }
    Shape shape = Shape.of(dims);
    byte[] data = read(file, stream, (int) bytes, element + " elements of shape " + shape);
    if (stream.read() >= 0) {
      throw new DataException(file + ": bytes after the " + bytes + " of " + element + shape);
    }
    return new Idx(element, shape, data);
  }

  private static byte[] read(Path file, InputStream stream, int count, String what)
      throws IOException {
    byte[] bytes = stream.readNBytes(count);
    if (bytes.length != count) {
      throw new DataException(
          file + ": cut short: " + bytes.length + " of the " + count + " bytes of " + what);
    }
    return bytes;
  }

  /// Element type in the file.
  ///
  /// @return the type
  public Element element() {
    return element;
  }

  /// Extents.
  ///
  /// @return the shape
  public Shape shape() {
    return shape;
  }

  /// One element.
  ///
  /// @param index row-major position
  /// @return its value, exact
  public double get(long index) {
    return switch (element) {
      case U8 -> data.get(ValueLayout.JAVA_BYTE, index) & 0xff;
      case I8 -> data.get(ValueLayout.JAVA_BYTE, index);
      case I16 -> data.getAtIndex(I16, index);
      case I32 -> data.getAtIndex(I32, index);
      case F32 -> data.getAtIndex(F32, index);
      case F64 -> data.getAtIndex(F64, index);
    };
  }

  /// Copies the elements into a tensor, divided by a number.
  ///
  /// @param dtype element type of the tensor
  /// @param divisor the number
  /// @param dims extents of the tensor, of equal product
  /// @return a tensor of its own
  public Tensor toTensor(DType dtype, double divisor, int... dims) {
    Tensor tensor = Tensor.zeros(TensorType.of(dtype, dims));
    if (tensor.size() != shape.size()) {
      throw new DataException("an array " + shape + " does not fit a tensor " + tensor.type());
    }
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, get(i) / divisor);
    }
    return tensor;
  }
}
