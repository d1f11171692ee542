//! No call is lost while what serves it is replaced: greeters, the gateway,
//! certificates, connections. `make test-slow` prints the table.

mod age;
mod certificates;
mod gateways;
mod greeter;
mod greeters;
mod load;

use std::env;

use futures_util::future::{LocalBoxFuture, join_all};
use load::Row;

/// How often each scenario runs. `RUNS` changes it.
const RUNS: usize = 3;

/// Runs only the scenarios whose name contains its value.
const FILTER: &str = "SCENARIO";

type Scenario = (&'static str, fn() -> LocalBoxFuture<'static, Row>);

/// The scenarios. Those of a group run at the same time, on processes of their own.
const GROUPS: [&[Scenario]; 5] = [
    &[("restart of both greeters", || Box::pin(greeters::restart()))],
    &[("gateways behind a TCP proxy", || {
        Box::pin(gateways::behind_tcp())
    })],
    &[("gateways behind an HTTP proxy", || {
        Box::pin(gateways::behind_http())
    })],
    &[
        ("new certificate of the gateway", || {
            Box::pin(certificates::gateway())
        }),
        ("new certificate of a greeter", || {
            Box::pin(certificates::greeter())
        }),
    ],
    &[
        ("connection age 500 ms, direct", || Box::pin(age::direct())),
        ("connection age 500 ms, gateway", || {
            Box::pin(age::through_the_gateway())
        }),
    ],
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes six minutes and loads the machine"]
async fn no_call_is_lost_while_its_servers_are_replaced() {
    let filter = env::var(FILTER).unwrap_or_default();
    let runs = env::var("RUNS").map_or(RUNS, |it| it.parse().expect("RUNS is a number"));
    let mut rows = Vec::new();
    for run in 1..=runs {
        for group in GROUPS {
            let chosen = group.iter().filter(|(name, _)| name.contains(&filter));
            let running = chosen.map(async |(name, start)| {
                eprintln!("run {run}: {name}");
                (run, *name, start().await)
            });
            rows.extend(join_all(running).await);
        }
    }

    let head = [
        "run", "scenario", "times", "calls", "failed", "retried", "lost",
    ];
    let cells = rows.iter().map(|(run, name, row)| {
        let [times, calls, failed, retried, lost] = row.cells();
        [
            run.to_string(),
            (*name).to_owned(),
            times,
            calls,
            failed,
            retried,
            lost,
        ]
    });
    e2e::print_table(head, &cells.collect::<Vec<_>>());

    let failures = rows.iter().filter_map(|(run, name, row)| {
        let failure = row.failure()?;
        Some(format!("run {run}, {name}: {failure}"))
    });
    let failures: Vec<_> = failures.collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
