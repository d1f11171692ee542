//! One worker: takes slots, calls, and records the results.

use std::{pin::pin, sync::Arc, time::Instant};

use telemetry::{Sampler, TraceContext};
use transport::{Channel, ChannelError, DeadlineTimer};

use crate::{
    call_error::{CallError, NOT_CONNECTED},
    connection::SharedConnection,
    exchange::{Attempt, Exchange, Outcome},
    host::Host,
    pacer::{Pacer, Slot},
    plan::LoadPlan,
    records::Records,
};

/// A worker: one call after another, on one connection.
pub(crate) struct Worker {
    plan: Arc<LoadPlan>,
    pacer: Arc<Pacer>,
    records: Arc<Records>,
    connection: SharedConnection,
    /// The connection's channel, until it fails.
    channel: Option<Channel>,
    exchange: Exchange,
    timer: DeadlineTimer,
}

impl Worker {
    pub(crate) fn new(
        plan: Arc<LoadPlan>,
        pacer: Arc<Pacer>,
        records: Arc<Records>,
        connection: SharedConnection,
    ) -> Self {
        Self {
            exchange: Exchange::new(&plan.dialer, &plan.options, &plan.name),
            plan,
            pacer,
            records,
            connection,
            channel: None,
            timer: DeadlineTimer::default(),
        }
    }

    /// Calls in every slot, until there are no more.
    pub(crate) async fn run(mut self) {
        while let Some(slot) = self.pacer.next().await {
            let is_measured = slot.due >= self.pacer.measured;
            if is_measured {
                self.records.start();
            }
            let traceparent = self.trace().map(|trace| trace.traceparent());
            let traced = traceparent.is_some();
            let attempt = Attempt {
                traceparent,
                timeout: None,
            };
            let (result, retried) = self.call(attempt, slot).await;
            let finished = Instant::now();
            let not_connected = matches!(&result, Err(error) if error.kind == NOT_CONNECTED);
            let outcome = Outcome {
                result: result.as_ref().map(host_name),
                retried,
                traced,
            };
            self.records.recorder().record(slot, finished, outcome);
            if not_connected && !self.pacer.is_open_loop() {
                // One error for each dial: without the wait, a closed loop would spin.
                tokio::select! {
                    () = self.connection.changed() => {}
                    () = self.pacer.stopped() => {}
                }
            }
        }
    }

    /// The trace of the next call, if it is sampled.
    fn trace(&self) -> Option<TraceContext> {
        let sampler = Sampler {
            parent_based: false,
            ratio: self.plan.trace,
        };
        // Random ids cost more than the rest of the decision.
        let trace = (sampler.ratio > 0.0).then(|| TraceContext::root(true))?;
        sampler.samples(trace.trace_id).then_some(trace)
    }

    /// Makes a call, and returns whether it was sent again. A call that the server has
    /// certainly not processed is sent again once, on another connection if its own
    /// takes no more calls (gRFC A6, transparent retries). A call that was not sent at
    /// all waits for the next connection.
    async fn call(&mut self, mut attempt: Attempt, slot: Slot) -> (Result<Host, CallError>, bool) {
        let mut retried = false;
        loop {
            let (mut channel, begun) = match self.channel.take() {
                Some(channel) => (channel, slot.sent),
                None => match self.connection.channel().await {
                    Ok(channel) => (channel, Instant::now()),
                    Err(why) => return (Err(CallError::not_connected(&why)), retried),
                },
            };
            let timeout = attempt.timeout.or(self.plan.options.timeout);
            let deadline = timeout.map(|timeout| (begun + timeout).into());
            let result = {
                // Pinned, because to move it costs more than all else around a call.
                let exchange = pin!(self.exchange.run(&mut channel, &attempt));
                self.timer.within(deadline, exchange).await
            };
            let status = match result {
                Ok(host) => {
                    self.channel = Some(channel);
                    return (Ok(host), retried);
                }
                Err(status) => status,
            };
            self.exchange.failed();
            match ChannelError::of_status(&status) {
                Some(ChannelError::NotSent(_)) => {}
                Some(ChannelError::NotProcessed(_)) if !retried => retried = true,
                _ => return (Err(CallError::new(&status, &channel)), retried),
            }
            let timeout = self.plan.options.timeout;
            attempt.timeout = timeout.map(|it| it.saturating_sub(slot.sent.elapsed()));
        }
    }
}

fn host_name(host: &Host) -> &str {
    host.as_ref()
        .and_then(|value| value.to_str().ok())
        .unwrap_or("unknown")
}
