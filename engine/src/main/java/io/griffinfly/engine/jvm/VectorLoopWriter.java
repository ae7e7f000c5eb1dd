package io.griffinfly.engine.jvm;

import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.jvm.LaneProgram.Level;
import io.griffinfly.engine.jvm.LaneProgram.Operation;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.List;

/// Writes the body of a [TileLoop] over whole vectors with the Vector API. Literals are broadcast
/// in front of the loops, operands that are the same along a row in front of each row.
///
/// Every value is a local variable of a vector class that no call takes or returns but the Vector
/// API's own, which C2 turns into instructions.
final class VectorLoopWriter {
  /// Programs of up to this many instructions are folded with 4 accumulators, to hide the latency
  /// of an addition; longer ones hide it themselves.
  private static final int SHORT = 6;

  private static final int ACCUMULATORS = 4;

  private final CodeBuilder code;
  private final LoopSpec spec;
  private final LoopLocals locals;
  private final LaneWriter lanes;
  private final List<Integer> values;
  private final int neutral;
  private final int offset;
  private final int end;
  private final int[] sums;

  private VectorLoopWriter(CodeBuilder code, LoopSpec spec) {
    LaneCompiler.Compiled compiled = LaneCompiler.compile(spec);
    this.code = code;
    this.spec = spec;
    values = compiled.values();
    neutral =
        spec.fold() == null
            ? -1
            : compiled
                .program()
                .literal(
                    switch (spec.fold()) {
                      case SUM -> 0;
                      case MAX -> Double.NEGATIVE_INFINITY;
                    });
    locals = new LoopLocals(code, spec);
    lanes = new LaneWriter(code, compiled.program(), locals, compiled.program().levels(spec));
    offset = code.allocateLocal(TypeKind.LONG);
    end = code.allocateLocal(TypeKind.LONG);
    sums = new int[lanes.count(Level.COLUMN) <= SHORT ? ACCUMULATORS : 1];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = code.allocateLocal(TypeKind.REFERENCE);
    }
  }

  /// Writes the body of [TileLoop#run] for numbers of columns that fill vectors.
  static void write(CodeBuilder code, LoopSpec spec) {
    new VectorLoopWriter(code, spec).write();
  }

  private void write() {
    locals.loadEntries();
    code.iload(LoopLocals.COLUMNS).i2l().loadConstant((long) Float.BYTES).lmul().lstore(end);
    lanes.write(Level.ONCE);
    ReduceFn fold = spec.fold();
    locals.forEachRow(fold == null ? this::mapRow : () -> foldRow(fold));
    code.return_();
  }

  private void mapRow() {
    lanes.write(Level.ROW);
    code.lconst_0().lstore(offset);
    loop(1, this::mapVector);
  }

  private void mapVector() {
    lanes.writeColumns(offset, 0);
    for (int i = 0; i < values.size(); i++) {
      lanes.store(values.get(i), spec.operandTypes().size() + i, offset);
    }
  }

  private void foldRow(ReduceFn fold) {
    lanes.write(Level.ROW);
    for (int sum : sums) {
      lanes.push(neutral);
      code.astore(sum);
    }
    code.lconst_0().lstore(offset);
    if (sums.length > 1) {
      loop(sums.length, () -> foldVectors(fold));
    }
    loop(1, () -> foldVector(fold, sums[0], 0));
    for (int distance = 1; distance < sums.length; distance *= 2) {
      for (int i = 0; i + distance < sums.length; i += 2 * distance) {
        code.aload(sums[i]).aload(sums[i + distance]);
        combine(fold);
        code.astore(sums[i]);
      }
    }
    storeFolded(fold);
  }

  private void foldVectors(ReduceFn fold) {
    for (int i = 0; i < sums.length; i++) {
      foldVector(fold, sums[i], i * Lanes.BYTES);
    }
  }

  private void foldVector(ReduceFn fold, int sum, int ahead) {
    lanes.writeColumns(offset, ahead);
    code.aload(sum);
    lanes.push(values.getFirst());
    combine(fold);
    code.astore(sum);
  }

  private void combine(ReduceFn fold) {
    LaneWriter.compute(
        code,
        switch (fold) {
          case SUM -> Operation.ADD;
          case MAX -> Operation.MAX;
        },
        0);
  }

  /// Folds the lanes of the one accumulator that is left, by way of the block's memory.
  private void storeFolded(ReduceFn fold) {
    int result = spec.entries() - 1;
    long at = TileLoop.vectorsAt(spec.entries());
    code.aload(sums[0]);
    lanes.writeStore(() -> code.lload(LoopLocals.BLOCK).loadConstant(at).ladd());
    code.lload(locals.address(result));
    code.lload(LoopLocals.BLOCK).loadConstant(at).ladd();
    code.invokestatic(
        ClassDesc.of(LaneFold.class.getName()),
        switch (fold) {
          case SUM -> "sum";
          case MAX -> "max";
        },
        MethodTypeDesc.of(CD_float, CD_long));
    code.invokestatic(
        ClassDesc.of(Memory.class.getName()),
        "store",
        MethodTypeDesc.of(CD_void, CD_long, CD_float));
  }

  /// Writes a loop over whole vectors from the current offset on.
  private void loop(int vectors, Runnable body) {
    long bytes = (long) vectors * Lanes.BYTES;
    Label test = code.newLabel();
    Label next = code.newLabel();
    int last = code.allocateLocal(TypeKind.LONG);
    code.lload(end).loadConstant(bytes).lsub().lstore(last);
    code.goto_(test).labelBinding(next);
    body.run();
    code.lload(offset).loadConstant(bytes).ladd().lstore(offset);
    code.labelBinding(test).lload(offset).lload(last).lcmp().ifle(next);
  }
}
