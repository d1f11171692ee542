//! Services and the containers that they select.

use std::collections::BTreeMap;

use manifests::{PortRef, RENDERINGS};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServicePort {
    target_port: PortRef,
}

#[test]
fn every_service_has_a_container_port() {
    for rendering in RENDERINGS.iter() {
        for service in rendering.objects("Service") {
            let name = format!("{}: {}", rendering.name, service.metadata.name);
            let selector: BTreeMap<String, String> = service.spec("selector");
            let ports: Vec<ServicePort> = service.spec("ports");
            let mut selected = 0;
            for object in &rendering.objects {
                let Some(containers) = object.pod_spec("containers") else {
                    continue;
                };
                let labels = &object.rest["spec"]["template"]["metadata"]["labels"];
                if object.metadata.namespace != service.metadata.namespace
                    || !selector.iter().all(|(key, value)| labels[key] == **value)
                {
                    continue;
                }
                selected += 1;
                for port in &ports {
                    assert!(
                        has_port(containers, &port.target_port),
                        "{name}: {} has no port {:?}",
                        object.metadata.name,
                        port.target_port
                    );
                }
            }
            assert!(selected > 0, "{name} selects nothing");
        }
    }
}

fn has_port(containers: &Value, wanted: &PortRef) -> bool {
    let containers = containers.as_array().into_iter().flatten();
    let ports = containers.flat_map(|it| it["ports"].as_array().into_iter().flatten());
    let mut ports = ports;
    ports.any(|port| match wanted {
        PortRef::Number(number) => port["containerPort"] == *number,
        PortRef::Name(name) => port["name"] == **name,
    })
}
