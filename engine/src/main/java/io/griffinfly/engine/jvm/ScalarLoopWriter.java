package io.griffinfly.engine.jvm;

import static java.lang.constant.ConstantDescs.CD_long;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.kernel.TypedExpr;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes the body of a [TileLoop] element by element, for every element type and every stride.
final class ScalarLoopWriter {
  private static final ClassDesc ELEMENTS = ClassDesc.of(Elements.class.getName());

  private final CodeBuilder code;
  private final LoopSpec spec;
  private final LoopLocals locals;
  private final int[] cursors;
  private final Map<TypedExpr, Integer> values = new HashMap<>();

  private ScalarLoopWriter(CodeBuilder code, LoopSpec spec) {
    this.code = code;
    this.spec = spec;
    this.locals = new LoopLocals(code, spec);
    this.cursors = new int[spec.entries()];
  }

  static void write(CodeBuilder code, LoopSpec spec) {
    new ScalarLoopWriter(code, spec).write();
  }

  private void write() {
    locals.loadEntries();
    for (int entry = 0; entry < cursors.length; entry++) {
      cursors[entry] = code.allocateLocal(TypeKind.LONG);
    }
    Word sumWord = sumWord();
    int sum = code.allocateLocal(sumWord.kind());
    int column = code.allocateLocal(TypeKind.INT);
    locals.forEachRow(() -> {
      for (int entry = 0; entry < cursors.length; entry++) {
        code.lload(locals.address(entry)).lstore(cursors[entry]);
      }
      if (spec.fold() != null) {
        sumWord.push(code, neutral(spec.fold()));
        code.storeLocal(sumWord.kind(), sum);
      }
      code.iload(LoopLocals.COLUMNS).istore(column);
      Label next = code.newBoundLabel();
      element(sumWord, sum);
      code.iinc(column, -1).iload(column).ifgt(next);
      if (spec.fold() != null) {
        code.lload(cursors[cursors.length - 1]).loadLocal(sumWord.kind(), sum);
        DType result = spec.resultTypes().getFirst();
        sumWord.convertTo(code, Word.of(result));
        store(result);
      }
    });
    code.return_();
  }

  private void element(Word sumWord, int sum) {
    values.clear();
    int operands = spec.operandTypes().size();
    List<TypedExpr> expressions = spec.expressions();
    for (TypedExpr expression : expressions) {
      value(expression);
    }
    for (int i = 0; i < expressions.size(); i++) {
      if (spec.fold() != null) {
        code.loadLocal(sumWord.kind(), sum);
        push(expressions.get(i));
        Word.of(expressions.get(i).type()).convertTo(code, sumWord);
        combine(spec.fold(), sumWord);
        code.storeLocal(sumWord.kind(), sum);
      } else {
        code.lload(cursors[operands + i]);
        push(expressions.get(i));
        store(spec.resultTypes().get(i));
      }
    }
    for (int entry = 0; entry < cursors.length; entry++) {
      switch (spec.access(entry)) {
        case CONTIGUOUS -> code.lload(cursors[entry]).loadConstant((long) spec.bytes(entry));
        case STRIDED -> code.lload(cursors[entry]).lload(locals.columnStride(entry));
        case SPLAT -> {
          continue;
        }
      }
      code.ladd().lstore(cursors[entry]);
    }
  }

  /// Long sums are taken in the widest type, so that their error stays below that of the elements.
  private Word sumWord() {
    return spec.resultTypes().getFirst().isFloat() ? Word.DOUBLE : Word.LONG;
  }

  private static double neutral(ReduceFn fold) {
    return switch (fold) {
      case SUM -> 0;
      case MAX -> Double.NEGATIVE_INFINITY;
    };
  }

  private void combine(ReduceFn fold, Word word) {
    ClassDesc type = word.desc();
    String name =
        switch (fold) {
          case SUM -> "sum";
          case MAX -> "max";
        };
    code.invokestatic(
        word == Word.LONG ? ClassDesc.of("java.lang.Long") : ClassDesc.of("java.lang.Double"),
        name,
        MethodTypeDesc.of(type, type, type));
  }

  /// Makes sure that the value is in a local variable, and says in which.
  private int value(TypedExpr expression) {
    Integer known = values.get(expression);
    if (known != null) {
      return known;
    }
    switch (expression) {
      case TypedExpr.Load(int operand, DType type) -> {
        code.lload(cursors[operand]);
        code.invokestatic(
            ELEMENTS, "load" + type, MethodTypeDesc.of(Word.of(type).desc(), CD_long));
      }
      case TypedExpr.Literal(double number, DType type) -> Word.of(type).push(code, number);
      case TypedExpr.Convert(DType to, TypedExpr from) -> {
        push(from);
        ScalarCalls.convert(code, from.type(), to);
      }
      case TypedExpr.Call call -> {
        // Outside any branch that only one side of a choice would take.
        call.args().forEach(this::value);
        ScalarCalls.call(code, call, this::push);
      }
    }
    int local = code.allocateLocal(Word.of(expression.type()).kind());
    code.storeLocal(Word.of(expression.type()).kind(), local);
    values.put(expression, local);
    return local;
  }

  private void push(TypedExpr expression) {
    int local = value(expression);
    code.loadLocal(Word.of(expression.type()).kind(), local);
  }

  private void store(DType type) {
    code.invokestatic(
        ELEMENTS,
        "store" + type,
        MethodTypeDesc.of(ConstantDescs.CD_void, CD_long, Word.of(type).desc()));
  }
}
