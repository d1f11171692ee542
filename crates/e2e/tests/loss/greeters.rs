//! A rolling restart of the greeters behind the gateway.

use e2e::TestMesh;

use crate::load::{Row, Target, while_replaced};

/// The gateway of a mesh.
pub(crate) fn gateway(mesh: &TestMesh) -> Target {
    Target {
        addr: mesh.https_addr(),
        ca: Some(mesh.cacert().to_owned()),
    }
}

pub(crate) async fn restart() -> Row {
    let mut mesh = TestMesh::start().await;
    let target = gateway(&mesh);
    while_replaced(&target, async || mesh.restart_greeters().await).await
}
