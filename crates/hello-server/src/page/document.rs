//! The page's document, which the build has put together and compressed.

use std::sync::LazyLock;

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress};

const COMPRESSED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/page.deflate"));

/// More than the document has.
const MAX_SIZE: usize = 64 * 1024;

/// What is different in each response: JSON in a script element.
const SLOT: &str = "{{identity}}";

/// The document before and after its slot.
pub(super) static DOCUMENT: LazyLock<[Bytes; 2]> = LazyLock::new(|| {
    let mut document = Vec::with_capacity(MAX_SIZE);
    // What the build has compressed is complete, and text; the tests read it.
    let _ =
        Decompress::new(false).decompress_vec(COMPRESSED, &mut document, FlushDecompress::Finish);
    let slot = document
        .windows(SLOT.len())
        .position(|it| it == SLOT.as_bytes());
    let mut before = Bytes::from(document.into_boxed_slice());
    let mut after = before.split_off(slot.unwrap_or_default());
    drop(after.split_to(SLOT.len()));
    [before, after]
});
