package io.griffinfly.engine.jvm;

import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.jvm.LaneProgram.Level;
import io.griffinfly.engine.jvm.LaneProgram.Operation;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.function.Consumer;

/// Writes the methods of a [TileLoop] with the Vector API. Literals are broadcast in front of the
/// loops, operands that are the same along a row in front of each row; the rest of a row that does
/// not fill a vector is masked, so an element's value does not depend on where it stands.
///
/// Every value is a local variable of a vector class that no call takes or returns but the Vector
/// API's own, which C2 turns into instructions.
final class VectorLoopWriter {
  /// Programs of up to this many instructions are folded with 4 accumulators, to hide the latency
  /// of an addition; longer ones hide it themselves.
  private static final int SHORT = 6;

  private static final int ACCUMULATORS = 4;

  private static final String RUN = "run";
  private static final String WHOLE = "whole";
  private static final String REST = "rest";

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

  /// Writes the methods of a loop.
  ///
  /// What is done to whole vectors and to the rest of a row are methods of their own: C1 gives up
  /// on a method with two copies of a long expression ("out of virtual registers"), and HotSpot
  /// then never asks C2.
  ///
  /// @param type the class, to which `run` and what it calls are added
  /// @param name the class's name
  /// @param spec the loop
  static void write(ClassBuilder type, ClassDesc name, LoopSpec spec) {
    ReduceFn fold = spec.fold();
    if (fold != null) {
      method(type, RUN, code -> new VectorLoopWriter(code, spec).writeFold(fold));
      return;
    }
    method(type, RUN, code -> writeMap(code, name));
    method(type, WHOLE, code -> new VectorLoopWriter(code, spec).writeWhole());
    method(type, REST, code -> new VectorLoopWriter(code, spec).writeRest());
  }

  private static void method(ClassBuilder type, String name, Consumer<CodeBuilder> body) {
    int access = name.equals(RUN) ? ClassFile.ACC_PUBLIC : ClassFile.ACC_PRIVATE;
    type.withMethodBody(name, TileLoop.RUN, access, body);
  }

  private static void writeMap(CodeBuilder code, ClassDesc name) {
    Label rest = code.newLabel();
    Label done = code.newLabel();
    code.iload(LoopLocals.COLUMNS).loadConstant(Lanes.COUNT).if_icmplt(rest);
    invoke(code, name, WHOLE);
    code.labelBinding(rest);
    code.iload(LoopLocals.COLUMNS).loadConstant(Lanes.COUNT - 1).iand().ifeq(done);
    invoke(code, name, REST);
    code.labelBinding(done).return_();
  }

  private static void invoke(CodeBuilder code, ClassDesc name, String method) {
    code.aload(0).lload(LoopLocals.BLOCK).iload(LoopLocals.ROWS).iload(LoopLocals.COLUMNS);
    code.invokevirtual(name, method, TileLoop.RUN);
  }

  private void begin() {
    locals.loadEntries();
    code.iload(LoopLocals.COLUMNS).i2l().loadConstant((long) Float.BYTES).lmul().lstore(end);
    lanes.write(Level.ONCE);
  }

  private void writeWhole() {
    begin();
    locals.forEachRow(() -> {
      lanes.write(Level.ROW);
      code.lconst_0().lstore(offset);
      loop(1, () -> mapVector(false));
    });
    code.return_();
  }

  private void writeRest() {
    begin();
    code.lload(end).loadConstant(-(long) Lanes.BYTES).land().lstore(offset);
    lanes.writeMask(offset, end);
    locals.forEachRow(() -> {
      lanes.write(Level.ROW);
      mapVector(true);
    });
    code.return_();
  }

  private void writeFold(ReduceFn fold) {
    begin();
    locals.forEachRow(() -> foldRow(fold));
    code.return_();
  }

  private void mapVector(boolean masked) {
    lanes.writeColumns(offset, 0, masked);
    for (int i = 0; i < values.size(); i++) {
      lanes.store(values.get(i), spec.operandTypes().size() + i, offset, masked);
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
    loop(1, () -> foldVector(fold, sums[0], 0, false));
    tail(() -> foldVector(fold, sums[0], 0, true));
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
      foldVector(fold, sums[i], i * Lanes.BYTES, false);
    }
  }

  private void foldVector(ReduceFn fold, int sum, int ahead, boolean masked) {
    lanes.writeColumns(offset, ahead, masked);
    code.aload(sum);
    if (masked) {
      lanes.writeNeutral(neutral, values.getFirst());
    } else {
      lanes.push(values.getFirst());
    }
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
    lanes.writeStore(() -> code.lload(LoopLocals.BLOCK).loadConstant(at).ladd(), false);
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

  /// Writes what is done where columns are left.
  private void tail(Runnable body) {
    Label done = code.newLabel();
    code.lload(offset).lload(end).lcmp().ifge(done);
    lanes.writeMask(offset, end);
    body.run();
    code.labelBinding(done);
  }
}
