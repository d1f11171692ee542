//! The `OTEL_*` variables of OpenTelemetry's specification.

use std::{collections::BTreeMap, env, fmt::Display, str::FromStr};

use anyhow::{Context, bail};

/// The variables that configure the traces. Tests pass their own.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let variables = env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            name.starts_with("OTEL_")
                .then(|| (name, value.to_string_lossy().into_owned()))
        });
        Self(variables.collect())
    }

    /// The value of a variable. An empty one counts as unset, as the specification
    /// demands.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// The first of these variables that is set, with its value.
    pub(super) fn first<'a>(&self, names: &[&'a str]) -> Option<(&'a str, &str)> {
        names.iter().find_map(|name| Some((*name, self.get(name)?)))
    }

    /// Whether a variable is `true`.
    ///
    /// # Errors
    /// If it is neither `true` nor `false`.
    pub(super) fn flag(&self, name: &str) -> anyhow::Result<bool> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => bail!("{name}={other} is not a truth value; use true or false"),
        }
    }

    /// The number in the first of these variables that is set.
    ///
    /// # Errors
    /// If it is not a number of this range.
    pub(super) fn number<T>(&self, names: &[&str], least: T, most: T) -> anyhow::Result<Option<T>>
    where
        T: FromStr + PartialOrd + Display,
    {
        let Some((name, text)) = self.first(names) else {
            return Ok(None);
        };
        let number = text.parse().ok();
        number
            .filter(|number| (&least..=&most).contains(&number))
            .map(Some)
            .with_context(|| {
                format!("{name}={text} is out of range; use a number from {least} to {most}")
            })
    }

    /// The pairs of a list `KEY=VALUE,KEY=VALUE` with percent-encoded values.
    ///
    /// # Errors
    /// If it is not such a list. The error does not contain values, which may be
    /// credentials.
    pub(super) fn pairs(&self, name: &str) -> anyhow::Result<Vec<(String, String)>> {
        let list = self.get(name).unwrap_or_default();
        let items = list.split(',').map(str::trim).enumerate();
        let pair = |(index, item): (usize, &str)| {
            let pair = item
                .split_once('=')
                .filter(|(key, _)| !key.trim().is_empty());
            let Some((key, value)) = pair else {
                bail!(
                    "{name}: item {} is not a pair; write KEY=VALUE,KEY=VALUE",
                    index + 1
                );
            };
            let value = percent_encoding::percent_decode_str(value.trim()).decode_utf8_lossy();
            Ok((key.trim().to_owned(), value.into_owned()))
        };
        items
            .filter(|(_, item)| !item.is_empty())
            .map(pair)
            .collect()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let variables = variables.into_iter();
        Self(
            variables
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}
