//! The files that a unit leaves.

use crate::failure::Failure;
use safetensors::tensor::{Dtype, View};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{OpenOptions, rename, write};
use std::io::Write;
use std::path::PathBuf;

/// The folder of a unit.
pub struct Output {
    folder: PathBuf,
    tensors: Vec<(String, Stored)>,
}

struct Stored {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl View for &Stored {
    fn dtype(&self) -> Dtype {
        self.dtype
    }
    fn shape(&self) -> &[usize] {
        &self.shape
    }
    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }
    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

impl Output {
    /// The folder, empty so far.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, tensors: Vec::new() }
    }

    /// One line for whoever watches.
    pub fn progress(&self, line: Value) -> Result<(), Failure> {
        let path = self.folder.join("progress.jsonl");
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        writeln!(file, "{line}")?;
        Ok(())
    }

    /// Keeps a single-precision tensor.
    pub fn floats(&mut self, name: String, shape: Vec<usize>, values: &[f32]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensors.push((name, Stored { dtype: Dtype::F32, shape, bytes }));
    }

    /// Keeps losses.
    pub fn losses(&mut self, name: String, values: &[f64]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensors.push((name, Stored { dtype: Dtype::F64, shape: vec![values.len()], bytes }));
    }

    /// Writes what was kept.
    pub fn write_tensors(&self, nonce: &str) -> Result<(), Failure> {
        let partial = self.folder.join("outputs.safetensors.partial");
        let metadata = Some(HashMap::from([("nonce".to_string(), nonce.to_string())]));
        let tensors = self.tensors.iter().map(|(name, stored)| (name.as_str(), stored));
        safetensors::serialize_to_file(tensors, &metadata, &partial)
            .map_err(|error| Failure::Internal(format!("outputs: {error}")))?;
        rename(partial, self.folder.join("outputs.safetensors"))?;
        Ok(())
    }

    /// Writes `result.json`.
    pub fn write_result(&self, result: &Value) -> Result<(), Failure> {
        let partial = self.folder.join("result.json.partial");
        write(&partial, format!("{result:#}\n"))?;
        rename(partial, self.folder.join("result.json"))?;
        Ok(())
    }

    /// Writes why a unit ended.
    pub fn write_reason(&self, failure: &Failure) -> Result<(), Failure> {
        self.write_result(&json!({"protocol": 1, "reason": failure.to_string()}))
    }
}

/// Peak resident memory of this process, where the system says.
pub fn host_peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
