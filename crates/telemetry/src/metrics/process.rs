//! The process's own metrics, from `/proc`. The crates for this read a hundred
//! fields more, and would add to each image.

use std::{
    fmt, fs,
    time::{SystemTime, UNIX_EPOCH},
};

use prometheus_client::{collector::Collector, encoding::DescriptorEncoder};
use prometheus_client::{
    encoding::EncodeMetric,
    metrics::{MetricType, counter::ConstCounter},
    registry::Unit,
};

use super::server::Gauges;

/// Clock ticks of `/proc` in a second: Linux shows 100 to programs on every
/// architecture of the images.
const TICKS: f64 = 100.0;

#[derive(Debug)]
pub(super) struct Process {
    /// In seconds since 1970.
    started: f64,
}

impl Process {
    pub(super) fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            started: since.unwrap_or_default().as_secs_f64(),
        }
    }
}

/// A field of `/proc/self/status`, for example `VmRSS`.
fn status(text: &str, field: &str) -> Option<u64> {
    let line = text.lines().find_map(|it| it.strip_prefix(field))?;
    let number = line.strip_prefix(':')?.split_whitespace().next()?;
    number.parse().ok()
}

/// The CPU time of `/proc/self/stat`, of user and system, in seconds. The second
/// field is the program's name, in parentheses, and may contain spaces.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let ticks = |field: &str| field.parse::<f64>().ok();
    Some((ticks(fields.next()?)? + ticks(fields.next()?)?) / TICKS)
}

/// The soft limit of open files in `/proc/self/limits`.
fn max_fds(limits: &str) -> Option<u64> {
    let line = limits
        .lines()
        .find_map(|it| it.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn read(file: &str) -> String {
    fs::read_to_string(format!("/proc/self/{file}")).unwrap_or_default()
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        if let Some(seconds) = cpu_seconds(&read("stat")) {
            let counter = ConstCounter::new(seconds);
            let help = "CPU time of the process, of user and system.";
            let unit = Unit::Seconds;
            let metric =
                encoder.encode_descriptor("process_cpu", help, Some(&unit), MetricType::Counter)?;
            counter.encode(metric)?;
        }
        let mut gauges = Gauges(encoder);
        gauges.add(
            "process_start_time_seconds",
            "Start of the process, in seconds since 1970.",
            self.started,
        )?;
        let text = read("status");
        let fds = fs::read_dir("/proc/self/fd").map(|files| files.count() as u64);
        for (name, help, value) in [
            (
                "process_resident_memory_bytes",
                "Memory of the process that is in RAM.",
                status(&text, "VmRSS").map(|it| it * 1024),
            ),
            (
                "process_virtual_memory_bytes",
                "Address space of the process.",
                status(&text, "VmSize").map(|it| it * 1024),
            ),
            (
                "process_threads",
                "Threads of the process.",
                status(&text, "Threads"),
            ),
            ("process_open_fds", "Open file descriptors.", fds.ok()),
            (
                "process_max_fds",
                "Limit of open file descriptors.",
                max_fds(&read("limits")),
            ),
        ] {
            if let Some(value) = value {
                gauges.add(name, help, value)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_time_of_a_program_with_spaces_in_its_name() {
        let stat = "7 (a ) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        assert_eq!(cpu_seconds(""), None);
    }

    #[test]
    fn reads_the_files_of_this_process() {
        assert!(cpu_seconds(&read("stat")).is_some());
        assert!(status(&read("status"), "VmRSS").unwrap() > 0);
        assert!(status(&read("status"), "Threads").unwrap() > 0);
        assert!(max_fds(&read("limits")).unwrap() > 0);
    }
}
