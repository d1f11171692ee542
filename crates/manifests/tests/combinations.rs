//! Every component alone on every overlay, as `make deploy WITH=` renders it. The
//! kustomizations stay in target/combinations, for other checkers.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use manifests::{parse, spec};

/// What `render` says where a component makes no sense.
const SENSELESS: [&str; 3] = [" is in the overlay ", " needs ", " exclude each other; "];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The components that a deployment can add.
fn components() -> Vec<String> {
    let text = fs::read_to_string(root().join("k8s/components/order.txt")).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    let names = rows.filter_map(|row| row.split_whitespace().next());
    let names = names.filter(|name| *name != "images");
    names.map(ToOwned::to_owned).collect()
}

/// Renders an overlay with and without these components.
fn render(overlay: &str, with: &str, without: &str) -> Result<String, String> {
    let settings = root().join("target/combinations/local.env");
    let ended = Command::new(root().join("k8s/bin/render"))
        .env_remove("OVERLAY")
        .envs([
            ("OVERLAY", overlay),
            ("WITH", with),
            ("WITHOUT", without),
            ("TAG", "dev"),
        ])
        // It stands for its component.
        .env("REVISION", if with == "revision" { "1-31" } else { "" })
        .env("LOCAL_ENV", settings)
        .env("RENDER_DIR", root().join("target/combinations").join(with))
        .output()
        .unwrap();
    if ended.status.success() {
        Ok(String::from_utf8(ended.stdout).unwrap())
    } else {
        Err(String::from_utf8(ended.stderr).unwrap())
    }
}

/// Renders a component on an overlay, in the place of the one that it excludes.
/// Nothing, where it makes no sense.
fn rendered(overlay: &str, component: &str) -> Option<String> {
    let mut error = match render(overlay, component, "") {
        Ok(text) => return Some(text),
        Err(error) => error,
    };
    if let Some((names, _)) = error.split_once(" exclude each other") {
        let names = names.trim_start_matches("render: ").split(" and ");
        let other = names.into_iter().find(|name| *name != component).unwrap();
        match render(overlay, component, other) {
            Ok(text) => return Some(text),
            Err(second) => error = second,
        }
    }
    let senseless = SENSELESS.iter().any(|part| error.contains(part));
    assert!(senseless, "{overlay} WITH={component}: {error}");
    None
}

#[test]
#[ignore = "renders some hundred times: make test-combinations"]
fn every_component_renders_on_every_overlay_where_it_makes_sense() {
    let folder = root().join("target/combinations");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    // Every key that a component reads, also those without a default.
    let settings = root().join("k8s/tests/settings/settings.env");
    fs::copy(settings, folder.join("local.env")).unwrap();

    let components = components();
    let overlays = fs::read_dir(root().join("k8s/overlays")).unwrap();
    let overlays = overlays.map(|it| it.unwrap().file_name().into_string().unwrap());
    let one = |overlay: String| {
        let mut used = BTreeSet::new();
        for component in &components {
            let Some(text) = rendered(&overlay, component) else {
                continue;
            };
            let rendering = parse(&format!("{overlay} WITH={component}"), &text);
            for object in &rendering.objects {
                let checked = spec::check(object);
                let name = &object.metadata.name;
                assert_eq!(
                    checked,
                    Ok(()),
                    "{}: {} {name}",
                    rendering.name,
                    object.kind
                );
            }
            used.insert(component.clone());
        }
        println!("{overlay}: {}", used.len());
        used
    };
    let all: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = overlays.map(|it| scope.spawn(|| one(it))).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    // Each makes sense somewhere, unless every overlay that can have it has it.
    let used: BTreeSet<_> = all.into_iter().flatten().collect();
    let listed = |component: &&String| {
        let overlays = fs::read_dir(root().join("k8s/overlays")).unwrap();
        let mut texts = overlays
            .map(|it| fs::read_to_string(it.unwrap().path().join("kustomization.yaml")).unwrap());
        let standard = root().join("k8s/components/standard/kustomization.yaml");
        let standard = fs::read_to_string(standard).unwrap();
        let entry = format!("/{component}\n");
        standard.contains(&entry) || texts.any(|text| text.contains(&entry))
    };
    let unused: Vec<_> = components
        .iter()
        .filter(|it| !used.contains(*it) && !listed(it))
        .collect();
    assert_eq!(unused, Vec::<&String>::new());
}
