package io.griffinfly.engine.egraph;

import io.griffinfly.engine.egraph.TransformerGraph.Fact;
import io.griffinfly.engine.egraph.TransformerGraph.Op;
import java.util.Arrays;
import java.util.List;

/// Saturates and extracts training graphs of several depths and prints what came of it and how long
/// it took in milliseconds: the first run in this JVM, the best and the median of all.
public final class TransformerScale {
  private static final int RUNS = 30;

  private TransformerScale() {}

  /// Measures.
  ///
  /// @param args numbers of layers; 30 by default
  public static void main(String[] args) {
    List<Rule<Op, Fact>> rules = TransformerRules.all();
    System.out.println(rules.size() + " rules");
    String[] depths = args.length == 0 ? new String[] {"30"} : args;
    for (String layers : depths) {
      Sample[] samples = new Sample[RUNS];
      for (int run = 0; run < RUNS; run++) {
        samples[run] = Sample.take(Integer.parseInt(layers), rules);
      }
      System.out.println(layers + " layers, first run: " + samples[0]);
      Arrays.sort(samples, (a, b) -> Double.compare(a.total(), b.total()));
      System.out.println(layers + " layers, best run: " + samples[0]);
      System.out.println(layers + " layers, median run: " + samples[RUNS / 2]);
      System.out.println(samples[0].text());
    }
  }

  private record Sample(double saturate, double extract, Report report, String text) {
    static Sample take(int layers, List<Rule<Op, Fact>> rules) {
      TransformerGraph source = TransformerGraph.of(layers);
      int input = source.graph().liveCount();
      long start = System.nanoTime();
      Report report = new Runner<>(rules, Limits.forSize(input)).run(source.graph());
      long saturated = System.nanoTime();
      Extraction extraction =
          new Extractor<>(source.graph(), TransformerRules::microseconds, 4)
              .extract(source.roots());
      long end = System.nanoTime();
      String text =
          String.format(
              "  %d nodes in, %d nodes and %d classes out, %d iterations, %s%n  %s, %d nodes chosen",
              input,
              report.nodes(),
              report.classes(),
              report.iterations(),
              report.stop(),
              extraction.costs(),
              extraction.order().length);
      return new Sample((saturated - start) / 1e6, (end - saturated) / 1e6, report, text);
    }

    double total() {
      return saturate + extract;
    }

    @Override
    public String toString() {
      return String.format(
          "saturate %.1f ms, extract %.1f, together %.1f (search %.1f, apply %.1f, rebuild %.1f)",
          saturate,
          extract,
          total(),
          report.searchNanos() / 1e6,
          report.applyNanos() / 1e6,
          report.rebuildNanos() / 1e6);
    }
  }
}
