//! The API of Prometheus.

use std::net::SocketAddr;

use reqwest::{Client, Url};
use serde_json::Value;

/// A client of Prometheus.
pub(crate) struct Api {
    client: Client,
    base: String,
}

impl Api {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            client: Client::builder().no_proxy().build().unwrap(),
            base: format!("http://{address}/api/v1"),
        }
    }

    async fn get(&self, path: &str, params: &[(&str, &str)]) -> Value {
        let url = Url::parse_with_params(&format!("{}{path}", self.base), params).unwrap();
        let response = self.client.get(url).send().await.unwrap();
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["status"], "success", "{params:?}: {body}");
        body["data"].clone()
    }

    /// The result of a query now.
    pub(crate) async fn query(&self, expr: &str) -> Value {
        self.get("/query", &[("query", expr)]).await
    }

    /// The rules whose evaluation fails, with the error.
    pub(crate) async fn unhealthy_rules(&self) -> Vec<Value> {
        let data = self.get("/rules", &[]).await;
        let groups = data["groups"].as_array().unwrap();
        assert!(!groups.is_empty(), "no rules are loaded");
        let rules = groups.iter().flat_map(|it| it["rules"].as_array().unwrap());
        rules.filter(|it| it["health"] != "ok").cloned().collect()
    }
}

/// Whether a result has a value that is a number: a quotient of zeros is none.
pub(crate) fn has_values(data: &Value) -> bool {
    let is_number = |sample: &Value| sample[1].as_str().is_some_and(|it| it != "NaN");
    match data["resultType"].as_str() {
        Some("scalar") => is_number(&data["result"]),
        _ => {
            let series = data["result"].as_array().unwrap();
            series.iter().any(|it| is_number(&it["value"]))
        }
    }
}
