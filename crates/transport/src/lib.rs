//! Dials a gRPC server in phases (resolve, connect, TLS, ALPN, HTTP/2), keeps
//! the evidence of each phase, and names the cause of a failure from one table.
//! It must not know who dials or what is printed; only hints name flags.

mod backoff;
pub mod call;
mod cause;
mod channel;
mod deadline;
mod dial;
mod error;
mod exit;
mod host;
mod keepalive;
pub mod probe;
mod protocol;
mod proxy;
mod report;
mod sniffer;
mod socket;
mod stream;
mod target;
pub mod tls;
mod tunnel;
mod tunnel_error;
mod unary;

pub use backoff::{Backoff, DialPacer};
pub use cause::{Cause, ProxyMessage, is_envoys, shows_gateway};
pub use channel::{Channel, ChannelError, CloseReason, ResponseBody};
pub use deadline::{DeadlineTimer, within};
pub use dial::{Connection, DialFailure, Dialer};
pub use error::DialError;
pub use exit::Exit;
pub use host::{ascii_host, authority};
pub use keepalive::Keepalive;
pub use protocol::Protocol;
pub use proxy::Proxy;
pub use report::{ConnectAttempt, DialReport, Timings, milliseconds};
pub use socket::Address;
pub use target::Target;
pub use tunnel::Tunnel;
pub use tunnel_error::TunnelError;
pub use unary::UnaryCall;
