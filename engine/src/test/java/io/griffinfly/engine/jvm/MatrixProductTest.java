package io.griffinfly.engine.jvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.conformance.KernelData;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MatrixProductTest {
  private static final WorkerPool POOL = new WorkerPool(2);

  /// Around every edge of strips (4, 5, 6, 8), panels (8, 16, 32), blocks of rows (128) and of
  /// depth (512), and nothing at all.
  private static final int[][] EXTENTS = {
    {1, 1, 1},
    {1, 16, 7},
    {2, 3, 5},
    {3, 33, 64},
    {4, 32, 17},
    {5, 16, 1},
    {6, 31, 33},
    {7, 8, 2},
    {8, 65, 9},
    {9, 17, 100},
    {11, 48, 513},
    {13, 5, 770},
    {16, 96, 31},
    {1, 100, 1537},
    {4, 7, 1100},
    {30, 40, 1030},
    {64, 64, 64},
    {127, 33, 65},
    {128, 80, 40},
    {131, 15, 12},
    {193, 50, 37},
    {400, 3, 600},
    {2, 3, 0},
    {0, 3, 4},
    {3, 0, 4}
  };

  record Machine(String name, Tiles tiles) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Machine> machines() {
    return Stream.of(
        new Machine("vector", VectorTiles.TILES),
        new Machine("scalar", ScalarTiles.TILES),
        new Machine("vector-8x2", withHigh(new Product8x2())),
        new Machine("vector-5x2", withHigh(new Product5x2())));
  }

  private static Tiles withHigh(TileProduct high) {
    Tiles tiles = VectorTiles.TILES;
    return new Tiles(high, tiles.low(), tiles.panel(), tiles.packer(), tiles.transposer());
  }

  private static List<GemmShape> shapes() {
    List<GemmShape> shapes = new ArrayList<>();
    for (int[] extent : EXTENTS) {
      shapes.add(new GemmShape(extent[0], extent[1], extent[2]));
    }
    return shapes;
  }

  private static void run(List<Kernel> kernels) {
    kernels.forEach(POOL::run);
  }

  @ParameterizedTest
  @MethodSource("machines")
  void everyFormAndShape(Machine machine) {
    for (GemmShape shape : shapes()) {
      for (int form = 0; form < 8; form++) {
        int gap = (form & 4) == 0 ? 0 : 3;
        GemmCase product = new GemmCase(shape, 1, (form & 1) != 0, (form & 2) != 0, gap);
        run(product.kernels(machine.tiles(), product.store()));
        product.check((sum, _, _) -> sum, 0);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void accumulates(Machine machine) {
    for (GemmShape shape : shapes()) {
      GemmCase product = new GemmCase(shape, 1, true, false, 2);
      List<Kernel> kernels = product.kernels(machine.tiles(), sum(product.result));
      run(kernels);
      run(kernels);
      double size = Math.abs(GemmCase.before()) + 2.0 * shape.depth();
      product.check((sum, _, _) -> GemmCase.before() + 2 * sum, 4 * size * 0x1p-24);
    }
  }

  /// Adds the product to what is there.
  private static Epilogue sum(Matrix result) {
    return Epilogue.of(
        ScalarExpr.apply(ScalarFn.ADD, KernelData.arg(0), KernelData.arg(1)),
        List.of(result),
        result);
  }

  /// `relu(sum) + (column operand + row operand)`.
  private static final ScalarExpr SAMPLE =
      ScalarExpr.apply(
          ScalarFn.ADD,
          ScalarExpr.apply(ScalarFn.RELU, KernelData.arg(0)),
          ScalarExpr.apply(ScalarFn.ADD, KernelData.arg(1), KernelData.arg(2)));

  @ParameterizedTest
  @MethodSource("machines")
  void epilogueSeesEveryElementOnceAtItsPlace(Machine machine) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment operand = arena.allocate(4 * 4096, 64);
      for (int i = 0; i < 4096; i++) {
        operand.setAtIndex(ValueLayout.JAVA_FLOAT, i, i);
      }
      for (GemmShape shape : shapes()) {
        GemmCase product = new GemmCase(shape, 3, false, true, 1);
        long[] columns = new long[3];
        Arrays.fill(columns, operand.address());
        long[] rows = new long[3];
        Arrays.setAll(rows, batch -> operand.address() + 4L * (1000 + batch * shape.rows()));
        Matrix perColumn = new Matrix(DType.F32, columns, 0, 4);
        Matrix perRow = new Matrix(DType.F32, rows, 4, 0);
        run(
            product.kernels(
                machine.tiles(), Epilogue.of(SAMPLE, List.of(perColumn, perRow), product.result)));
        // Operands are whole numbers below 4096: only the last addition rounds.
        product.check((sum, row, column) -> Math.max(sum, 0) + column + 1000 + row, 8192 * 0x1p-24);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void batchesMayShareOperands(Machine machine) {
    for (int[] extent : new int[][] {{9, 20, 33}, {3, 17, 5}, {140, 20, 12}, {5, 4, 1100}}) {
      GemmShape shape = new GemmShape(extent[0], extent[1], extent[2]);
      for (int shared = 1; shared <= 6; shared++) {
        GemmCase product = new GemmCase(shape, 6, false, shared % 2 == 0, 1, shared);
        run(product.kernels(machine.tiles(), product.store()));
        product.check((sum, _, _) -> sum, 0);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void sameBitsForAnyNumberOfThreads(Machine machine) {
    int[][] extents = {{128, 70, 40}, {1, 300, 600}, {200, 33, 1100}, {64, 49, 520}};
    for (int[] extent : extents) {
      GemmShape shape = new GemmShape(extent[0], extent[1], extent[2]);
      int[] expected = null;
      for (int threads : new int[] {1, 2, 3, 5}) {
        GemmCase product = new GemmCase(shape, 2, false, true, 1);
        try (WorkerPool pool = new WorkerPool(threads)) {
          product.kernels(machine.tiles(), product.store()).forEach(pool::run);
        }
        int[] bits = product.resultBits();
        expected = expected == null ? bits : expected;
        assertArrayEquals(expected, bits, threads + " threads");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void theBitsOfARowDoNotDependOnTheOthers(Machine machine) {
    for (int depth : new int[] {37, 600, 1300}) {
      GemmCase whole = new GemmCase(new GemmShape(131, 37, depth), 1, false, true, 0);
      run(whole.kernels(machine.tiles(), whole.store()));
      for (int rows : new int[] {1, 3, 6, 20}) {
        // The same seeds: a GemmCase of fewer rows would draw other numbers, so bind the first
        // rows.
        MatrixProduct some =
            MatrixProduct.of(machine.tiles(), new GemmShape(rows, 37, depth), 1, true);
        long target = whole.workspace(4L * rows * 37);
        Matrix result = new Matrix(DType.F32, new long[] {target}, 37 * 4, 4);
        run(
            some.bind(
                whole.left,
                whole.right,
                Epilogue.of(KernelData.arg(0), List.of(), result),
                whole.workspace(some.workspaceBytes()),
                2));
        for (int i = 0; i < rows; i++) {
          for (int j = 0; j < 37; j++) {
            assertEquals(whole.resultAt(0, i, j), Memory.load(target + 4 * (i * 37L + j)));
          }
        }
      }
    }
  }

  @Test
  void fewRowsMeetAWeightWhereItLies() {
    for (int rows = 1; rows <= 8; rows++) {
      for (int[] extent :
          new int[][] {{4, 1}, {5, 16}, {7, 37}, {66, 33}, {1000, 129}, {4, 40_000}}) {
        GemmShape shape = new GemmShape(rows, extent[0], extent[1]);
        GemmCase product = new GemmCase(shape, 2, false, true, 3);
        assertTrue(RowProduct.accepts(shape));
        Kernel kernel = new RowProduct(shape, product.left, product.right, sum(product.result), 2);
        run(List.of(kernel));
        product.check(
            (sum, _, _) -> GemmCase.before() + sum,
            4 * (GemmCase.before() + shape.depth()) * 0x1p-24);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void transposesEveryExtent(Machine machine) {
    for (int[] extent : new int[][] {{1, 1}, {3, 17}, {16, 16}, {32, 7}, {33, 50}, {48, 128}}) {
      GemmCase memory = new GemmCase(new GemmShape(extent[0], extent[1], 1), 1, false, false, 5);
      run(memory.kernels(machine.tiles(), memory.store()));
      long stride = extent[0] + 2L;
      long target = memory.workspace(4 * stride * extent[1]);
      machine
          .tiles()
          .transposer()
          .transpose(
              memory.result.address(0),
              memory.result.rowStride(),
              extent[0],
              extent[1],
              target,
              4 * stride);
      for (int i = 0; i < extent[0]; i++) {
        for (int j = 0; j < extent[1]; j++) {
          assertEquals(memory.resultAt(0, i, j), Memory.load(target + 4 * (j * stride + i)));
        }
      }
    }
  }

  @Test
  void stripsCoverTheRowsWithLittlePadding() {
    for (int high = 5; high <= 8; high++) {
      for (int rows = 1; rows <= 300; rows++) {
        Strips strips = Strips.of(rows, high, 4);
        int covered = 0;
        for (int strip = 0; strip < strips.count(); strip++) {
          assertEquals(covered, strips.start(strip));
          assertEquals(Math.min(strips.height(strip), rows - covered), strips.validRows(strip));
          covered += strips.height(strip);
        }
        assertEquals(strips.paddedRows(), covered);
        assertEquals(covered, strips.start(strips.count()));
        assertEquals(true, covered >= rows && covered - rows < 4);
      }
    }
  }
}
