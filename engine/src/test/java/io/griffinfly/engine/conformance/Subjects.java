package io.griffinfly.engine.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The devices that the suite runs on: `@MethodSource(Subjects.ALL)`.
public final class Subjects {
  /// The name that `@MethodSource` wants.
  public static final String ALL = "io.griffinfly.engine.conformance.Subjects#all";

  /// The same and devices whose kernels are chosen and written otherwise.
  public static final String ALL_KINDS = "io.griffinfly.engine.conformance.Subjects#allKinds";

  /// The name of those that stand for GPUs.
  public static final String GPUS = "io.griffinfly.engine.conformance.Subjects#gpus";

  /// All kinds, and those with matrix units.
  public static final String HALVES = "io.griffinfly.engine.conformance.Subjects#halves";

  /// The name of those with matrix units.
  public static final String MATRIX_UNITS = "io.griffinfly.engine.conformance.Subjects#matrixUnits";

  /// The name of those whose driver has matrix units of subgroups.
  public static final String FRAGMENTS = "io.griffinfly.engine.conformance.Subjects#fragments";

  private static final Subject JVM = new JvmSubject();

  private Subjects() {}

  /// Every device of this machine.
  public static Stream<Subject> all() {
    List<Subject> subjects = new ArrayList<>(List.of(JVM));
    SoftwareVulkan.ifPresent().ifPresent(subjects::add);
    return subjects.stream();
  }

  /// Every device of this machine, and two that stand for others.
  public static Stream<Subject> allKinds() {
    return Stream.concat(all(), SoftwareVulkan.asGpusIfPresent().stream());
  }

  /// All kinds, and those with matrix units.
  public static Stream<Subject> halves() {
    return Stream.concat(allKinds(), Stream.concat(matrixUnits(), fragments()));
  }

  /// The device whose driver has matrix units of subgroups.
  public static Stream<Subject> fragments() {
    return SoftwareVulkan.withFragmentsIfPresent().stream();
  }

  /// The devices with matrix units.
  public static Stream<Subject> matrixUnits() {
    return SoftwareVulkan.withMatrixUnitsIfPresent().stream();
  }

  /// The devices that stand for GPUs.
  public static Stream<Subject> gpus() {
    return SoftwareVulkan.asGpusIfPresent().stream();
  }
}
