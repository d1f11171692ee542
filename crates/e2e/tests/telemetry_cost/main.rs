//! What the signals cost: CPU of the greeter for each call, with and without them,
//! measured in turns. It takes two minutes and an idle machine: `make bench-telemetry`.

mod server;

use std::env;

use e2e::{client, print_table};
use serde_json::Value;
use server::Server;
use testkit::otlp::Receiver;

/// Turns of each server. `ROUNDS` changes it.
const ROUNDS: usize = 9;

/// A server's flags, and whether it exports 1 % of the traces.
struct Row {
    name: &'static str,
    flags: &'static [&'static str],
    traces: bool,
}

/// Rows of the table.
const AGAIN: usize = 1;
const METRICS: usize = 2;

/// What metrics may cost, in percent.
const LIMIT: f64 = 3.0;

const ROWS: [Row; 5] = [
    Row {
        name: "none",
        flags: &["--metrics", "off", "--access-log", "off"],
        traces: false,
    },
    // The same again: the difference is the error of the measurement.
    Row {
        name: "none, again",
        flags: &["--metrics", "off", "--access-log", "off"],
        traces: false,
    },
    Row {
        name: "metrics",
        flags: &["--access-log", "off"],
        traces: false,
    },
    // The defaults: at most 100 lines of the access log in a second.
    Row {
        name: "metrics, access log",
        flags: &[],
        traces: false,
    },
    Row {
        name: "metrics, access log, 1 % traces",
        flags: &[],
        traces: true,
    },
];

/// The calls of one turn, as fast as responses come.
async fn calls(address: &str) -> f64 {
    let load = "load --duration 2s --connections 2 --concurrency 64 --output json --addr";
    let args: Vec<_> = load.split(' ').chain([address]).collect();
    let output = client(&args).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["responses"]["errors"], 0, "{report:#}");
    report["responses"]["ok"].as_f64().unwrap()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes two minutes"]
async fn the_cost_of_each_signal() {
    let rounds = env::var("ROUNDS").map_or(ROUNDS, |it| it.parse().unwrap());
    let receiver = Receiver::start().await;
    let mut servers = Vec::new();
    for row in &ROWS {
        let mut variables = Vec::new();
        if row.traces {
            variables = receiver.variables("grpc");
            variables.retain(|(name, _)| name != "OTEL_BSP_SCHEDULE_DELAY");
            let sampler = [
                ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
                ("OTEL_TRACES_SAMPLER_ARG", "0.01"),
            ];
            variables.extend(sampler.map(|(name, value)| (name.into(), value.into())));
        }
        let server = Server::start(row.flags, &variables).await;
        calls(&server.address).await;
        servers.push(server);
    }
    let mut costs = [const { Vec::new() }; ROWS.len()];
    for round in 0..rounds {
        for turn in 0..ROWS.len() {
            // Each server has each place in the order equally often.
            let row = (round + turn) % ROWS.len();
            let before = servers[row].cpu_seconds();
            let calls = calls(&servers[row].address).await;
            let used = servers[row].cpu_seconds() - before;
            costs[row].push(used * 1e6 / calls);
        }
    }
    let more = costs.each_ref().map(|own| {
        let pairs = own.iter().zip(&costs[0]);
        median(
            pairs
                .map(|(own, none)| 100.0 * (own / none - 1.0))
                .collect(),
        )
    });
    let rows = ROWS
        .iter()
        .zip(&costs)
        .zip(&more)
        .map(|((row, own), more)| {
            [
                row.name.to_owned(),
                format!("{:.2}", median(own.clone())),
                format!("{more:+.1} %"),
            ]
        });
    let rows: Vec<_> = rows.collect();
    print_table(["signals", "CPU µs per call", "more than none"], &rows);
    // Fewer rounds say little.
    if rounds >= ROUNDS {
        assert!(more[METRICS] < LIMIT + more[AGAIN].abs(), "{more:?}");
    }
    assert!(!receiver.spans().is_empty(), "no spans were exported");
}
