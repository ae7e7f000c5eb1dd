//! Warm-up and samples of one program, as the protocol prescribes. Raw times only.

use crate::failure::Failure;
use crate::output::Output;
use crate::program::{Program, elapsed_ns};
use crate::request::Plan;
use serde_json::{Value, json};
use std::time::Instant;

/// Iterations over which a pace is judged.
const LAST: usize = 10;

fn median(times: &[u64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle] as f64
    } else {
        (sorted[middle - 1] as f64 + sorted[middle] as f64) / 2.0
    }
}

fn settled(times: &[u64]) -> bool {
    let count = times.len();
    count >= 2 * LAST
        && (median(&times[count - LAST..]) / median(&times[count - 2 * LAST..count - LAST]) - 1.0).abs() <= 0.01
}

/// Times of the untimed iterations, and whether the pace settled; true when that was not asked for.
fn warm_up(program: &mut Program, plan: &Plan) -> (Vec<u64>, bool) {
    let mut times = Vec::new();
    let mut spent = 0;
    loop {
        times.push(program.timed(times.len() as i64));
        spent += times[times.len() - 1];
        if times.len() < plan.warmup_iterations || spent < plan.warmup_ns {
            continue;
        }
        if !plan.steady || settled(&times) {
            return (times, true);
        }
        if spent >= plan.warmup_cap_ns {
            return (times, false);
        }
    }
}

/// Warms up and samples. Every clock starts and stops with the device idle.
pub fn sample(
    name: &str,
    program: &mut Program,
    final_set: usize,
    plan: &Plan,
    output: &Output,
) -> Result<Value, Failure> {
    output.progress(json!({"phase": "warmup", "program": name}))?;
    let (warm, steady) = warm_up(program, plan);
    let pace = median(&warm[warm.len().saturating_sub(LAST)..]);
    let batch = ((plan.sample_ns as f64 / pace).ceil() as u64).max(1);
    let count = ((plan.samples_ns as f64 / (batch as f64 * pace)).ceil() as u64).max(plan.samples);
    let start = Instant::now();
    program.read_back();
    let readback_ns = elapsed_ns(start);

    let mut samples = Vec::new();
    let mut iteration = final_set as i64 + 1 - (count * batch) as i64; // so that the last one runs final_set
    let first = Instant::now();
    for _ in 0..count {
        let start = Instant::now();
        for _ in 0..batch {
            program.run(iteration);
            iteration += 1;
        }
        program.wait();
        samples.push(elapsed_ns(start));
        let last = samples[samples.len() - 1];
        if last >= 1_000_000_000 {
            // A line costs microseconds: nothing beside a sample of a second.
            output.progress(
                json!({"phase": "sample", "program": name, "done": samples.len(), "of": count, "last_ns": last}),
            )?;
        }
    }
    program.read_back();
    let bracket_ns = elapsed_ns(first);
    Ok(json!({
        "warmup_iterations": warm.len(),
        "warmup_ns": warm.iter().sum::<u64>(),
        "steady": steady,
        "inner_batch": batch,
        "samples_ns": samples,
        "bracket_ns": bracket_ns,
        "readback_ns": readback_ns,
        "poisoned": false,
    }))
}
