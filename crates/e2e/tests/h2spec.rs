//! h2spec on both servers, in plaintext and over TLS: the cases that do not pass
//! are those that `docs/h2spec.md` explains. `make h2spec` installs it and runs
//! this test.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Stdio,
};

use clap::Parser;
use pki::Leaf;
use roxmltree::Document;
use service_kit::Listeners;
use testkit::{Pki, Service};
use tokio::process::Command;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/bin/h2spec");
const TABLE: &str = include_str!("../../../docs/h2spec.md");

/// The cases of one run, strict ones included.
const CASES: usize = 146;

/// hello responds after the end of each request, so that no case depends on timing.
const HELLO_PATH: &str = "/delay/0.2";

/// The results of a run that are not passes: `fails` or `skipped` for each case.
type Results = BTreeMap<String, &'static str>;

async fn hello(flags: &[&str]) -> Service {
    let config = hello_server::Config::parse_from([&["hello"], flags].concat());
    Service::start(|public, admin, shutdown| {
        hello_server::run(Listeners { public, admin }, config, shutdown)
    })
    .await
}

async fn greeter(flags: &[&str]) -> Service {
    let config = greeter_server::Config::parse_from([&["greeter"], flags].concat());
    Service::start(|public, admin, shutdown| {
        greeter_server::run(Listeners { public, admin }, config, shutdown)
    })
    .await
}

/// Runs all cases against a server.
async fn run(server: &Service, more: &[&str]) -> Results {
    let directory = tempfile::tempdir().unwrap();
    let report = directory.path().join("report.xml");
    // The exit code is 1 if a case fails; the report says which.
    Command::new(PROGRAM)
        .args(["--strict", "--timeout", "2", "--port"])
        .arg(server.public.port().to_string())
        .arg("--junit-report")
        .arg(&report)
        .args(more)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await
        .expect("h2spec; install it with `make h2spec`");
    results(&fs::read_to_string(&report).expect("the report of a complete run"))
}

/// Reads a JUnit report. A case is called `<package>/<position>`, as h2spec's own
/// arguments name it.
fn results(report: &str) -> Results {
    let document = Document::parse(report).unwrap();
    let cases = document
        .descendants()
        .filter(|it| it.has_tag_name("testcase"));
    let mut positions = BTreeMap::<_, usize>::new();
    let mut results = Results::new();
    for case in cases {
        let package = case.attribute("package").unwrap();
        let position = positions.entry(package).or_default();
        *position += 1;
        let result = match case.first_element_child() {
            None => continue,
            Some(it) if it.has_tag_name("skipped") => "skipped",
            Some(_) => "fails",
        };
        results.insert(format!("{package}/{position}"), result);
    }
    assert_eq!(positions.values().sum::<usize>(), CASES);
    results
}

/// The rows of the table for a server and a listener.
fn rows(server: &str, listener: &str) -> BTreeMap<String, &'static str> {
    let mut rows = BTreeMap::new();
    for row in TABLE.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [case, servers, listeners, result, reason] = cells[..] else {
            panic!("five columns: {row}");
        };
        assert!(["fails", "skipped", "varies"].contains(&result), "{row}");
        assert!(!reason.is_empty(), "{row}");
        let names = |cell: &'static str, name| cell.split(", ").any(|it| it == name);
        if names(servers, server) && names(listeners, listener) {
            rows.insert(case.trim_matches('`').to_owned(), result);
        }
    }
    rows
}

/// What the table and a run disagree on, one line for each case.
fn differences(rows: &BTreeMap<String, &str>, results: &Results) -> Vec<String> {
    let cases: BTreeSet<_> = rows.keys().chain(results.keys()).collect();
    let mut differences = Vec::new();
    for case in cases {
        let row = rows.get(case).copied().unwrap_or("passes");
        let result = results.get(case).copied().unwrap_or("passes");
        let agree = row == result || row == "varies" && result != "skipped";
        if !agree {
            differences.push(format!("{case} {result}, and the table says: {row}"));
        }
    }
    differences
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs h2spec, which `make h2spec` installs"]
async fn the_cases_that_do_not_pass_are_those_of_the_table() {
    let pki = Pki::new();
    let (cert, key) = pki.issue("server", &Leaf::new(["127.0.0.1"]));
    let tls = ["--tls-cert", &cert, "--tls-key", &key];
    let servers = [
        hello(&[]).await,
        hello(&tls).await,
        greeter(&[]).await,
        greeter(&tls).await,
    ];
    let over_tls = ["--tls", "--insecure"];
    let path = ["--path", HELLO_PATH];
    let (hello_tls, [hello, hello_over_tls, greeter, greeter_over_tls]) =
        ([&over_tls[..], &path].concat(), &servers);
    let results = tokio::join!(
        run(hello, &path),
        run(hello_over_tls, &hello_tls),
        run(greeter, &[]),
        run(greeter_over_tls, &over_tls),
    );
    let mut all = Vec::new();
    for (server, listener, results) in [
        ("hello", "plaintext", results.0),
        ("hello", "TLS", results.1),
        ("greeter", "plaintext", results.2),
        ("greeter", "TLS", results.3),
    ] {
        let found = differences(&rows(server, listener), &results);
        all.extend(found.iter().map(|it| format!("{server}, {listener}: {it}")));
    }
    assert!(all.is_empty(), "docs/h2spec.md:\n{}", all.join("\n"));
}

#[test]
fn a_result_that_differs_from_its_row_is_reported() {
    let rows = [("a/1", "fails"), ("a/2", "varies"), ("a/3", "skipped")];
    let rows = rows.map(|(case, result)| (case.to_owned(), result)).into();
    let check = |results: &[(&str, &'static str)]| {
        let results = results.iter().map(|(case, it)| (case.to_string(), *it));
        differences(&rows, &results.collect()).len()
    };
    assert_eq!(check(&[("a/1", "fails"), ("a/3", "skipped")]), 0);
    let all = [("a/1", "fails"), ("a/2", "fails"), ("a/3", "skipped")];
    assert_eq!(check(&all), 0);
    assert_eq!(check(&[&all[..], &[("a/4", "fails")]].concat()), 1);
    assert_eq!(check(&[("a/3", "skipped")]), 1);
    assert_eq!(check(&[("a/1", "skipped"), ("a/3", "fails")]), 2);
}
