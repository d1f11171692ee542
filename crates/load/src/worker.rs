//! One worker: takes slots, calls, and records the results.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use http::HeaderName;
use telemetry::{Sampler, TraceContext};
use transport::{ChannelError, call::Options};

use crate::{
    call_error::{CallError, NOT_CONNECTED},
    connection::SharedConnection,
    exchange::{Exchange, Host, OpenStream, Outcome},
    pacer::Pacer,
    recorder::Recorder,
};

/// What a worker needs.
pub(crate) struct Worker {
    pub(crate) connection: SharedConnection,
    pub(crate) pacer: Arc<Pacer>,
    pub(crate) recorder: Arc<Mutex<Recorder>>,
    pub(crate) options: Options,
    pub(crate) name: String,
    pub(crate) sampler: Sampler,
}

impl Worker {
    /// Calls in every slot, until there are no more.
    pub(crate) async fn run(mut self) {
        let mut stream = None;
        while let Some(slot) = self.pacer.next().await {
            let trace = TraceContext::root(true);
            let trace = self.sampler.samples(trace.trace_id).then_some(trace);
            let (result, retried) = self.call(&mut stream, trace.as_ref()).await;
            let finished = Instant::now();
            let not_connected = matches!(&result, Err(error) if error.kind == NOT_CONNECTED);
            if let Ok(mut recorder) = self.recorder.lock() {
                let result = result.as_ref().map(host_name);
                recorder.record(
                    slot,
                    finished,
                    Outcome {
                        result,
                        retried,
                        traced: trace.is_some(),
                    },
                );
            }
            if not_connected && !self.pacer.is_open_loop() {
                // One error for each dial: without the wait, a closed loop would spin.
                tokio::select! {
                    () = self.connection.changed() => {}
                    () = self.pacer.stopped() => {}
                }
            }
        }
    }

    /// Makes a call, and returns whether it was sent again. A call that the server has
    /// certainly not processed is sent again once, on another connection if its own
    /// takes no more calls (gRFC A6, transparent retries). A call that was not sent at
    /// all waits for the next connection.
    async fn call(
        &mut self,
        stream: &mut Option<OpenStream>,
        trace: Option<&TraceContext>,
    ) -> (Result<Host, CallError>, bool) {
        let started = Instant::now();
        let mut options = Cow::Borrowed(&self.options);
        if let Some(trace) = trace {
            let traceparent = HeaderName::from_static("traceparent");
            let headers = &mut options.to_mut().headers;
            headers.push((traceparent, trace.traceparent()));
        }
        let mut retried = false;
        loop {
            let channel = match self.connection.channel().await {
                Ok(channel) => channel,
                Err(why) => return (Err(CallError::not_connected(&why)), retried),
            };
            let exchange = Exchange {
                channel: &channel,
                options: &options,
                name: &self.name,
            };
            let status = match exchange.run(stream).await {
                Ok(host) => return (Ok(host), retried),
                Err(status) => status,
            };
            match ChannelError::of_status(&status) {
                Some(ChannelError::NotSent(_)) => {}
                Some(ChannelError::NotProcessed(_)) if !retried => retried = true,
                _ => return (Err(CallError::new(&status, &channel)), retried),
            }
            let left = |timeout: Duration| timeout.saturating_sub(started.elapsed());
            options.to_mut().timeout = self.options.timeout.map(left);
        }
    }
}

fn host_name(host: &Host) -> &str {
    host.as_ref()
        .and_then(|value| value.to_str().ok())
        .unwrap_or("unknown")
}
