//! CPU profiles of the process, in the format of `pprof`.

mod encode;
mod mappings;

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use nix::sys::signal::{Signal, raise};
use pprof::{ProfilerGuard, ProfilerGuardBuilder};
use thiserror::Error;
use tokio::{task::spawn_blocking, time::sleep};
use tracing::info;

/// Samples in a second of CPU time; not 100, so that they do not run in step with
/// timers.
const FREQUENCY: i32 = 99;

/// The profiler writes a temporary file, and the file system of a container is
/// read-only.
const TEMPORARY_FILES: &str = "/dev/shm";

static IS_RECORDING: AtomicBool = AtomicBool::new(false);

/// Why there is no profile.
#[derive(Debug, Error)]
pub(crate) enum ProfileError {
    /// There is another one.
    #[error("another profile is being recorded; try again once it has ended")]
    Busy,
    /// The profiler does not work.
    #[error("cannot record a profile: {0}")]
    Failed(String),
}

/// Held by the profile that is being recorded.
struct Recording;

impl Recording {
    fn start() -> Option<Self> {
        (!IS_RECORDING.swap(true, Ordering::Acquire)).then_some(Self)
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        IS_RECORDING.store(false, Ordering::Release);
    }
}

/// Records the CPU time of all threads for this time. Returns a compressed profile
/// with addresses instead of names; `pprof` finds the names in the program.
///
/// # Errors
/// If another profile is being recorded, or the profiler does not work.
pub(crate) async fn record(time: Duration) -> Result<Vec<u8>, ProfileError> {
    let recording = Recording::start().ok_or(ProfileError::Busy)?;
    info!(?time, "recording a CPU profile");
    let profiler = blocking(start).await?;
    sleep(time).await;
    // The next one must wait until this is encoded, even if nobody waits for the result.
    blocking(move || {
        let _recording = recording;
        let report = profiler.report().build_unresolved();
        // Stops it first: encoding takes CPU time, too.
        drop(profiler);
        report
            .map_err(|error| error.to_string())
            .and_then(|report| encode::profile(&report).map_err(|error| error.to_string()))
    })
    .await
}

/// Starts the profiler. Its first sample reads the unwind tables, which allocates
/// memory: in a signal handler that interrupts the allocator, this could lock up. So
/// this thread takes that sample at a time when it allocates nothing.
fn start() -> Result<ProfilerGuard<'static>, String> {
    // Fails if it has been set before.
    let _ = tempfile::env::override_temp_dir(Path::new(TEMPORARY_FILES));
    let start = |frequency| {
        let profiler = ProfilerGuardBuilder::default().frequency(frequency);
        profiler.build().map_err(|error| error.to_string())
    };
    let first = start(1)?;
    raise(Signal::SIGPROF).map_err(|error| error.to_string())?;
    drop(first);
    start(FREQUENCY)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, ProfileError> {
    let result = spawn_blocking(work)
        .await
        .map_err(|error| error.to_string());
    result
        .and_then(|result| result)
        .map_err(ProfileError::Failed)
}

#[cfg(test)]
mod tests {
    use std::{hint::black_box, io::Read, sync::Arc, thread};

    use flate2::read::GzDecoder;
    use prost::Message;

    use super::{encode::Profile, *};

    #[inline(never)]
    fn spin(stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            black_box(0);
        }
    }

    #[tokio::test]
    async fn records_the_stacks_of_busy_threads() {
        let stop = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let stop = Arc::clone(&stop);
            move || spin(&stop)
        });
        let (profile, second) = tokio::join!(record(Duration::from_secs(1)), async {
            record(Duration::from_secs(1)).await
        });
        stop.store(true, Ordering::Relaxed);
        thread.join().unwrap();
        assert!(matches!(second, Err(ProfileError::Busy)));

        let mut bytes = Vec::new();
        let profile = profile.unwrap();
        GzDecoder::new(&profile[..])
            .read_to_end(&mut bytes)
            .unwrap();
        let profile = Profile::decode(&bytes[..]).unwrap();
        let count: i64 = profile.samples.iter().map(|it| it.values[0]).sum();
        assert!(count > 10, "{count} samples");
        // The leaf, its callers, and the start of the thread.
        let deep = profile.samples.iter().filter(|it| it.locations.len() > 5);
        assert!(deep.count() > 0, "{:?}", profile.samples);
        let known = profile.locations.iter().filter(|it| it.mapping > 0).count();
        assert!(known * 10 >= profile.locations.len() * 9, "{profile:?}");
    }
}
