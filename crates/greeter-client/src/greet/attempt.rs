//! One greeting, sent again if its connection ends before a response.

use futures_util::{Stream, stream};
use http::HeaderName;
use tokio::time::sleep;
use tonic::{Code, Status};
use transport::{
    Channel, ChannelError, Connection, Exit,
    call::{Call, Kind, Options},
};

use super::{
    GreetPlan, Trace,
    session::{Resends, Session},
};
use crate::{
    Failure,
    output::{Link, Reply, Reporter},
};

/// Why there was no greeting.
pub(super) enum GreetError {
    /// No connection could be made.
    Dial(Exit),
    /// The call failed.
    Call(Exit),
}

/// Makes one call, on the open connection or on a new one. Servers and gateways
/// renew connections, and a greeting may be repeated: if the connection ends
/// before a response, the call is sent again on another.
pub(super) async fn greet_once(
    plan: &GreetPlan,
    session: &mut Session,
    reporter: &mut Reporter,
) -> Result<(), GreetError> {
    let mut resends = Resends::new();
    while !attempt(plan, session, reporter, &mut resends).await? {}
    Ok(())
}

/// Makes one call. Returns false to send it again on another connection.
async fn attempt(
    plan: &GreetPlan,
    session: &mut Session,
    reporter: &mut Reporter,
    resends: &mut Resends,
) -> Result<bool, GreetError> {
    let (Connection { channel, report }, reused) = session
        .connect(plan, reporter)
        .await
        .map_err(GreetError::Dial)?;
    let link = Link {
        report: &report,
        reused,
        trace_id: plan.trace.as_ref().map(Trace::id),
    };
    let mut options = Options {
        timeout: plan.options.timeout.map(|it| resends.sending(it)),
        ..plan.options.clone()
    };
    let method = options.kind.method();
    let span = plan.trace.as_ref();
    let span = span.map(|trace| trace.call(&method, &plan.dialer.authority));
    if let Some(span) = &span {
        let traceparent = HeaderName::from_static("traceparent");
        options
            .headers
            .push((traceparent, span.context().traceparent()));
    }
    let names = names(plan);
    let mut call = None;
    let result = exchange(&options, names, &channel, &link, reporter, &mut call).await;
    if let Some(span) = span {
        let code = result.as_ref().err().map_or(Code::Ok, Status::code);
        span.end(code.into());
    }
    let result = match result {
        Ok(()) => Ok(true),
        Err(status) => match ChannelError::of_status(&status) {
            Some(error) if call.is_none() && resends.permit(error) => {
                reporter.resending(error);
                session.dials.ended(&channel);
                return Ok(false);
            }
            _ => {
                let failure = Failure::of_call(&status, &channel, call.as_ref()).await;
                reporter.failed(&link, &failure);
                Err(GreetError::Call(failure.exit))
            }
        },
    };
    session.connection = Some(Connection { channel, report });
    result
}

/// Makes the call and reports its replies. The call stays in `started`
/// for the report of its failure.
async fn exchange(
    options: &Options,
    names: impl Stream<Item = String> + Send + 'static,
    channel: &Channel,
    link: &Link<'_>,
    reporter: &mut Reporter,
    started: &mut Option<Call>,
) -> Result<(), Status> {
    let call = Call::start(channel.clone(), options, names).await?;
    let call = started.insert(call);
    while let Some(message) = call.next().await? {
        let reply = Reply::new(message, call);
        if options.kind == Kind::Unary {
            let trailers = call.trailers().await?;
            reporter.replied(link, &reply, Some(&trailers));
            return Ok(());
        }
        reporter.replied(link, &reply, None);
        if reporter.is_closed() {
            return Ok(());
        }
    }
    if options.kind == Kind::Unary {
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
