//! `grpc.health.v1` while the greeter serves.

mod support;

use greeter_proto::health::{
    HealthListRequest,
    health_check_response::ServingStatus::{ServiceUnknown, Serving},
};
use support::{connect, health, of, start};
use testkit::soon;
use tonic::Code;

const SERVICES: [&str; 2] = ["", "helloworld.Greeter"];

#[tokio::test]
async fn checks_the_server_and_the_greeter() {
    let server = start([]).await;
    let mut client = health(&connect(server.public).await);
    for service in SERVICES {
        let reply = client.check(of(service)).await.unwrap();
        assert_eq!(reply.get_ref().status(), Serving, "{service:?}");
    }
}

#[tokio::test]
async fn a_check_of_another_service_is_not_found() {
    let server = start([]).await;
    let mut client = health(&connect(server.public).await);
    for service in ["helloworld", "grpc.health.v1.Health"] {
        let status = client.check(of(service)).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound);
        assert!(status.message().contains(service), "{status}");
    }
}

#[tokio::test]
async fn lists_the_server_and_the_greeter() {
    let server = start([]).await;
    let mut client = health(&connect(server.public).await);
    let reply = client.list(HealthListRequest {}).await.unwrap();
    let mut statuses: Vec<_> = reply
        .get_ref()
        .statuses
        .iter()
        .map(|(service, health)| (service.as_str(), health.status()))
        .collect();
    statuses.sort();
    assert_eq!(statuses, SERVICES.map(|service| (service, Serving)));
}

#[tokio::test]
async fn a_watch_starts_with_the_current_status() {
    let server = start([]).await;
    let mut client = health(&connect(server.public).await);
    for (service, status) in [
        ("", Serving),
        ("helloworld.Greeter", Serving),
        ("another", ServiceUnknown),
    ] {
        let mut watch = client.watch(of(service)).await.unwrap().into_inner();
        let first = soon(watch.message()).await.unwrap().unwrap();
        assert_eq!(first.status(), status, "{service:?}");
    }
}
