//! `make dns`.

use crate::machine::Machine;

#[test]
fn sets_the_dns_record_to_the_load_balancer() {
    let machine = |record| Machine::public("gke-l4").with("STAND_IN_RECORD", record);
    for (record, verb) in [("", "create"), ("198.51.100.1", "update")] {
        let run = machine(record).script("dns", &[]);
        assert!(run.success, "{run:?}");
        let call = format!(
            "gcloud dns record-sets {verb} hello.mesh.test. --project=dns --zone=zone --type=A --rrdatas=203.0.113.7 --ttl=300"
        );
        assert_eq!(run.calls.last().unwrap(), &call);
    }
    let run = machine("203.0.113.7").script("dns", &[]);
    assert!(run.success, "{run:?}");
    assert_eq!(run.called("gcloud"), 1);
    let run = machine("")
        .with("STAND_IN_FAIL", "gcloud *list*")
        .script("dns", &[]);
    assert!(!run.success);
    assert!(
        run.last_line()
            .starts_with("dns: gcloud cannot read the zone zone"),
        "{run:?}"
    );

    let run = Machine::new().script("dns", &[]);
    assert!(
        run.last_line()
            .starts_with("dns: the overlay kind has no DNS_ZONE"),
        "{run:?}"
    );
    assert_eq!(run.calls, Vec::<String>::new());
}
