//! The parameters in the queries of the routes.

use serde::Deserialize;

/// Those of all routes: a type for each would add a decoder to the program.
#[derive(Deserialize)]
pub(super) struct Parameters {
    /// Of `/stream`: seconds between lines.
    pub(super) interval: Option<String>,
    /// Of `/greet`: the number of greetings, as server-sent events.
    pub(super) stream: Option<String>,
}
