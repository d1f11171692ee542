//! The table of causes: each has a stable code, an exit code, a hint for the
//! command line, and a fix in the mesh.

use std::fmt;

use serde::{Serialize, Serializer};

/// Defines the causes, each with every column:
/// `Name, "code", EXIT, "hint", "fix in the mesh";`
macro_rules! causes {
    ($($name:ident, $code:literal, $exit:ident, $hint:literal, $mesh:expr;)*) => {
        /// Why a call fails, or [`Cause::Ok`]. Several causes can share a code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Cause {
            $(#[doc = concat!("`", $code, "`: ", $hint)] $name,)*
        }

        impl Cause {
            /// Every cause.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable code that scripts read, such as `tls.expired`.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The exit code of the program.
            #[must_use]
            pub fn exit(self) -> Exit {
                match self { $(Self::$name => Exit::$exit),* }
            }

            /// What to do next, in lower case and without a full stop.
            #[must_use]
            pub fn hint(self) -> &'static str {
                match self { $(Self::$name => $hint),* }
            }

            /// The fix in Kubernetes, Istio or the server: sentences, or an empty
            /// string.
            pub(super) fn mesh(self) -> &'static str {
                match self { $(Self::$name => $mesh),* }
            }
        }
    };
}

mod gateway;
mod message;
mod status;
mod table;

pub use gateway::{is_envoys, shows_gateway};
pub use message::ProxyMessage;
pub use table::Cause;

impl Cause {
    /// The hint as a sentence, and the fix in the mesh.
    #[must_use]
    pub fn fix(self) -> String {
        let hint = self.hint();
        let (first, rest) = hint.split_at(hint.chars().next().map_or(0, char::len_utf8));
        let end = if hint.ends_with('?') { "" } else { "." };
        let sentence = format!("{}{rest}{end} {}", first.to_uppercase(), self.mesh());
        sentence.trim_end().to_owned()
    }

    /// Whether certificate verification fails, which `--insecure-skip-verify`
    /// skips.
    #[must_use]
    pub fn is_verification(self) -> bool {
        matches!(
            self,
            Self::TlsUnknownIssuer
                | Self::TlsWrongUsage
                | Self::TlsInvalidCertificate
                | Self::TlsSelfSigned
                | Self::TlsCaAsLeaf
                | Self::TlsStagingCertificate
                | Self::TlsExpired
                | Self::TlsNotYetValid
                | Self::TlsWrongName
        )
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fix_consists_of_sentences() {
        for cause in Cause::ALL {
            let fix = cause.fix();
            assert!(fix.ends_with(['.', '?']), "{fix}");
            assert!(!fix.starts_with(char::is_lowercase), "{fix}");
            assert!(!cause.hint().ends_with('.'), "{}", cause.hint());
        }
    }
}
