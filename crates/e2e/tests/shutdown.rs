//! Graceful shutdown of a greeter under load: no call fails.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use e2e::{TestMesh, dial};
use futures_util::future::join_all;
use greeter_proto::health::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use transport::{
    call::{Call, Kind, Options},
    tls::Tls,
};

const DRAIN_TIMEOUT: Duration = Duration::from_secs(25);
const CALLERS: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn no_call_fails_while_a_greeter_shuts_down() {
    let mesh = TestMesh::start().await;
    let stop = AtomicBool::new(false);
    let greeted = AtomicU64::new(0);

    let load = join_all((0..CALLERS).map(|_| greet_until(&mesh, &stop, &greeted)));
    let shutdown = async {
        let served = watch_shutdown(&mesh).await;
        // 500 more calls reach the other greeter.
        let after = greeted.load(Ordering::Relaxed) + 500;
        while greeted.load(Ordering::Relaxed) < after {
            tokio::task::yield_now().await;
        }
        stop.store(true, Ordering::Relaxed);
        served
    };
    let (failures, took) = tokio::join!(load, shutdown);

    let failures: Vec<_> = failures.into_iter().flatten().collect();
    assert!(failures.is_empty(), "{failures:?}");
    assert!(took < DRAIN_TIMEOUT, "{took:?}");
    assert!(mesh.greeters[0].succeeded());
    mesh.stop().await;
}

/// Greets through the gateway until `stop`. Returns the failures.
async fn greet_until(mesh: &TestMesh, stop: &AtomicBool, greeted: &AtomicU64) -> Vec<String> {
    let target = format!("https://{}", mesh.https_addr());
    let tls = Tls::verified("localhost", Some(&mesh.ca)).unwrap();
    let connection = dial(&target, Some(tls)).await;
    let options = Options {
        kind: Kind::Unary,
        headers: Vec::new(),
        timeout: Some(Duration::from_secs(10)),
        compression: None,
    };
    let mut failures = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let names = futures_util::stream::once(async { "Alice".to_owned() });
        let outcome = async {
            let mut call = Call::start(connection.channel.clone(), &options, names).await?;
            call.next().await?;
            call.trailers().await
        };
        match outcome.await {
            Ok(_) => _ = greeted.fetch_add(1, Ordering::Relaxed),
            Err(status) => failures.push(status.to_string()),
        }
    }
    failures
}

/// Sends SIGTERM to the first greeter while a health Watch is open. Returns the
/// time until it has ended.
async fn watch_shutdown(mesh: &TestMesh) -> Duration {
    let target = format!("http://{}", mesh.greeter_addresses[0]);
    let connection = dial(&target, None).await;
    let origin = connection.channel.origin().clone();
    let mut health = HealthClient::with_origin(connection.channel, origin);
    let service = HealthCheckRequest {
        service: "helloworld.Greeter".to_owned(),
    };
    let mut watch = health.watch(service).await.unwrap().into_inner();
    let first = watch.message().await.unwrap().unwrap();
    assert_eq!(first.status(), ServingStatus::Serving);

    let started = Instant::now();
    mesh.greeters[0].terminate();
    let second = watch.message().await.unwrap().unwrap();
    assert_eq!(second.status(), ServingStatus::NotServing);
    // The lame duck announces NOT_SERVING before it ends.
    assert!(!mesh.greeters[0].has_ended());
    mesh.healthy_greeters(1).await.unwrap();
    mesh.greeters[0].ended().await;
    started.elapsed()
}
