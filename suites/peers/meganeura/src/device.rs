//! The Vulkan device that a request names.

use crate::failure::Failure;
use blade_graphics::{Context, DeviceReport, DeviceReportStatus};
use meganeura::{GpuOptions, init_gpu_context_with};
use serde_json::{Value, json};
use std::sync::Arc;

/// An open device.
pub struct Device {
    pub context: Arc<Context>,
    pub facts: Value,
}

fn reports() -> Result<Vec<DeviceReport>, Failure> {
    Context::enumerate().map_err(|error| Failure::NoDevice(format!("no Vulkan: {error}")))
}

fn facts(index: usize, report: &DeviceReport) -> Value {
    let info = &report.information;
    json!({
        "id": format!("vulkan:{index}"),
        "kind": if info.is_software_emulated { "software" } else { "vulkan" },
        "name": info.device_name,
        "driver": format!("{} {}", info.driver_name, info.driver_info).trim(),
    })
}

/// Every device that the framework could run on.
pub fn all() -> Result<Vec<Value>, Failure> {
    let usable = |report: &DeviceReport| matches!(report.status, DeviceReportStatus::Available { .. });
    let found = reports()?;
    Ok(found.iter().enumerate().filter(|(_, report)| usable(report)).map(|(i, report)| facts(i, report)).collect())
}

/// Opens `vulkan` (the first GPU, never a software device), `vulkan:N` or `vulkan:PART OF A NAME`.
pub fn open(asked: &str) -> Result<Device, Failure> {
    let which = match asked.split_once(':') {
        None if asked == "vulkan" => "",
        Some(("vulkan", which)) => which,
        _ => return Err(Failure::NoDevice(format!("device {asked}: meganeura runs on vulkan here"))),
    };
    let reports = reports()?;
    let matches = |index: usize, report: &DeviceReport| {
        let name = report.information.device_name.to_lowercase();
        match which {
            "" => !report.information.is_software_emulated,
            number if number.bytes().all(|b| b.is_ascii_digit()) => number == index.to_string(),
            part => name.contains(&part.to_lowercase()),
        }
    };
    let Some((index, report)) = reports.iter().enumerate().find(|(index, report)| matches(*index, report)) else {
        let names: Vec<&str> = reports.iter().map(|report| report.information.device_name.as_str()).collect();
        let hint = if which.is_empty() { ": a software device is taken by its name only" } else { "" };
        return Err(Failure::NoDevice(format!("no device {asked}; there is {}{hint}", names.join(", "))));
    };
    if let DeviceReportStatus::Rejected(reason) = &report.status {
        return Err(Failure::NoDevice(format!("{}: {reason}", report.information.device_name)));
    }
    let options = GpuOptions { device_id: Some(report.device_id), timing: false };
    let context = init_gpu_context_with(options).map_err(|error| Failure::NoDevice(error.to_string()))?;
    let opened = &context.device_information().device_name;
    if *opened != report.information.device_name {
        return Err(Failure::NoDevice(format!("asked for {}, got {opened}", report.information.device_name)));
    }
    Ok(Device { context: Arc::new(context), facts: facts(index, report) })
}
