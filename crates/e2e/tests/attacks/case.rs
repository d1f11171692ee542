//! An attack on a server of its own, and what it is measured by.

use std::time::{Duration, Instant};

use testkit::{
    Pki,
    attack::{Attack, Attacker},
    localhost,
};
use tokio::time::sleep_until;

use crate::{
    good_client::{self, Served},
    victim::{Memory, Victim},
};

/// When the memory is measured again.
const LATER: Duration = Duration::from_secs(60);

/// A server that is attacked.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Server {
    Greeter,
    GreeterTls,
    Hello,
}

/// An attack on a server.
#[derive(Clone)]
pub(crate) struct Case {
    server: Server,
    name: &'static str,
    attack: Attack,
}

/// What an attack did.
pub(crate) struct Outcome {
    pub(crate) name: String,
    /// Whether a cgroup limited the memory.
    pub(crate) limited: bool,
    pub(crate) killed: bool,
    pub(crate) memory: Memory,
    pub(crate) served: Served,
    /// The log per 10 s of the attack, in bytes.
    pub(crate) logged: f64,
}

impl Case {
    pub(crate) fn new(server: Server, name: &'static str, attack: Attack) -> Self {
        Self {
            server,
            name,
            attack,
        }
    }

    /// Its name in the table.
    pub(crate) fn name(&self) -> String {
        let server = match self.server {
            Server::Greeter => "greeter",
            Server::GreeterTls => "greeter, TLS",
            Server::Hello => "hello",
        };
        format!("{server}: {}", self.name)
    }

    /// Attacks a new server while a good client uses it. Also returns the server,
    /// for [`memory_later`].
    pub(crate) async fn run(&self, number: usize, pki: &Pki) -> (Outcome, Victim) {
        let mut args = vec!["--drain-delay".to_owned(), "0s".to_owned()];
        let ca = (self.server == Server::GreeterTls).then(|| {
            let (cert, key) = pki.issue(&format!("server-{number}"), &localhost());
            args.extend(["--tls-cert".to_owned(), cert, "--tls-key".to_owned(), key]);
            pki.ca()
        });
        let program = match self.server {
            Server::Hello => "hello-server",
            Server::Greeter | Server::GreeterTls => "greeter-server",
        };
        let mut victim = Victim::start(number, program, &args).await;
        victim.logged();

        let start = Instant::now();
        let attacker = Attacker::start(&self.attack, victim.address).await;
        let served = match self.server {
            Server::Hello => good_client::get(victim.address).await,
            _ => good_client::greet(victim.address, ca.as_deref()).await,
        };
        drop(attacker);
        let outcome = Outcome {
            name: self.name(),
            limited: victim.is_limited(),
            killed: victim.has_ended(),
            memory: victim.memory(),
            served,
            logged: victim.logged() as f64 * 10.0 / start.elapsed().as_secs_f64(),
        };
        (outcome, victim)
    }
}

/// The memory a minute after an attack, in bytes; `None` if the server was killed.
/// The time that passes is what is tested: an allocator returns memory late.
pub(crate) async fn memory_later(victim: Victim) -> Option<u64> {
    sleep_until(tokio::time::Instant::now() + LATER).await;
    let memory = (!victim.has_ended()).then(|| victim.memory().now);
    victim.stop().await;
    memory
}
