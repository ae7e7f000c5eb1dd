package io.griffinfly.models.smollm2;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.nn.Heads;
import io.griffinfly.engine.nn.Nn;
import io.griffinfly.engine.nn.RotaryTable;
import io.griffinfly.models.Objective;

/// The graph of a Llama decoder, in primitive operations, with Hugging Face's weight names. Tokens
/// of all sequences are rows of one matrix, `[batch·length, hidden]`; only attention tells the
/// sequences apart.
public final class LlamaGraph {
  /// Token identifiers, I64 `[batch, length]`.
  public static final String IDS = "input_ids";

  /// The target of each position, I64 `[batch, length]`; nothing is shifted.
  public static final String LABELS = "labels";

  /// Scores of every token at every position, F32 `[batch, length, vocabulary]`.
  public static final String LOGITS = "logits";

  /// The probe of the logits, of their type.
  public static final String PROBE = "probe." + LOGITS;

  private final GraphBuilder g = new GraphBuilder();
  private final LlamaConfig config;
  private final int batch;
  private final int length;
  private final Initializer initializer;
  private final RotaryTable rotary;

  private LlamaGraph(LlamaConfig config, int batch, int length) {
    this.config = config;
    this.batch = batch;
    this.length = length;
    this.initializer = new Initializer.Normal(config.initializerDeviation());
    this.rotary = RotaryTable.of(g, Nn.positions(g, length), config.headDim(), config.ropeTheta());
  }

  /// Builds a graph.
  ///
  /// @param config sizes and constants
  /// @param batch number of sequences
  /// @param length tokens of each
  /// @param objective which scalar it ends in: NATIVE is the mean cross-entropy of the labels
  /// @return the graph, with the output `logits`
  public static Graph of(LlamaConfig config, int batch, int length, Objective objective) {
    LlamaGraph llama = new LlamaGraph(config, batch, length);
    return llama.build(objective);
  }

  private Graph build(Objective objective) {
    Node ids = g.input(IDS, DType.I64, batch, length);
    Node embedding =
        Nn.embedding(g, "model.embed_tokens", config.vocabulary(), config.hidden(), initializer);
    Node hidden = g.take(embedding, g.reshape(ids, batch * length), 0);
    for (int layer = 0; layer < config.layers(); layer++) {
      hidden = block("model.layers." + layer, hidden);
    }
    Node normed = Nn.rmsNorm(g, "model.norm", hidden, config.rmsEpsilon());
    Node rows =
        config.tiedEmbeddings()
            ? Nn.timesTransposed(g, normed, embedding)
            : Nn.project(g, "lm_head", normed, config.vocabulary(), initializer);
    Node logits = g.output(LOGITS, g.reshape(rows, batch, length, config.vocabulary()));
    return switch (objective) {
      case NONE -> g.build();
      case NATIVE -> {
        Node labels = g.input(LABELS, DType.I64, batch, length);
        yield g.build(g.crossEntropy(rows, g.reshape(labels, batch * length)));
      }
      case PROBE -> {
        Node probe = g.input(PROBE, DType.F32, batch, length, config.vocabulary());
        yield g.build(Nn.probeLoss(g, logits, probe));
      }
    };
  }

  private Node block(String name, Node hidden) {
    Node normed = Nn.rmsNorm(g, name + ".input_layernorm", hidden, config.rmsEpsilon());
    Node attended = g.add(hidden, attention(name + ".self_attn", normed));
    Node again = Nn.rmsNorm(g, name + ".post_attention_layernorm", attended, config.rmsEpsilon());
    Node fed = Nn.gatedFeedForward(g, name + ".mlp", again, config.feedForward(), initializer);
    return g.add(attended, fed);
  }

  private Node attention(String name, Node rows) {
    Node query = rotary.apply(g, heads(name + ".q_proj", rows, config.heads()));
    Node key = rotary.apply(g, heads(name + ".k_proj", rows, config.keyValueHeads()));
    Node value = heads(name + ".v_proj", rows, config.keyValueHeads());
    double scale = 1 / Math.sqrt(config.headDim());
    Node mixed = Heads.merge(g, Heads.attend(g, query, key, value, scale, true));
    return Nn.project(g, name + ".o_proj", mixed, config.hidden(), initializer);
  }

  private Node heads(String name, Node rows, int count) {
    Node projected = Nn.project(g, name, rows, count * config.headDim(), initializer);
    return Heads.split(g, projected, batch, count);
  }
}
