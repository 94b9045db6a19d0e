//! STORE and UID STORE: flags of messages are changed.
//!
//! ```abnf
//! store           = "STORE" SP sequence-set [store-modifiers] SP store-att-flags  ; RFC 3501, RFC 4466
//! store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::flag::Flags;
use crate::imap::sequence::SequenceSet;
use crate::imap::value::TaggedExtension;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::vec::Vec;

/// What STORE does with the flags (RFC 3501 section 6.4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub enum StoreAction {
    /// The messages have these flags and no others.
    Replace,
    /// The messages have these flags too.
    Add,
    /// The messages have these flags no more.
    Remove,
}

/// A change of flags (RFC 3501 section 6.4.6).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Store {
    /// The messages.
    pub set: SequenceSet,
    /// Whether the set is of UIDs.
    pub uid: bool,
    /// Modifiers such as UNCHANGEDSINCE (RFC 7162).
    pub modifiers: Vec<TaggedExtension>,
    /// What to do with the flags.
    pub action: StoreAction,
    /// Whether the server need not tell the new flags.
    pub silent: bool,
    /// The flags.
    pub flags: Flags,
}

impl Store {
    /// The arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, uid: bool) -> Parsed<Self> {
        let set = SequenceSet::parse(cursor)?;
        let modifiers = TaggedExtension::parse_all(cursor)?;
        cursor.sp()?;
        let action = match cursor.peek() {
            Some(b'+') => StoreAction::Add,
            Some(b'-') => StoreAction::Remove,
            _ => StoreAction::Replace,
        };
        if action != StoreAction::Replace {
            cursor.advance(1);
        }
        if !cursor.eat_keyword(b"FLAGS") {
            return cursor.syntax("FLAGS");
        }
        let silent = cursor.eat_keyword(b".SILENT");
        cursor.sp()?;
        let flags = Flags::parse_store(cursor)?;
        Ok(Self { set, uid, modifiers, action, silent, flags })
    }

    /// The command.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(if self.uid { b"UID STORE " } else { b"STORE " });
        self.set.encode(encoder)?;
        TaggedExtension::encode_all(&self.modifiers, encoder)?;
        encoder.raw(match self.action {
            StoreAction::Replace => b" FLAGS",
            StoreAction::Add => b" +FLAGS",
            StoreAction::Remove => b" -FLAGS",
        });
        if self.silent {
            encoder.raw(b".SILENT");
        }
        encoder.sp();
        self.flags.encode(encoder)
    }
}
