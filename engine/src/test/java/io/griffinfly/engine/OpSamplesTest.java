package io.griffinfly.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.OpCatalogue;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class OpSamplesTest {
  @Test
  void everyOperationHasASample() {
    Set<String> sampled = new TreeSet<>();
    for (OpSamples.Sample sample : OpSamples.of(DType.F32)) {
      var g = new GraphBuilder();
      List<Node> inputs = new ArrayList<>();
      for (OpSamples.Operand operand : sample.operands()) {
        inputs.add(
            g.input("x" + inputs.size(), operand.type().dtype(), operand.type().shape().dims()));
      }
      sample
          .apply(g, inputs)
          .forEach(result -> sampled.add(result.op().getClass().getSimpleName()));
      sampled.add(sample.op().getClass().getSimpleName());
    }
    assertEquals(new TreeSet<>(OpCatalogue.records().sequencedKeySet()), sampled);
  }
}
