//! Messages of the DevTools protocol: JSON, each with a zero byte after it.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{ChildStdin, ChildStdout},
    sync::{mpsc, oneshot},
};

use crate::soon;

/// The responses that are awaited, by the number of the request.
type Awaited = Mutex<HashMap<u64, oneshot::Sender<Value>>>;

/// A connection to a browser.
#[derive(Debug)]
pub(super) struct Connection {
    requests: mpsc::UnboundedSender<Vec<u8>>,
    next: AtomicU64,
    awaited: Awaited,
    events: Mutex<Vec<Value>>,
}

impl Connection {
    pub(super) fn start(mut writer: ChildStdin, messages: ChildStdout) -> Arc<Self> {
        let (requests, mut queue) = mpsc::unbounded_channel::<Vec<u8>>();
        tokio::spawn(async move {
            while let Some(message) = queue.recv().await {
                if writer.write_all(&message).await.is_err() {
                    return;
                }
            }
        });
        let connection = Arc::new(Self {
            requests,
            next: AtomicU64::new(1),
            awaited: Awaited::default(),
            events: Mutex::default(),
        });
        tokio::spawn(read(messages, Arc::clone(&connection)));
        connection
    }

    /// Calls a method of the browser; returns its result.
    pub(super) async fn call(&self, method: &str, parameters: Value) -> Value {
        self.send(json!({"method": method, "params": parameters}))
            .await
    }

    /// Calls a method of a page.
    pub(super) async fn call_page(&self, session: &str, method: &str, parameters: Value) -> Value {
        let message = json!({"method": method, "params": parameters, "sessionId": session});
        self.send(message).await
    }

    /// The parameters of a page's events so far, by their method.
    pub(super) fn events(&self, session: &str, method: &str) -> Vec<Value> {
        let events = self.events.lock().unwrap();
        let of_page = events.iter().filter(|it| it["sessionId"] == session);
        let named = of_page.filter(|it| it["method"] == method);
        named.map(|it| it["params"].clone()).collect()
    }

    async fn send(&self, mut message: Value) -> Value {
        let id = self.next.fetch_add(1, Relaxed);
        message["id"] = id.into();
        let (sender, response) = oneshot::channel();
        self.awaited.lock().unwrap().insert(id, sender);
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.requests.send(bytes).expect("the browser has ended");
        let mut response = soon(response).await.expect("the browser has ended");
        assert!(response["error"].is_null(), "{message}: {response}");
        response["result"].take()
    }
}

async fn read(messages: ChildStdout, connection: Arc<Connection>) {
    let mut messages = BufReader::new(messages);
    let mut bytes = Vec::new();
    while messages
        .read_until(0, &mut bytes)
        .await
        .is_ok_and(|length| length > 0)
    {
        bytes.pop();
        if let Ok(message) = serde_json::from_slice::<Value>(&bytes) {
            let id = message["id"].as_u64();
            match id.and_then(|id| connection.awaited.lock().unwrap().remove(&id)) {
                // A test that has timed out awaits no response.
                Some(sender) => drop(sender.send(message)),
                None => connection.events.lock().unwrap().push(message),
            }
        }
        bytes.clear();
    }
    // Whoever awaits a response now learns that there is none.
    connection.awaited.lock().unwrap().clear();
}
