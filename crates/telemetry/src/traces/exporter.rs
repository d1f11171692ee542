//! The export of spans: a queue, the thread of the SDK that batches them, and OTLP.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use opentelemetry::KeyValue;
use opentelemetry_otlp::{
    SpanExporter, WithExportConfig, WithHttpConfig, WithTonicConfig,
    tonic_types::metadata::MetadataMap,
};
use opentelemetry_sdk::{
    Resource,
    resource::TelemetryResourceDetector,
    trace::{BatchConfigBuilder, BatchSpanProcessor, SpanData, SpanProcessor},
};
use tokio::{runtime::Handle, task::spawn_blocking, time::timeout};

use super::{
    collector::{Collector, Protocol},
    http_client::Client,
    outage::Reporting,
    settings::Settings,
};
use crate::Version;

/// The longest time that the end of the process waits for the collector.
const FLUSH: Duration = Duration::from_secs(3);

/// The time for the thread to end once it has nothing to export.
const END: Duration = Duration::from_millis(100);

/// Exports spans in the background. A full queue drops spans: a request never waits.
#[derive(Debug)]
pub(super) struct Exporter(Arc<BatchSpanProcessor>);

impl Exporter {
    /// Starts the thread. Call it inside a Tokio runtime, which does the I/O.
    ///
    /// # Errors
    /// If the exporter cannot be built.
    pub(super) fn start(settings: &Settings, version: Version) -> anyhow::Result<Self> {
        let collector = &settings.collector;
        let exporter = exporter(collector)
            .with_context(|| format!("cannot export spans to {}", collector.url))?;
        let batch = BatchConfigBuilder::default()
            .with_max_queue_size(settings.batch.queue)
            .with_max_export_batch_size(settings.batch.size)
            .with_scheduled_delay(settings.batch.delay)
            .build();
        let exporter = Reporting::new(exporter, collector);
        let mut processor = BatchSpanProcessor::new(exporter, batch);
        processor.set_resource(&resource(settings, version));
        Ok(Self(Arc::new(processor)))
    }

    /// Puts a span into the queue.
    pub(super) fn export(&self, span: SpanData) {
        self.0.on_end(span);
    }

    /// Exports what is in the queue, for at most `limit`, and ends the export.
    ///
    /// # Errors
    /// If the collector has not accepted it in time.
    pub(super) async fn finish(&self, limit: Duration) -> anyhow::Result<()> {
        let processor = Arc::clone(&self.0);
        let flush = spawn_blocking(move || {
            // The result of a shutdown does not say whether the spans were accepted.
            let flushed = processor.force_flush();
            let _ = processor.shutdown_with_timeout(END);
            flushed
        });
        Ok(timeout(limit.min(FLUSH), flush).await???)
    }
}

fn exporter(collector: &Collector) -> anyhow::Result<SpanExporter> {
    let builder = SpanExporter::builder();
    Ok(match collector.protocol {
        Protocol::Grpc => builder
            .with_tonic()
            .with_endpoint(&collector.url)
            .with_timeout(collector.timeout)
            .with_metadata(MetadataMap::from_headers(collector.headers.clone()))
            .build()?,
        Protocol::HttpProtobuf => {
            let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
                Some((name.to_string(), value.to_str().ok()?.to_owned()))
            };
            builder
                .with_http()
                .with_protocol(opentelemetry_otlp::Protocol::HttpBinary)
                .with_endpoint(&collector.url)
                .with_timeout(collector.timeout)
                .with_headers(collector.headers.iter().filter_map(header).collect())
                .with_http_client(Client {
                    runtime: Handle::current(),
                    timeout: collector.timeout,
                })
                .build()?
        }
    })
}

/// What all spans of the process have in common.
fn resource(settings: &Settings, version: Version) -> Resource {
    let attribute = |(key, value): &(String, String)| KeyValue::new(key.clone(), value.clone());
    let resource = Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attribute(KeyValue::new("service.name", version.name))
        .with_attribute(KeyValue::new("service.version", version.version))
        .with_attributes(settings.resource.iter().map(attribute));
    match &settings.service_name {
        Some(name) => resource.with_service_name(name.clone()),
        None => resource,
    }
    .build()
}
