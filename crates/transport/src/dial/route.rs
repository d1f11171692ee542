//! The first two phases: a name to addresses, and a connection to one of them, of
//! the server or of its proxy.

use tokio::time::Instant;

use super::{connect::connect, resolve::resolve};
use crate::{
    Address, DialError, DialReport, Proxy, Target, TunnelError, deadline::before, socket::BoxedIo,
    tunnel::Tunnel,
};

/// Where the first connection goes.
pub(super) enum Route<'a> {
    /// To the server.
    Direct(&'a Target),
    /// To the proxy, which opens the tunnel.
    Tunnel(&'a Proxy, Tunnel),
}

impl<'a> Route<'a> {
    pub(super) fn new(target: &'a Target, proxy: Option<&'a Proxy>) -> Self {
        match (target, proxy) {
            (Target::Tcp { authority, .. }, Some(proxy)) => {
                Self::Tunnel(proxy, proxy.tunnel(authority.clone()))
            }
            _ => Self::Direct(target),
        }
    }

    /// Connects before the deadline, and reports the evidence. Returns the address
    /// for probes as well.
    ///
    /// # Errors
    /// If no address accepts, or the proxy refuses.
    pub(super) async fn connect(
        &self,
        deadline: Instant,
        report: &mut DialReport,
    ) -> Result<(Address, BoxedIo), DialError> {
        let (address, stream) = match self {
            Self::Direct(target) => direct(target, deadline, report).await?,
            Self::Tunnel(proxy, tunnel) => {
                report.proxy = Some(proxy.to_string());
                through(proxy, tunnel, deadline, report).await?
            }
        };
        report.peer = Some(address.to_string());
        report.address = Some(address.clone());
        Ok((address, stream))
    }
}

async fn direct(
    target: &Target,
    deadline: Instant,
    report: &mut DialReport,
) -> Result<(Address, BoxedIo), DialError> {
    let timer = Instant::now();
    let addresses = match target {
        Target::Unix(path) => vec![Address::Unix(path.clone())],
        Target::Tcp { authority, .. } => {
            let port = authority.port_u16().unwrap_or_default();
            resolve(target.host(), port, deadline).await?
        }
    };
    report.addresses = addresses.iter().map(ToString::to_string).collect();
    report.timings.resolve = Some(timer.elapsed());
    let timer = Instant::now();
    let connected = connect(&addresses, deadline, &mut report.attempts).await?;
    report.timings.connect = Some(timer.elapsed());
    Ok(connected)
}

/// The time of the connect phase includes that of the tunnel.
async fn through(
    proxy: &Proxy,
    tunnel: &Tunnel,
    deadline: Instant,
    report: &mut DialReport,
) -> Result<(Address, BoxedIo), DialError> {
    let unreachable = |cause| DialError::ProxyUnreachable {
        proxy: proxy.to_string(),
        cause: Box::new(cause),
    };
    let timer = Instant::now();
    let addresses = resolve(&proxy.host, proxy.port, deadline).await;
    let addresses = addresses.map_err(unreachable)?;
    report.timings.resolve = Some(timer.elapsed());
    let timer = Instant::now();
    let connected = connect(&addresses, deadline, &mut report.attempts).await;
    let (address, stream) = connected.map_err(unreachable)?;
    let opened = before(deadline, tunnel.open(stream)).await;
    let stream = opened.ok_or_else(|| TunnelError::NoResponse {
        proxy: proxy.to_string(),
    })??;
    report.timings.connect = Some(timer.elapsed());
    let address = match address {
        Address::Tcp(address) => Address::Tunnel(address, tunnel.clone()),
        other => other,
    };
    Ok((address, stream))
}
