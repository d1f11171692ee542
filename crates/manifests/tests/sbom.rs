//! The SBOMs that `make sbom` writes, against Cargo's own view of the programs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use manifests::{crates, locked};
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const PROGRAMS: [&str; 3] = ["hello-server", "greeter-server", "greeter-client"];

fn sbom(program: &str) -> Value {
    let path = format!("{ROOT}/target/sbom/{program}.cdx.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value}"))
}

#[test]
#[ignore = "needs the files that `make sbom` writes"]
fn each_sbom_names_every_crate_of_the_program() {
    let checksums: BTreeMap<_, _> = locked().into_iter().collect();
    for program in PROGRAMS {
        let sbom = sbom(program);
        assert_eq!(sbom["bomFormat"], "CycloneDX");
        assert_eq!(sbom["specVersion"], "1.5");
        let main = &sbom["metadata"]["component"];
        assert_eq!(main["type"], "application");
        assert_eq!(main["name"], program);

        let target = &sbom["metadata"]["properties"][0];
        assert_eq!(target["name"], "cdx:rustc:sbom:target:triple");
        let components = sbom["components"].as_array().unwrap();
        let mut named = BTreeSet::new();
        for component in components {
            let (name, version) = (text(&component["name"]), text(&component["version"]));
            let purl = text(&component["purl"]);
            let package = format!("pkg:cargo/{name}@{version}");
            assert!(purl.starts_with(&package), "{component}");
            let licence = &component["licenses"][0];
            let licence = licence["expression"]
                .as_str()
                .or(licence["license"]["id"].as_str());
            assert!(licence.is_some(), "no licence: {component}");
            let key = format!("{name} {version}");
            let checksum = component["hashes"][0]["content"].as_str();
            assert_eq!(checksum, checksums[&key].as_deref(), "{key}");
            named.insert(key);
        }
        assert!(named.len() > 100, "{program}: {named:?}");
        assert_eq!(named, crates(program, text(&target["value"])), "{program}");
    }
}

#[test]
#[ignore = "needs the files that `make sbom` writes"]
fn each_dependency_of_an_sbom_is_a_component() {
    for program in PROGRAMS {
        let sbom = sbom(program);
        let components = sbom["components"].as_array().unwrap().iter();
        let mut refs: BTreeSet<_> = components.map(|it| text(&it["bom-ref"])).collect();
        refs.insert(text(&sbom["metadata"]["component"]["bom-ref"]));
        let dependencies = sbom["dependencies"].as_array().unwrap();
        assert_eq!(dependencies.len(), refs.len(), "{program}");
        for dependency in dependencies {
            let uses = dependency["dependsOn"].as_array().unwrap().iter();
            for it in uses.chain([&dependency["ref"]]) {
                let it = text(it);
                assert!(refs.contains(it), "{program}: {it} is no component");
                let path = it.strip_prefix("path+file://");
                let local = path.is_none_or(|it| it.starts_with("/crates/"));
                assert!(local, "{it} is a path of this machine");
            }
        }
    }
}
