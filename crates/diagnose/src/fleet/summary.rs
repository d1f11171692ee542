//! The attempts as text.

use transport::Cause;

use crate::attempt::Attempt;

/// A line for each cause: how many attempts have it, on which addresses and hosts.
pub(crate) fn lines(attempts: &[Attempt]) -> Vec<String> {
    let mut groups: Vec<(Cause, Vec<&Attempt>)> = Vec::new();
    for attempt in attempts {
        match groups.iter_mut().find(|(cause, _)| *cause == attempt.cause) {
            Some((_, group)) => group.push(attempt),
            None => groups.push((attempt.cause, vec![attempt])),
        }
    }
    let total = attempts.len();
    let line = |(cause, group): (Cause, Vec<&Attempt>)| {
        let (count, code) = (group.len(), cause.code());
        format!("{count} of {total}: {code}{}", places(&group))
    };
    match total {
        // The stages show a single attempt.
        ..2 => Vec::new(),
        _ => groups.into_iter().map(line).collect(),
    }
}

/// The addresses and the hosts of these attempts, as ` on …`.
pub(super) fn places(attempts: &[&Attempt]) -> String {
    let addresses = distinct(attempts.iter().filter_map(|it| it.address.as_deref()));
    let hosts = distinct(attempts.iter().filter_map(|it| it.host.as_deref()));
    let mut text = match addresses.is_empty() {
        true => String::new(),
        false => format!(" on {}", addresses.join(" and ")),
    };
    match hosts.as_slice() {
        [] => {}
        [host] => text += &format!(" (host {host})"),
        hosts => text += &format!(" (hosts {})", hosts.join(", ")),
    }
    text
}

fn distinct<'a>(values: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for value in values {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}
