//! A page of the browser.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::connection::Connection;

/// A page. Its methods panic if the browser ends, or if a script fails.
#[derive(Debug)]
pub struct Page {
    connection: Arc<Connection>,
    session: String,
}

impl Page {
    pub(super) async fn new(connection: Arc<Connection>, session: String) -> Self {
        let page = Self {
            connection,
            session,
        };
        for domain in ["Page", "Runtime", "Network", "Log"] {
            page.call(&format!("{domain}.enable"), json!({})).await;
        }
        page
    }

    /// Calls a method of the DevTools protocol.
    pub async fn call(&self, method: &str, parameters: Value) -> Value {
        let (connection, session) = (&self.connection, &self.session);
        connection.call_page(session, method, parameters).await
    }

    /// Sets the size of the window, and whether the system prefers dark pages.
    pub async fn look(&self, width: u32, height: u32, dark: bool) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", media).await;
    }

    /// Opens an address, and waits until all of it is loaded.
    pub async fn open(&self, url: &str) {
        let opened = self.call("Page.navigate", json!({"url": url})).await;
        assert!(opened["errorText"].is_null(), "{url}: {opened}");
        self.until(&format!(
            "location.href.startsWith({}) && document.readyState === 'complete'",
            json!(url)
        ))
        .await;
    }

    /// The value of an expression in JavaScript, or what its promise becomes.
    pub async fn evaluate(&self, expression: &str) -> Value {
        let parameters =
            json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let mut result = self.call("Runtime.evaluate", parameters).await;
        let failure = &result["exceptionDetails"];
        assert!(failure.is_null(), "{expression:.300}: {failure}");
        result["result"]["value"].take()
    }

    /// The text of the first element that a selector finds.
    pub async fn text(&self, selector: &str) -> String {
        let selector = json!(selector);
        let expression = format!("document.querySelector({selector})?.innerText ?? ''");
        self.evaluate(&expression)
            .await
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Waits until an expression is true.
    pub async fn until(&self, expression: &str) {
        let check = format!(
            "new Promise((done) => {{ const check = () => ({expression}) ? done(true) : \
             setTimeout(check, 50); check(); }})"
        );
        self.evaluate(&check).await;
    }

    /// Clicks on the first element that a selector finds.
    pub async fn click(&self, selector: &str) {
        let selector = json!(selector);
        self.evaluate(&format!("document.querySelector({selector}).click()"))
            .await;
    }

    /// Presses a key and releases it, for example `Tab`; `text` is what it types.
    pub async fn press(&self, key: &str, code: u32, text: &str) {
        for kind in ["keyDown", "keyUp"] {
            let typed = if kind == "keyDown" { text } else { "" };
            let event =
                json!({"type": kind, "key": key, "windowsVirtualKeyCode": code, "text": typed});
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// The window as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        let shot = self.call("Page.captureScreenshot", json!({})).await;
        STANDARD.decode(shot["data"].as_str().unwrap()).unwrap()
    }

    /// The addresses that the page has requested.
    #[must_use]
    pub fn requested(&self) -> Vec<String> {
        let requests = self.events("Network.requestWillBeSent");
        let url = |it: &Value| it["request"]["url"].as_str().unwrap().to_owned();
        requests.iter().map(url).collect()
    }

    /// What the console shows: errors, warnings, exceptions, and what the browser has
    /// refused.
    #[must_use]
    pub fn console(&self) -> Vec<Value> {
        let methods = ["consoleAPICalled", "exceptionThrown"].map(|it| format!("Runtime.{it}"));
        let mut seen = self.events("Log.entryAdded");
        seen.extend(methods.iter().flat_map(|method| self.events(method)));
        seen
    }

    fn events(&self, method: &str) -> Vec<Value> {
        self.connection.events(&self.session, method)
    }
}
