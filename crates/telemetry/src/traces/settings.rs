//! The settings of the export, checked.

use std::time::Duration;

use anyhow::{bail, ensure};

use super::{collector::Collector, environment::Environment};
use crate::Sampler;

/// How to export spans.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) collector: Collector,
    pub(super) sampler: Sampler,
    pub(super) batch: Batch,
    /// `service.name` and the attributes of the resource.
    pub(super) service_name: Option<String>,
    pub(super) resource: Vec<(String, String)>,
}

/// How spans are gathered, with the defaults of the specification.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) queue: usize,
    pub(super) size: usize,
    pub(super) delay: Duration,
}

/// The largest queue: a span is up to 4 KiB.
const MAX_QUEUE: usize = 16_384;

impl Settings {
    /// The settings in these variables; `None` if the export is off.
    ///
    /// # Errors
    /// If a value is invalid: which, and what to write instead.
    pub(super) fn read(environment: &Environment) -> anyhow::Result<Option<Self>> {
        if environment.flag("OTEL_SDK_DISABLED")? {
            return Ok(None);
        }
        match environment.get("OTEL_TRACES_EXPORTER") {
            None | Some("otlp") => {}
            Some("none") => return Ok(None),
            Some(other) => {
                bail!("OTEL_TRACES_EXPORTER={other} is not supported; use otlp or none")
            }
        }
        let Some(collector) = Collector::read(environment)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            collector,
            sampler: sampler(environment)?,
            batch: batch(environment)?,
            service_name: environment.get("OTEL_SERVICE_NAME").map(str::to_owned),
            resource: environment.pairs("OTEL_RESOURCE_ATTRIBUTES")?,
        }))
    }
}

fn sampler(environment: &Environment) -> anyhow::Result<Sampler> {
    const ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";
    let name = environment.get("OTEL_TRACES_SAMPLER");
    let name = name.unwrap_or("parentbased_always_on");
    let (parent_based, root) = match name.strip_prefix("parentbased_") {
        Some(root) => (true, root),
        None => (false, name),
    };
    let ratio = match root {
        "always_on" => 1.0,
        "always_off" => 0.0,
        "traceidratio" => environment.number(&[ARGUMENT], 0.0, 1.0)?.unwrap_or(1.0),
        _ => bail!(
            "OTEL_TRACES_SAMPLER={name} is not supported; use always_on, always_off or \
             traceidratio, or one of them after parentbased_"
        ),
    };
    Ok(Sampler {
        parent_based,
        ratio,
    })
}

fn batch(environment: &Environment) -> anyhow::Result<Batch> {
    const QUEUE: &str = "OTEL_BSP_MAX_QUEUE_SIZE";
    const SIZE: &str = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE";
    let queue = environment.number(&[QUEUE], 1, MAX_QUEUE)?.unwrap_or(2048);
    let size = environment.number(&[SIZE], 1, MAX_QUEUE)?;
    ensure!(
        size.is_none_or(|size| size <= queue),
        "{SIZE} must not be greater than {QUEUE}, which is {queue}"
    );
    let delay = environment.number(&["OTEL_BSP_SCHEDULE_DELAY"], 1, 3_600_000)?;
    Ok(Batch {
        queue,
        size: size.unwrap_or(512).min(queue),
        delay: Duration::from_millis(delay.unwrap_or(5000)),
    })
}

#[cfg(test)]
mod tests;
