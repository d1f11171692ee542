//! Machines with more of a cloud than recorded calls.

use std::{collections::BTreeMap, fs, path::PathBuf};

use super::{Machine, files, real, root};

impl Machine {
    /// Replaces the recorded gcloud by one with a memory.
    pub(crate) fn with_cloud(self) -> Self {
        let path = self.directory.path().to_owned();
        let machine = self.without("gcloud");
        let script = root().join("crates/manifests/tests/stand-in/gcloud");
        machine.link("gcloud", &script.canonicalize().unwrap());
        for tool in ["mkdir", "sleep"] {
            if !path.join("bin").join(tool).exists() {
                machine.link(tool, &real(tool));
            }
        }
        let [cloud, records] = ["cloud", "records"].map(|it| path.join(it));
        fs::create_dir(&cloud).unwrap();
        machine
            .with("STAND_IN_CLOUD", cloud.to_str().unwrap())
            .with("GCP_RECORDS", records.to_str().unwrap())
    }

    /// Adds a stand-in for a tool that only records its calls.
    pub(crate) fn with_stand_in(self, tool: &str) -> Self {
        let script = root().join("crates/manifests/tests/stand-in/tool");
        self.link(tool, &script.canonicalize().unwrap());
        self
    }

    /// The files that stand for things in the cloud, and the records of them.
    pub(crate) fn cloud(&self) -> BTreeMap<PathBuf, String> {
        ["cloud", "records"]
            .map(|folder| self.directory.path().join(folder))
            .iter()
            .filter(|folder| folder.exists())
            .flat_map(|folder| files(folder))
            .map(|(path, text)| {
                let path = path.strip_prefix(self.directory.path()).unwrap();
                (path.to_owned(), text)
            })
            .collect()
    }

    /// Replaces kubectl by the real one, with the status that Google gives its objects:
    /// other API servers have none.
    pub(crate) fn with_api_server(self) -> Self {
        let machine = self.without("kubectl");
        let script = root().join("crates/manifests/tests/stand-in/api-server");
        machine.link("kubectl", &script.canonicalize().unwrap());
        machine
    }
}
