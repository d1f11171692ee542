//! What stays after a failure of `make gcp` or `make gcp-remove`, and what follows it.

use super::machine;
use crate::machine::Machine;

const CREATE: &str = "gcloud container clusters create *";

/// The lines of the record.
fn record(machine: &Machine) -> Vec<String> {
    let cloud = machine.cloud();
    let mut records = cloud.iter().filter(|it| it.0.starts_with("records"));
    let lines = records.next().unwrap().1.lines();
    assert_eq!(records.next(), None);
    lines.map(str::to_owned).collect()
}

#[test]
fn continues_after_a_failure() {
    let failing = machine("gke-l4").with("STAND_IN_FAIL", CREATE);
    for _ in 0..2 {
        let run = failing.script("gcp", &["apply"]);
        assert!(!run.success, "{run:?}");
        let message = "run make gcp again: it continues";
        assert!(run.last_line().contains(message), "{run:?}");
    }
    let whole = failing.with("STAND_IN_FAIL", "");
    let run = whole.script("gcp", &["apply"]);
    assert!(run.success, "{run:?}");
    let cluster = "cluster europe-west1 hello".to_owned();
    let found = record(&whole).into_iter().filter(|it| *it == cluster);
    assert_eq!(found.count(), 1);
}

/// What failed here and an administrator made by hand.
#[test]
fn does_not_remove_what_others_made_after_a_failure() {
    let failing = machine("gke-l4").with("STAND_IN_FAIL", CREATE);
    assert!(!failing.script("gcp", &["apply"]).success);
    let cluster = "cluster europe-west1 hello";
    assert!(!record(&failing).iter().any(|it| it == cluster));

    let whole = failing.with("STAND_IN_FAIL", "");
    let by_hand = ["container", "clusters", "create", "hello"];
    let by_hand = [&by_hand[..], &["--location=europe-west1"]].concat();
    assert!(whole.program("gcloud", &by_hand).success);
    for verb in ["apply", "remove"] {
        let run = whole.script("gcp", &[verb]);
        assert!(run.success, "{run:?}");
    }
    let cloud = whole.cloud();
    let left = cloud.keys().filter(|it| it.ends_with("hello"));
    let left: Vec<_> = left.map(|it| it.to_str().unwrap()).collect();
    assert_eq!(left, ["cloud/container-clusters.europe-west1/hello"]);
}

#[test]
fn names_the_command_that_removes_the_rest() {
    let machine = machine("gke-l4");
    assert!(machine.script("gcp", &["apply"]).success);
    let failing = machine.with("STAND_IN_FAIL", "gcloud compute addresses delete *");
    let run = failing.script("gcp", &["remove"]);
    assert!(!run.success, "{run:?}");
    let message = "correct the cause and run make gcp-remove again: it continues";
    assert!(run.last_line().ends_with(message), "{run:?}");
    let run = failing.with("STAND_IN_FAIL", "").script("gcp", &["remove"]);
    assert!(run.success, "{run:?}");
}

/// IAM rejects roles for a new account for some seconds.
#[test]
fn waits_until_a_new_account_is_known() {
    let grant = "gcloud iam service-accounts add-iam-policy-binding ";
    let machine = |times| {
        let machine = machine("gke-l7-iap").with("STAND_IN_FAIL", &format!("{grant}*"));
        machine
            .with("STAND_IN_TIMES", times)
            .with("GCP_INTERVAL", "0")
    };
    let run = machine("2").script("gcp", &["apply"]);
    assert!(run.success, "{run:?}");
    assert_eq!(run.called(grant), 3);
    let run = machine("99").script("gcp", &["apply"]);
    assert!(!run.success, "{run:?}");
    assert_eq!(run.called(grant), 7);
}
