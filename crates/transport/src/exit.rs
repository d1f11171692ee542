//! The exit codes of causes. They are stable: scripts branch on them.

/// A process's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(pub u8);

impl Exit {
    /// Every call succeeded.
    pub const SUCCESS: Self = Self(0);
    /// The command line is invalid.
    pub const USAGE: Self = Self(2);
    /// The server's name does not resolve.
    pub const RESOLVE: Self = Self(3);
    /// No connection to the server's address.
    pub const CONNECT: Self = Self(4);
    /// The TLS handshake or a certificate failed.
    pub const TLS: Self = Self(5);
    /// The server does not speak HTTP/2, or did not select it by ALPN.
    pub const PROTOCOL: Self = Self(6);
    /// The call's deadline passed.
    pub const DEADLINE: Self = Self(7);
    /// The RPC's status is not OK.
    pub const STATUS: Self = Self(8);
    /// The server reports that it is not serving.
    pub const NOT_SERVING: Self = Self(9);
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.0)
    }
}
