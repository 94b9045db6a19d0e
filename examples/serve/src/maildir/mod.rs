//! Mail in a Maildir, with what a Maildir cannot say in an SQLite database beside it.
//!
//! The octets and the system flags are in the Maildir (`tmp`, `new`, `cur`; flags in the file names; Maildir++ folders), so any
//! other program can read them. UIDs, UIDVALIDITY, mod-sequences, keywords and internal dates are in `mailwire.sqlite`.
//!
//! Every step is ordered so that a kill at any moment loses nothing that was acknowledged: a message is written to `tmp`, synced,
//! renamed, its directory synced, and only then has a UID; an expunged one is unlinked first and forgotten after. What a kill
//! left between two steps is put right when the mailbox is next opened: a file without a row gets the next UID, a row without
//! a file has vanished.
//!
//! - [`names`]: mailbox names and directories
//! - [`database`]: the tables
//! - [`folder`]: one mailbox's files and rows
//! - [`mod@file`]: octets on their way in and out
//! - [`store`]: a user's mailboxes

pub mod database;
pub mod file;
pub mod folder;
#[cfg(test)]
mod kill_test;
pub mod names;
pub mod store;

pub use store::Maildir;

/// The names in a directory, for tests.
#[cfg(test)]
fn folder_files(path: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(path).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
