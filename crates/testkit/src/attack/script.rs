//! An attack that sends bytes that are known before.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, Interest, copy, sink},
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
    answered: bool,
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
            answered: false,
        }
    }

    /// A connection that does not read.
    #[must_use]
    pub fn unread(mut self) -> Self {
        self.reads = false;
        self
    }

    /// The attack begins when every connection has a response. Before, connections may
    /// wait for the server to accept them, on a fast machine more than on a slow one.
    #[must_use]
    pub fn answered(mut self) -> Self {
        self.answered = true;
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
            ended = self.read(&mut reader, established) => ended,
            ended = self.write(&mut writer, established) => ended,
        }
    }

    /// Completes when the server has closed the connection.
    async fn read(
        &self,
        reader: &mut ReadHalf<'_>,
        established: &Established,
    ) -> anyhow::Result<()> {
        if self.answered && reader.read(&mut [0]).await? > 0 {
            established.set();
        }
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
        if !self.answered {
            established.set();
        }
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
