//! The log of the test's thread.

use std::{cell::RefCell, io, sync::Once};

use testkit::TIMEOUT;
use tokio::{sync::watch, time::timeout};

thread_local! {
    static TEXT: RefCell<Option<watch::Sender<String>>> = const { RefCell::new(None) };
}

/// Installs one subscriber for all threads: with one for each, a thread without
/// any can switch off the events of the others. So can an event before this call.
pub(crate) fn install() {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(|| Writer)
            .init();
    });
}

/// Records the log of this thread from level `info` on; the test must use a
/// runtime of one thread.
pub(crate) struct Log(watch::Sender<String>);

impl Log {
    pub(crate) fn record() -> Self {
        install();
        let text = watch::Sender::default();
        TEXT.set(Some(text.clone()));
        Self(text)
    }

    /// Waits for a line with all these words; returns it.
    pub(crate) async fn line(&self, words: &[&str]) -> String {
        let mut text = self.0.subscribe();
        let found = text.wait_for(|text| matching(text, words).next().is_some());
        let Ok(found) = timeout(TIMEOUT, found).await else {
            panic!("no line with {words:?}:\n{:?}", *self.0.borrow());
        };
        matching(&found.unwrap(), words).next().unwrap().to_owned()
    }

    /// How many lines have all these words.
    pub(crate) fn count(&self, words: &[&str]) -> usize {
        matching(&self.0.borrow(), words).count()
    }
}

fn matching<'a>(text: &'a str, words: &[&str]) -> impl Iterator<Item = &'a str> {
    text.lines()
        .filter(move |line| words.iter().all(|word| line.contains(word)))
}

struct Writer;

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        TEXT.with_borrow(|text| {
            if let Some(text) = text {
                let line = String::from_utf8_lossy(bytes);
                text.send_modify(|text| text.push_str(&line));
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
