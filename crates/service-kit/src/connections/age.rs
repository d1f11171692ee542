//! The maximum age of connections.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use tokio::time::sleep;

use super::state::ConnectionState;

/// Waits until an HTTP/2 connection has reached its maximum age. HTTP/1.1
/// connections have none: without GOAWAY, closing one could drop a request
/// in transit.
pub(crate) async fn reached(age: Duration, connection: &ConnectionState) {
    sleep(jittered(age)).await;
    if !connection.is_http2() {
        std::future::pending().await
    }
}

/// `age` ± 10 %, so that connections opened together do not reconnect together.
fn jittered(age: Duration) -> Duration {
    let random = RandomState::new().hash_one(()) as f64 / u64::MAX as f64;
    age.mul_f64(0.9 + 0.2 * random)
}
