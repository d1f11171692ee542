//! A PATH on which the tools are stand-ins that record their calls.

mod cloud;
mod ended;

use std::{
    collections::BTreeMap,
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

pub(crate) use ended::Run;
use tempfile::TempDir;

/// The tools that the scripts and stand-ins may use without a check.
const SYSTEM: [&str; 19] = [
    "awk", "bash", "cat", "cp", "diff", "dirname", "find", "grep", "mkdir", "mktemp", "mv",
    "paste", "readlink", "rm", "sed", "sort", "tail", "tee", "tr",
];
const STAND_INS: [&str; 8] = [
    "curl", "docker", "gcloud", "git", "helm", "kind", "kubectl", "make",
];

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every file below a folder, with its text.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let text = fs::read_to_string(&path).unwrap();
            found.insert(path, text);
        }
    }
    found
}

/// A PATH with links to system tools and stand-ins only.
pub(crate) struct Machine {
    directory: TempDir,
    environment: BTreeMap<String, String>,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let directory = TempDir::new().unwrap();
        for folder in ["bin", "files", "temporary"] {
            fs::create_dir(directory.path().join(folder)).unwrap();
        }
        fs::write(directory.path().join("calls"), "").unwrap();
        let machine = Self {
            directory,
            environment: BTreeMap::new(),
        };
        for tool in SYSTEM {
            machine.link(tool, &real(tool));
        }
        for tool in STAND_INS {
            let script = if ["git", "kubectl"].contains(&tool) {
                tool
            } else {
                "tool"
            };
            let script = root().join("crates/manifests/tests/stand-in").join(script);
            machine.link(tool, &script.canonicalize().unwrap());
        }
        machine
    }

    /// A public overlay with its context, and settings that are no examples.
    pub(crate) fn public(overlay: &str) -> Self {
        let machine = Self::new().with("OVERLAY", overlay);
        let machine = machine.with("STAND_IN_CONTEXT", "gke_project_region_name");
        let settings = "DOMAIN=hello.mesh.test DNS_PROJECT=dns DNS_ZONE=zone GCP_PROJECT=project GCP_REGION=region GKE_CLUSTER=name IAP_CLIENT_ID=client IAP_AUDIENCE=/projects/1/global/backendServices/*";
        let settings = settings.split(' ').filter_map(|pair| pair.split_once('='));
        settings.fold(machine, |machine, (key, value)| machine.with(key, value))
    }

    fn link(&self, tool: &str, to: &Path) {
        symlink(to, self.directory.path().join("bin").join(tool)).unwrap();
    }

    /// Removes a tool.
    pub(crate) fn without(self, tool: &str) -> Self {
        fs::remove_file(self.directory.path().join("bin").join(tool)).unwrap();
        self
    }

    /// Adds a real tool, in place of its stand-in if there is one.
    pub(crate) fn with_real(self, tool: &str) -> Self {
        let machine = match STAND_INS.contains(&tool) {
            true => self.without(tool),
            false => self,
        };
        machine.link(tool, &real(tool));
        machine
    }

    /// Writes a file into the home directory.
    pub(crate) fn with_file(self, name: &str, text: &str) -> Self {
        fs::write(self.directory.path().join(name), text).unwrap();
        self
    }

    /// Sets an environment variable: a setting, or the behaviour of a stand-in.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Writes `k8s/local.env`.
    pub(crate) fn with_local(self, text: &str) -> Self {
        fs::write(self.directory.path().join("local.env"), text).unwrap();
        self
    }

    /// Runs one of the scripts in `k8s/bin`.
    pub(crate) fn script(&self, name: &str, args: &[&str]) -> Run {
        self.run(&root().join("k8s/bin").join(name), args)
    }

    /// Runs a program of this PATH.
    pub(crate) fn program(&self, name: &str, args: &[&str]) -> Run {
        self.run(&self.directory.path().join("bin").join(name), args)
    }

    /// Runs a program with this PATH only.
    pub(crate) fn run(&self, program: &Path, args: &[&str]) -> Run {
        let path = self.directory.path();
        let ended = Command::new(program)
            .args(args)
            .current_dir(root())
            .env_clear()
            .env("PATH", path.join("bin"))
            .env("HOME", path)
            .env("TMPDIR", path.join("temporary"))
            .env("LOCAL_ENV", path.join("local.env"))
            .env("RENDER_DIR", path.join("rendered"))
            .env("STAND_IN_CALLS", path.join("calls"))
            .env("STAND_IN_FILES", path.join("files"))
            .env("STAND_IN_KUBECTL", real("kubectl"))
            .envs(&self.environment)
            .output()
            .unwrap();
        let left = fs::read_dir(path.join("temporary")).unwrap().count();
        assert_eq!(left, 0, "{args:?} left temporary files");
        let calls = fs::read_to_string(path.join("calls")).unwrap();
        let kept = files(&path.join("files")).into_iter();
        Run {
            success: ended.status.success(),
            output: String::from_utf8(ended.stdout).unwrap(),
            errors: String::from_utf8(ended.stderr).unwrap(),
            calls: calls.lines().map(|call| self.shorten(call)).collect(),
            files: kept
                .map(|(path, text)| (path.file_name().unwrap().to_str().unwrap().to_owned(), text))
                .collect(),
        }
    }

    fn shorten(&self, call: &str) -> String {
        let temporary = self.directory.path().join("temporary");
        let words = call.split(' ').map(|word| {
            let path = Path::new(word);
            match path.file_name() {
                Some(name) if path.starts_with(&temporary) => name.to_str().unwrap(),
                _ => word,
            }
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

/// The path of a real tool.
fn real(tool: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap();
    let found = env::split_paths(&path)
        .map(|folder| folder.join(tool))
        .find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{tool} is missing: these tests need it on PATH"))
}
