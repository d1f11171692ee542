//! One greeting, sent again if its connection ends before a response.

use futures_util::{Stream, stream};
use tokio::time::sleep;
use tonic::Status;
use transport::{
    Channel, ChannelError, Connection, Exit,
    call::{Call, Kind},
};

use super::GreetPlan;
use crate::{
    Failure,
    output::{Link, Reply, Reporter},
};

/// The number of attempts while connections end before a response.
const ATTEMPTS: u32 = 3;

/// Why there was no greeting.
pub(super) enum GreetError {
    /// No connection could be made.
    Dial(Exit),
    /// The call failed.
    Call(Exit),
}

/// Makes one call, on the given connection or on a new one. Servers and gateways
/// renew connections, and a greeting may be repeated: if the connection ends
/// before a response, the call is sent again on another.
pub(super) async fn greet_once(
    plan: &GreetPlan,
    connection: &mut Option<Connection>,
    reporter: &mut Reporter,
) -> Result<(), GreetError> {
    for left in (0..ATTEMPTS).rev() {
        if attempt(plan, connection, reporter, left == 0).await? {
            break;
        }
    }
    Ok(())
}

/// Makes one call. Returns false to send it again on another connection, unless it
/// `is_last`.
async fn attempt(
    plan: &GreetPlan,
    connection: &mut Option<Connection>,
    reporter: &mut Reporter,
    is_last: bool,
) -> Result<bool, GreetError> {
    let open = connection.take().filter(|it| !it.channel.is_closed());
    let reused = open.is_some();
    let Connection { channel, report } = match open {
        Some(open) => open,
        None => dial(plan, reporter).await?,
    };
    let link = Link {
        report: &report,
        reused,
    };
    let mut call = None;
    let result = match exchange(plan, &channel, &link, reporter, &mut call).await {
        Ok(()) => Ok(true),
        Err(status) if !is_last && call.is_none() && ChannelError::of_status(&status).is_some() => {
            return Ok(false);
        }
        Err(status) => {
            let failure = Failure::of_call(&status, channel.close_error(), call.as_ref());
            reporter.failed(&link, &failure);
            Err(GreetError::Call(failure.exit))
        }
    };
    *connection = Some(Connection { channel, report });
    result
}

async fn dial(plan: &GreetPlan, reporter: &mut Reporter) -> Result<Connection, GreetError> {
    match plan.dialer.dial().await {
        Ok(connection) => {
            reporter.connected(&connection.report);
            Ok(connection)
        }
        Err(failure) => {
            reporter.not_connected(&failure);
            Err(GreetError::Dial(failure.error.cause().exit()))
        }
    }
}

/// Makes the call and reports its replies. The call stays in `started`
/// for the report of its failure.
async fn exchange(
    plan: &GreetPlan,
    channel: &Channel,
    link: &Link<'_>,
    reporter: &mut Reporter,
    started: &mut Option<Call>,
) -> Result<(), Status> {
    let call = Call::start(channel.clone(), &plan.options, names(plan)).await?;
    let call = started.insert(call);
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
fn names(plan: &GreetPlan) -> impl Stream<Item = String> + Send + use<> {
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
