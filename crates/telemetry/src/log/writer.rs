//! Writes log lines on a thread of its own, so that no request waits for the reader
//! of standard output.
//!
//! `tracing-appender` does the same, but reports a full queue at exit with
//! `println!`: this waits for the reader without a limit, and panics if there is none.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tracing::warn;
use tracing_subscriber::fmt::MakeWriter;

use super::dropped::{Dropped, DroppedLines};

/// Bytes of lines that wait; further lines are left out.
const MAX_WAITING: usize = 256 * 1024;

/// Lines that were left out are reported after this time, and then once in
/// [`REPORTS`].
const FIRST_REPORT: Duration = Duration::from_secs(1);
const REPORTS: Duration = Duration::from_secs(60);

/// The longest time that a flush takes.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// The writing end; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct LogWriter(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    dropped: Dropped,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    /// Whether the thread has taken lines that it has not written yet.
    writing: bool,
}

impl LogWriter {
    /// Starts the thread.
    ///
    /// # Errors
    /// If there can be no further thread.
    pub(crate) fn start(output: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let writer = Self(Arc::clone(&shared));
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || shared.write(output))?;
        Ok(writer)
    }

    /// Adds a line, which ends with a newline; leaves it out if too many wait.
    pub(crate) fn line(&self, line: &[u8]) {
        let mut waiting = self.0.lock();
        if waiting.lines.len() + line.len() > MAX_WAITING {
            self.0.dropped.count_not_read();
            return;
        }
        waiting.lines.extend_from_slice(line);
        // The thread is awake if others wait, too.
        if waiting.lines.len() == line.len() {
            self.0.changed.notify_all();
        }
    }

    /// Counts a line that was left out because of the rate.
    pub(crate) fn count_over_rate(&self) {
        self.0.dropped.count_over_rate();
    }

    /// How many lines were left out.
    pub(crate) fn dropped(&self) -> DroppedLines {
        self.0.dropped.lines()
    }

    /// Waits until all lines have been written, but no longer than [`FLUSH_TIMEOUT`].
    pub(crate) fn flush(&self) {
        let waiting = self.0.lock();
        let _ = self
            .0
            .changed
            .wait_timeout_while(waiting, FLUSH_TIMEOUT, |waiting| {
                waiting.writing || !waiting.lines.is_empty()
            });
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // A panic while the lock is held cannot leave half a line.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes lines as they come, and reports those that were left out; never ends.
    fn write(&self, mut output: impl Write) {
        let (mut lines, mut reported) = (Vec::new(), DroppedLines::default());
        let mut next_report = Instant::now() + FIRST_REPORT;
        loop {
            self.take(&mut lines);
            // There may be nobody who reads.
            let _ = output.write_all(&lines).and_then(|()| output.flush());
            lines.clear();
            self.lock().writing = false;
            self.changed.notify_all();
            let dropped = self.dropped.lines();
            if dropped != reported && Instant::now() >= next_report {
                let over_rate = dropped.over_rate - reported.over_rate;
                let not_read = dropped.not_read - reported.not_read;
                warn!(over_rate, not_read, "log lines were left out");
                (reported, next_report) = (dropped, Instant::now() + REPORTS);
            }
        }
    }

    /// Waits for lines, and moves them to `lines`; none come if there is nothing to
    /// write for a second.
    fn take(&self, lines: &mut Vec<u8>) {
        let is_empty = |waiting: &mut Waiting| waiting.lines.is_empty();
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), FIRST_REPORT, is_empty);
        let (mut waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        mem::swap(&mut waiting.lines, lines);
        waiting.writing = true;
    }
}

impl Write for LogWriter {
    /// The subscriber writes each line at once.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.line(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for LogWriter {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, pipe};

    use super::*;

    #[test]
    fn leaves_lines_out_if_nobody_reads_them() {
        let (mut reader, output) = pipe().unwrap();
        let writer = LogWriter::start(output).unwrap();
        let line = [&[b'x'; 999][..], b"\n"].concat();
        for _ in 0..1000 {
            writer.line(&line);
        }
        let dropped = writer.dropped().not_read;
        // A pipe holds 64 KiB; the thread has taken as much as waits, once or twice.
        assert!((300..900).contains(&dropped), "{dropped}");

        let mut read = vec![0; 1000 * (1000 - dropped as usize)];
        reader.read_exact(&mut read).unwrap();
        assert!(read.chunks(1000).all(|chunk| chunk == line));
        writer.flush();
        writer.line(b"last\n");
        let mut last = [0; 5];
        reader.read_exact(&mut last).unwrap();
        assert_eq!(&last, b"last\n");
    }

    #[test]
    fn flushes_for_a_limited_time() {
        let (_reader, output) = pipe().unwrap();
        let writer = LogWriter::start(output).unwrap();
        for _ in 0..100 {
            writer.line(&[b'x'; 1000]);
        }
        let start = Instant::now();
        writer.flush();
        assert!(start.elapsed() >= FLUSH_TIMEOUT);
    }
}
