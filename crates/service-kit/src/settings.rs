//! The settings of the process, as `/config` shows them.

use std::{collections::BTreeMap, env, ffi::OsStr};

use clap::{ArgMatches, Command, parser::ValueSource};
use serde::Serialize;

/// What stands for a secret.
const REDACTED: &str = "[redacted]";

/// Words in the name of an environment variable whose value is a secret.
const SECRETS: [&str; 5] = ["HEADERS", "KEY", "TOKEN", "SECRET", "PASSWORD"];

/// Each flag with its value, and the environment variables that the process reads.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Settings {
    flags: BTreeMap<String, Flag>,
    environment: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Serialize)]
struct Flag {
    /// Empty if the flag has no value.
    values: Vec<String>,
    source: &'static str,
}

impl Settings {
    /// Sets the value of a flag whose default is calculated.
    pub(crate) fn set_default(&mut self, flag: &str, value: impl ToString) {
        if let Some(flag) = self.flags.get_mut(flag)
            && flag.source == "default"
        {
            flag.values = vec![value.to_string()];
        }
    }

    pub(crate) fn of(command: &Command, matches: &ArgMatches) -> Self {
        let flags = command.get_arguments().filter_map(|flag| {
            let name = format!("--{}", flag.get_long()?);
            let id = flag.get_id().as_str();
            let values = matches.try_get_raw(id).ok()?;
            let source = match matches.value_source(id) {
                Some(ValueSource::CommandLine) => "command line",
                Some(ValueSource::EnvVariable) => "environment",
                _ => "default",
            };
            let values = values.into_iter().flatten().map(redacted).collect();
            Some((name, Flag { values, source }))
        });
        let variables = env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            let is_read = name.starts_with("OTEL_") || name == "GOOGLE_CLOUD_PROJECT";
            let is_secret = SECRETS.iter().any(|word| name.contains(word));
            let value = match is_secret {
                true => REDACTED.to_owned(),
                false => redacted(&value),
            };
            is_read.then_some((name, value))
        });
        Self {
            flags: flags.collect(),
            environment: variables.collect(),
        }
    }
}

/// A value without the user information and the query of a URL.
fn redacted(value: &OsStr) -> String {
    let value = value.to_string_lossy();
    let Some((scheme, rest)) = value.split_once("://") else {
        return value.into_owned();
    };
    let (rest, query) = match rest.split_once('?') {
        Some((rest, _)) => (rest, format!("?{REDACTED}")),
        None => (rest, String::new()),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{REDACTED}@{host}{path}{query}"),
        None => format!("{scheme}://{rest}{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redacts_the_secrets_of_urls() {
        for (value, expected) in [
            ("info", "info"),
            ("0.0.0.0:9090", "0.0.0.0:9090"),
            ("http://host:80/path", "http://host:80/path"),
            ("http://user:pass@host", "http://[redacted]@host"),
            (
                "http://a@b@host/p?key=1",
                "http://[redacted]@host/p?[redacted]",
            ),
            ("http://host/a@b", "http://host/a@b"),
        ] {
            assert_eq!(redacted(OsStr::new(value)), expected);
        }
    }
}
