package io.griffinfly.engine.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.device.CoopShape;
import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.engine.plan.DeviceAbsentException;
import io.griffinfly.engine.vulkan.VulkanDevice;
import io.griffinfly.engine.vulkan.VulkanOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// The Vulkan device on Mesa's lavapipe, under the validation layer with synchronization
/// validation.
public final class SoftwareVulkan implements Subject {
  private static final String NAME = "llvmpipe";

  /// Those of an H100, for which kernels divide their work more finely.
  private static final int MANY_PROCESSORS = 132;

  /// Why there is no subject, or the subject.
  private static final Object FOUND = find(NAME, profile -> profile);

  /// The same, with the kernels of a GPU that promises no subgroup size.
  private static final Object WITHOUT_SUBGROUPS =
      find(NAME + " as a GPU without subgroups", profile -> asGpu(profile, false));

  /// The same, with the kernels of a GPU of many processors whose subgroups are as large as
  /// lavapipe's.
  private static final Object WITH_SUBGROUPS =
      find(NAME + " as a GPU", profile -> asGpu(profile, true));

  /// The same, with the matrix units of an H100, which other instructions stand for.
  private static final Object WITH_MATRIX_UNITS =
      find(
          NAME + " as a GPU whose workgroups have matrix units",
          profile -> asGpu(profile, true, matrixUnits()),
          source -> EmulatedMatrices.rewrite(source, matrixUnits()));

  /// The same, with the matrix units of subgroups that the driver itself lists.
  private static final Object WITH_FRAGMENTS = withFragments();

  private final String name;
  private final VulkanOptions options;
  private final List<String> complaints;
  private final VulkanDevice device;
  private final AtomicInteger turn = new AtomicInteger();

  private SoftwareVulkan(
      String name, VulkanOptions options, VulkanDevice device, List<String> complaints) {
    this.name = name;
    this.options = options;
    this.device = device;
    this.complaints = complaints;
  }

  /// Those that an H100 lists.
  private static List<CoopShape> matrixUnits() {
    return List.of(
        new CoopShape(CoopShape.Scope.WORKGROUP, 64, DType.F16, DType.F32, 16, 16, 16),
        new CoopShape(CoopShape.Scope.WORKGROUP, 128, DType.F16, DType.F32, 32, 16, 16),
        new CoopShape(CoopShape.Scope.WORKGROUP, 256, DType.F16, DType.F32, 32, 32, 16));
  }

  private static DeviceProfile asGpu(DeviceProfile profile, boolean subgroups) {
    return asGpu(profile, subgroups, List.of());
  }

  private static DeviceProfile asGpu(
      DeviceProfile profile, boolean subgroups, List<CoopShape> matrixUnits) {
    return new DeviceProfile(
        profile.name(),
        profile.launchMicros(),
        profile.flopsPerMicro(),
        profile.bytesPerMicro(),
        profile
            .gpu()
            .map(gpu ->
                new DeviceProfile.Gpu(
                    subgroups ? gpu.subgroupSize() : 0,
                    gpu.sharedBytes(),
                    gpu.workgroupLanes(),
                    gpu.workgroups(),
                    gpu.storageBytes(),
                    false,
                    matrixUnits,
                    subgroups ? MANY_PROCESSORS : gpu.processors())));
  }

  private static Object withFragments() {
    Object found =
        find(
            NAME + " as a GPU with matrix units",
            profile ->
                asGpu(
                    atRatesOfGpu(profile),
                    true,
                    profile.gpu().map(DeviceProfile.Gpu::coopShapes).orElseThrow()));
    if (found instanceof SoftwareVulkan subject && !subject.hasFragments()) {
      String name = subject.device.profile().name();
      subject.device.close();
      return name + " lists no products of halves by subgroups of one size";
    }
    return found;
  }

  /// The same at an H100's launches, operations and bytes: at lavapipe's no kernel would be chosen
  /// for its matrix units, because memory would take longer.
  private static DeviceProfile atRatesOfGpu(DeviceProfile profile) {
    return new DeviceProfile(profile.name(), 1.85, 65e6, 3.5e6, profile.gpu());
  }

  private boolean hasFragments() {
    return device.profile().gpu().stream()
        .filter(gpu -> gpu.subgroupSize() > 0)
        .flatMap(gpu -> gpu.coopShapes().stream())
        .anyMatch(shape ->
            shape.scope() == CoopShape.Scope.SUBGROUP
                && shape.operands() == DType.F16
                && shape.sums() == DType.F32);
  }

  private static Object find(String name, UnaryOperator<DeviceProfile> profile) {
    return find(name, profile, source -> source);
  }

  private static Object find(
      String name, UnaryOperator<DeviceProfile> profile, UnaryOperator<String> rewriting) {
    List<String> complaints = Collections.synchronizedList(new ArrayList<>());
    VulkanOptions options = validated(complaints).withProfile(profile).withRewriting(rewriting);
    try {
      VulkanDevice device = VulkanDevice.open(NAME, options);
      return new SoftwareVulkan(name, options, device, complaints);
    } catch (DeviceAbsentException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /// The subjects with the kernels of a GPU, one that promises no subgroup size and one that does.
  public static List<Subject> asGpusIfPresent() {
    return Stream.of(WITHOUT_SUBGROUPS, WITH_SUBGROUPS)
        .filter(Subject.class::isInstance)
        .map(Subject.class::cast)
        .toList();
  }

  /// The subject whose workgroups have matrix units.
  public static Optional<Subject> withMatrixUnitsIfPresent() {
    return WITH_MATRIX_UNITS instanceof SoftwareVulkan subject
        ? Optional.of(subject)
        : Optional.empty();
  }

  /// The subject whose driver has matrix units of subgroups.
  public static Optional<Subject> withFragmentsIfPresent() {
    return WITH_FRAGMENTS instanceof SoftwareVulkan subject
        ? Optional.of(subject)
        : Optional.empty();
  }

  /// Its device; a test that needs it is skipped, with the reason, where the driver has none.
  public static VulkanDevice requireFragments() {
    Assumptions.assumeTrue(WITH_FRAGMENTS instanceof SoftwareVulkan, WITH_FRAGMENTS::toString);
    return ((SoftwareVulkan) WITH_FRAGMENTS).device;
  }

  /// The subject, where lavapipe and the validation layer are installed.
  public static Optional<Subject> ifPresent() {
    return FOUND instanceof SoftwareVulkan subject ? Optional.of(subject) : Optional.empty();
  }

  /// The device; a test that needs it is skipped, with the reason, where it is not installed.
  public static VulkanDevice require() {
    Assumptions.assumeTrue(FOUND instanceof SoftwareVulkan, FOUND::toString);
    return ((SoftwareVulkan) FOUND).device;
  }

  /// The options of a device under validation.
  ///
  /// @param complaints takes its messages
  public static VulkanOptions validated(List<String> complaints) {
    return VulkanOptions.defaults().withoutCache().withValidation(complaints::add);
  }

  @Override
  public List<Device> devices() {
    return List.of(device);
  }

  @Override
  public Device open() {
    return VulkanDevice.open(NAME, options);
  }

  @Override
  public Optional<String> exclusion(KernelSpec spec) {
    boolean isDouble =
        Stream.concat(spec.operands().stream(), spec.results().stream())
                .map(TensorType::dtype)
                .anyMatch(type -> type == DType.F64)
            || (spec instanceof KernelSpec.Pointwise pointwise
                && pointwise.expressions().stream().anyMatch(SoftwareVulkan::hasDouble));
    return isDouble
        ? Optional.of("F64 is for host data: many GPUs have no arithmetic in it")
        : Optional.empty();
  }

  private static boolean hasDouble(ScalarExpr expression) {
    return switch (expression) {
      case ScalarExpr.Arg _, ScalarExpr.Scalar _ -> false;
      case ScalarExpr.Convert(DType to, ScalarExpr value) -> to == DType.F64 || hasDouble(value);
      case ScalarExpr.Apply(_, List<ScalarExpr> args) ->
          args.stream().anyMatch(SoftwareVulkan::hasDouble);
    };
  }

  /// The driver takes some 50 ms for each kernel that it has not seen.
  @Override
  public List<Lie> lies() {
    return Subject.lieInTurn(turn);
  }

  @Override
  public List<Lie> liesOfProducts() {
    return name.equals(NAME) ? Subject.allLies() : lies();
  }

  @Override
  public void requireNoComplaints() {
    List<String> found = List.copyOf(complaints);
    complaints.clear();
    assertEquals(List.of(), found);
  }

  @Override
  public String toString() {
    return "vulkan:" + name;
  }
}
