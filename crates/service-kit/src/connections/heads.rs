//! The limit of request heads in both versions of HTTP.

/// The size of a request head, in bytes. Cookies and tokens of a mesh fit: nginx allows
/// 8 KiB for a header, Node.js 16 KiB for all.
pub(crate) const MAX_HEAD: u32 = 16 * 1024;
