//! What the harness asks for, as far as this adapter reads it.

use crate::failure::Failure;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A request.
#[derive(Deserialize)]
pub struct Request {
    pub protocol: u32,
    pub variant: String,
    pub device: String,
    pub precision: String,
    pub threads: u32,
    pub nonce: String,
    pub programs: Vec<Spec>,
    pub sampling: Plan,
}

/// A program to run.
#[derive(Deserialize)]
pub struct Spec {
    pub name: String,
    pub kind: String,
    pub input_sets: Vec<BTreeMap<String, String>>,
    pub final_set: usize,
    pub outputs: Vec<String>,
    pub loss: Option<String>,
    pub learning_rate: f32,
    pub steps: usize,
    pub metric: Option<String>,
}

/// How a program is sampled.
#[derive(Deserialize)]
pub struct Plan {
    pub warmup_iterations: usize,
    pub warmup_ns: u64,
    pub warmup_cap_ns: u64,
    pub steady: bool,
    pub samples: u64,
    pub samples_ns: u64,
    pub sample_ns: u64,
}

/// The part of `case.json` that an adapter interprets.
#[derive(Deserialize)]
pub struct Case {
    pub arch: String,
    pub hparams: HyperParameters,
}

/// What a Llama model is built from.
#[derive(Deserialize)]
pub struct HyperParameters {
    pub hidden: usize,
    pub layers: usize,
    pub heads: u32,
    pub kv_heads: u32,
    pub ffn: usize,
    pub vocab: usize,
    pub rope_theta: f32,
    pub rms_eps: f32,
}

impl Request {
    /// Reads a request and refuses what this adapter cannot do.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let request: Request = serde_json::from_slice(&std::fs::read(path)?)
            .map_err(|error| Failure::Internal(format!("request: {error}")))?;
        if request.protocol != 1 {
            return Err(Failure::Unsupported(format!("protocol {}; this adapter speaks 1", request.protocol)));
        }
        if request.precision != "fp32" {
            return Err(Failure::Unsupported(format!("precision {}: only fp32", request.precision)));
        }
        if request.variant != "default" {
            return Err(Failure::Unsupported(format!("variant {}: there is only default", request.variant)));
        }
        request.programs.iter().try_for_each(Spec::check)?;
        Ok(request)
    }
}

impl Spec {
    fn check(&self) -> Result<(), Failure> {
        let loss = self.loss.as_deref();
        let known = match self.kind.as_str() {
            "forward" => loss.is_none(),
            "gradients" => matches!(loss, Some("native" | "probe")),
            "train_sgd" => loss == Some("native"),
            _ => false,
        };
        if !known || self.outputs.iter().any(|output| output != "logits") {
            return Err(Failure::Unsupported(format!(
                "program {} is of kind {} with loss {loss:?} and outputs {:?}, which this adapter does not know",
                self.name, self.kind, self.outputs
            )));
        }
        Ok(())
    }
}

impl Case {
    /// Reads `case.json`.
    pub fn read(folder: &Path) -> Result<Self, Failure> {
        let text =
            std::fs::read(folder.join("case.json")).map_err(|error| Failure::BadCase(format!("case.json: {error}")))?;
        let case: Case =
            serde_json::from_slice(&text).map_err(|error| Failure::BadCase(format!("case.json: {error}")))?;
        if case.arch != "llama" {
            return Err(Failure::Unsupported(format!("architecture {}: only llama", case.arch)));
        }
        Ok(case)
    }
}
