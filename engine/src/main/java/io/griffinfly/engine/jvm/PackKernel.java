package io.griffinfly.engine.jvm;

import java.util.function.IntUnaryOperator;

/// Packs whole operands: every piece (strip or panel) of every matrix.
final class PackKernel implements Kernel {
  /// Elements that a task packs: about 20 us.
  private static final int TASK_ELEMENTS = 20_000;

  private final Packer packer;
  private final GemmOperand source;
  private final long[] targets;
  private final int lanes;
  private final int depth;
  private final int pieces;
  private final IntUnaryOperator start;
  private final int tasksInMatrix;

  /// Binds the kernel.
  ///
  /// @param packer copies a piece
  /// @param source the matrices as they are
  /// @param targets where each packed matrix goes
  /// @param lanes rows (on the left) or columns (on the right) that exist
  /// @param depth terms
  /// @param pieces strips or panels of a matrix
  /// @param start first lane of a piece; of piece `pieces` the number of lanes with padding
  PackKernel(
      Packer packer,
      GemmOperand source,
      long[] targets,
      int lanes,
      int depth,
      int pieces,
      IntUnaryOperator start) {
    this.packer = packer;
    this.source = source;
    this.targets = targets;
    this.lanes = lanes;
    this.depth = depth;
    this.pieces = pieces;
    this.start = start;
    long elements = (long) start.applyAsInt(pieces) * depth;
    this.tasksInMatrix = Math.clamp(elements / TASK_ELEMENTS, 1, Math.max(1, pieces));
  }

  @Override
  public int tasks() {
    return lanes == 0 || depth == 0 ? 0 : targets.length * tasksInMatrix;
  }

  @Override
  public void run(int task, long scratch) {
    int matrix = task / tasksInMatrix;
    int part = task % tasksInMatrix;
    int first = (int) ((long) pieces * part / tasksInMatrix);
    int end = (int) ((long) pieces * (part + 1) / tasksInMatrix);
    for (int piece = first; piece < end; piece++) {
      int lane = start.applyAsInt(piece);
      int width = start.applyAsInt(piece + 1) - lane;
      long target = targets[matrix] + (long) lane * depth * Float.BYTES;
      int valid = Math.min(width, lanes - lane);
      source.pack(packer, matrix, lane, valid, width, 0, depth, target);
    }
  }
}
