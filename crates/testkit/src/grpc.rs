//! Messages as gRPC and gRPC-Web send them.

use prost::Message;

/// An uncompressed message with its 5-byte prefix: flags and length.
///
/// # Panics
/// If the message is longer than 4 GiB.
#[must_use]
pub fn framed(message: &impl Message) -> Vec<u8> {
    let length = u32::try_from(message.encoded_len()).unwrap();
    [&[0], &length.to_be_bytes()[..], &message.encode_to_vec()].concat()
}
