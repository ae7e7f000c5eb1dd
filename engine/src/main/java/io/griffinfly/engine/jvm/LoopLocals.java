package io.griffinfly.engine.jvm;

import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/// The local variables of [TileLoop#run] that hold its block, and the loop over rows.
final class LoopLocals {
  /// Slots of the method's own arguments.
  static final int BLOCK = 1;

  static final int ROWS = 3;
  static final int COLUMNS = 4;

  private final CodeBuilder code;
  private final LoopSpec spec;
  private final int[] slots;

  LoopLocals(CodeBuilder code, LoopSpec spec) {
    this.code = code;
    this.spec = spec;
    this.slots = new int[3 * spec.entries()];
  }

  /// Reads the block into local variables.
  void loadEntries() {
    for (int i = 0; i < slots.length; i++) {
      if (i % 3 == 2 && spec.access(i / 3) != TileLoop.Access.STRIDED) {
        continue;
      }
      slots[i] = code.allocateLocal(TypeKind.LONG);
      code.lload(BLOCK).loadConstant((long) i * Long.BYTES).ladd();
      code.invokestatic(
          ClassDesc.of(Elements.class.getName()), "loadI64", MethodTypeDesc.of(CD_long, CD_long));
      code.lstore(slots[i]);
    }
  }

  /// Slot of the address of an entry's first element in the current row.
  int address(int entry) {
    return slots[3 * entry];
  }

  /// Slot of the bytes from column to column, only where strided.
  int columnStride(int entry) {
    return slots[3 * entry + 2];
  }

  /// Writes a loop over the rows, which moves the addresses on after each.
  void forEachRow(Runnable body) {
    Label next = code.newBoundLabel();
    body.run();
    for (int entry = 0; entry < spec.entries(); entry++) {
      code.lload(slots[3 * entry]).lload(slots[3 * entry + 1]).ladd().lstore(slots[3 * entry]);
    }
    code.iinc(ROWS, -1).iload(ROWS).ifgt(next);
  }
}
