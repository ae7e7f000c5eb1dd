package io.griffinfly.engine.jvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
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
    return new Tiles(high, tiles.low(), tiles.panel(), tiles.packer(), tiles.store(), tiles.add());
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
        run(product.kernels(machine.tiles(), Epilogue.STORE));
        product.check((sum, _, _) -> sum, 0);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void packedBefore(Machine machine) {
    for (GemmShape shape : shapes()) {
      for (boolean transposed : new boolean[] {false, true}) {
        GemmCase product = new GemmCase(shape, 1, false, transposed, 1);
        run(product.kernelsByPanels(machine.tiles(), Epilogue.STORE));
        product.check((sum, _, _) -> sum, 0);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void accumulates(Machine machine) {
    for (GemmShape shape : shapes()) {
      GemmCase product = new GemmCase(shape, 1, true, false, 2);
      List<Kernel> kernels = product.kernels(machine.tiles(), Epilogue.ADD);
      run(kernels);
      run(kernels);
      double size = Math.abs(GemmCase.before()) + 2.0 * shape.depth();
      product.check((sum, _, _) -> GemmCase.before() + 2 * sum, 4 * size * 0x1p-24);
    }
  }

  /// `relu(sum) + column operand + row operand`, as generated code would be called.
  private static void sample(
      long source,
      long sourceStride,
      long target,
      long targetStride,
      int row,
      int column,
      int rows,
      int columns,
      long[] operands) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        float sum = Memory.load(source + i * sourceStride + 4L * j);
        float perColumn = Memory.load(operands[0] + 4L * (column + j));
        float perRow = Memory.load(operands[1] + 4L * (row + i));
        Memory.store(target + i * targetStride + 4L * j, Math.max(sum, 0) + (perColumn + perRow));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void epilogueSeesEveryElementOnceAtItsPlace(Machine machine) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment operand = arena.allocate(4 * 4096, 64);
      for (int i = 0; i < 4096; i++) {
        operand.setAtIndex(ValueLayout.JAVA_FLOAT, i, i);
      }
      long[] operands = {operand.address(), operand.address() + 4 * 1000};
      Epilogue epilogue = Epilogue.of(MatrixProductTest::sample, operands);
      for (GemmShape shape : shapes()) {
        GemmCase product = new GemmCase(shape, 3, false, true, 1);
        run(product.kernels(machine.tiles(), epilogue));
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
        run(product.kernels(machine.tiles(), Epilogue.STORE));
        product.check((sum, _, _) -> sum, 0);
      }
      GemmCase product = new GemmCase(shape, 6, false, true, 1, 1);
      run(product.kernelsByPanels(machine.tiles(), Epilogue.STORE));
      product.check((sum, _, _) -> sum, 0);
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
          product.kernels(machine.tiles(), Epilogue.STORE).forEach(pool::run);
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
      run(whole.kernels(machine.tiles(), Epilogue.STORE));
      for (int rows : new int[] {1, 3, 6, 20}) {
        // The same seeds: a GemmCase of fewer rows would draw other numbers, so bind the first
        // rows.
        MatrixProduct some = MatrixProduct.of(machine.tiles(), new GemmShape(rows, 37, depth), 1);
        MemorySegment target = whole.workspace(4L * rows * 37);
        run(
            some.bind(
                whole.left,
                whole.right,
                Matrix.of(target, 0, 37, 1),
                Epilogue.STORE,
                whole.workspace(some.workspaceBytes())));
        for (int i = 0; i < rows; i++) {
          for (int j = 0; j < 37; j++) {
            assertEquals(
                whole.resultAt(0, i, j), target.getAtIndex(ValueLayout.JAVA_FLOAT, i * 37L + j));
          }
        }
      }
    }
  }

  @Test
  void refusesOperandsOutsideTheirMemory() {
    GemmCase product = new GemmCase(new GemmShape(4, 4, 4), 1, false, false, 0);
    MatrixProduct larger = MatrixProduct.of(VectorTiles.TILES, new GemmShape(5, 4, 4), 1);
    MemorySegment workspace = product.workspace(larger.workspaceBytes());
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> larger.bind(product.left, product.right, product.result, Epilogue.STORE, workspace));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            larger.bind(
                Matrix.of(MemorySegment.ofArray(new float[20]), 0, 4, 1),
                product.right,
                product.result,
                Epilogue.STORE,
                workspace));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            MatrixProduct.of(VectorTiles.TILES, new GemmShape(4, 4, 4), 1)
                .bind(
                    product.left,
                    product.right,
                    product.result.transposed(),
                    Epilogue.STORE,
                    workspace));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            MatrixProduct.of(VectorTiles.TILES, new GemmShape(2, 2, 2), 3)
                .bind(
                    Matrix.batch(product.resultMemory, new long[] {0, 0}, 2, 1),
                    product.right,
                    product.result,
                    Epilogue.STORE,
                    workspace));
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
