//! Spans of this process, exported with OTLP if the environment names a collector.

mod client_span;
mod collector;
mod environment;
mod exporter;
mod http_client;
mod outage;
mod server_span;
mod settings;
mod span;

use std::time::Duration;

use http::HeaderMap;

pub use self::{client_span::ClientSpan, environment::Environment};
use self::{exporter::Exporter, settings::Settings, span::Span};
use crate::{RequestRecord, Sampler, TraceContext, Version};

/// The sampler and the export of spans.
#[derive(Debug)]
pub(crate) struct Traces {
    sampler: Sampler,
    /// `None` if no collector is configured.
    exporter: Option<Exporter>,
}

impl Traces {
    /// Starts the export that these variables configure.
    ///
    /// # Errors
    /// If a variable is invalid.
    pub(crate) fn start(environment: &Environment, version: Version) -> anyhow::Result<Self> {
        let Some(settings) = Settings::read(environment)? else {
            return Ok(Self {
                sampler: Sampler::PARENT_ONLY,
                exporter: None,
            });
        };
        Ok(Self {
            sampler: settings.sampler,
            exporter: Some(Exporter::start(&settings, version)?),
        })
    }

    /// Whether spans are exported.
    pub(crate) fn is_on(&self) -> bool {
        self.exporter.is_some()
    }

    /// The context of a request with these headers.
    pub(crate) fn context(&self, headers: &HeaderMap) -> TraceContext {
        TraceContext::extract(headers, &self.sampler)
    }

    /// Exports the span of a request, if it is sampled.
    pub(crate) fn record(&self, request: &RequestRecord<'_>) {
        if request.context.sampled {
            self.export(|| server_span::of(request));
        }
    }

    fn export<'a>(&self, span: impl FnOnce() -> Span<'a>) {
        if let Some(exporter) = &self.exporter {
            exporter.export(span().into_data());
        }
    }

    /// Exports what is left, for at most `limit`.
    ///
    /// # Errors
    /// If the collector has not accepted it in time.
    pub(crate) async fn finish(&self, limit: Duration) -> anyhow::Result<()> {
        match &self.exporter {
            Some(exporter) => exporter.finish(limit).await,
            None => Ok(()),
        }
    }
}
