//! The files that the process has mapped as code.

use std::{fs, io};

/// A file of code, and where it is in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) offset: u64,
    pub(super) file: String,
}

/// Reads the mappings of this process.
pub(super) fn read() -> io::Result<Vec<Mapping>> {
    let maps = fs::read_to_string("/proc/self/maps")?;
    Ok(maps.lines().filter_map(mapping).collect())
}

/// Parses a line of `/proc/self/maps`, if it is for code:
/// `start-end permissions offset device inode file`.
fn mapping(line: &str) -> Option<Mapping> {
    let number = |text| u64::from_str_radix(text, 16).ok();
    let mut fields = line.split_ascii_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let is_code = fields.next()?.contains('x');
    let offset = fields.next()?;
    let mapping = Mapping {
        start: number(start)?,
        end: number(end)?,
        offset: number(offset)?,
        file: fields.nth(2)?.to_owned(),
    };
    is_code.then_some(mapping)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_code_only() {
        let line = "5581e000-5582f000 r-xp 0001e000 fe:01 1234   /hello-server";
        let expected = Mapping {
            start: 0x5581_e000,
            end: 0x5582_f000,
            offset: 0x1_e000,
            file: "/hello-server".to_owned(),
        };
        assert_eq!(mapping(line), Some(expected));
        assert_eq!(mapping(&line.replace("r-xp", "rw-p")), None);
        assert_eq!(mapping("7f00-7f01 r-xp 0 00:00 0"), None);
    }

    #[test]
    fn finds_this_program() {
        let program = std::env::current_exe().unwrap();
        let mappings = read().unwrap();
        let own = mappings
            .iter()
            .find(|it| it.file == program.to_str().unwrap());
        assert!(own.is_some(), "{mappings:?}");
    }
}
