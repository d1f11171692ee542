//! The further attempts of a diagnosis: on every address of the name, and over
//! several connections to the same address.

mod judge;
mod results;
mod schedule;
mod summary;

pub(crate) use results::Results;
pub(crate) use schedule::Schedule;
pub(crate) use summary::lines;
