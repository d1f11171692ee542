//! The memory limit of the process's control group, and how many connections fit
//! into it.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The default without a memory limit.
const UNLIMITED: u32 = 10_000;

/// Memory for one connection. An idle one takes 21 KiB over HTTP/1.1, 19 KiB over
/// HTTP/2, and more with TLS.
const PER_CONNECTION: u64 = 48 * 1024;

/// Few, but enough for probes and a gateway.
const MIN_CONNECTIONS: u64 = 64;

/// The memory limit of this process in bytes, if it has one.
pub(crate) fn limit() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    limit_in(Path::new("/sys/fs/cgroup"), &groups)
}

/// How many connections fit into half of a memory limit; the other half is for
/// their requests.
pub(crate) fn connections(limit: Option<u64>) -> u32 {
    let Some(limit) = limit else {
        return UNLIMITED;
    };
    let fit = (limit / 2 / PER_CONNECTION).max(MIN_CONNECTIONS);
    u32::try_from(fit).unwrap_or(UNLIMITED).min(UNLIMITED)
}

/// The lowest limit of these control groups (the content of `/proc/self/cgroup`)
/// and of those that contain them. In a container, the file can name the group as
/// the host sees it, while the container sees that group as `root`.
fn limit_in(root: &Path, groups: &str) -> Option<u64> {
    groups
        .lines()
        .filter_map(|line| {
            let mut fields = line.splitn(3, ':').skip(1);
            let (controllers, group) = (fields.next()?, fields.next()?);
            if controllers.is_empty() {
                return Some((root.to_owned(), "memory.max", group));
            }
            let version_1 = controllers.split(',').any(|it| it == "memory");
            version_1.then(|| (root.join("memory"), "memory.limit_in_bytes", group))
        })
        .flat_map(|(root, file, group)| files(&root, group, file))
        .filter_map(|file| fs::read_to_string(file).ok()?.trim().parse().ok())
        // Version 1 has no word for "no limit": it is the largest number of pages.
        .filter(|limit| *limit < 1 << 60)
        .min()
}

/// This file of a group and of all groups that contain it.
fn files(root: &Path, group: &str, file: &str) -> Vec<PathBuf> {
    Path::new(group.trim_start_matches('/'))
        .ancestors()
        .map(|group| root.join(group).join(file))
        .collect()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// A folder with these files.
    fn root(files: &[(&str, &str)]) -> TempDir {
        let root = TempDir::new().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        root
    }

    #[test]
    fn reads_the_limit_of_version_2() {
        let root = root(&[("memory.max", "67108864\n")]);
        assert_eq!(limit_in(root.path(), "0::/\n"), Some(64 << 20));
        // The group as the host sees it.
        let host = "0::/kubepods.slice/pod1/container1\n";
        assert_eq!(limit_in(root.path(), host), Some(64 << 20));
    }

    #[test]
    fn takes_the_lowest_limit_of_nested_groups() {
        let root = root(&[
            ("pod/memory.max", "1000"),
            ("pod/a/memory.max", "max"),
            ("pod/b/memory.max", "500"),
        ]);
        assert_eq!(limit_in(root.path(), "0::/pod/a\n"), Some(1000));
        assert_eq!(limit_in(root.path(), "0::/pod/b\n"), Some(500));
        assert_eq!(limit_in(root.path(), "0::/other\n"), None);
    }

    #[test]
    fn reads_the_limit_of_version_1() {
        let root = root(&[
            ("memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("memory/pod/memory.limit_in_bytes", "67108864\n"),
        ]);
        let groups = "5:cpu,cpuacct:/pod\n4:memory:/pod\n0::/\n";
        assert_eq!(limit_in(root.path(), groups), Some(64 << 20));
        assert_eq!(limit_in(root.path(), "4:memory:/\n0::/\n"), None);
        assert_eq!(limit_in(root.path(), "5:cpu:/pod\nnonsense\n"), None);
    }

    #[test]
    fn connections_fit_into_half_of_the_limit() {
        assert_eq!(connections(None), 10_000);
        assert_eq!(connections(Some(64 << 20)), 682);
        assert_eq!(connections(Some(16 << 30)), 10_000);
        assert_eq!(connections(Some(1 << 20)), 64);
    }
}
