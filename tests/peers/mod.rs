//! Real servers and clients for the programs' tests, and mail for them to carry.
//!
//! - [`mail`]: more than 200 messages, the same on every run.
//! - [`dovecot`]: Dovecot with mailboxes of that mail. [`serve`]: the project's own server.
//! - [`process`]: running a program that has to be there, and how much memory one took.
//! - [`scratch`]: a folder that goes when the test does.
#![allow(dead_code, reason = "each test takes of it what it needs")]

pub mod dovecot;
pub mod mail;
pub mod process;
pub mod scratch;
pub mod serve;
