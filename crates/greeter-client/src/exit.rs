//! The exit codes, which are fixed: scripts branch on them.

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Every greeting came back.
    Success = 0,
    /// The command line cannot be carried out.
    Usage = 2,
    /// The server's name does not resolve.
    Resolve = 3,
    /// No connection to the server's address.
    Connect = 4,
    /// The TLS handshake or a certificate failed.
    Tls = 5,
    /// The peer does not speak HTTP/2, or did not agree to by ALPN.
    Protocol = 6,
    /// The call's deadline passed.
    Deadline = 7,
    /// The RPC's status is not OK.
    Status = 8,
    /// The server answers that it is not serving.
    NotServing = 9,
    /// A load test's `--fail-if` came true.
    Gate = 10,
    /// SIGINT came before every greeting had come back (128 + 2).
    Interrupted = 130,
    /// SIGTERM came before every greeting had come back (128 + 15).
    Terminated = 143,
}

/// The table of exit codes for the help and the manual page.
pub const TABLE: &str = "\
Exit codes:
  0  success                    5  TLS or certificate
  2  usage                      6  protocol (ALPN, HTTP/2)
  3  name resolution            7  deadline
  4  connect                    8  the RPC's status is not OK
  9  not serving               10  a --fail-if came true
  130, 143  SIGINT or SIGTERM stopped greetings early; load then exits by its gates";

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
