//! Reloads the TLS files while the server runs.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::Context;
use cli_kit::chain;
use rustls::ServerConfig;
use tokio::{
    sync::watch,
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};
use tracing::{info, warn};

use super::{
    material::{Material, Paths},
    validity::ExpiryWarning,
};

/// What handshakes use.
#[derive(Clone)]
pub(super) struct Served {
    pub(super) config: Arc<ServerConfig>,
    /// The end of the certificate's validity, in seconds since 1970.
    pub(super) not_after: Option<i64>,
}

impl Served {
    fn new(material: &Material) -> anyhow::Result<Self> {
        Ok(Self {
            config: Arc::new(material.config()?),
            not_after: material.validity().map(|it| it.end_timestamp()),
        })
    }
}

/// Polls the files. Their contents decide, not notifications of the file system:
/// these differ between a file, a mounted Secret (the kubelet swaps a symbolic
/// link two levels up) and a network file system.
pub(super) struct Reload {
    paths: Paths,
    served: Material,
    sender: watch::Sender<Served>,
    warning: ExpiryWarning,
    /// The error of the last read.
    error: Option<String>,
    /// The error that has been logged.
    logged: Option<String>,
}

impl Reload {
    /// Reads the files for the first time. A certificate that has expired is
    /// served: a server that does not start would help nobody.
    ///
    /// # Errors
    /// If a file cannot be used.
    pub(super) fn start(paths: Paths) -> anyhow::Result<(Self, watch::Receiver<Served>)> {
        let served = Material::read(&paths)?;
        let (sender, receiver) = watch::channel(Served::new(&served)?);
        let mut reload = Self {
            paths,
            served,
            sender,
            warning: ExpiryWarning::default(),
            error: None,
            logged: None,
        };
        reload.warn_before_expiry();
        Ok((reload, receiver))
    }

    /// Polls the files until no receiver of the configuration is left.
    pub(super) async fn run(mut self, every: Duration) {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.sender.closed() => return,
                _ = ticks.tick() => {}
            }
            // Files of a network file system can block.
            let paths = self.paths.clone();
            let read = spawn_blocking(move || Material::read(&paths)).await;
            match read.context("cannot read the TLS files").flatten() {
                Ok(read) if read == self.served => (self.error, self.logged) = (None, None),
                Ok(read) => self.replace(read),
                Err(error) => self.refuse(&error),
            }
            self.warn_before_expiry();
        }
    }

    fn replace(&mut self, read: Material) {
        let validity = read.validity();
        let usable = match validity {
            Some(validity) => validity.check(SystemTime::now()),
            None => Ok(()),
        };
        match usable.and_then(|()| Served::new(&read)) {
            Ok(served) => {
                self.sender.send_replace(served);
                self.served = read;
                (self.error, self.logged) = (None, None);
                self.warning = ExpiryWarning::default();
                let not_after = validity.map(|it| it.end());
                info!(not_after, "TLS files reloaded: new connections use them");
            }
            Err(error) => self.refuse(&error),
        }
    }

    /// Logs an error once, and only when the next read has it too: a writer may
    /// be between two files.
    fn refuse(&mut self, error: &anyhow::Error) {
        let error = chain(error.as_ref());
        if self.error.as_ref() == Some(&error) && self.logged.as_ref() != Some(&error) {
            warn!(
                error,
                "the changed TLS files cannot be used: the last good ones stay in use"
            );
            self.logged = Some(error.clone());
        }
        self.error = Some(error);
    }

    fn warn_before_expiry(&mut self) {
        let Some(validity) = self.served.validity() else {
            return;
        };
        if let Some(days_left) = self.warning.due(&validity, SystemTime::now()) {
            warn!(
                days_left,
                not_after = validity.end(),
                "the certificate of --tls-cert expires soon or has expired: renew it"
            );
        }
    }
}
