//! The embedded mail server without its sockets: what `serve` (tokio) and `quickstart` (threads) share.
//!
//! - [`store`]: what a mail store is; mailboxes, their numbers, their changes
//! - [`memory`]: a store that lives as long as the process
//! - [`header`]: structured header fields
//! - [`decode`]: encoded words and transfer encodings
//! - [`lines`]: a message line by line, in bounded memory
//! - [`mime`]: envelope, structure and section ranges of a message, scanned in bounded memory
//! - [`session`]: what a session is to whoever drives it; [`session_pop3`] and [`session_imap`]

// A program's own lint set: the library's rules on arithmetic and visibility are for the library.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::as_conversions
)]

pub mod decode;
pub mod header;
pub mod lines;
pub mod memory;
pub mod mime;
pub mod session;
pub mod session_imap;
pub mod session_pop3;
pub mod store;
