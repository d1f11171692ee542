//! A memory cgroup of version 1 or 2, which needs the rights of root.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The files of a cgroup, by version.
const VERSIONS: [Files; 2] = [
    Files {
        root: "/sys/fs/cgroup/memory",
        limit: "memory.limit_in_bytes",
        usage: "memory.usage_in_bytes",
        peak: "memory.max_usage_in_bytes",
    },
    Files {
        root: "/sys/fs/cgroup",
        limit: "memory.max",
        usage: "memory.current",
        peak: "memory.peak",
    },
];

struct Files {
    root: &'static str,
    limit: &'static str,
    usage: &'static str,
    peak: &'static str,
}

/// A memory cgroup. It is removed on drop, if it has no process.
pub(crate) struct Cgroup {
    directory: PathBuf,
    files: &'static Files,
}

impl Cgroup {
    /// A cgroup with this memory limit, in bytes.
    ///
    /// # Errors
    /// If the machine has no memory cgroups, or no rights for them.
    pub(crate) fn create(name: &str, limit: u64) -> io::Result<Self> {
        let mounted = |files: &&Files| Path::new(files.root).is_dir();
        let files = VERSIONS.iter().find(mounted);
        let files = files.ok_or(io::ErrorKind::Unsupported)?;
        let directory = Path::new(files.root).join(name);
        fs::create_dir(&directory)?;
        let cgroup = Self { directory, files };
        fs::write(cgroup.directory.join(files.limit), limit.to_string())?;
        Ok(cgroup)
    }

    /// The file that takes the ID of a process.
    pub(crate) fn processes(&self) -> String {
        self.directory.join("cgroup.procs").display().to_string()
    }

    /// The memory that the processes use, in bytes.
    pub(crate) fn usage(&self) -> u64 {
        self.read(self.files.usage)
    }

    /// The most memory that the processes used, in bytes.
    pub(crate) fn peak(&self) -> u64 {
        self.read(self.files.peak)
    }

    fn read(&self, file: &str) -> u64 {
        let text = fs::read_to_string(self.directory.join(file)).unwrap();
        text.trim().parse().unwrap()
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        // It stays if a process is left; it then only takes a name.
        let _ = fs::remove_dir(&self.directory);
    }
}
