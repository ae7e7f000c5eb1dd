package io.griffinfly.engine.vulkan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.conformance.SoftwareVulkan;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.engine.plan.DeviceAbsentException;
import io.griffinfly.engine.plan.DeviceException;
import io.griffinfly.engine.plan.DeviceLostException;
import io.griffinfly.engine.plan.DeviceMemory;
import io.griffinfly.engine.plan.DeviceMemoryException;
import io.griffinfly.engine.plan.Executable;
import io.griffinfly.engine.plan.ExecutionPlan;
import io.griffinfly.engine.plan.Planner;
import io.griffinfly.engine.plan.View;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lwjgl.vulkan.VK10;

class VulkanDeviceTest {
  private static final String NAME = "llvmpipe";

  /// `steps` products in a row, each of which reads what the one before it wrote.
  private static Graph chain(int steps) {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 8, 16);
    for (int i = 0; i < steps; i++) {
      x = g.matMul(x, g.parameter("w" + i, Initializer.zeros(), 16, 16));
    }
    g.output("y", x);
    return g.build();
  }

  /// Loads a plan of the chain and runs it once on ones and unit matrices times two.
  private static float[] run(VulkanDevice device, Barriers barriers, int steps) {
    ExecutionPlan plan =
        Planner.plan(chain(steps), device.profile(), device.schedules(), _ -> false);
    Map<Integer, DeviceMemory> states = new HashMap<>();
    for (View view : plan.states().values()) {
      float[] twice = new float[16 * 16];
      for (int i = 0; i < 16; i++) {
        twice[i * 17] = 2;
      }
      DeviceMemory memory = device.allocate(view.type().bytes());
      memory.write(0, Tensor.of(twice, 16, 16).data());
      states.put(view.buffer(), memory);
    }
    float[] ones = new float[8 * 16];
    java.util.Arrays.fill(ones, 1);
    try (VulkanExecutable executable = VulkanExecutable.load(device, plan, states, barriers)) {
      executable.write(
          Objects.requireNonNull(plan.inputs().get("x")), Tensor.of(ones, 8, 16).data());
      executable.prepare();
      executable.run();
      View y = Objects.requireNonNull(plan.outputs().get("y"));
      Tensor result = Tensor.zeros(y.type());
      executable.read(y, result.data());
      return result.toFloats();
    } finally {
      states.values().forEach(DeviceMemory::close);
    }
  }

  @Test
  void aMissingBarrierIsSeen() {
    SoftwareVulkan.require();
    List<String> complaints = new ArrayList<>();
    try (VulkanDevice device = VulkanDevice.open(NAME, SoftwareVulkan.validated(complaints))) {
      float[] eights = new float[8 * 16];
      java.util.Arrays.fill(eights, 8);
      assertArrayEquals(eights, run(device, new HazardBarriers(), 3));
      assertEquals(List.of(), complaints);
      run(device, _ -> false, 3);
      assertTrue(
          complaints.stream()
              .anyMatch(message -> message.replace('_', '-').contains("READ-AFTER-WRITE")),
          complaints::toString);
    }
  }

  @Test
  void productsOfHalvesGoToTheMatrixUnitsOfADevice() {
    VulkanDevice device = SoftwareVulkan.requireFragments();
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F16, 1024, 1024);
    g.output("y", g.matMul(x, g.input("w", DType.F16, 1024, 1024), false, true));
    ExecutionPlan plan = Planner.plan(g.build(), device.profile(), device.schedules(), _ -> false);
    assertEquals("fragments", plan.levels().getFirst().getFirst().schedule().name());
  }

  @Test
  void independentKernelsShareAnInterval() {
    VulkanDevice device = SoftwareVulkan.require();
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 8, 16);
    for (int i = 0; i < 5; i++) {
      g.output("y" + i, g.matMul(x, g.input("w" + i, DType.F32, 16, 16)));
    }
    ExecutionPlan plan = Planner.plan(g.build(), device.profile(), device.schedules(), _ -> false);
    try (VulkanExecutable executable =
        VulkanExecutable.load(device, plan, Map.of(), new HazardBarriers())) {
      assertEquals(5, executable.dispatches());
      // Behind the inputs' copies.
      assertEquals(1, executable.barriers());
    }
  }

  @Test
  void eachKernelIsTimed() {
    VulkanDevice device = SoftwareVulkan.require();
    ExecutionPlan plan = Planner.plan(chain(3), device.profile(), device.schedules(), _ -> false);
    Map<Integer, DeviceMemory> states = new HashMap<>();
    plan.states()
        .values()
        .forEach(view -> states.put(view.buffer(), device.allocate(view.type().bytes())));
    List<Long> starts = new ArrayList<>();
    List<Long> elapsed = new ArrayList<>();
    long before = System.nanoTime();
    try (Executable executable = device.load(plan, states)) {
      executable.prepare();
      for (int repeat = 0; repeat < 2; repeat++) {
        executable.run((_, start, nanos) -> {
          starts.add(start);
          elapsed.add(nanos);
        });
      }
    }
    long after = System.nanoTime();
    states.values().forEach(DeviceMemory::close);
    assertEquals(2 * plan.kernels(), elapsed.size());
    assertTrue(elapsed.stream().allMatch(nanos -> nanos >= 0), elapsed::toString);
    long sum = elapsed.stream().mapToLong(Long::longValue).sum();
    assertTrue(sum > 0 && sum < after - before, () -> sum + " of " + (after - before));
    for (int i = 1; i < starts.size(); i++) {
      assertTrue(starts.get(i) >= starts.get(i - 1), starts::toString);
    }
  }

  @Test
  void memoryHoldsWhatWasWrittenAndItsPartsAreParts() {
    Device device = SoftwareVulkan.require();
    try (DeviceMemory memory = device.allocate(1000);
        Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(1000);
      for (int i = 0; i < 1000; i++) {
        bytes.set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, (byte) (i * 7));
      }
      memory.write(0, bytes);
      MemorySegment part = arena.allocate(10);
      memory.slice(500, 100).read(3, part);
      assertEquals(-1, part.mismatch(bytes.asSlice(503, 10)));
      assertThrows(IndexOutOfBoundsException.class, () -> memory.read(995, part));
      assertThrows(IndexOutOfBoundsException.class, () -> memory.slice(500, 501));
    }
  }

  /// Larger than the staging buffer, so that it is copied in pieces.
  @Test
  void aLargeTensorIsCopiedInPieces() {
    Device device = SoftwareVulkan.require();
    long size = (40L << 20) + 12;
    try (DeviceMemory memory = device.allocate(size);
        Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(size, 8);
      for (long i = 0; i < size; i += 4) {
        bytes.set(java.lang.foreign.ValueLayout.JAVA_INT, i, (int) i * 31);
      }
      memory.write(0, bytes);
      MemorySegment again = arena.allocate(size, 8);
      memory.read(0, again);
      assertEquals(-1, again.mismatch(bytes));
    }
  }

  @Test
  void partsThatAreGivenBackAreTakenAgain() {
    VulkanDevice device = SoftwareVulkan.require();
    for (int repeat = 0; repeat < 200; repeat++) {
      List<DeviceMemory> all = new ArrayList<>();
      for (int i = 1; i < 20; i++) {
        all.add(device.allocate(i * 100_003L));
      }
      // 200 times 19 MB would not fit if they stayed.
      (repeat % 2 == 0 ? all : all.reversed()).forEach(DeviceMemory::close);
    }
  }

  @Test
  void tooMuchMemoryIsATypedError() {
    Device device = SoftwareVulkan.require();
    String message =
        String.valueOf(
            assertThrows(DeviceMemoryException.class, () -> device.allocate(1L << 45))
                .getMessage());
    assertTrue(message.endsWith("use a smaller batch or model"), message);
  }

  @Test
  void resultCodesAreTypedErrors() {
    assertTrue(Results.failure(VK10.VK_ERROR_DEVICE_LOST, "run") instanceof DeviceLostException);
    assertTrue(
        Results.failure(VK10.VK_ERROR_OUT_OF_DEVICE_MEMORY, "run")
            instanceof DeviceMemoryException);
    assertTrue(
        String.valueOf(
                Results.failure(VK10.VK_ERROR_INCOMPATIBLE_DRIVER, "start Vulkan").getMessage())
            .contains("apt install"));
    assertEquals(
        "cannot run: Vulkan returned -13",
        Results.failure(VK10.VK_ERROR_UNKNOWN, "run").getMessage());
  }

  @Test
  void aDeviceThatIsNotThereIsNamed() {
    SoftwareVulkan.require();
    DeviceAbsentException thrown =
        assertThrows(
            DeviceAbsentException.class,
            () -> VulkanDevice.open("no such thing", VulkanOptions.defaults().withoutCache()));
    assertTrue(String.valueOf(thrown.getMessage()).contains(NAME), thrown::toString);
    assertTrue(VulkanDevice.list().stream().anyMatch(info -> info.name().contains(NAME)));
  }

  @Test
  void aClosedDeviceSaysSoAndClosesAgain() {
    SoftwareVulkan.require();
    List<String> complaints = new ArrayList<>();
    VulkanDevice device = VulkanDevice.open(NAME, SoftwareVulkan.validated(complaints));
    DeviceMemory memory = device.allocate(64);
    ExecutionPlan plan = Planner.plan(chain(1), device.profile(), device.schedules(), _ -> false);
    View w = plan.states().firstEntry().getValue();
    Executable executable =
        device.load(plan, Map.of(w.buffer(), device.allocate(w.type().bytes())));
    device.close();
    assertThrows(DeviceException.class, () -> device.allocate(64));
    assertThrows(DeviceException.class, executable::run);
    executable.close();
    device.close();
    assertThrows(DeviceException.class, () -> memory.write(0, MemorySegment.ofArray(new byte[4])));
    // Nothing was destroyed twice or left behind.
    assertEquals(List.of(), complaints);
  }

  @TempDir Path folder;

  @Test
  void kernelsAreKeptOnDisk() throws IOException {
    SoftwareVulkan.require();
    for (int repeat = 0; repeat < 2; repeat++) {
      try (VulkanDevice device =
          VulkanDevice.open(NAME, VulkanOptions.defaults().withCache(folder))) {
        run(device, new HazardBarriers(), 1);
      }
      try (Stream<Path> files = Files.list(folder)) {
        List<String> names = files.map(file -> file.getFileName().toString()).sorted().toList();
        assertEquals(2, names.size(), names::toString);
        assertTrue(names.stream().anyMatch(name -> name.endsWith(".spv")), names::toString);
        assertTrue(names.stream().anyMatch(name -> name.endsWith(".pipelines")), names::toString);
      }
    }
    // What is damaged is compiled again.
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.write(file, new byte[100]);
      }
    }
    try (VulkanDevice device =
        VulkanDevice.open(NAME, VulkanOptions.defaults().withCache(folder))) {
      assertEquals(2, run(device, new HazardBarriers(), 1)[0]);
    }
  }

  /// A program that ends, one way or another, while the device is open and in use.
  static final class Leaves {
    private Leaves() {}

    public static void main(String[] arguments) {
      VulkanDevice device = VulkanDevice.open(NAME, VulkanOptions.defaults().withoutCache());
      run(device, new HazardBarriers(), 2);
      DeviceMemory memory = device.allocate(64);
      switch (arguments[0]) {
        case "returns" -> memory.write(0, MemorySegment.ofArray(new byte[8]).asReadOnly());
        case "exits" -> System.exit(0);
        default -> throw new IllegalStateException("on purpose");
      }
    }
  }

  @Test
  void aProcessEndsCleanlyWhileTheDeviceIsOpen() throws Exception {
    SoftwareVulkan.require();
    for (String how : List.of("returns", "exits", "throws")) {
      Path log = folder.resolve("log");
      String path =
          Stream.of("java.class.path", "jdk.module.path", "surefire.test.class.path")
              .map(System::getProperty)
              .filter(Objects::nonNull)
              .reduce((a, b) -> a + File.pathSeparator + b)
              .orElseThrow();
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  path
                      + File.pathSeparator
                      + Path.of("target", "test-classes")
                      + File.pathSeparator
                      + Path.of("target", "classes"),
                  Leaves.class.getName(),
                  how)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      int status = process.waitFor();
      String said = Files.readString(log);
      assertEquals(how.equals("throws") ? 1 : 0, status, said);
      assertTrue(how.equals("throws") == said.contains("on purpose"), said);
    }
  }
}
