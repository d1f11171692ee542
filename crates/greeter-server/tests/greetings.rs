//! The three RPCs of the greeter.

mod support;

use greeter_proto::helloworld::HelloReply;
use support::{connect, greeter, named, names, start};
use testkit::soon;
use tonic::{Code, Status, Streaming};
use tonic_types::StatusExt;

async fn next(replies: &mut Streaming<HelloReply>) -> Result<Option<String>, Status> {
    let reply = soon(replies.message()).await?;
    Ok(reply.map(|reply| reply.message))
}

fn assert_refused(status: &Status) {
    assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    let details = status.get_details_bad_request().unwrap();
    let [violation] = &details.field_violations[..] else {
        panic!("{details:?}");
    };
    assert_eq!(violation.field, "name");
    assert_eq!(status.message(), format!("name {}", violation.description));
}

#[tokio::test]
async fn greets_by_name_and_sends_its_hostname() {
    let server = start([]).await;
    let mut client = greeter(&connect(server.public).await);
    for (name, message) in [
        ("Alice", "Hello Alice"),
        ("Jürgen 👋", "Hello Jürgen 👋"),
        ("", "Hello world"),
    ] {
        let reply = client.say_hello(named(name)).await.unwrap();
        assert_eq!(reply.metadata().get("hostname").unwrap(), "greeter-1");
        assert_eq!(reply.get_ref().message, message);
    }
}

#[tokio::test]
async fn sends_its_version_and_colour_only_if_they_are_set() {
    for (flags, version, color) in [
        (
            ["--version-label=v2", "--color=#1a7f5a"],
            Some("v2"),
            Some("#1a7f5a"),
        ),
        (["--version-label=", "--color="], None, None),
    ] {
        let server = start(flags).await;
        let mut client = greeter(&connect(server.public).await);
        let unary = client.say_hello(named("")).await.unwrap();
        let stream = client.say_hello_stream_reply(named("")).await.unwrap();
        for metadata in [unary.metadata(), stream.metadata()] {
            let value = |name| Some(metadata.get(name)?.to_str().unwrap());
            assert_eq!(value("hostname"), Some("greeter-1"));
            assert_eq!(value("version"), version);
            assert_eq!(value("color"), color);
        }
    }
}

#[tokio::test]
async fn greets_a_name_of_maximum_length() {
    let server = start([]).await;
    let mut client = greeter(&connect(server.public).await);
    let name = "a".repeat(4096);
    let reply = client.say_hello(named(&name)).await.unwrap();
    assert_eq!(reply.get_ref().message, format!("Hello {name}"));
}

#[tokio::test]
async fn streams_greetings_to_one_name() {
    let server = start([]).await;
    let mut client = greeter(&connect(server.public).await);
    let reply = client.say_hello_stream_reply(named("")).await.unwrap();
    assert_eq!(reply.metadata().get("hostname").unwrap(), "greeter-1");
    let mut replies = reply.into_inner();
    for _ in 0..5 {
        let message = next(&mut replies).await.unwrap();
        assert_eq!(message.as_deref(), Some("Hello world"));
    }
    assert_eq!(next(&mut replies).await.unwrap(), None);
}

#[tokio::test]
async fn greets_each_name_of_a_stream_as_it_arrives() {
    let server = start([]).await;
    let mut client = greeter(&connect(server.public).await);
    let (sender, requests) = names();
    let reply = soon(client.say_hello_bidi_stream(requests)).await.unwrap();
    assert_eq!(reply.metadata().get("hostname").unwrap(), "greeter-1");
    let mut replies = reply.into_inner();
    for name in ["Alice", "Bob", "Alice"] {
        sender.send(named(name)).unwrap();
        let message = next(&mut replies).await.unwrap();
        assert_eq!(message, Some(format!("Hello {name}")));
    }
    drop(sender);
    assert_eq!(next(&mut replies).await.unwrap(), None);
}

#[tokio::test]
async fn refuses_long_names_and_control_characters() {
    let server = start([]).await;
    let mut client = greeter(&connect(server.public).await);
    for name in [&"a".repeat(4097), "a\nb", "\u{1b}[31m", "\u{7f}", "\u{9b}"] {
        assert_refused(&client.say_hello(named(name)).await.unwrap_err());
        let streamed = client.say_hello_stream_reply(named(name)).await;
        assert_refused(&streamed.unwrap_err());
    }
}

#[tokio::test]
async fn a_bad_name_in_the_middle_of_a_stream_ends_it() {
    let server = start([]).await;
    let mut client = greeter(&connect(server.public).await);
    let (sender, requests) = names();
    for name in ["Alice", "a\nb", "Bob"] {
        sender.send(named(name)).unwrap();
    }
    let mut replies = client
        .say_hello_bidi_stream(requests)
        .await
        .unwrap()
        .into_inner();
    let message = next(&mut replies).await.unwrap();
    assert_eq!(message.as_deref(), Some("Hello Alice"));
    assert_refused(&next(&mut replies).await.unwrap_err());
    assert_eq!(next(&mut replies).await.unwrap(), None);
    soon(sender.closed()).await;
}
