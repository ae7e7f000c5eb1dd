//! Tensors of the bundle's files, read one at a time: the peak of resident memory should be the framework's.

use crate::failure::Failure;
use memmap2::Mmap;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorInfo};
use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// A safetensors file.
pub struct TensorFile {
    name: String,
    file: File,
    start: usize,
    tensors: HashMap<String, TensorInfo>,
}

impl TensorFile {
    /// Opens a file of the bundle and reads its header.
    pub fn open(folder: &Path, name: &str) -> Result<Self, Failure> {
        let bad = |error: &dyn std::fmt::Display| Failure::BadCase(format!("{name}: {error}"));
        let file = File::open(folder.join(name)).map_err(|error| bad(&error))?;
        // SAFETY: the bundle is read-only while an adapter runs. Only the header's pages are touched.
        let bytes = unsafe { Mmap::map(&file) }.map_err(|error| bad(&error))?;
        let (header, metadata) = SafeTensors::read_metadata(&bytes).map_err(|error| bad(&error))?;
        let tensors = metadata.tensors().into_iter().map(|(name, info)| (name, info.clone())).collect();
        Ok(Self { name: name.into(), file, start: 8 + header, tensors })
    }

    fn bad(&self, reason: &str) -> Failure {
        Failure::BadCase(format!("{}: {reason}", self.name))
    }

    /// The names of all tensors.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.tensors.keys()
    }

    fn read(&self, name: &str, dtype: Dtype) -> Result<(Vec<usize>, Vec<u8>), Failure> {
        let info = self.tensors.get(name).ok_or_else(|| self.bad(&format!("lacks {name}")))?;
        if info.dtype != dtype {
            return Err(self.bad(&format!("{name} is {:?}, expected {dtype:?}", info.dtype)));
        }
        let (first, end) = info.data_offsets;
        let mut bytes = vec![0; end - first];
        let offset = (self.start + first) as u64;
        self.file.read_exact_at(&mut bytes, offset).map_err(|error| self.bad(&error.to_string()))?;
        Ok((info.shape.clone(), bytes))
    }

    /// A single-precision tensor.
    pub fn floats(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>), Failure> {
        let (shape, bytes) = self.read(name, Dtype::F32)?;
        let (words, _) = bytes.as_chunks::<4>();
        Ok((shape, words.iter().map(|word| f32::from_le_bytes(*word)).collect()))
    }

    /// Indices: 64-bit integers that fit 32 bits.
    pub fn indices(&self, name: &str) -> Result<(Vec<usize>, Vec<u32>), Failure> {
        let (shape, bytes) = self.read(name, Dtype::I64)?;
        let (words, _) = bytes.as_chunks::<8>();
        let values: Result<Vec<u32>, _> = words.iter().map(|word| u32::try_from(i64::from_le_bytes(*word))).collect();
        let values = values.map_err(|_| self.bad(&format!("{name} has an index beyond 32 bits")))?;
        Ok((shape, values))
    }
}
