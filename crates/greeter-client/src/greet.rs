//! Greets as often as requested, and reuses the connection while it lasts.

mod attempt;
mod session;
mod trace;

use std::time::Duration;

use tokio::time::sleep;
use transport::{
    Dialer, Exit,
    call::{Kind, Options},
};

pub use self::trace::Trace;
use self::{
    attempt::{GreetError, greet_once},
    session::Session,
};
use crate::{output::Reporter, stop::stopped};

/// The shortest delay after a failed dial, so that `--repeat 0` does not flood a
/// server that is down.
const REDIAL_DELAY: Duration = Duration::from_secs(1);

/// The name to greet, and how often.
#[derive(Debug)]
pub struct GreetPlan {
    /// The server.
    pub dialer: Dialer,
    /// The name to greet.
    pub name: String,
    /// The trace of the calls; `None` without one.
    pub trace: Option<Trace>,
    /// How to call.
    pub options: Options,
    /// The number of greetings; 0 is without end.
    pub repeat: u64,
    /// The delay between greetings.
    pub interval: Duration,
}

/// Greets until the plan is complete, or a signal stops it. If the first dial
/// fails, the plan ends; after a later failure it continues. The exit code is
/// that of the first failure. A plan without an end succeeds when it is stopped.
pub async fn run(plan: &GreetPlan, reporter: &mut Reporter) -> Exit {
    let mut exit = Exit::SUCCESS;
    tokio::select! {
        () = greetings(plan, reporter, &mut exit) => {}
        stopped = stopped() => if plan.repeat != 0 { keep_first(&mut exit, stopped) },
    }
    exit
}

async fn greetings(plan: &GreetPlan, reporter: &mut Reporter, exit: &mut Exit) {
    let calls = match plan.options.kind {
        Kind::BidiStream => 1,
        Kind::Unary | Kind::ServerStream => plan.repeat,
    };
    let mut session = Session::new();
    for call in 1_u64.. {
        let mut delay = plan.interval;
        match greet_once(plan, &mut session, reporter).await {
            Ok(()) => {}
            Err(GreetError::Call(failed)) => keep_first(exit, failed),
            Err(GreetError::Dial(failed)) => {
                keep_first(exit, failed);
                if call == 1 {
                    return;
                }
                delay = delay.max(REDIAL_DELAY);
            }
        }
        if call == calls || reporter.is_closed() {
            return;
        }
        sleep(delay).await;
    }
}

fn keep_first(exit: &mut Exit, failed: Exit) {
    if *exit == Exit::SUCCESS {
        *exit = failed;
    }
}
