package io.griffinfly.engine.vulkan;

import static org.lwjgl.system.MemoryStack.stackPush;
import static org.lwjgl.vulkan.EXTSubgroupSizeControl.VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT_EXT;
import static org.lwjgl.vulkan.VK10.VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
import static org.lwjgl.vulkan.VK10.VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER;
import static org.lwjgl.vulkan.VK10.VK_SHADER_STAGE_COMPUTE_BIT;
import static org.lwjgl.vulkan.VK10.VK_SUCCESS;
import static org.lwjgl.vulkan.VK10.vkCreateComputePipelines;
import static org.lwjgl.vulkan.VK10.vkCreateDescriptorSetLayout;
import static org.lwjgl.vulkan.VK10.vkCreatePipelineCache;
import static org.lwjgl.vulkan.VK10.vkCreatePipelineLayout;
import static org.lwjgl.vulkan.VK10.vkCreateShaderModule;
import static org.lwjgl.vulkan.VK10.vkDestroyDescriptorSetLayout;
import static org.lwjgl.vulkan.VK10.vkDestroyPipeline;
import static org.lwjgl.vulkan.VK10.vkDestroyPipelineCache;
import static org.lwjgl.vulkan.VK10.vkDestroyPipelineLayout;
import static org.lwjgl.vulkan.VK10.vkDestroyShaderModule;
import static org.lwjgl.vulkan.VK10.vkGetPipelineCacheData;

import io.griffinfly.engine.vulkan.Shader.BindingKind;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.lwjgl.PointerBuffer;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.vulkan.VkComputePipelineCreateInfo;
import org.lwjgl.vulkan.VkDescriptorSetLayoutBinding;
import org.lwjgl.vulkan.VkDescriptorSetLayoutCreateInfo;
import org.lwjgl.vulkan.VkDevice;
import org.lwjgl.vulkan.VkPipelineCacheCreateInfo;
import org.lwjgl.vulkan.VkPipelineLayoutCreateInfo;
import org.lwjgl.vulkan.VkPipelineShaderStageCreateInfo;
import org.lwjgl.vulkan.VkPipelineShaderStageRequiredSubgroupSizeCreateInfoEXT;
import org.lwjgl.vulkan.VkShaderModuleCreateInfo;

/// The compiled kernels of a device, each compiled once, several at the same time.
final class Pipelines {
  /// Drivers compile recursively; one is known to have overrun a usual stack.
  private static final long STACK_BYTES = 64L << 20;

  private final Owned owned;
  private final VkDevice device;
  private final KernelCache cache;
  private final String cacheName;
  private final long driverCache;
  private final UnaryOperator<String> rewriting;
  private final Map<Shader, Pipeline> pipelines = new HashMap<>();
  private final Map<List<BindingKind>, long[]> layouts = new HashMap<>();

  /// @param owned destroys everything
  /// @param rewriting from the source of a kernel to what is compiled
  Pipelines(Context context, Owned owned, KernelCache cache, UnaryOperator<String> rewriting) {
    this.owned = owned;
    this.rewriting = rewriting;
    this.device = context.device();
    this.cache = cache;
    cacheName = context.adapter().identity() + ".pipelines";
    driverCache = driverCache(cache.get(cacheName));
    owned.add(() -> vkDestroyPipelineCache(device, driverCache, null));
  }

  private long driverCache(Optional<byte[]> content) {
    ByteBuffer data =
        content.map(bytes -> MemoryUtil.memAlloc(bytes.length).put(bytes).flip()).orElse(null);
    try (MemoryStack stack = stackPush()) {
      LongBuffer handle = stack.mallocLong(1);
      var info = VkPipelineCacheCreateInfo.calloc(stack).sType$Default();
      if (data != null) {
        info.pInitialData(data);
      }
      Results.check(vkCreatePipelineCache(device, info, null, handle), "make a pipeline cache");
      return handle.get(0);
    } finally {
      MemoryUtil.memFree(data);
    }
  }

  /// The pipelines of some shaders, compiling what is new.
  Map<Shader, Pipeline> get(Collection<Shader> shaders) {
    Map<Shader, Callable<Long>> missing = new LinkedHashMap<>();
    for (Shader shader : shaders) {
      if (!pipelines.containsKey(shader) && !missing.containsKey(shader)) {
        long layout = layout(shader.bindings())[1];
        missing.put(shader, () -> compile(shader, layout));
      }
    }
    if (!missing.isEmpty()) {
      compile(missing);
      save();
    }
    Map<Shader, Pipeline> found = new HashMap<>();
    shaders.forEach(shader -> found.put(shader, Objects.requireNonNull(pipelines.get(shader))));
    return found;
  }

  private void compile(Map<Shader, Callable<Long>> missing) {
    int threads = Math.min(missing.size(), Runtime.getRuntime().availableProcessors());
    RuntimeException failure = null;
    try (ExecutorService workers =
        Executors.newFixedThreadPool(
            threads, task -> new Thread(null, task, "griffinfly-pipelines", STACK_BYTES))) {
      Map<Shader, Future<Long>> results = new LinkedHashMap<>();
      missing.forEach((shader, task) -> results.put(shader, workers.submit(task)));
      for (Map.Entry<Shader, Future<Long>> result : results.entrySet()) {
        try {
          keep(result.getKey(), result.getValue().get());
        } catch (ExecutionException e) {
          failure = e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          failure = new IllegalStateException("interrupted while compiling kernels", e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void keep(Shader shader, long handle) {
    owned.add(() -> vkDestroyPipeline(device, handle, null));
    long[] layout = layout(shader.bindings());
    pipelines.put(shader, new Pipeline(handle, layout[1], layout[0]));
  }

  /// Layout of the descriptor set and of the pipeline.
  private long[] layout(List<BindingKind> kinds) {
    long[] known = layouts.get(kinds);
    if (known != null) {
      return known;
    }
    try (MemoryStack stack = stackPush()) {
      var bindings = VkDescriptorSetLayoutBinding.calloc(kinds.size(), stack);
      for (int i = 0; i < kinds.size(); i++) {
        bindings
            .get(i)
            .binding(i)
            .descriptorType(descriptorType(kinds.get(i)))
            .descriptorCount(1)
            .stageFlags(VK_SHADER_STAGE_COMPUTE_BIT);
      }
      LongBuffer handle = stack.mallocLong(1);
      var setInfo =
          VkDescriptorSetLayoutCreateInfo.calloc(stack).sType$Default().pBindings(bindings);
      Results.check(
          vkCreateDescriptorSetLayout(device, setInfo, null, handle), "make a set layout");
      long set = handle.get(0);
      owned.add(() -> vkDestroyDescriptorSetLayout(device, set, null));
      var info =
          VkPipelineLayoutCreateInfo.calloc(stack).sType$Default().pSetLayouts(stack.longs(set));
      Results.check(vkCreatePipelineLayout(device, info, null, handle), "make a pipeline layout");
      long pipeline = handle.get(0);
      owned.add(() -> vkDestroyPipelineLayout(device, pipeline, null));
      long[] made = {set, pipeline};
      layouts.put(List.copyOf(kinds), made);
      return made;
    }
  }

  static int descriptorType(BindingKind kind) {
    return switch (kind) {
      case BUFFER -> VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
      case TEXELS -> VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER;
    };
  }

  private byte[] spirv(String source) {
    String name = KernelCache.key(SpirvCompiler.VERSION + "\n" + source) + ".spv";
    Optional<byte[]> known = cache.get(name);
    if (known.isPresent()) {
      return known.get();
    }
    try (SpirvCompiler compiler = new SpirvCompiler()) {
      byte[] spirv = compiler.compile(source);
      cache.put(name, spirv);
      return spirv;
    }
  }

  private long compile(Shader shader, long layout) {
    byte[] spirv = spirv(rewriting.apply(shader.source()));
    ByteBuffer code = MemoryUtil.memAlloc(spirv.length).put(spirv).flip();
    try (MemoryStack stack = stackPush()) {
      LongBuffer handle = stack.mallocLong(1);
      var moduleInfo = VkShaderModuleCreateInfo.calloc(stack).sType$Default().pCode(code);
      Results.check(vkCreateShaderModule(device, moduleInfo, null, handle), "load a kernel");
      long module = handle.get(0);
      try {
        var stage =
            VkPipelineShaderStageCreateInfo.calloc(stack)
                .sType$Default()
                .stage(VK_SHADER_STAGE_COMPUTE_BIT)
                .module(module)
                .pName(stack.UTF8("main"));
        if (shader.subgroupSize() > 0) {
          stage
              .flags(VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT_EXT)
              .pNext(
                  VkPipelineShaderStageRequiredSubgroupSizeCreateInfoEXT.calloc(stack)
                      .sType$Default()
                      .requiredSubgroupSize(shader.subgroupSize()));
        }
        var info =
            VkComputePipelineCreateInfo.calloc(1, stack)
                .sType$Default()
                .stage(stage)
                .layout(layout);
        int result = vkCreateComputePipelines(device, driverCache, info, null, handle);
        Results.check(result, "compile a kernel");
        return handle.get(0);
      } finally {
        vkDestroyShaderModule(device, module, null);
      }
    } finally {
      MemoryUtil.memFree(code);
    }
  }

  /// Number of pipelines.
  int size() {
    return pipelines.size();
  }

  private void save() {
    try (MemoryStack stack = stackPush()) {
      PointerBuffer size = stack.mallocPointer(1);
      if (vkGetPipelineCacheData(device, driverCache, size, null) != VK_SUCCESS) {
        return;
      }
      ByteBuffer data = MemoryUtil.memAlloc(Math.toIntExact(size.get(0)));
      try {
        if (vkGetPipelineCacheData(device, driverCache, size, data) == VK_SUCCESS) {
          byte[] content = new byte[Math.toIntExact(size.get(0))];
          data.get(content);
          cache.put(cacheName, content);
        }
      } finally {
        MemoryUtil.memFree(data);
      }
    }
  }

  /// The device's shaders so far, for tests.
  List<Shader> shaders() {
    return new ArrayList<>(pipelines.keySet());
  }
}
