//! An attack that sends bytes that are known before.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncWriteExt, Interest, copy, sink},
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    time::interval,
};

use super::{Attack, Established};

/// How often a connection that does not read checks whether the server has closed it.
const CLOSED_CHECK_INTERVAL: Duration = Duration::from_millis(500);

/// What a connection sends first, and what it sends then.
pub struct Script {
    first: Vec<u8>,
    then: Option<Repeat>,
    reads: bool,
}

struct Repeat {
    /// Zero for as fast as the server reads.
    interval: Duration,
    /// The bytes of each round, from 0.
    bytes: Box<dyn Fn(u32) -> Vec<u8> + Send + Sync>,
}

impl Script {
    /// A connection that sends these bytes, keeps silent, and discards what the
    /// server sends.
    #[must_use]
    pub fn new(first: Vec<u8>) -> Self {
        Self {
            first,
            then: None,
            reads: true,
        }
    }

    /// A connection that does not read.
    #[must_use]
    pub fn unread(mut self) -> Self {
        self.reads = false;
        self
    }

    /// Then sends these bytes, as fast as the server reads. They are made for each
    /// round, from 0.
    #[must_use]
    pub fn flood(self, bytes: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static) -> Self {
        self.trickle(Duration::ZERO, bytes)
    }

    /// Then sends these bytes at this interval.
    #[must_use]
    pub fn trickle(
        mut self,
        interval: Duration,
        bytes: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let bytes = Box::new(bytes);
        self.then = Some(Repeat { interval, bytes });
        self
    }

    /// The attack over this many connections.
    #[must_use]
    pub fn over(self, connections: u32) -> Attack {
        let script = Arc::new(self);
        Attack::new(connections, move |stream, established| {
            let script = script.clone();
            async move { script.run(stream, &established).await }
        })
    }

    async fn run(&self, mut stream: TcpStream, established: &Established) -> anyhow::Result<()> {
        let (mut reader, mut writer) = stream.split();
        tokio::select! {
            ended = self.read(&mut reader) => ended,
            ended = self.write(&mut writer, established) => ended,
        }
    }

    /// Completes when the server has closed the connection.
    async fn read(&self, reader: &mut ReadHalf<'_>) -> anyhow::Result<()> {
        if self.reads {
            copy(reader, &mut sink()).await?;
            return Ok(());
        }
        let mut check = interval(CLOSED_CHECK_INTERVAL);
        loop {
            check.tick().await;
            // Until there are bytes to read, the connection is open.
            if reader.ready(Interest::READABLE).await?.is_read_closed() {
                return Ok(());
            }
        }
    }

    async fn write(
        &self,
        writer: &mut WriteHalf<'_>,
        established: &Established,
    ) -> anyhow::Result<()> {
        writer.write_all(&self.first).await?;
        established.set();
        let Some(then) = &self.then else {
            return std::future::pending().await;
        };
        let mut pace = (!then.interval.is_zero()).then(|| interval(then.interval));
        for round in 0.. {
            if let Some(pace) = &mut pace {
                pace.tick().await;
            }
            writer.write_all(&(then.bytes)(round)).await?;
        }
        Ok(())
    }
}
