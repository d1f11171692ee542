//! Forwarding of the dashboards.

use crate::machine::Machine;

/// Each dashboard, the Service in the cluster, and the address on this machine.
const DASHBOARDS: [(&str, &str, &str); 4] = [
    ("kiali", "kiali 20001:20001", "http://localhost:20001/kiali"),
    ("grafana", "grafana 3000:80", "http://localhost:3000/"),
    (
        "prometheus",
        "prometheus-server 9090:80",
        "http://localhost:9090/",
    ),
    ("jaeger", "jaeger 16686:16686", "http://localhost:16686/"),
];

#[test]
fn forwards_each_dashboard_and_prints_its_address() {
    for (name, service, url) in DASHBOARDS {
        let run = Machine::new().script("dashboard", &[name]);
        assert!(run.success, "{run:?}");
        let call = run.calls.last().unwrap();
        assert!(call.contains("port-forward"), "{run:?}");
        assert!(call.ends_with(&format!("service/{service}")), "{run:?}");
        assert!(run.output.contains(url), "{run:?}");
    }
}

#[test]
fn names_a_dashboard_that_does_not_exist_or_is_not_installed() {
    let run = Machine::new().script("dashboard", &["zipkin"]);
    assert!(!run.success);
    assert!(run.last_line().contains("there is no dashboard"), "{run:?}");

    let machine = Machine::new().with("STAND_IN_FAIL", "* get service/jaeger");
    let run = machine.script("dashboard", &["jaeger"]);
    assert!(!run.success);
    assert!(run.last_line().contains("make platform"), "{run:?}");
}
