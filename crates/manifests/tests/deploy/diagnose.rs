//! Why a deploy failed: the cause of a certificate, the verdict on a greeting.

use crate::machine::Machine;

const LOG: &str = "\
connect: failed in 1 ms\nverdict: connect.refused (9 ms)\ncause: nothing listens\nfix: Check the port.\n";
const VERDICT: &str = "verdict: connect.refused cause: nothing listens fix: Check the port.";

#[test]
fn ends_a_failed_greeting_with_the_verdict() {
    let machine = || {
        Machine::new()
            .with("STAND_IN_JOB", "FailureTarget Failed")
            .with("STAND_IN_LOG", LOG)
    };
    let run = machine().with("STAND_IN_RAN", "5").script("deploy", &[]);
    assert!(!run.success);
    let message =
        format!("smoke: job default/smoke-mesh did not greet (FailureTarget Failed); {VERDICT}");
    assert_eq!(run.last_line(), message);
    assert!(run.output.contains("connect: failed in 1 ms"), "{run:?}");
    // The policies select the pods of the smoke Job, and so these.
    let (_, job) = run
        .files
        .iter()
        .find(|(_, text)| text.contains("diagnose"))
        .unwrap();
    assert!(
        job.contains("  name: diagnose-mesh\n") && job.contains("app: smoke-mesh\n"),
        "{job}"
    );
    assert!(
        job.contains("- args:\n        - diagnose\n        - --addr=greeter:80\n"),
        "{job}"
    );
    assert!(
        !job.contains("--repeat") && !job.contains("- smoke\n"),
        "{job}"
    );

    // A container that did not start has its reason above, and would not start again.
    let run = machine().script("deploy", &[]);
    assert_eq!(
        run.called("kubectl -n default logs -l job-name=diagnose-mesh"),
        0,
        "{run:?}"
    );
}

#[test]
fn diagnoses_by_hand() {
    let make = |log: &str| {
        let machine = Machine::new().with_real("make").with("STAND_IN_LOG", log);
        machine.program("make", &["diagnose"])
    };
    let run = make(LOG);
    assert!(!run.success, "{run:?}");
    for job in ["mesh", "gateway"] {
        assert!(
            run.output
                .contains(&format!("  diagnose-{job}: {VERDICT}\n")),
            "{run:?}"
        );
    }
    let gateway = run
        .files
        .values()
        .find(|text| text.contains("name: diagnose-gateway"))
        .unwrap();
    assert!(
        gateway.contains("- diagnose\n        - --cacert=/tls/ca.crt\n"),
        "{gateway}"
    );
    assert!(make("verdict: ok (12 ms)\n").success);
}

#[test]
fn diagnoses_a_greeting_without_tls() {
    let run = Machine::new()
        .with("WITH", "http")
        .with("STAND_IN_FAIL", "* wait *job/smoke-http *")
        .with("STAND_IN_RAN", "5")
        .with("STAND_IN_LOG", LOG)
        .script("deploy", &[]);
    let message = format!(
        "smoke: job istio-ingress/smoke-http did not greet (no result within 6m); {VERDICT}"
    );
    assert_eq!(run.last_line(), message, "{run:?}");
    let job = run
        .files
        .values()
        .find(|text| text.contains("name: diagnose-http"))
        .unwrap();
    assert!(
        job.contains("- diagnose\n        - --authority=hello.localhost\n"),
        "{job}"
    );
}

#[test]
fn names_the_cause_of_a_missing_certificate() {
    let certificate = "certificates: certificate istio-ingress/gateway is not ready: ";
    for (issuers, challenges, cause) in [
        (
            "",
            "Challenge gateway-1: pending no zone\n",
            "Challenge gateway-1: pending no zone",
        ),
        (
            "ClusterIssuer other:   Ready: not this one\nClusterIssuer local-ca:   Ready: the account was refused\n",
            "",
            "ClusterIssuer local-ca: Ready: the account was refused",
        ),
        (
            "",
            "",
            "CertificateRequest gateway-1: Ready: Referenced issuer does not have a Ready status condition",
        ),
    ] {
        let machine = Machine::new().with(
            "STAND_IN_FAIL",
            "* wait *certificates.cert-manager.io/gateway *",
        );
        let machine = machine.with("STAND_IN_ISSUERS", issuers);
        let run = machine
            .with("STAND_IN_CHALLENGES", challenges)
            .script("deploy", &[]);
        assert_eq!(run.last_line(), format!("{certificate}{cause}"), "{run:?}");
        assert!(!run.output.contains("not this one"), "{run:?}");
    }
}

#[test]
fn prints_commands_with_a_token() {
    let jwt = |with| {
        let settings = [
            ("JWT_ISSUER", "https://issuer.test"),
            ("JWT_JWKS_URI", "https://issuer.test/keys"),
            ("JWT_AUDIENCE", "hello"),
        ];
        let machine = Machine::new().with("WITH", with);
        settings
            .iter()
            .fold(machine, |machine, (key, value)| machine.with(key, value))
    };
    // More than one client has the token.
    let run = jwt("jwt,http,load-gateway").script("deploy", &[]);
    assert!(run.success, "{run:?}");
    for text in [
        "  TOKEN=$(kubectl -n istio-ingress get secret smoke-token -o ",
        "--header \"Authorization: Bearer $TOKEN\" http://hello.localhost/\n",
    ] {
        assert!(run.output.contains(text), "no {text:?}: {run:?}");
    }

    let run = jwt("jwt").script("deploy", &[]);
    assert!(run.success, "{run:?}");
    for text in [
        "note: the gateway admits only requests with a token",
        "  TOKEN=$(kubectl -n istio-ingress get secret smoke-token -o ",
        "--header \"Authorization: Bearer $TOKEN\" https://hello.localhost/\n",
        "--header \"authorization=Bearer $TOKEN\" you\n",
    ] {
        assert!(run.output.contains(text), "no {text:?}: {run:?}");
    }
    let run = jwt("jwt")
        .with("STAND_IN_FAIL", "* get secret/smoke-token *")
        .script("deploy", &[]);
    assert!(!run.success && run.called("kubectl apply") == 0, "{run:?}");
    assert!(
        run.last_line()
            .contains("create secret generic smoke-token --from-literal=token="),
        "{run:?}"
    );
}
