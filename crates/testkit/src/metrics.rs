//! What a server exposes at `/metrics`.

use std::collections::BTreeSet;

use crate::{Service, clients::http1, soon};

/// The text of one scrape.
#[derive(Clone, Debug)]
pub struct Scrape(pub String);

impl Scrape {
    /// Scrapes a service in the classic text format.
    ///
    /// # Panics
    /// If the service does not respond.
    pub async fn of(service: &Service) -> Self {
        Self::accepting(service, "text/plain").await
    }

    /// Scrapes a service in OpenMetrics.
    ///
    /// # Panics
    /// If the service does not respond.
    pub async fn openmetrics(service: &Service) -> Self {
        let accept = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;q=0.5";
        Self::accepting(service, accept).await
    }

    async fn accepting(service: &Service, accept: &str) -> Self {
        let request = http1().get(service.admin_url("/metrics"));
        let response = soon(request.header("accept", accept).send()).await.unwrap();
        assert_eq!(response.status(), 200);
        Self(response.text().await.unwrap())
    }

    /// Scrapes a service until `is_met`: a request is counted once its response has
    /// been sent.
    ///
    /// # Panics
    /// If that takes too long.
    pub async fn until(service: &Service, is_met: impl Fn(&Self) -> bool) -> Self {
        let mut scrape = Self::of(service).await;
        let met = async {
            while !is_met(&scrape) {
                scrape = Self::of(service).await;
            }
        };
        let met = tokio::time::timeout(crate::TIMEOUT, met).await;
        assert!(met.is_ok(), "{}", scrape.0);
        scrape
    }

    /// The sum of the series of this name whose labels contain all of these, for
    /// example `reason="max_requests"`; `None` if there are none.
    #[must_use]
    pub fn sum(&self, name: &str, labels: &[&str]) -> Option<f64> {
        let samples = self.samples().filter_map(|(series, value)| {
            let (found, rest) = series.split_once('{').unwrap_or((series, ""));
            let matches = found == name && labels.iter().all(|label| rest.contains(label));
            matches.then_some(value)
        });
        samples.reduce(|a, b| a + b)
    }

    /// The value of the one series of this name with these labels.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn value(&self, name: &str, labels: &[&str]) -> f64 {
        let sum = self.sum(name, labels);
        sum.unwrap_or_else(|| panic!("no {name} {labels:?}:\n{}", self.0))
    }

    /// The names of all series, with their labels.
    #[must_use]
    pub fn series(&self) -> BTreeSet<&str> {
        self.samples().map(|(series, _)| series).collect()
    }

    fn samples(&self) -> impl Iterator<Item = (&str, f64)> {
        let lines = self.0.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| {
            let sample = line.split_once(" # ").map_or(line, |(sample, _)| sample);
            let (series, value) = sample.rsplit_once(' ').expect("a series and a value");
            (series, value.parse().expect("a number"))
        })
    }
}
