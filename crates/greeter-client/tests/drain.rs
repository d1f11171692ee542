//! Calls and connections that a server ends: what it has not processed is sent again
//! once, and connections that end early are not redialled at full speed.

mod support;

use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use greeter_proto::helloworld::HelloReply;
use serde_json::Value;
use support::{client, greeter, load, load_json};
use testkit::{
    frames::{CANCEL, NO_ERROR, REFUSED_STREAM, goaway, rst_stream},
    http2_server::{Http2Server, reply, serve},
    servers,
};

/// What a server does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Reply,
    /// A GOAWAY whose last stream is the one before.
    Goaway,
    Refuse,
    /// A reset of a stream that may have been processed.
    Cancel,
}

/// Counts over all connections of a server.
#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    requests: AtomicUsize,
}

impl Counts {
    fn get(&self) -> (usize, usize) {
        let get = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        (get(&self.connections), get(&self.requests))
    }
}

/// A greeter that answers request `n` (from 1, over all connections) with `answer(n)`.
async fn answering(
    answer: impl Fn(usize) -> Answer + Copy + Send + 'static,
) -> (String, Arc<Counts>) {
    let counts = Arc::<Counts>::default();
    let counter = Arc::clone(&counts);
    let addr = serve(move |server| {
        counter.connections.fetch_add(1, Ordering::Relaxed);
        answer_all(server, answer, Arc::clone(&counter))
    })
    .await;
    (addr, counts)
}

async fn answer_all(
    mut server: Http2Server,
    answer: impl Fn(usize) -> Answer,
    counts: Arc<Counts>,
) -> io::Result<()> {
    let message = HelloReply {
        message: "Hello".to_owned(),
    };
    loop {
        let stream = server.request().await?;
        let number = counts.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let frames = match answer(number) {
            Answer::Reply => reply(stream, &message),
            Answer::Goaway => goaway(stream.saturating_sub(2), NO_ERROR),
            Answer::Refuse => rst_stream(stream, REFUSED_STREAM),
            Answer::Cancel => rst_stream(stream, CANCEL),
        };
        server.send(&[frames]).await?;
    }
}

fn fifth(answer: Answer) -> impl Fn(usize) -> Answer + Copy + Send + 'static {
    move |number| if number == 5 { answer } else { Answer::Reply }
}

const SHORT: [&str; 4] = ["--rate", "100", "--duration", "200ms"];

#[tokio::test(flavor = "multi_thread")]
async fn load_sends_again_what_was_not_processed() {
    for (answer, reconnects) in [(Answer::Goaway, 1), (Answer::Refuse, 0)] {
        let (addr, counts) = answering(fifth(answer)).await;
        let report = load_json(&addr, &[&SHORT[..], &["--concurrency", "1"]].concat()).await;
        assert_eq!(report["retried"], 1, "{answer:?} {report}");
        assert_eq!(report["responses"]["errors"], 0, "{report}");
        assert_eq!(report["reconnects"], reconnects, "{report}");
        assert_eq!(report["responses"]["ok"], 20, "{report}");
        assert_eq!(counts.get(), (1 + reconnects, 21));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn load_shows_what_was_sent_again() {
    let (addr, _) = answering(fifth(Answer::Refuse)).await;
    let directory = tempfile::tempdir().unwrap();
    let page = directory.path().join("report.html");
    let html = ["--html", page.to_str().unwrap()];
    let run = load(&addr, &[&SHORT[..], &html].concat()).await;
    let line = "retried    1 (not processed by the server, sent again)\n";
    assert!(run.stdout.contains(line), "{run:?}");
    let page = std::fs::read_to_string(&page).unwrap();
    assert!(page.contains("0 reconnects, 1 retried;"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn load_sends_a_call_at_most_twice() {
    let (addr, counts) = answering(|_| Answer::Refuse).await;
    let report = load_json(&addr, &SHORT).await;
    assert_eq!(report["retried"], 20, "{report}");
    assert_eq!(report["errors"][0]["kind"], "UNAVAILABLE", "{report}");
    assert_eq!(report["errors"][0]["count"], 20, "{report}");
    assert_eq!(counts.get(), (1, 40));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greeting_that_was_not_processed_is_sent_again_once() {
    for answer in [Answer::Goaway, Answer::Refuse] {
        let (addr, counts) = answering(fifth(answer)).await;
        let run = client(&["--addr", &addr, "--repeat", "8", "-v"]).await;
        assert_eq!((run.code, run.stdout.lines().count()), (0, 8), "{run:?}");
        assert_eq!(counts.get(), (2, 9), "{run:?}");
        let line = "* sent again: the server did not process the request: ";
        assert_eq!(run.stderr.matches(line).count(), 1, "{run:?}");
    }
    let (addr, counts) = answering(|_| Answer::Refuse).await;
    let run = client(&["--addr", &addr]).await;
    run.fails_with(
        6,
        &["UNAVAILABLE", "the server did not process the request"],
    );
    assert_eq!(counts.get(), (2, 2), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greeting_whose_stream_is_reset_is_not_sent_again() {
    let (addr, counts) = answering(|_| Answer::Cancel).await;
    let run = client(&["--addr", &addr]).await;
    assert_eq!(run.code, 8, "{run:?}");
    assert_eq!(counts.get(), (1, 1), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greeting_that_is_sent_again_keeps_its_deadline() {
    let timeouts = Arc::<Mutex<Vec<String>>>::default();
    let seen = Arc::clone(&timeouts);
    // The connection closes after each request.
    let addr = servers::serve(move |stream| {
        let seen = Arc::clone(&seen);
        async move {
            let mut connection = h2::server::handshake(stream).await.unwrap();
            if let Some(Ok((request, _))) = connection.accept().await {
                let timeout = request.headers()["grpc-timeout"].to_str().unwrap();
                seen.lock().unwrap().push(timeout.to_owned());
            }
        }
    })
    .await;
    let run = client(&["--addr", &addr, "--timeout", "5s"]).await;
    assert_eq!(run.code, 8, "{run:?}");
    let seen = timeouts.lock().unwrap();
    let microseconds = seen.iter().map(|it| it.strip_suffix('u').unwrap());
    let sent: Vec<u32> = microseconds.map(|it| it.parse().unwrap()).collect();
    assert_eq!(sent.len(), 3, "{seen:?}");
    assert!(sent.is_sorted_by(|first, next| first > next), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn load_loses_nothing_over_the_maximum_age_of_connections() {
    let addr = greeter(&["--max-connection-age", "500ms"]).await;
    for kind in [&[][..], &["--stream", "bidi"]] {
        let args = ["--rate", "1000", "--duration", "3s"];
        let report = load_json(&addr, &[&args[..], kind].concat()).await;
        assert_eq!(report["responses"]["errors"], 0, "{report}");
        assert!(report["reconnects"].as_u64() >= Some(4), "{report}");
    }
}

/// A server that closes each connection after its SETTINGS.
async fn closing_after_settings() -> (String, Arc<Counts>) {
    let counts = Arc::<Counts>::default();
    let counter = Arc::clone(&counts);
    let addr = serve(move |_| {
        counter.connections.fetch_add(1, Ordering::Relaxed);
        async { Ok(()) }
    })
    .await;
    (addr, counts)
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_end_early_delay_the_next_dial() {
    let (addr, counts) = closing_after_settings().await;
    let args = ["--rate", "200", "--duration", "1s", "--output", "json"];
    let run = load(&addr, &args).await;
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
    assert_eq!(report["responses"]["ok"], 0, "{report}");
    // Dials begin after 0, 100, 300 and 700 ms.
    let (dials, _) = counts.get();
    assert!((2..=4).contains(&dials), "{dials} dials: {report}");
    let kinds = report["errors"].to_string();
    assert!(kinds.contains("the connection ended early"), "{report}");

    let (addr, counts) = closing_after_settings().await;
    let run = client(&["--addr", &addr, "--repeat", "2"]).await;
    assert_eq!(run.code, 8, "{run:?}");
    assert_eq!(counts.get().0, 6, "{run:?}");
    // The delays are 100, 200, 400, 800 and 1000 ms.
    assert!(run.took > Duration::from_millis(2_500), "{run:?}");
}
