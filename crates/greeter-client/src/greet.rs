//! Greeting as often as asked, over one connection as long as it lasts.

use std::{error::Error, iter::successors, time::Duration};

use futures_util::{Stream, stream};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::sleep,
};
use tonic::Status;

use crate::{
    Connection, Dialer, Exit,
    call::{Call, Kind, Options},
    dial::{Channel, ChannelError},
    report::{Failure, Link, Reply, Reporter},
};

/// The shortest wait after a failed dial, so that `--repeat 0` does not hammer
/// a server that is down.
const REDIAL_DELAY: Duration = Duration::from_secs(1);

/// How often a call is made whose connection ends before an answer.
const ATTEMPTS: u32 = 3;

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

/// Greets until the plan is carried out, or a signal stops it. A first
/// connection that cannot be made ends it; a later failure is reported and the
/// next greeting tried. The exit is that of the first failure; a plan without
/// an end ends well when it is stopped.
pub async fn run(plan: &Plan, reporter: &mut Reporter) -> Exit {
    let mut exit = Exit::Success;
    tokio::select! {
        () = greetings(plan, reporter, &mut exit) => {}
        stopped = stopped() => if plan.repeat != 0 { keep_first(&mut exit, stopped) },
    }
    exit
}

/// Waits for SIGINT or SIGTERM, and tells the exit code that stands for it.
pub(crate) async fn stopped() -> Exit {
    let signals = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    match signals {
        (Ok(mut interrupt), Ok(mut terminate)) => tokio::select! {
            _ = interrupt.recv() => Exit::Interrupted,
            _ = terminate.recv() => Exit::Terminated,
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
    let mut connection = None;
    for call in 1_u64.. {
        let mut wait = plan.interval;
        match attempts(plan, &mut connection, reporter).await {
            Ok(()) => {}
            Err(Missed::Call(failed)) => keep_first(exit, failed),
            Err(Missed::Dial(failed)) => {
                keep_first(exit, failed);
                if call == 1 {
                    return;
                }
                wait = wait.max(REDIAL_DELAY);
            }
        }
        if call == calls || reporter.is_closed() {
            return;
        }
        sleep(wait).await;
    }
}

/// Why an attempt gave no greeting.
enum Missed {
    /// No connection could be made.
    Dial(Exit),
    /// The call failed.
    Call(Exit),
}

/// Makes one call, on the connection that there is or on a new one. Servers and
/// gateways renew connections, and a greeting may be repeated: if the connection
/// ends before an answer, the call is made anew on another.
async fn attempts(
    plan: &Plan,
    connection: &mut Option<Connection>,
    reporter: &mut Reporter,
) -> Result<(), Missed> {
    for left in (0..ATTEMPTS).rev() {
        if attempt(plan, connection, reporter, left == 0).await? {
            break;
        }
    }
    Ok(())
}

/// Makes one call; false if it is to be made anew, which the `last` is not.
async fn attempt(
    plan: &Plan,
    connection: &mut Option<Connection>,
    reporter: &mut Reporter,
    last: bool,
) -> Result<bool, Missed> {
    let open = connection.take().filter(|it| !it.channel.is_closed());
    let reused = open.is_some();
    let Connection { channel, facts } = match open {
        Some(open) => open,
        None => dial(plan, reporter).await?,
    };
    let link = Link {
        facts: &facts,
        reused,
    };
    let mut call = None;
    let exchanged = exchange(plan, &channel, &link, reporter, &mut call).await;
    let outcome = match exchanged {
        Ok(()) => Ok(true),
        Err(status) if !last && call.is_none() && is_transport(&status) => return Ok(false),
        Err(status) => {
            let failure = Failure::new(&status, channel.loss(), call.as_ref());
            reporter.failed(&link, &failure);
            Err(Missed::Call(failure.exit))
        }
    };
    *connection = Some(Connection { channel, facts });
    outcome
}

async fn dial(plan: &Plan, reporter: &mut Reporter) -> Result<Connection, Missed> {
    match plan.dialer.dial().await {
        Ok(connection) => {
            reporter.connected(&connection.facts);
            Ok(connection)
        }
        Err(failure) => {
            reporter.not_connected(&failure);
            Err(Missed::Dial(failure.error.exit()))
        }
    }
}

/// Whether a status comes from the connection, and not from the server.
fn is_transport(status: &Status) -> bool {
    successors(status.source(), |&cause| cause.source()).any(|cause| cause.is::<ChannelError>())
}

fn keep_first(exit: &mut Exit, failed: Exit) {
    if *exit == Exit::Success {
        *exit = failed;
    }
}

/// The call itself, whose replies are reported; it stays in `slot` for whoever
/// reports its failure.
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
