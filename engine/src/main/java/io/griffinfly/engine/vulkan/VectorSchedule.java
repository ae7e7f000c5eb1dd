package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import java.util.List;
import java.util.Optional;

/// Products of a few rows on GPUs, which take as long as the weight takes to be read: [DotProduct]
/// where the weight lies along the depth, else [ColumnsProduct].
final class VectorSchedule implements VulkanSchedule {
  /// Most rows: from there on tiles read less.
  static final int MOST_ROWS = 8;

  private final List<Integer> columns;
  private final List<Integer> splits;

  VectorSchedule() {
    this(List.of(1, 2, 4), List.of(1, 2, 4, 8, 16, 32));
  }

  /// Some ways only.
  ///
  /// @param columns numbers of columns that lanes share, where the weight lies along the depth
  /// @param splits numbers of parts of the depth, elsewhere
  VectorSchedule(List<Integer> columns, List<Integer> splits) {
    this.columns = List.copyOf(columns);
    this.splits = List.copyOf(splits);
  }

  /// How a product is written.
  private sealed interface Plan {
    double micros();

    List<Stage> write(Product product, Workspace workspace, DeviceProfile.Gpu gpu);
  }

  private record Dots(DotPlan plan) implements Plan {
    @Override
    public double micros() {
      return plan.micros();
    }

    @Override
    public List<Stage> write(Product product, Workspace workspace, DeviceProfile.Gpu gpu) {
      return List.of(DotProduct.write(DotForm.of(product), plan, gpu));
    }
  }

  private record Columns(ColumnsPlan plan) implements Plan {
    @Override
    public double micros() {
      return plan.micros();
    }

    @Override
    public List<Stage> write(Product product, Workspace workspace, DeviceProfile.Gpu gpu) {
      return ColumnsProduct.write(product, plan, workspace, gpu);
    }
  }

  @Override
  public String name() {
    return "vectors";
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    if (!(spec instanceof KernelSpec.Contract contract) || contract.m() > MOST_ROWS) {
      return Optional.empty();
    }
    return VulkanSchedule.accepts(spec, operands, results, profile)
        .flatMap(gpu -> {
          Product product =
              Product.of(
                  contract,
                  VulkanSchedule.places(spec.operands(), operands, Slot.Operand::new),
                  new Place(new Slot.Result(0), spec.results().getFirst(), results.getFirst()));
          return plan(product, gpu)
              .map(plan -> {
                Workspace workspace = new Workspace();
                plan.write(product, workspace, gpu);
                return new Offer(plan.micros(), workspace.bytes());
              });
        });
  }

  private Optional<Plan> plan(Product product, DeviceProfile.Gpu gpu) {
    if (gpu.onCpu() || product.result().shape().size() == 0 || product.depth(0) == 0) {
      return Optional.empty();
    }
    DotForm form = DotForm.of(product);
    return form.isAlongDepth()
        ? DotPlan.fastest(form, columns, gpu).map(Dots::new)
        : ColumnsPlan.fastest(product, splits, gpu).map(Columns::new);
  }

  @Override
  public Stages write(
      KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    Product product = Product.of((KernelSpec.Contract) spec, operands, results.getFirst());
    Workspace workspace = new Workspace();
    List<Stage> stages = plan(product, gpu).orElseThrow().write(product, workspace, gpu);
    return new Stages(stages, workspace.bytes());
  }
}
