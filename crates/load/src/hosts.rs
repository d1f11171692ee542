//! The successes of each host that responded.

use std::{collections::BTreeMap, time::Duration};

use crate::{histogram::Latencies, server_text::short};

/// The maximum number of hosts; further hosts count as one.
const MAX_HOSTS: usize = 32;
const OTHER_HOSTS: &str = "(others)";

/// The latencies of each host.
#[derive(Default)]
pub(crate) struct Hosts(BTreeMap<String, Latencies>);

impl Hosts {
    pub(crate) fn record(&mut self, host: &str, latency: Duration) {
        self.of(host).record(latency);
    }

    /// Adds the counts of another thread.
    pub(crate) fn add(&mut self, other: &Self) {
        for (host, latencies) in other.iter() {
            self.of(host).add(latencies);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Latencies)> {
        self.0.iter().map(|(host, latencies)| (&**host, latencies))
    }

    fn of(&mut self, host: &str) -> &mut Latencies {
        let host = match self.0.len() {
            MAX_HOSTS.. if !self.0.contains_key(host) => OTHER_HOSTS,
            _ => host,
        };
        // Only the first response of a host copies its name.
        if !self.0.contains_key(host) {
            let latencies = || Latencies::new(2);
            return self.0.entry(short(host)).or_insert_with(latencies);
        }
        self.0.get_mut(host).expect("it is there")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(numbers: std::ops::Range<u32>) -> Hosts {
        let mut hosts = Hosts::default();
        for number in numbers {
            hosts.record(&format!("host-{number}"), Duration::from_millis(20));
        }
        hosts
    }

    #[test]
    fn stay_few() {
        let hosts = hosts(0..100);
        assert_eq!(hosts.0.len(), MAX_HOSTS + 1);
        assert_eq!(hosts.0[OTHER_HOSTS].count(), 100 - MAX_HOSTS as u64);
    }

    #[test]
    fn of_several_threads_stay_few() {
        let mut all = hosts(0..40);
        all.add(&hosts(20..100));
        assert_eq!(all.0.len(), MAX_HOSTS + 1);
        assert_eq!(all.iter().map(|(_, it)| it.count()).sum::<u64>(), 120);
        assert_eq!(all.0["host-25"].count(), 2);
    }
}
