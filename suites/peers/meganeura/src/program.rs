//! One program of a request with its input sets bound.

use crate::bundle::TensorFile;
use crate::failure::Failure;
use crate::model::{Model, Objective};
use crate::output::Output;
use crate::request::Spec;
use blade_graphics::Context;
use meganeura::Session;
use std::sync::Arc;
use std::time::Instant;

/// The inputs of an iteration. Ids go along with every iteration: they are a few hundred bytes, and the library has no
/// other way to run on another set. What is large goes to the device once.
struct Sets {
    ids: Vec<Vec<u32>>,
    batch: Vec<usize>,
    objective: Objective,
    dense: Option<Vec<f32>>,
}

/// A program.
pub struct Program<'a> {
    model: &'a Model,
    spec: &'a Spec,
    session: Session,
    sets: Sets,
    logits: Vec<f32>,
}

/// Nanoseconds that an action took.
pub fn elapsed_ns(start: Instant) -> u64 {
    start.elapsed().as_nanos() as u64
}

impl Sets {
    fn read(model: &Model, spec: &Spec, inputs: &TensorFile) -> Result<Self, Failure> {
        let objective = match spec.loss.as_deref() {
            Some("native") => Objective::Native,
            Some("probe") => Objective::Probe,
            _ => Objective::None,
        };
        if objective != Objective::None && spec.input_sets.len() != 1 {
            return Err(Failure::Unsupported(format!("program {}: one input set with a loss", spec.name)));
        }
        let mut sets = Sets { ids: Vec::new(), batch: Vec::new(), objective, dense: None };
        for names in &spec.input_sets {
            let name = |input: &str| {
                names.get(input).ok_or_else(|| Failure::BadCase(format!("program {} has no {input}", spec.name)))
            };
            let (shape, ids) = inputs.indices(name("input_ids")?)?;
            if shape[..shape.len() - 1].iter().product::<usize>() != 1 {
                return Err(Failure::Unsupported(format!("ids {shape:?}: meganeura's SmolLM2 takes one sequence")));
            }
            sets.dense = match objective {
                Objective::None => None,
                Objective::Native => Some(one_hot(&inputs.indices(name("labels")?)?.1, model.vocab())),
                Objective::Probe => Some(divided(inputs.floats(name("probe.logits")?)?.1)),
            };
            sets.batch = shape;
            sets.ids.push(ids);
        }
        if sets.ids.iter().any(|ids| ids.len() != sets.ids[0].len()) {
            return Err(Failure::BadCase(format!("program {}: input sets of different shapes", spec.name)));
        }
        Ok(sets)
    }
}

/// Labels as the library takes them: a distribution for every position.
fn one_hot(labels: &[u32], vocab: usize) -> Vec<f32> {
    let mut rows = vec![0.0; labels.len() * vocab];
    labels.iter().enumerate().for_each(|(row, label)| rows[row * vocab + *label as usize] = 1.0);
    rows
}

/// The probe loss is sum(logits * probe) / sqrt(number of logits): the root goes into the probe.
fn divided(probe: Vec<f32>) -> Vec<f32> {
    let root = (probe.len() as f64).sqrt();
    probe.into_iter().map(|value| (f64::from(value) / root) as f32).collect()
}

impl<'a> Program<'a> {
    /// Compiles it and loads its weights; answers the nanoseconds of each.
    pub fn compile(
        model: &'a Model,
        spec: &'a Spec,
        inputs: &TensorFile,
        gpu: &Arc<Context>,
    ) -> Result<(Self, u64, u64), Failure> {
        let sets = Sets::read(model, spec, inputs)?;
        let start = Instant::now();
        let mut session = model.session(gpu, sets.ids[0].len(), sets.objective);
        let compile_ns = elapsed_ns(start);
        let start = Instant::now();
        model.load(&mut session)?;
        let load_ns = elapsed_ns(start);
        if let Some(dense) = &sets.dense {
            session.set_input(if sets.objective == Objective::Native { "labels" } else { "probe" }, dense);
        }
        if spec.kind == "train_sgd" {
            session.set_learning_rate(spec.learning_rate);
        }
        let logits = vec![0.0; sets.ids[0].len() * model.vocab()];
        Ok((Self { model, spec, session, sets, logits }, compile_ns, load_ns))
    }

    /// Starts an iteration on set `number` modulo the number of sets.
    pub fn run(&mut self, number: i64) {
        let set = number.rem_euclid(self.sets.ids.len() as i64) as usize;
        self.session.set_input_u32("token_ids", &self.sets.ids[set]);
        self.session.step();
    }

    /// Returns once the results of everything that was started are complete.
    pub fn wait(&mut self) {
        self.session.wait();
    }

    /// Nanoseconds of one iteration from an idle device to complete results.
    pub fn timed(&mut self, number: i64) -> u64 {
        let start = Instant::now();
        self.run(number);
        self.wait();
        elapsed_ns(start)
    }

    /// Copies to the host what the latest iteration returned.
    pub fn read_back(&mut self) {
        if self.spec.kind == "forward" {
            self.session.read_output_by_index(0, &mut self.logits);
        } else {
            std::hint::black_box(self.session.read_loss());
        }
    }

    /// Keeps what was timed, or in mode `verify` and for updates what a run of its own gives.
    pub fn keep(&mut self, timed: bool, output: &mut Output) -> Result<(), Failure> {
        let name = &self.spec.name;
        if self.spec.kind == "train_sgd" {
            if timed {
                output.losses(format!("{name}/timed_loss"), &[f64::from(self.session.read_loss())]);
            }
            return self.keep_updates(output);
        }
        if !timed {
            self.timed(self.spec.final_set as i64);
        }
        if !self.spec.outputs.is_empty() {
            let position = usize::from(self.spec.kind == "gradients");
            self.session.read_output_by_index(position, &mut self.logits);
            let shape = [self.sets.batch.as_slice(), &[self.model.vocab()]].concat();
            output.floats(format!("{name}/out/logits"), shape, &self.logits);
        }
        if self.spec.kind == "gradients" {
            output.losses(format!("{name}/loss"), &[f64::from(self.session.read_loss())]);
            for parameter in self.model.names() {
                let (shape, values) = self.model.gradient(&self.session, parameter);
                output.floats(format!("{name}/grad/{parameter}"), shape, &values);
            }
        }
        Ok(())
    }

    fn keep_updates(&mut self, output: &mut Output) -> Result<(), Failure> {
        let name = &self.spec.name;
        self.model.load(&mut self.session)?;
        let mut losses = Vec::new();
        for step in 0..self.spec.steps {
            self.timed(step as i64);
            losses.push(f64::from(self.session.read_loss()));
        }
        output.losses(format!("{name}/loss"), &losses);
        for parameter in self.model.names() {
            let (shape, values) = self.model.parameter(&self.session, parameter);
            output.floats(format!("{name}/param/{parameter}"), shape, &values);
        }
        Ok(())
    }
}
