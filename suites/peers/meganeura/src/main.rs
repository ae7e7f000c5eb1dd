//! The adapter of meganeura: one unit of work by `../PROTOCOL.md`.

mod bundle;
mod device;
mod failure;
mod model;
mod output;
mod program;
mod request;
mod sampling;

use bundle::TensorFile;
use device::Device;
use failure::Failure;
use model::Model;
use output::{Output, host_peak_bytes};
use program::Program;
use request::{Case, Request, Spec};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// The version that Cargo.toml pins.
const MEGANEURA: &str = "0.3.0";

struct Unit {
    mode: String,
    request: Request,
    device: Device,
    programs: Map<String, Value>,
    metrics: Map<String, Value>,
    load_ns: Option<u64>,
}

impl Unit {
    fn run(&mut self, case: &Path, output: &mut Output) -> Result<(), Failure> {
        let description = Case::read(case)?;
        output.progress(json!({"phase": "load"}))?;
        let model = Model::new(&description.hparams, TensorFile::open(case, "weights.safetensors")?)?;
        let inputs = TensorFile::open(case, "inputs.safetensors")?;
        let specs = std::mem::take(&mut self.request.programs);
        for spec in &specs {
            self.run_program(&model, spec, &inputs, output)?;
        }
        if self.mode != "compile" {
            output.progress(json!({"phase": "outputs"}))?;
            output.write_tensors(&self.request.nonce)?;
        }
        Ok(())
    }

    fn run_program(
        &mut self,
        model: &Model,
        spec: &Spec,
        inputs: &TensorFile,
        output: &mut Output,
    ) -> Result<(), Failure> {
        output.progress(json!({"phase": "compile", "program": spec.name}))?;
        let (mut program, compile_ns, load_ns) = Program::compile(model, spec, inputs, &self.device.context)?;
        // A session owns its weights: what the first one took to load is the time of loading.
        self.load_ns.get_or_insert(load_ns);
        let first_run_ns = program.timed(spec.final_set as i64);
        let mut timed = false;
        if let Some(metric) = spec.metric.as_ref().filter(|_| self.mode == "bench") {
            let samples = sampling::sample(&spec.name, &mut program, spec.final_set, &self.request.sampling, output)?;
            self.metrics.insert(metric.clone(), samples);
            timed = true;
        }
        let facts = json!({
            "compile_ns": compile_ns,
            "first_run_ns": first_run_ns,
            "lazy_compile": false,
            "host_peak_bytes": host_peak_bytes(),
        });
        self.programs.insert(spec.name.clone(), facts);
        if self.mode != "compile" {
            program.keep(timed, output)?;
        }
        Ok(())
    }

    fn result(self) -> Result<Value, Failure> {
        let mut device = self.device.facts;
        device["threads"] = json!(self.request.threads);
        let mut result = json!({
            "protocol": 1,
            "nonce": self.request.nonce,
            "framework": {
                "name": "meganeura", "version": MEGANEURA, "variant": self.request.variant, "backend": "vulkan",
                "exec_mode": "compiled", "precision_declared": "fp32", "flags": {},
            },
            "device": device,
        });
        if self.mode == "probe" {
            result["devices"] = json!(device::all()?);
        } else {
            result["load_ns"] = json!(self.load_ns.unwrap_or(0));
            result["programs"] = Value::Object(self.programs);
            result["metrics"] = Value::Object(self.metrics);
            result["notes"] = json!([]);
        }
        Ok(result)
    }
}

fn perform(arguments: &HashMap<String, String>, output: &mut Output) -> Result<(), Failure> {
    let request = Request::read(Path::new(&arguments["request"]))?;
    let device = device::open(&request.device)?;
    let mode = arguments["mode"].clone();
    let mut unit = Unit { mode, request, device, programs: Map::new(), metrics: Map::new(), load_ns: None };
    if unit.mode != "probe" {
        unit.run(Path::new(&arguments["case"]), output)?;
    }
    output.write_result(&unit.result()?)
}

fn arguments() -> Option<HashMap<String, String>> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let pairs = given.chunks(2).map(|pair| match pair {
        [flag, value] => flag.strip_prefix("--").map(|name| (name.to_string(), value.clone())),
        _ => None,
    });
    let found: HashMap<String, String> = pairs.collect::<Option<_>>()?;
    let complete = ["protocol", "case", "mode", "request", "out"].iter().all(|name| found.contains_key(*name));
    let known = ["probe", "compile", "verify", "bench"].contains(&found.get("mode")?.as_str());
    (complete && known && found["protocol"] == "1").then_some(found)
}

fn main() {
    let Some(arguments) = arguments() else {
        eprintln!("usage: --protocol 1 --case DIR --mode probe|compile|verify|bench --request FILE --out DIR");
        std::process::exit(2);
    };
    let mut output = Output::new(PathBuf::from(&arguments["out"]));
    // The library panics where it cannot go on.
    let outcome = catch_unwind(AssertUnwindSafe(|| perform(&arguments, &mut output)))
        .unwrap_or_else(|_| Err(Failure::Internal("meganeura panicked; its message is in the log".into())));
    if let Err(failure) = outcome {
        eprintln!("{failure}");
        if let Err(second) = output.write_reason(&failure) {
            eprintln!("{second}");
        }
        std::process::exit(failure.code());
    }
}
