//! The deploy scripts: which tools they call, in which order, and how they fail.
//! kustomize is real. The cluster is a stand-in.

mod api_server;
mod bad_settings;
mod context;
mod dashboards;
mod diagnose;
mod dns;
mod docs;
mod edge;
mod failures;
mod gcp;
mod gke;
mod guard;
mod kind;
mod machine;
mod namespaces;
mod order_of_calls;
mod others;
mod platform;
mod platform_remove;
mod proxies;
mod record;
mod refusals;
mod releases;
mod rendering;
mod settings;
mod tags;
mod undeploy;
mod variations;
