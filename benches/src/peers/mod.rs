//! The peers: what else decodes and writes these protocols in Rust.
//!
//! Each side takes every message, owned where it offers that, and adds to [`Seen`](crate::input::Seen)
//! what the input promised. Codecs get the octets whole, machines in reads.

pub(crate) mod imap_codec;
pub(crate) mod imap_next;
pub(crate) mod imap_proto;
pub(crate) mod io_imap;
pub(crate) mod pop3_codec;

/// The octets of a read, where it does not matter more.
pub(crate) const READ: usize = 16 * 1_024;

/// Says where decoding failed.
fn failed(left: &[u8], error: impl std::fmt::Debug) -> String {
    let shown = String::from_utf8_lossy(&left[..left.len().min(80)]);
    let error: String = format!("{error:?}").chars().take(200).collect();
    format!("cannot decode {shown:?}: {error}")
}
