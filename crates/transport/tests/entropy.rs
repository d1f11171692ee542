//! The build of the TLS library, which `.cargo/config.toml` configures.

use std::{env, fs};

/// Whether this program holds code whose symbol has this name, written in reverse: the
/// name itself would be found in the test.
fn holds(reversed: &str) -> bool {
    let symbol: String = reversed.chars().rev().collect();
    let program = fs::read(env::current_exe().unwrap()).unwrap();
    String::from_utf8_lossy(&program).contains(&symbol)
}

#[test]
fn random_numbers_need_no_seed_from_cpu_jitter() {
    transport::tls::Tls::unverified("localhost").unwrap();
    assert!(holds("deeser_GBRD_RTC"), "no symbols of aws-lc");
    assert!(
        !holds("xe_tini_yportne_tnej"),
        "aws-lc was built with CPU jitter: set AWS_LC_SYS_NO_JITTER_ENTROPY=1 for the build"
    );
}
