//! The protocol buffers of a profile, `perftools.profiles.Profile`.

use std::{
    collections::HashMap,
    io::{self, Write},
    time::UNIX_EPOCH,
};

use flate2::{Compression, write::GzEncoder};
use pprof::UnresolvedReport;
use prost::Message;

use super::mappings::{self, Mapping};

#[derive(Clone, PartialEq, Message)]
pub(super) struct Profile {
    #[prost(message, repeated, tag = "1")]
    pub(super) sample_types: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    pub(super) samples: Vec<Sample>,
    #[prost(message, repeated, tag = "3")]
    pub(super) mappings: Vec<CodeMapping>,
    #[prost(message, repeated, tag = "4")]
    pub(super) locations: Vec<Location>,
    #[prost(string, repeated, tag = "6")]
    pub(super) strings: Vec<String>,
    #[prost(int64, tag = "9")]
    time_nanos: i64,
    #[prost(int64, tag = "10")]
    duration_nanos: i64,
    #[prost(message, optional, tag = "11")]
    period_type: Option<ValueType>,
    #[prost(int64, tag = "12")]
    period: i64,
}

/// The type and the unit of a value, as indices of strings.
#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct ValueType {
    #[prost(int64, tag = "1")]
    kind: i64,
    #[prost(int64, tag = "2")]
    unit: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Sample {
    #[prost(uint64, repeated, tag = "1")]
    pub(super) locations: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    pub(super) values: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct CodeMapping {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(uint64, tag = "2")]
    start: u64,
    #[prost(uint64, tag = "3")]
    limit: u64,
    #[prost(uint64, tag = "4")]
    offset: u64,
    #[prost(int64, tag = "5")]
    file: i64,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Location {
    #[prost(uint64, tag = "1")]
    pub(super) id: u64,
    /// 0 if the address is in no mapping.
    #[prost(uint64, tag = "2")]
    pub(super) mapping: u64,
    #[prost(uint64, tag = "3")]
    pub(super) address: u64,
}

/// The first strings; the names of files follow.
const STRINGS: [&str; 5] = ["", "samples", "count", "cpu", "nanoseconds"];
const SAMPLES: ValueType = ValueType { kind: 1, unit: 2 };
const CPU: ValueType = ValueType { kind: 3, unit: 4 };

/// Encodes and compresses a report.
///
/// # Errors
/// If the mappings of the process cannot be read.
pub(super) fn profile(report: &UnresolvedReport) -> io::Result<Vec<u8>> {
    let files = mappings::read()?;
    let mut locations = Vec::new();
    let samples = samples(report, &files, &mut locations);
    let timing = &report.timing;
    let started = timing.start_time.duration_since(UNIX_EPOCH);
    let profile = Profile {
        sample_types: vec![SAMPLES, CPU],
        samples,
        mappings: (1_u64..)
            .zip(&files)
            .map(|(id, it)| code_mapping(id, it))
            .collect(),
        locations,
        strings: STRINGS
            .into_iter()
            .chain(files.iter().map(|it| it.file.as_str()))
            .map(str::to_owned)
            .collect(),
        time_nanos: started.map_or(0, |it| it.as_nanos() as i64),
        duration_nanos: timing.duration.as_nanos() as i64,
        period_type: Some(CPU),
        period: period(report),
    };
    let mut compressed = GzEncoder::new(Vec::new(), Compression::fast());
    compressed.write_all(&profile.encode_to_vec())?;
    compressed.finish()
}

/// Nanoseconds of CPU time between two samples.
fn period(report: &UnresolvedReport) -> i64 {
    1_000_000_000 / i64::from(report.timing.frequency.max(1))
}

fn code_mapping(id: u64, mapping: &Mapping) -> CodeMapping {
    CodeMapping {
        id,
        start: mapping.start,
        limit: mapping.end,
        offset: mapping.offset,
        file: STRINGS.len() as i64 + id as i64 - 1,
    }
}

/// The samples; adds their locations.
fn samples(
    report: &UnresolvedReport,
    files: &[Mapping],
    locations: &mut Vec<Location>,
) -> Vec<Sample> {
    let mut ids = HashMap::new();
    let mut location = |address: u64| {
        *ids.entry(address).or_insert_with(|| {
            let id = locations.len() as u64 + 1;
            let file = files
                .iter()
                .position(|it| (it.start..it.end).contains(&address));
            let mapping = file.map_or(0, |index| index as u64 + 1);
            locations.push(Location {
                id,
                mapping,
                address,
            });
            id
        })
    };
    let mut samples = Vec::new();
    for (stack, &count) in &report.data {
        // A caller's address is the one to return to, one after its call.
        let addresses = (0_u64..)
            .zip(&stack.frames)
            .map(|(depth, frame)| (frame.ip as u64).saturating_sub(depth.min(1)));
        samples.push(Sample {
            locations: addresses.map(&mut location).collect(),
            values: vec![count as i64, count as i64 * period(report)],
        });
    }
    samples
}
