//! `make gcp`, `make gcp-plan` and `make gcp-remove`, against a gcloud with a memory.

mod failures;
mod refusals;
mod webhook;

use std::collections::BTreeMap;

use crate::machine::{Machine, Run};

const OVERLAYS: [&str; 3] = ["gke-l4", "gke-l7", "gke-l7-iap"];

fn machine(overlay: &str) -> Machine {
    [
        ("OVERLAY", overlay),
        ("GCP_PROJECT", "mine"),
        ("DNS_PROJECT", "names"),
        ("DNS_ZONE", "zone"),
        ("DOMAIN", "hello.example.net"),
        ("REGISTRY", "europe-west1-docker.pkg.dev/mine/hello"),
        ("STAND_IN_CONTEXT", "gke_mine_europe-west1_hello"),
    ]
    .into_iter()
    .fold(Machine::new().with_cloud(), |machine, (key, value)| {
        machine.with(key, value)
    })
}

/// Calls of gcloud that change something.
fn changes(run: &Run) -> Vec<&str> {
    let reads = [" list", " describe ", "get-iam-policy", "config get"];
    let calls = run.calls.iter().map(String::as_str);
    calls
        .filter(|call| call.starts_with("gcloud ") && !reads.iter().any(|it| call.contains(it)))
        .collect()
}

/// The commands that a run printed.
fn printed(run: &Run) -> Vec<String> {
    let lines = run.output.lines();
    let lines = lines.filter_map(|line| line.strip_prefix("+ "));
    lines.map(|line| line.replace('\\', "")).collect()
}

#[test]
fn makes_it_once_and_removes_it() {
    for overlay in OVERLAYS {
        let machine = machine(overlay);
        let first = machine.script("gcp", &["apply"]);
        assert!(first.success, "{first:?}");
        let made = machine.cloud();
        assert!(made.len() >= 8, "{made:?}");
        // Each command is printed before it runs.
        assert_eq!(printed(&first), changes(&first));

        let second = machine.script("gcp", &["apply"]);
        assert!(second.success, "{second:?}");
        assert_eq!(changes(&second), changes(&first));
        assert_eq!(machine.cloud(), made);

        let removed = machine.script("gcp", &["remove"]);
        assert!(removed.success, "{removed:?}");
        let left = machine.cloud();
        let left: Vec<_> = left.keys().map(|it| it.to_str().unwrap()).collect();
        let only_apis = left.iter().all(|it| it.starts_with("cloud/services/"));
        assert!(only_apis, "{left:?}");
        assert!(removed.output.contains("the APIs stay enabled"));

        let again = machine.script("gcp", &["remove"]);
        assert!(!again.success, "{again:?}");
        assert!(again.last_line().starts_with("gcp: there is no record"));
    }
}

/// Things of the same name that were there before stay.
#[test]
fn removes_only_what_it_made() {
    let l4 = machine("gke-l4").with("STATIC_IP_NAME", "theirs");
    let before = l4.script("gcp", &["apply"]);
    assert!(before.success, "{before:?}");
    let theirs = l4.cloud();
    let l7 = l4.with("OVERLAY", "gke-l7").with("STATIC_IP_NAME", "ours");
    let run = l7.script("gcp", &["apply"]);
    assert!(run.success, "{run:?}");
    assert!(run.output.contains("exists: cluster europe-west1 hello"));
    let run = l7.script("gcp", &["remove"]);
    assert!(run.success, "{run:?}");
    let services = |it: &BTreeMap<_, _>| {
        let mut it: BTreeMap<std::path::PathBuf, String> = it.clone();
        it.retain(|path, _| !path.starts_with("cloud/services"));
        it
    };
    assert_eq!(services(&l7.cloud()), services(&theirs));
}

#[test]
fn a_plan_prints_the_commands_and_changes_nothing() {
    for overlay in OVERLAYS {
        let machine = machine(overlay);
        let plan = machine.script("gcp", &["plan"]);
        assert!(plan.success, "{plan:?}");
        assert_eq!(changes(&plan), Vec::<&str>::new());
        assert_eq!(machine.cloud(), BTreeMap::new());

        let run = machine.script("gcp", &["apply"]);
        assert!(run.success, "{run:?}");
        // Google chooses the data of the record.
        let data =
            |line: String| line.replace("the-data-of-this-authorization.", "abc.authorize.test.");
        let planned: Vec<_> = printed(&plan).into_iter().map(data).collect();
        assert_eq!(planned, printed(&run), "{overlay}");
        let plan = machine.script("gcp", &["plan"]);
        assert_eq!(printed(&plan), Vec::<String>::new(), "{plan:?}");
    }
}

#[test]
fn grants_what_each_overlay_needs() {
    let of = |overlay| {
        let run = machine(overlay).script("gcp", &["apply"]);
        assert!(run.success, "{run:?}");
        changes(&run).join("\n")
    };
    let node = "--member=serviceAccount:123456789012-compute@developer.gserviceaccount.com";
    let [l4, l7, iap] = OVERLAYS.map(of);
    for calls in [&l4, &l7, &iap] {
        for part in [
            format!("{node} --role=roles/container.defaultNodeServiceAccount"),
            format!("{node} --role=roles/artifactregistry.reader"),
            "subject/ns/observability/sa/otel-collector --role=roles/telemetry.tracesWriter"
                .to_owned(),
            "container clusters create hello --location=europe-west1".to_owned(),
        ] {
            assert!(calls.contains(&part), "no {part} in {calls}");
        }
    }
    assert!(l4.contains("subject/ns/cert-manager/sa/cert-manager --role=roles/dns.admin"));
    assert!(
        l4.contains("addresses create hello --region=europe-west1"),
        "{l4}"
    );
    assert!(!l7.contains("dns.admin") && !l7.contains("iap"), "{l7}");
    for part in [
        "addresses create hello-l7 --global",
        "dns record-sets create _acme-challenge.hello.example.net. --zone=zone --type=CNAME --ttl=300 --rrdatas=abc.authorize.test. --project=names",
        "maps entries create hello --map=hello --certificates=hello --hostname=hello.example.net",
    ] {
        assert!(l7.contains(part), "no {part} in {l7}");
    }
    for part in [
        "service-accounts create hello-caller",
        "--member=user:you@example.net --role=roles/iam.serviceAccountTokenCreator",
        "--member=serviceAccount:hello-caller@mine.iam.gserviceaccount.com --role=roles/iap.httpsResourceAccessor",
    ] {
        assert!(iap.contains(part), "no {part} in {iap}");
    }
}

#[test]
fn says_what_only_a_person_can_do() {
    let run = machine("gke-l7-iap").script("gcp", &["apply"]);
    for line in [
        "  IAP_AUDIENCE=/projects/123456789012/global/backendServices/*",
        "  the consent screen first: https://console.cloud.google.com/auth/branding?project=mine",
        "  write IAP_CLIENT_ID=<client ID> into k8s/local.env",
    ] {
        assert!(run.output.contains(line), "no {line} in {}", run.output);
    }
    let run = machine("gke-l4").script("gcp", &["apply"]);
    assert!(!run.output.contains("OAuth"), "{run:?}");
    assert!(
        run.output
            .ends_with("  make images push platform deploy dns\n")
    );
}

/// The commands need the OAuth client.
#[test]
fn ends_with_the_commands_to_run_next() {
    let machine = machine("gke-l7-iap").with("GATEWAY_NAMESPACE", "mesh-edge");
    let run = machine.script("gcp", &["apply"]);
    let (before, after) = run.output.split_once("next, run:\n").unwrap();
    assert!(before.contains("OAuth client"), "{run:?}");
    assert_eq!(
        after,
        "  make images push platform\n  kubectl -n mesh-edge create secret generic iap-oauth --from-literal=key='<client secret>'\n  make deploy dns\n"
    );
}
