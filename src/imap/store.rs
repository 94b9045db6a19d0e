//! STORE and UID STORE: flags, labels or annotations of messages are changed.
//!
//! ```abnf
//! store           = "STORE" SP sequence-set [store-modifiers] SP store-att-flags  ; RFC 3501, RFC 4466
//! store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))
//! store-att-flags =/ "ANNOTATION" SP "(" entry-att *(SP entry-att) ")"            ; RFC 5257
//! store-att-flags =/ (["+" / "-"] "X-GM-LABELS" [".SILENT"]) SP ("(" [label *(SP label)] ")" / (label *(SP label)))
//! label           = astring / ("\" atom)
//! ```

use crate::imap::annotate::EntryAnnotation;
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::flag::Flags;
use crate::imap::parameter::StoreModifier;
use crate::imap::search_key::gmail_label;
use crate::imap::sequence::SequenceSet;
use crate::wire::Text;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::vec::Vec;

/// What STORE does with flags or labels (RFC 3501 section 6.4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub enum StoreAction {
    /// The messages have these and no others.
    Replace,
    /// The messages have these too.
    Add,
    /// The messages have these no more.
    Remove,
}

/// A change of messages (RFC 3501 section 6.4.6).
///
/// ```
/// use mailwire::imap::{Command, Encoding, Flag, SequenceSet, Store, StoreAction, Tag};
///
/// let seen = Store::flags(SequenceSet::all(), StoreAction::Add, [Flag::Seen]).silent();
/// let line = Command::from(seen).to_segments(&Tag::new("1")?, Encoding::default())?;
/// assert_eq!(line[0], "1 STORE 1:* +FLAGS.SILENT (\\Seen)\r\n");
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Store {
    /// The messages.
    pub set: SequenceSet,
    /// Whether the set is of UIDs.
    pub uid: bool,
    /// Modifiers such as UNCHANGEDSINCE (RFC 7162).
    pub modifiers: Vec<StoreModifier>,
    /// What is changed, and how.
    pub change: StoreChange,
}

/// What STORE changes, and how.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum StoreChange {
    /// The flags.
    Flags {
        /// What to do with them.
        action: StoreAction,
        /// Whether the server need not tell the new flags.
        silent: bool,
        /// The flags.
        flags: Flags,
    },
    /// The labels that Gmail has for mailboxes.
    GmailLabels {
        /// What to do with them.
        action: StoreAction,
        /// Whether the server need not tell the new labels.
        silent: bool,
        /// The labels; those of the system begin with `\`.
        labels: Vec<Text>,
    },
    /// Annotations (RFC 5257): at least one.
    Annotations(Vec<EntryAnnotation>),
}

impl Store {
    /// A change of flags, by sequence numbers.
    pub fn flags(set: impl Into<SequenceSet>, action: StoreAction, flags: impl Into<Flags>) -> Self {
        let change = StoreChange::Flags { action, silent: false, flags: flags.into() };
        Self { set: set.into(), uid: false, modifiers: Vec::new(), change }
    }

    /// A change of flags, by UIDs.
    pub fn uid_flags(set: impl Into<SequenceSet>, action: StoreAction, flags: impl Into<Flags>) -> Self {
        Self { uid: true, ..Self::flags(set, action, flags) }
    }

    /// The same, and the server need not tell the outcome.
    #[must_use]
    pub fn silent(mut self) -> Self {
        match &mut self.change {
            StoreChange::Flags { silent, .. } | StoreChange::GmailLabels { silent, .. } => *silent = true,
            StoreChange::Annotations(_) => {}
        }
        self
    }

    /// The arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, uid: bool) -> Parsed<Self> {
        let set = SequenceSet::parse(cursor)?;
        let modifiers = StoreModifier::parse_all(cursor)?;
        cursor.sp()?;
        Ok(Self { set, uid, modifiers, change: StoreChange::parse(cursor)? })
    }

    /// The command.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(if self.uid { b"UID STORE " } else { b"STORE " });
        self.set.encode(encoder)?;
        StoreModifier::encode_all(&self.modifiers, encoder)?;
        encoder.sp();
        self.change.encode(encoder)
    }
}

impl StoreChange {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if cursor.eat_keyword(b"ANNOTATION ") {
            return EntryAnnotation::parse_all(cursor).map(Self::Annotations);
        }
        let action = match cursor.peek() {
            Some(b'+') => StoreAction::Add,
            Some(b'-') => StoreAction::Remove,
            _ => StoreAction::Replace,
        };
        if action != StoreAction::Replace {
            cursor.advance(1);
        }
        let labels = cursor.eat_keyword(b"X-GM-LABELS");
        if !labels && !cursor.eat_keyword(b"FLAGS") {
            return cursor.syntax("FLAGS");
        }
        let silent = cursor.eat_keyword(b".SILENT");
        cursor.sp()?;
        if !labels {
            return Ok(Self::Flags { action, silent, flags: Flags::parse_store(cursor)? });
        }
        let labels = if cursor.peek() == Some(b'(') {
            cursor.list(gmail_label)?
        } else {
            let mut labels = Vec::from([gmail_label(cursor)?]);
            labels.append(&mut cursor.items_to_end(gmail_label)?);
            labels
        };
        Ok(Self::GmailLabels { action, silent, labels })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        let (action, silent) = match self {
            Self::Flags { action, silent, .. } | Self::GmailLabels { action, silent, .. } => {
                (*action, *silent)
            }
            Self::Annotations(annotations) => {
                encoder.raw(b"ANNOTATION ");
                return EntryAnnotation::encode_all(annotations, encoder);
            }
        };
        encoder.raw(match action {
            StoreAction::Replace => b"",
            StoreAction::Add => b"+",
            StoreAction::Remove => b"-",
        });
        encoder.raw(if matches!(self, Self::Flags { .. }) { b"FLAGS" } else { b"X-GM-LABELS" });
        if silent {
            encoder.raw(b".SILENT");
        }
        encoder.sp();
        match self {
            Self::Flags { flags, .. } => flags.encode(encoder),
            Self::GmailLabels { labels, .. } => {
                encoder.list(labels, |encoder, label| encoder.astring(label.as_bytes()))
            }
            Self::Annotations(_) => Ok(()),
        }
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::value::{arbitrary_some, arbitrary_text};
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for StoreChange {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=2u8)? {
                0 => Self::Flags {
                    action: u.arbitrary()?,
                    silent: u.arbitrary()?,
                    flags: Flags::arbitrary_set(u)?,
                },
                1 => {
                    let labels = arbitrary_some(u, 0, |u| arbitrary_text(u))?;
                    Self::GmailLabels { action: u.arbitrary()?, silent: u.arbitrary()?, labels }
                }
                _ => Self::Annotations(arbitrary_some(u, 1, |u| u.arbitrary())?),
            })
        }
    }

    impl<'a> Arbitrary<'a> for Store {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let modifiers = StoreModifier::arbitrary_all(u)?;
            Ok(Self { set: u.arbitrary()?, uid: u.arbitrary()?, modifiers, change: u.arbitrary()? })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict, written};

    fn store(octets: &str) -> Option<Store> {
        strict(octets.as_bytes(), |cursor| Store::parse(cursor, false))
    }

    #[test]
    fn round_trips() {
        round_trip(
            |cursor| {
                let uid = cursor.eat_keyword(b"UID ");
                assert!(cursor.eat_keyword(b"STORE "));
                Store::parse(cursor, uid)
            },
            Store::encode,
        );
    }

    #[test]
    fn known_answers() {
        for octets in [
            "STORE 2:4 +FLAGS (\\Deleted)",
            "STORE 6,4,8 (UNCHANGEDSINCE 12121230045) +FLAGS.SILENT (\\Deleted)",
            "STORE 1 -FLAGS ()",
            "STORE 1 FLAGS (\\Seen)",
            "STORE 1 ANNOTATION (/comment (value.priv \"My new comment\" value.shared NIL))",
            "STORE 1 +X-GM-LABELS.SILENT (foo \"a b\")",
        ] {
            let read = store(&octets[6..]).unwrap_or_else(|| panic!("{octets}"));
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        let StoreChange::GmailLabels { labels, .. } = store("1 -x-gm-labels \\Inbox foo").unwrap().change
        else {
            panic!()
        };
        assert_eq!(labels, ["\\Inbox", "foo"]);
        for octets in [
            "1 FLAGS",
            "1 ++FLAGS ()",
            "1 () FLAGS ()",
            "1 (UNCHANGEDSINCE 1 UNCHANGEDSINCE 2) FLAGS ()",
            "1 ANNOTATION ()",
            "1 +ANNOTATION (/a (value NIL))",
            "1 +FLAGS (\\Recent)",
            "1 -FLAGS \\Recent",
            "FLAGS ()",
        ] {
            assert_eq!(store(octets), None, "{octets}");
        }
    }
}
