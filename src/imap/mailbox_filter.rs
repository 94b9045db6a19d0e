//! Which mailboxes a NOTIFY or an ESEARCH is about.
//!
//! ```abnf
//! ; RFC 5465 section 8, RFC 7377 section 4
//! filter-mailboxes          = filter-mailboxes-selected / filter-mailboxes-other
//! filter-mailboxes-selected = "selected" / "selected-delayed"
//! filter-mailboxes-other    = "inboxes" / "personal" / "subscribed" / ("subtree" SP one-or-more-mailbox) /
//!                             ("subtree-one" SP one-or-more-mailbox) / ("mailboxes" SP one-or-more-mailbox)
//! one-or-more-mailbox       = mailbox / many-mailboxes
//! many-mailboxes            = "(" mailbox *(SP mailbox) ")"
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::mailbox::Mailbox;
use crate::wire::InvalidValue;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::vec::Vec;

/// Mailboxes by a rule or by name (RFC 5465 section 6, RFC 7377 section 2.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum MailboxFilter {
    /// The selected mailbox.
    Selected,
    /// The selected mailbox, with expunged messages told only when the client asks for news; for NOTIFY alone.
    SelectedDelayed,
    /// The mailboxes where mail is delivered to.
    Inboxes,
    /// The mailboxes of the personal namespaces.
    Personal,
    /// The subscribed mailboxes.
    Subscribed,
    /// These mailboxes and all below them.
    Subtree(Vec<Mailbox>),
    /// These mailboxes and those one level below them (RFC 7377).
    SubtreeOne(Vec<Mailbox>),
    /// These mailboxes.
    Mailboxes(Vec<Mailbox>),
}

impl MailboxFilter {
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let mut buffer = [0; 24];
        let (_, word) = cursor.word(&mut buffer)?;
        Ok(match word {
            b"SELECTED" => Self::Selected,
            b"SELECTED-DELAYED" => Self::SelectedDelayed,
            b"INBOXES" => Self::Inboxes,
            b"PERSONAL" => Self::Personal,
            b"SUBSCRIBED" => Self::Subscribed,
            b"SUBTREE" => Self::Subtree(mailboxes(cursor)?),
            b"SUBTREE-ONE" => Self::SubtreeOne(mailboxes(cursor)?),
            b"MAILBOXES" => Self::Mailboxes(mailboxes(cursor)?),
            _ => return cursor.syntax_at(start, "a filter of mailboxes"),
        })
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        let (word, mailboxes): (&[u8], _) = match self {
            Self::Selected => (b"SELECTED", None),
            Self::SelectedDelayed => (b"SELECTED-DELAYED", None),
            Self::Inboxes => (b"INBOXES", None),
            Self::Personal => (b"PERSONAL", None),
            Self::Subscribed => (b"SUBSCRIBED", None),
            Self::Subtree(mailboxes) => (b"SUBTREE ", Some(mailboxes)),
            Self::SubtreeOne(mailboxes) => (b"SUBTREE-ONE ", Some(mailboxes)),
            Self::Mailboxes(mailboxes) => (b"MAILBOXES ", Some(mailboxes)),
        };
        encoder.raw(word);
        match mailboxes.map(Vec::as_slice) {
            None => Ok(()),
            Some([]) => Err(InvalidValue { offset: 0, expected: "at least one mailbox" }),
            Some([mailbox]) => mailbox.encode(encoder),
            Some(mailboxes) => encoder.list(mailboxes, |encoder, mailbox| mailbox.encode(encoder)),
        }
    }
}

fn mailboxes(cursor: &mut Cursor<'_>) -> Parsed<Vec<Mailbox>> {
    cursor.sp()?;
    if cursor.peek() == Some(b'(') {
        return cursor.list_of_some(Mailbox::parse);
    }
    Ok(Vec::from([Mailbox::parse(cursor)?]))
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for MailboxFilter {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let mailboxes = crate::imap::value::arbitrary_some(u, 1, |u| u.arbitrary())?;
        Ok(match u.int_in_range(0..=7u8)? {
            0 => Self::Selected,
            1 => Self::SelectedDelayed,
            2 => Self::Inboxes,
            3 => Self::Personal,
            4 => Self::Subscribed,
            5 => Self::Subtree(mailboxes),
            6 => Self::SubtreeOne(mailboxes),
            _ => Self::Mailboxes(mailboxes),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict, written};

    #[test]
    fn round_trips_and_known_answers() {
        round_trip(MailboxFilter::parse, MailboxFilter::encode);
        for (octets, canonical) in [
            ("selected", "SELECTED"),
            ("Selected-Delayed", "SELECTED-DELAYED"),
            ("mailboxes inbox", "MAILBOXES INBOX"),
            ("mailboxes (INBOX)", "MAILBOXES INBOX"),
            ("subtree (\"Lists\" Work)", "SUBTREE (Lists Work)"),
            ("subtree-one folder1", "SUBTREE-ONE folder1"),
        ] {
            let read = strict(octets.as_bytes(), MailboxFilter::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), canonical);
        }
        for octets in ["", "some", "subtree", "subtree ()", "mailboxes (a", "inboxes a", "subtree (a  b)"] {
            assert_eq!(strict(octets.as_bytes(), MailboxFilter::parse), None, "{octets}");
        }
    }
}
