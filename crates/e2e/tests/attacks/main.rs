//! Servers under attack, in the memory limit of the manifests: each attack meets a
//! server of its own, and a good client that must not notice. `make test-slow`
//! prints the table.

mod case;
mod cgroup;
mod good_client;
mod greeter;
mod hello;
mod table;
mod victim;

use std::env;

use testkit::Pki;

/// Runs only the attacks whose name contains its value.
const FILTER: &str = "ATTACK";

/// How often an attack may run until the good client is fast.
const RUNS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes eight minutes and loads the machine"]
async fn servers_withstand_attacks_in_their_memory_limit() {
    let pki = Pki::new();
    let filter = env::var(FILTER).unwrap_or_default();
    let cases = [greeter::cases(&pki.authority.pem()), hello::cases()].concat();
    let cases = cases.into_iter().filter(|it| it.name().contains(&filter));

    let mut running = Vec::new();
    for (number, case) in cases.enumerate() {
        eprintln!("{}", case.name());
        let (mut outcome, mut victim) = case.run(RUNS * number, &pki).await;
        for again in 1..RUNS {
            if !table::is_slow(&outcome) {
                break;
            }
            // Other programs may have used the processors.
            eprintln!("{}, again", case.name());
            victim.stop().await;
            (outcome, victim) = case.run(RUNS * number + again, &pki).await;
        }
        running.push((outcome, tokio::spawn(case::memory_later(victim))));
    }
    let mut rows = Vec::new();
    for (outcome, later) in running {
        rows.push((outcome, later.await.unwrap()));
    }
    table::print(&rows);

    let failures: Vec<_> = rows.iter().flat_map(table::failures).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
