//! Greeting as often as asked, over one connection as long as it lasts.

use std::time::Duration;

use futures_util::{Stream, stream};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::sleep,
};
use tonic::Status;

use crate::{
    Connection, Dialer, Exit,
    call::{Call, Kind, Options},
    dial::Channel,
    report::{Failure, Link, Reply, Reporter},
};

/// The shortest wait after a failed dial, so that `--repeat 0` does not hammer
/// a server that is down.
const REDIAL_DELAY: Duration = Duration::from_secs(1);

/// What to do.
#[derive(Debug)]
pub struct Plan {
    /// The server.
    pub dialer: Dialer,
    /// Whom to greet.
    pub name: String,
    /// How to call.
    pub options: Options,
    /// How often; 0 is without end.
    pub repeat: u64,
    /// The wait between greetings.
    pub interval: Duration,
}

/// Greets until the plan is carried out, or SIGINT or SIGTERM comes. A first
/// connection that cannot be made ends it; a later failure is reported and the
/// next greeting tried. The exit is that of the first failure.
pub async fn run(plan: &Plan, reporter: &mut Reporter) -> Exit {
    let mut exit = Exit::Success;
    tokio::select! {
        () = greetings(plan, reporter, &mut exit) => {}
        () = stopped() => {}
    }
    exit
}

async fn stopped() {
    let signals = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    match signals {
        (Ok(mut interrupt), Ok(mut terminate)) => tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        },
        // Without handlers the signals end the process as they always did.
        _ => std::future::pending().await,
    }
}

async fn greetings(plan: &Plan, reporter: &mut Reporter, exit: &mut Exit) {
    let calls = match plan.options.kind {
        Kind::BidiStream => 1,
        Kind::Unary | Kind::ServerStream => plan.repeat,
    };
    let mut connection: Option<Connection> = None;
    for call in 1_u64.. {
        let mut wait = plan.interval;
        let reused = connection
            .as_ref()
            .is_some_and(|it| !it.channel.is_closed());
        if !reused {
            connection = match plan.dialer.dial().await {
                Ok(connection) => {
                    reporter.connected(&connection.facts);
                    Some(connection)
                }
                Err(failure) => {
                    keep_first(exit, failure.error.exit());
                    reporter.not_connected(&failure);
                    if call == 1 {
                        return;
                    }
                    wait = wait.max(REDIAL_DELAY);
                    None
                }
            };
        }
        if let Some(Connection { channel, facts }) = &connection
            && let Err(failed) = greet(plan, channel, &Link { facts, reused }, reporter).await
        {
            keep_first(exit, failed);
        }
        if call == calls || reporter.is_closed() {
            return;
        }
        sleep(wait).await;
    }
}

fn keep_first(exit: &mut Exit, failed: Exit) {
    if *exit == Exit::Success {
        *exit = failed;
    }
}

/// Makes one call, and reports each of its replies and its failure.
async fn greet(
    plan: &Plan,
    channel: &Channel,
    link: &Link<'_>,
    reporter: &mut Reporter,
) -> Result<(), Exit> {
    let mut call = None;
    exchange(plan, channel, link, reporter, &mut call)
        .await
        .map_err(|status| {
            let failure = Failure::new(&status, channel.loss(), call.as_ref());
            reporter.failed(link, &failure);
            failure.exit
        })
}

/// The call itself, which stays in `slot` for whoever reports its failure.
async fn exchange(
    plan: &Plan,
    channel: &Channel,
    link: &Link<'_>,
    reporter: &mut Reporter,
    slot: &mut Option<Call>,
) -> Result<(), Status> {
    let call = Call::start(channel.clone(), &plan.options, names(plan)).await?;
    let call = slot.insert(call);
    while let Some(message) = call.next().await? {
        let reply = Reply::new(message, call);
        if plan.options.kind == Kind::Unary {
            let trailers = call.trailers().await?;
            reporter.replied(link, &reply, Some(&trailers));
            return Ok(());
        }
        reporter.replied(link, &reply, None);
        if reporter.is_closed() {
            return Ok(());
        }
    }
    if plan.options.kind == Kind::Unary {
        return Err(Status::internal(
            "the server ended the call without a reply",
        ));
    }
    let trailers = call.trailers().await?;
    reporter.ended(link, call, &trailers);
    Ok(())
}

/// The names that one call sends: all of them on a bidirectional stream.
fn names(plan: &Plan) -> impl Stream<Item = String> + Send + use<> {
    let (name, interval) = (plan.name.clone(), plan.interval);
    let count = match (plan.options.kind, plan.repeat) {
        (Kind::BidiStream, 0) => u64::MAX,
        (Kind::BidiStream, repeat) => repeat,
        (Kind::Unary | Kind::ServerStream, _) => 1,
    };
    stream::unfold(0, move |sent| {
        let name = name.clone();
        async move {
            if sent == count {
                return None;
            }
            if sent > 0 {
                sleep(interval).await;
            }
            Some((name, sent + 1))
        }
    })
}
