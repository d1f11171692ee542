//! `grpc-timeout`: a time is read as a plain reading of its digits and its unit
//! gives it, and nothing else is a time.
#![no_main]

use greeter_proto::parse_timeout;
use libfuzzer_sys::fuzz_target;

/// The nanoseconds of a unit.
fn unit(unit: char) -> Option<u128> {
    let units = [
        ('H', 3_600_000_000_000),
        ('M', 60_000_000_000),
        ('S', 1_000_000_000),
        ('m', 1_000_000),
        ('u', 1_000),
        ('n', 1),
    ];
    units.into_iter().find(|it| it.0 == unit).map(|it| it.1)
}

/// The nanoseconds of a header that matches `[0-9]{1,8}[HMSmun]`.
fn expected(text: &str) -> Option<u128> {
    let mut digits = text.chars();
    let unit = unit(digits.next_back()?)?;
    let digits = digits.as_str();
    let is_number = (1..=8).contains(&digits.len()) && digits.chars().all(|it| it.is_ascii_digit());
    is_number.then(|| digits.parse::<u128>().expect("digits") * unit)
}

fuzz_target!(|text: &str| {
    let found = parse_timeout(text).map(|timeout| timeout.as_nanos());
    assert_eq!(found, expected(text), "{text:?}");
});
