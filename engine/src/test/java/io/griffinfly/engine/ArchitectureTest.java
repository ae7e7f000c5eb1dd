package io.griffinfly.engine;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/// Holds the layers of the engine: a package may use packages of its own or a lower layer only.
class ArchitectureTest {
  private static final String ROOT = "io.griffinfly.engine.";

  /// Lowest first; docs/layout.md says what each package is for.
  private static final List<List<String>> LAYERS =
      List.of(
          List.of("ir", "egraph", "device"),
          List.of("ref", "nn"),
          List.of("grad", "opt", "io", "data"),
          List.of("kernel"),
          List.of("plan"),
          List.of("jvm", "vulkan", "tune"),
          List.of("run"),
          List.of("train"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.griffinfly.engine");

  private static final Map<String, Integer> LEVEL = levels();

  private static Map<String, Integer> levels() {
    Map<String, Integer> levels = new HashMap<>();
    for (int i = 0; i < LAYERS.size(); i++) {
      for (String name : LAYERS.get(i)) {
        levels.put(name, i);
      }
    }
    return levels;
  }

  private static String packageOf(JavaClass type) {
    String name = type.getPackageName();
    if (!name.startsWith(ROOT)) {
      return "";
    }
    String rest = name.substring(ROOT.length());
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }

  @Test
  void everyPackageHasALayer() {
    for (JavaClass type : CLASSES) {
      Assertions.assertTrue(
          LEVEL.containsKey(packageOf(type)), () -> type.getName() + " is in no known layer");
    }
  }

  @Test
  void arrowsPointDown() {
    ArchRuleDefinition.classes()
        .should(
            new ArchCondition<>("use only its own and lower layers") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                type.getDirectDependenciesFromSelf()
                    .forEach(dependency -> {
                      Integer from = LEVEL.get(packageOf(type));
                      Integer to = LEVEL.get(packageOf(dependency.getTargetClass()));
                      if (from != null && to != null && to > from) {
                        events.add(
                            SimpleConditionEvent.violated(dependency, dependency.getDescription()));
                      }
                    });
              }
            })
        .check(CLASSES);
  }

  @Test
  void noCycles() {
    slices().matching("io.griffinfly.engine.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void theEGraphKnowsNoAlgebra() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideInAPackage("..egraph..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("..engine.ir..", "..engine.opt..")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void onlyVulkanUsesLwjgl() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideOutsideOfPackage("..engine.vulkan..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.lwjgl..")
        .check(CLASSES);
  }

  @Test
  void devicesDoNotKnowEachOther() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideInAPackage("..engine.vulkan..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("..engine.jvm..")
        .check(CLASSES);
    ArchRuleDefinition.noClasses()
        .that()
        .resideInAPackage("..engine.jvm..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("..engine.vulkan..")
        .check(CLASSES);
  }

  @Test
  void onlyJvmUsesTheVectorApi() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideOutsideOfPackage("..engine.jvm..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.incubator..")
        .check(CLASSES);
  }
}
