//! What a server tells its caller, and what the caller owes.

use crate::pop3::argument::Mechanism;
use crate::pop3::capability::CapabilityText;
use crate::pop3::command::{Command, Shape};
use crate::pop3::listing::{LanguageListing, ScanListing, UniqueIdListing};
use crate::pop3::stuffing::Stuffer;
use crate::wire::{Error, Secret};
use alloc::vec::Vec;
use bytes::{BufMut, BytesMut};
use core::marker::PhantomData;

/// What a client did.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A command that is allowed in this state. QUIT in TRANSACTION has led into UPDATE when it is told.
    Command(InProgress, Command),
    /// The answer to a challenge, decoded.
    AuthResponse(InProgress, Secret<Vec<u8>>),
    /// The client has given up the SASL exchange; it is owed a `-ERR`.
    AuthCancelled(InProgress),
    /// A line that is no command, or one that is not allowed here. [`Server::reject`](super::Server::reject) answers it.
    Malformed(InProgress, Error),
}

/// Exactly one answer is owed.
#[derive(Debug)]
#[must_use = "the client waits for an answer, and nothing is read before it"]
pub struct InProgress {
    pub(super) id: u64,
}

/// A multi-line answer of entries is under way; it is owed its end.
#[derive(Debug)]
#[must_use = "the client waits for the end of the listing"]
pub struct Listing<T> {
    pub(super) id: u64,
    pub(super) entry: PhantomData<fn(&T)>,
}

/// A message is under way; it is owed its end. If it cannot be had whole, [`close`](super::Server::close) ends the connection without that end.
#[derive(Debug)]
#[must_use = "the client waits for the end of the message"]
pub struct Message {
    pub(super) id: u64,
    pub(super) stuffer: Stuffer,
}

/// What can stand on a line of a listing.
pub trait Entry: sealed::Entry {}

mod sealed {
    use super::{BytesMut, Shape};

    pub trait Entry {
        fn answers(shape: Shape) -> bool;
        fn encode(&self, out: &mut BytesMut);
    }
}

macro_rules! entry {
    ($type:ty, $shapes:pat, |$entry:ident, $out:ident| $encode:expr) => {
        impl Entry for $type {}
        impl sealed::Entry for $type {
            fn answers(shape: Shape) -> bool {
                matches!(shape, $shapes)
            }
            fn encode(&self, $out: &mut BytesMut) {
                let $entry = self;
                $encode;
            }
        }
    };
}

entry!(ScanListing, Shape::ScanListings, |entry, out| entry.encode(out));
entry!(UniqueIdListing, Shape::UniqueIds, |entry, out| entry.encode(out));
entry!(LanguageListing, Shape::Languages, |entry, out| entry.encode(out));
entry!(Mechanism, Shape::Lines, |entry, out| out.put_slice(entry.as_bytes()));
entry!(CapabilityText, Shape::Lines | Shape::Status, |entry, out| out.put_slice(entry.as_text().as_bytes()));
