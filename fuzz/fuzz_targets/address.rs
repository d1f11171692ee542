//! Addresses: every text is an address or an error that says what to do. An
//! address is the same after it is printed and parsed again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transport::Target;

fuzz_target!(|text: &str| {
    match text.parse::<Target>() {
        Err(error) => assert!(!error.is_empty()),
        Ok(target) => {
            assert!(!target.host().is_empty());
            let printed = target.to_string();
            let again: Target = printed.parse().expect(&printed);
            assert_eq!(again.to_string(), printed);
            assert_eq!(again.host(), target.host());
        }
    }
});
