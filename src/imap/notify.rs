//! NOTIFY: of what the server is to tell by itself.
//!
//! ```abnf
//! ; RFC 5465 section 8
//! notify           = "NOTIFY" SP (notify-set / notify-none)
//! notify-set       = "SET" [SP "STATUS"] SP event-group *(SP event-group)
//! notify-none      = "NONE"
//! event-group      = "(" filter-mailboxes SP events ")"
//! events           = ("(" event *(SP event) ")") / "NONE"
//! event            = message-event / mailbox-event / user-event / event-ext
//! message-event    = ("MessageNew" [SP "(" fetch-att *(SP fetch-att) ")"]) / "MessageExpunge" / "FlagChange" / "AnnotationChange"
//! mailbox-event    = "MailboxName" / "SubscriptionChange" / "MailboxMetadataChange"
//! user-event       = "ServerMetadataChange"
//! event-ext        = atom
//! ```
//!
//! Of the filters for the selected mailbox there may be one, which has message events only; `fetch-att` goes with it alone. Of each group,
//! MessageNew and MessageExpunge stand together, FlagChange and AnnotationChange beside both (section 5).

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::fetch_attribute::FetchAttribute;
use crate::imap::keyword::Keyword;
use crate::imap::mailbox_filter::MailboxFilter;
use crate::wire::InvalidValue;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::vec::Vec;

/// Of what the server is to tell by itself (RFC 5465).
///
/// ```
/// use mailwire::imap::{Command, Encoding, EventGroup, MailboxFilter, Notify, NotifyEvent, Tag};
///
/// let events = [NotifyEvent::MessageNew(Vec::new()), NotifyEvent::MessageExpunge];
/// let notify = Notify::set([EventGroup::new(MailboxFilter::Personal, events)]);
/// let line = Command::from(notify).to_segments(&Tag::new("1")?, Encoding::default())?;
/// assert_eq!(line[0], "1 NOTIFY SET (PERSONAL (MessageNew MessageExpunge))\r\n");
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Notify {
    /// Of nothing.
    None,
    /// Of these events and no others.
    Set {
        /// Whether the server is to tell the status of each mailbox first.
        status: bool,
        /// Which events of which mailboxes, at least one group. The first group that has a mailbox counts.
        groups: Vec<EventGroup>,
    },
}

/// Which events of some mailboxes the server is to tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EventGroup {
    /// The mailboxes.
    pub mailboxes: MailboxFilter,
    /// The events; none of them is `NONE`. `MessageNew` and `MessageExpunge` go together, `FlagChange` and `AnnotationChange` with both. The
    /// selected mailbox has events of messages only, and one group at most.
    pub events: Vec<NotifyEvent>,
}

/// Something that happens (RFC 5465 section 5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum NotifyEvent {
    /// A message came; of the selected mailbox the server is to tell these attributes of it.
    MessageNew(Vec<FetchAttribute>),
    /// A message is gone.
    MessageExpunge,
    /// Flags changed.
    FlagChange,
    /// An annotation of a message changed (RFC 5257).
    AnnotationChange,
    /// A mailbox came, is gone, or has another name.
    MailboxName,
    /// A mailbox was subscribed or is so no more.
    SubscriptionChange,
    /// Metadata of a mailbox changed (RFC 5464).
    MailboxMetadataChange,
    /// Metadata of the server changed (RFC 5464).
    ServerMetadataChange,
    /// Another one.
    Other(Keyword),
}

impl Notify {
    /// Of these events, without telling the status of the mailboxes first.
    pub fn set(groups: impl IntoIterator<Item = EventGroup>) -> Self {
        Self::Set { status: false, groups: groups.into_iter().collect() }
    }

    /// The arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let mut buffer = [0; 24];
        let (_, word) = cursor.word(&mut buffer)?;
        match word {
            b"NONE" => return Ok(Self::None),
            b"SET" => {}
            _ => return cursor.syntax_at(start, "SET or NONE"),
        }
        let status = cursor.eat_keyword(b" STATUS");
        let groups = cursor.items_to_end(EventGroup::parse)?;
        if groups.is_empty() {
            return cursor.syntax("a group of events");
        }
        match check(&groups) {
            Ok(()) => Ok(Self::Set { status, groups }),
            Err(error) => cursor.syntax_at(start, error.expected),
        }
    }

    /// The arguments.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        let Self::Set { status, groups } = self else {
            encoder.raw(b"NONE");
            return Ok(());
        };
        if groups.is_empty() {
            return Err(InvalidValue { offset: 0, expected: "at least one group of events" });
        }
        check(groups)?;
        encoder.raw(if *status { b"SET STATUS" } else { b"SET" });
        groups.iter().try_for_each(|group| {
            encoder.sp();
            group.encode(encoder)
        })
    }
}

/// What the grammar says in words (RFC 5465 sections 5, 6.1 and 8).
fn check(groups: &[EventGroup]) -> Encoded {
    let refused = |expected| Err(InvalidValue { offset: 0, expected });
    if groups.iter().filter(|group| group.is_of_selected()).count() > 1 {
        return refused("one group for the selected mailbox");
    }
    if !groups.iter().all(EventGroup::fits_mailboxes) {
        return refused("events of messages for the selected mailbox, attributes for no other");
    }
    if !groups.iter().all(EventGroup::is_complete) {
        return refused("MessageNew and MessageExpunge together, FlagChange and AnnotationChange with both");
    }
    Ok(())
}

impl EventGroup {
    fn is_of_selected(&self) -> bool {
        matches!(self.mailboxes, MailboxFilter::Selected | MailboxFilter::SelectedDelayed)
    }

    /// Whether the events that go together are there together.
    fn is_complete(&self) -> bool {
        let any = |fits: fn(&NotifyEvent) -> bool| self.events.iter().any(fits);
        let new = any(|event| matches!(event, NotifyEvent::MessageNew(_)));
        let expunge = any(|event| matches!(event, NotifyEvent::MessageExpunge));
        let change = any(|event| matches!(event, NotifyEvent::FlagChange | NotifyEvent::AnnotationChange));
        new == expunge && (new || !change)
    }

    fn fits_mailboxes(&self) -> bool {
        let selected = self.is_of_selected();
        self.events.iter().all(|event| match event {
            NotifyEvent::MessageNew(attributes) => selected || attributes.is_empty(),
            NotifyEvent::MailboxName
            | NotifyEvent::SubscriptionChange
            | NotifyEvent::MailboxMetadataChange
            | NotifyEvent::ServerMetadataChange => !selected,
            _ => true,
        })
    }

    /// These events of these mailboxes.
    pub fn new(mailboxes: MailboxFilter, events: impl IntoIterator<Item = NotifyEvent>) -> Self {
        Self { mailboxes, events: events.into_iter().collect() }
    }

    /// Examples of the RFC have the events without parentheses of their own; that is read too. Those with MessageNew alone are against its
    /// section 5.
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.expect(b'(', "a group of events")?;
        cursor.enter(cursor.limits().depth)?;
        let mailboxes = MailboxFilter::parse(cursor)?;
        cursor.sp()?;
        let mut events = Vec::new();
        if cursor.peek() == Some(b'(') {
            events = cursor.list_of_some(NotifyEvent::parse)?;
        } else if !cursor.eat_keyword(b"NONE)") {
            loop {
                cursor.charge_item(events.len(), size_of::<NotifyEvent>())?;
                events.push(NotifyEvent::parse(cursor)?);
                if cursor.peek() != Some(b' ') {
                    break;
                }
                cursor.sp()?;
            }
        } else {
            cursor.leave();
            return Ok(Self { mailboxes, events });
        }
        cursor.expect(b')', "the end of the group")?;
        cursor.leave();
        Ok(Self { mailboxes, events })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(b"(");
        self.mailboxes.encode(encoder)?;
        encoder.sp();
        if self.events.is_empty() {
            encoder.raw(b"NONE");
        } else {
            encoder.list(&self.events, |encoder, event| event.encode(encoder))?;
        }
        encoder.raw(b")");
        Ok(())
    }
}

impl NotifyEvent {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut buffer = [0; 24];
        let (atom, word) = cursor.word(&mut buffer)?;
        Ok(match word {
            b"MESSAGENEW" => {
                if cursor.peek() == Some(b' ') && cursor.peek_at(1) == Some(b'(') {
                    cursor.advance(1);
                    return cursor
                        .list_of_some(|cursor| FetchAttribute::parse(cursor, true))
                        .map(Self::MessageNew);
                }
                Self::MessageNew(Vec::new())
            }
            b"MESSAGEEXPUNGE" => Self::MessageExpunge,
            b"FLAGCHANGE" => Self::FlagChange,
            b"ANNOTATIONCHANGE" => Self::AnnotationChange,
            b"MAILBOXNAME" => Self::MailboxName,
            b"SUBSCRIPTIONCHANGE" => Self::SubscriptionChange,
            b"MAILBOXMETADATACHANGE" => Self::MailboxMetadataChange,
            b"SERVERMETADATACHANGE" => Self::ServerMetadataChange,
            _ => Self::Other(Keyword::from_checked(cursor.text(atom)?)),
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(match self {
            Self::MessageNew(_) => b"MessageNew",
            Self::MessageExpunge => b"MessageExpunge",
            Self::FlagChange => b"FlagChange",
            Self::AnnotationChange => b"AnnotationChange",
            Self::MailboxName => b"MailboxName",
            Self::SubscriptionChange => b"SubscriptionChange",
            Self::MailboxMetadataChange => b"MailboxMetadataChange",
            Self::ServerMetadataChange => b"ServerMetadataChange",
            Self::Other(event) => event.as_bytes(),
        });
        match self {
            Self::MessageNew(attributes) if !attributes.is_empty() => {
                encoder.sp();
                encoder.list(attributes, |encoder, attribute| attribute.encode(encoder))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::value::{arbitrary_label, arbitrary_some};
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for NotifyEvent {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=8u8)? {
                0 => Self::MessageNew(arbitrary_some(u, 0, |u| u.arbitrary())?),
                1 => Self::MessageExpunge,
                2 => Self::FlagChange,
                3 => Self::AnnotationChange,
                4 => Self::MailboxName,
                5 => Self::SubscriptionChange,
                6 => Self::MailboxMetadataChange,
                7 => Self::ServerMetadataChange,
                _ => Self::Other(arbitrary_label(u)?),
            })
        }
    }

    impl<'a> Arbitrary<'a> for EventGroup {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let mut group =
                Self { mailboxes: u.arbitrary()?, events: arbitrary_some(u, 0, |u| u.arbitrary())? };
            if !group.fits_mailboxes() {
                group.mailboxes = MailboxFilter::Selected;
                group.events = alloc::vec![NotifyEvent::MessageNew(arbitrary_some(u, 0, |u| u.arbitrary())?)];
            }
            if !group.is_complete() {
                group.events.extend([NotifyEvent::MessageNew(Vec::new()), NotifyEvent::MessageExpunge]);
            }
            Ok(group)
        }
    }

    impl<'a> Arbitrary<'a> for Notify {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            if u.ratio(1, 8)? {
                return Ok(Self::None);
            }
            let mut groups: Vec<EventGroup> = arbitrary_some(u, 1, |u| u.arbitrary())?;
            let mut seen = false;
            groups.retain(|group| !group.is_of_selected() || !core::mem::replace(&mut seen, true));
            Ok(Self::Set { status: u.arbitrary()?, groups })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict, written};

    #[test]
    fn round_trips() {
        round_trip(Notify::parse, Notify::encode);
    }

    #[test]
    fn known_answers() {
        for octets in [
            "NONE",
            "SET (MAILBOXES INBOX (MessageNew MessageExpunge)) (PERSONAL (SubscriptionChange))",
            "SET STATUS (SELECTED (MessageNew (UID FLAGS) MessageExpunge)) (SUBTREE Lists NONE)",
            "SET (SELECTED-DELAYED (MessageNew (UID BODY.PEEK[HEADER.FIELDS (FROM TO)]) MessageExpunge FlagChange X-Event))",
        ] {
            let read = strict(octets.as_bytes(), Notify::parse).unwrap_or_else(|| panic!("{octets}"));
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        let bare = b"set status (selected MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge) (subtree Lists MailboxName)";
        let Some(Notify::Set { status: true, groups }) = strict(bare, Notify::parse) else { panic!() };
        assert_eq!(groups[0].events.len(), 2);
        for octets in [
            "",
            "SET",
            "SET STATUS",
            "SET ()",
            "SET (SELECTED)",
            "SET (SELECTED ())",
            "NONE NONE",
            "SET (SOME NONE)",
            "SET (SELECTED (MessageNew ()))",
            "SET (SELECTED (MessageNew MessageExpunge)) (SELECTED-DELAYED (MessageNew MessageExpunge))",
            "SET (SELECTED (MessageNew MessageExpunge)) (PERSONAL NONE) (selected NONE)",
            "SET (SELECTED (MailboxName))",
            "SET (SELECTED-DELAYED (MessageNew MessageExpunge ServerMetadataChange))",
            "SET (PERSONAL (MessageNew (UID) MessageExpunge))",
        ] {
            assert_eq!(strict(octets.as_bytes(), Notify::parse), None, "{octets}");
        }
    }

    /// RFC 5465 section 5: each of the sixteen choices of events of messages, for every kind of mailbox.
    #[test]
    fn events_of_messages_go_together() {
        use NotifyEvent::{AnnotationChange, FlagChange, MessageExpunge, MessageNew, SubscriptionChange};
        for mailboxes in [MailboxFilter::Selected, MailboxFilter::SelectedDelayed, MailboxFilter::Personal] {
            for choice in 0u8..16 {
                let all = [MessageNew(Vec::new()), MessageExpunge, FlagChange, AnnotationChange];
                let chosen = all.into_iter().enumerate().filter(|(bit, _)| choice & (1 << bit) != 0);
                let mut events: Vec<_> = chosen.map(|(_, event)| event).collect();
                // What is of no message changes nothing.
                if mailboxes == MailboxFilter::Personal {
                    events.push(SubscriptionChange);
                }
                events.push(NotifyEvent::Other(Keyword::new("X").unwrap()));
                let group = EventGroup::new(mailboxes.clone(), events);
                let octets = alloc::format!("SET {}", written(|encoder| group.encode(encoder)));
                let fits = choice & 3 == 3 || choice == 0;
                assert_eq!(strict(octets.as_bytes(), Notify::parse).is_some(), fits, "{octets}");
                let mut out = bytes::BytesMut::new();
                let mut encoder = Encoder::new(&mut out, crate::imap::Encoding::default());
                assert_eq!(Notify::set([group]).encode(&mut encoder).is_ok(), fits, "{octets}");
            }
        }
        // Those of another group do not count, and none need none.
        for (octets, fits) in [
            ("SET (SELECTED (MessageNew)) (PERSONAL (MessageExpunge))", false),
            ("SET (SELECTED (MessageNew MessageExpunge)) (PERSONAL (FlagChange))", false),
            ("SET (SELECTED (MessageNew MessageExpunge)) (PERSONAL NONE)", true),
            ("SET (SELECTED NONE)", true),
            ("SET (selected MessageNew (uid)) (subtree Lists (MessageNew MessageExpunge))", false),
        ] {
            assert_eq!(strict(octets.as_bytes(), Notify::parse).is_some(), fits, "{octets}");
        }
    }
}
