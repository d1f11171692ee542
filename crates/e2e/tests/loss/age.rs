//! Connections that the greeter ends when they are 500 ms old.

use e2e::TestMesh;

use crate::{
    greeter,
    greeters::gateway,
    load::{Row, Target, call},
};

const AGE: [&str; 2] = ["--max-connection-age", "500ms"];

pub(crate) async fn direct() -> Row {
    let (_greeter, addr) = greeter::start(&AGE).await;
    call(&Target { addr, ca: None }).await
}

pub(crate) async fn through_the_gateway() -> Row {
    let mesh = TestMesh::with_greeters(&AGE).await;
    call(&gateway(&mesh)).await
}
