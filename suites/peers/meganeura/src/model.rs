//! The case's model on meganeura: the library's own graph of SmolLM2 with the bundle's weights.

use crate::bundle::TensorFile;
use crate::failure::Failure;
use crate::request::HyperParameters;
use blade_graphics::Context;
use meganeura::graph::ParamTransform;
use meganeura::models::smollm2::{SmolLM2Config, build_graph, transposed_weight_names, weight_names};
use meganeura::{Graph, Mode, Session, SessionConfig};
use std::collections::HashSet;
use std::sync::Arc;

/// What a session minimizes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Objective {
    /// Nothing: logits alone.
    None,
    /// Mean cross-entropy over all positions.
    Native,
    /// The sum of logits times the input `probe`.
    Probe,
}

/// The model, its weights still in the file.
pub struct Model {
    config: SmolLM2Config,
    weights: TensorFile,
    names: Vec<String>,
    transposed: HashSet<String>,
}

/// Where a parameter's values lie in a session: in `columns` columns from `first` on of a matrix with `stride` columns.
struct Place {
    parameter: String,
    first: usize,
    columns: usize,
    stride: usize,
}

impl Model {
    /// Checks that the file holds exactly the model's parameters.
    pub fn new(hparams: &HyperParameters, weights: TensorFile) -> Result<Self, Failure> {
        let config = SmolLM2Config {
            vocab_size: hparams.vocab,
            hidden_size: hparams.hidden,
            num_hidden_layers: hparams.layers,
            num_attention_heads: hparams.heads,
            num_key_value_heads: hparams.kv_heads,
            intermediate_size: hparams.ffn,
            rms_norm_eps: hparams.rms_eps,
            rope_theta: hparams.rope_theta,
            tie_word_embeddings: true,
        };
        let names = weight_names(&config);
        let surplus = weights.names().find(|name| !names.contains(name)).cloned();
        if let Some(surplus) = surplus {
            return Err(Failure::BadCase(format!("weights.safetensors has a surplus {surplus}")));
        }
        let transposed = transposed_weight_names(&config).into_iter().collect();
        Ok(Self { config, weights, names, transposed })
    }

    /// Number of different tokens.
    pub fn vocab(&self) -> usize {
        self.config.vocab_size
    }

    /// Every parameter.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    fn shape(&self, name: &str) -> Vec<usize> {
        let (hidden, kv, ffn) = (self.config.hidden_size, self.config.kv_dim(), self.config.intermediate_size);
        match name.rsplit('.').nth(1).unwrap_or("") {
            "embed_tokens" => vec![self.config.vocab_size, hidden],
            "q_proj" | "o_proj" => vec![hidden, hidden],
            "k_proj" | "v_proj" => vec![kv, hidden],
            "gate_proj" | "up_proj" => vec![ffn, hidden],
            "down_proj" => vec![hidden, ffn],
            _ => vec![hidden],
        }
    }

    /// Compiles a session for so many tokens, without weights.
    pub fn session(&self, gpu: &Arc<Context>, length: usize, objective: Objective) -> Session {
        let mut graph = Graph::new();
        let logits = build_graph(&mut graph, &self.config, length);
        let shape = [length, self.config.vocab_size];
        let mode = match objective {
            Objective::None => {
                graph.set_outputs(vec![logits]);
                Mode::Inference
            }
            Objective::Native => {
                let labels = graph.input("labels", &shape);
                let loss = graph.cross_entropy_loss(logits, labels);
                graph.set_outputs(vec![loss, logits]);
                Mode::Training
            }
            Objective::Probe => {
                let probe = graph.input("probe", &shape);
                let weighted = graph.mul(logits, probe);
                let loss = graph.sum_all(weighted);
                graph.set_outputs(vec![loss, logits]);
                Mode::Training
            }
        };
        let config = SessionConfig { mode, gpu: Some(Arc::clone(gpu)), ..SessionConfig::default() };
        meganeura::build(&graph, config).0
    }

    /// Gives every parameter the bundle's values. The library keeps linear weights as [in, out].
    pub fn load(&self, session: &mut Session) -> Result<(), Failure> {
        for name in &self.names {
            let (shape, values) = self.weights.floats(name)?;
            if shape != self.shape(name) {
                return Err(Failure::BadCase(format!(
                    "weights.safetensors: {name} is {shape:?}, expected {:?}",
                    self.shape(name)
                )));
            }
            if self.transposed.contains(name) {
                session.set_parameter(name, &transpose(&values, shape[0], shape[1]));
            } else {
                session.set_parameter(name, &values);
            }
        }
        Ok(())
    }

    /// A parameter as the file has it.
    pub fn parameter(&self, session: &Session, name: &str) -> (Vec<usize>, Vec<f32>) {
        self.read(session, name, |parameter, out| session.read_param(parameter, out))
    }

    /// The gradient of a parameter, likewise.
    pub fn gradient(&self, session: &Session, name: &str) -> (Vec<usize>, Vec<f32>) {
        self.read(session, name, |parameter, out| session.read_param_grad(parameter, out))
    }

    fn read(&self, session: &Session, name: &str, read: impl Fn(&str, &mut [f32])) -> (Vec<usize>, Vec<f32>) {
        let shape = self.shape(name);
        if !self.transposed.contains(name) {
            let mut values = vec![0.0; shape.iter().product()];
            read(name, &mut values);
            return (shape, values);
        }
        let (outputs, inputs) = (shape[0], shape[1]);
        let place = place(session, name, outputs);
        let mut stored = vec![0.0; inputs * place.stride];
        read(&place.parameter, &mut stored);
        let columns = |row: usize| row * place.stride + place.first;
        let own: Vec<f32> =
            (0..inputs).flat_map(|row| stored[columns(row)..columns(row) + place.columns].iter().copied()).collect();
        (shape, transpose(&own, inputs, outputs))
    }
}

/// A weight that the optimizer packed with others lives on in the pack alone: its own buffer is neither read nor updated.
fn place(session: &Session, name: &str, columns: usize) -> Place {
    let plan = session.plan();
    for (buffer, sources, transform) in &plan.derived_params {
        if !matches!(transform, ParamTransform::HorizontalConcat) {
            continue;
        }
        let pack = plan.param_buffers.iter().find(|(_, candidate)| candidate == buffer);
        let position = sources.iter().position(|(source, _)| source == name);
        if let (Some((pack, _)), Some(position)) = (pack, position) {
            return Place {
                parameter: pack.clone(),
                first: sources[..position].iter().map(|(_, columns)| columns).sum(),
                columns,
                stride: sources.iter().map(|(_, columns)| columns).sum(),
            };
        }
    }
    Place { parameter: name.into(), first: 0, columns, stride: columns }
}

/// A matrix of so many rows and columns, transposed in blocks that stay in cache.
fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    const BLOCK: usize = 32;
    let mut out = vec![0.0; values.len()];
    for first_row in (0..rows).step_by(BLOCK) {
        for first_column in (0..columns).step_by(BLOCK) {
            for row in first_row..(first_row + BLOCK).min(rows) {
                for column in first_column..(first_column + BLOCK).min(columns) {
                    out[column * rows + row] = values[row * columns + column];
                }
            }
        }
    }
    out
}
