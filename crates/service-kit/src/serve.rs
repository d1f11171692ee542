//! A server from start to exit: serving, lame duck, draining.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, bail};
use telemetry::{ServerState, Telemetry};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::{info, warn};

use crate::{
    Lifecycle, Limits, Listeners, Phase, ServiceConfig, admin,
    connections::{Connections, Routes, Workers, default_count},
    memory,
    router::RouterRoutes,
};

/// Connections and requests of the admin listener.
const ADMIN: u32 = 64;

/// The time for the streams that are still open at the end of a drain to end with
/// a status, which takes one round trip, before their connections are cut.
const CLOSING: Duration = Duration::from_secs(1);

/// The time to export the spans of connections that were cut.
const FLUSH: Duration = Duration::from_millis(500);

/// Cuts the connections when this is dropped, so that the workers end with the future
/// of [`serve`].
struct CutOnDrop(Arc<Connections>);

impl Drop for CutOnDrop {
    fn drop(&mut self) {
        self.0.drain.cancel();
        self.0.cut();
    }
}

/// Serves until `shutdown` completes, then drains: reports not ready
/// for `drain_delay`, stops accepting, sends GOAWAY, and waits for the requests
/// in flight. It returns at the latest `drain_timeout` after `shutdown`; shortly
/// before, the phase is [`Phase::Closing`].
///
/// # Errors
/// If the settings contradict each other, a TLS file or a listener cannot be used,
/// or the accept loop panics.
pub async fn serve<R: Routes + 'static>(
    listeners: Listeners,
    routes: impl Fn() -> R + Clone + Send + 'static,
    telemetry: Telemetry,
    lifecycle: Lifecycle,
    config: ServiceConfig,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    config.check()?;
    let tls = config.tls.acceptor()?;
    let with_tls = tls.is_some();
    let public = Connections::new(
        tls,
        config.limits.clone(),
        &lifecycle,
        telemetry.is_on().then(|| telemetry.clone()),
    );
    let _cut = CutOnDrop(Arc::clone(&public));
    let count = config.workers.unwrap_or_else(default_count);
    let workers = Workers::start(count, &public, routes)?;
    let (weak, state) = (Arc::downgrade(&public), lifecycle.clone());
    telemetry.read_state_with(move || ServerState {
        ready: state.is_ready(),
        ..weak.upgrade().map(|it| it.state()).unwrap_or_default()
    });
    // Probes and operators need few: the memory is for the public listener.
    let limits = Limits {
        max_connections: Some(ADMIN),
        max_requests: ADMIN,
        ..config.limits
    };
    let mut settings = config.settings;
    settings.set_default("--max-connections", public.max_connections);
    settings.set_default("--workers", count);
    let debug = config.admin_debug.then_some(settings);
    let admin = Connections::new(None, limits, &lifecycle, None);
    let routes = admin::routes(&telemetry, lifecycle.clone(), debug);
    let here = Workers::Here(Arc::new(RouterRoutes::from(routes)));
    let addresses = (
        listeners.public.local_addr()?,
        listeners.admin.local_addr()?,
    );
    tokio::spawn(admin.clone().accept(listeners.admin, here));
    let mut accepting = tokio::spawn(public.clone().accept(listeners.public, workers));
    lifecycle.advance(Phase::Serving);
    let version = telemetry.version();
    info!(
        program = version.name,
        version = version.version,
        commit = version.commit,
        public = %addresses.0,
        admin = %addresses.1,
        tls = with_tls,
        memory_limit = memory::limit(),
        max_connections = public.max_connections,
        workers = count,
        "listening"
    );

    tokio::select! {
        () = shutdown => {}
        ended = &mut accepting => bail!("the accept loop stopped unexpectedly: {ended:?}"),
    }
    let deadline = Instant::now() + config.drain_timeout;
    lifecycle.advance(Phase::LameDuck);
    info!(delay = ?config.drain_delay, "lame duck: not ready, still accepting");
    sleep(config.drain_delay).await;

    lifecycle.advance(Phase::Draining);
    public.drain.cancel();
    accepting.await.context("the accept loop failed")?;
    info!(open = public.open.len(), "draining");
    let left = deadline - Instant::now();
    if timeout(left - CLOSING.min(left / 2), public.open.wait())
        .await
        .is_err()
    {
        info!(open = public.open.len(), "closing: open streams end");
        lifecycle.advance(Phase::Closing);
    }
    let cut = match telemetry.exports_spans() {
        true => deadline - FLUSH.min(left / 4),
        false => deadline,
    };
    if timeout_at(cut, public.open.wait()).await.is_err() {
        warn!(
            cut = public.open.len(),
            "drain timeout reached: connections cut"
        );
        public.cut();
        public.open.wait().await;
    }
    if let Err(error) = telemetry.finish(deadline - Instant::now()).await {
        warn!(%error, "the last spans were not exported");
    }
    admin.drain.cancel();
    admin.cut();
    info!("stopped");
    Ok(())
}
