package io.griffinfly.engine.jvm;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/// Turns a [LoopSpec] into a hidden class. Each distinct spec is compiled once in a process, so
/// that sessions share what the just-in-time compiler has warmed up.
final class LoopCompiler {
  private static final ClassDesc NAME =
      ClassDesc.of(TileLoop.class.getPackageName(), "GeneratedLoop");
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
  private static final ConcurrentMap<LoopSpec, TileLoop> LOOPS = new ConcurrentHashMap<>();

  private LoopCompiler() {}

  static TileLoop compile(LoopSpec spec) {
    TileLoop known = LOOPS.get(spec);
    if (known == null) {
      // Not inside the map's lock: a fold compiles another loop.
      TileLoop made = make(spec);
      known = LOOPS.putIfAbsent(spec, made);
      if (known == null) {
        LoopWarmUp.add(spec, made);
        return made;
      }
    }
    return known;
  }

  private static TileLoop make(LoopSpec spec) {
    if (!LaneCompiler.accepts(spec)) {
      return define(spec, code -> ScalarLoopWriter.write(code, spec));
    }
    TileLoop whole = define(spec, code -> VectorLoopWriter.write(code, spec));
    return new VectorLoop(spec, whole, spec.fold() == null ? whole : compile(spec.withoutFold()));
  }

  private static TileLoop define(LoopSpec spec, Consumer<CodeBuilder> body) {
    byte[] bytes =
        ClassFile.of()
            .build(
                NAME,
                type -> {
                  type.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER);
                  type.withInterfaceSymbols(ClassDesc.of(TileLoop.class.getName()));
                  type.withMethodBody(
                      ConstantDescs.INIT_NAME,
                      ConstantDescs.MTD_void,
                      0,
                      code ->
                          code.aload(0)
                              .invokespecial(
                                  ConstantDescs.CD_Object,
                                  ConstantDescs.INIT_NAME,
                                  ConstantDescs.MTD_void)
                              .return_());
                  type.withMethodBody("run", TileLoop.RUN, ClassFile.ACC_PUBLIC, body);
                });
    try {
      MethodHandles.Lookup hidden = LOOKUP.defineHiddenClass(bytes, true);
      return (TileLoop)
          hidden.findConstructor(hidden.lookupClass(), MethodType.methodType(void.class)).invoke();
    } catch (Throwable e) {
      throw new IllegalStateException("the generated loop for " + spec + " is not valid", e);
    }
  }
}
