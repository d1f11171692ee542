//! Why a load test did not begin.

use std::io;

use transport::DialFailure;

/// Why a load test did not begin.
#[derive(Debug)]
pub enum LoadError {
    /// A first connection could not be made.
    Dial(Box<DialFailure>),
    /// A thread could not be started.
    Thread(io::Error),
}

impl From<Box<DialFailure>> for LoadError {
    fn from(failure: Box<DialFailure>) -> Self {
        Self::Dial(failure)
    }
}

impl From<io::Error> for LoadError {
    fn from(error: io::Error) -> Self {
        Self::Thread(error)
    }
}
