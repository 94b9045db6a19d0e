//! The items of a FETCH, one by one, each by its name.
//!
//! One that cannot be read is left out or kept as it stands where that is forgiven, so that the others are told.

use crate::imap::annotate::Annotations;
use crate::imap::body::BodyStructure;
use crate::imap::datetime::DateTime;
use crate::imap::envelope::Envelope;
use crate::imap::fetch::{BodyItem, Fetch, FetchItem};
use crate::imap::flag::Flags;
use crate::imap::keyword::Keyword;
use crate::imap::modseq::ModSequence;
use crate::imap::object_id::ObjectId;
use crate::imap::quirk::Quirk;
use crate::imap::repair::{read_repaired, repaired_length};
use crate::imap::section::{NUMBER64, Section, binary_section, origin};
use crate::imap::value::{ExtensionValue, TaggedExtension};
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::write::index;
use crate::wire::{Error, ErrorKind, Text};
use alloc::boxed::Box;

/// What became of an item.
pub(crate) enum Read {
    /// It is in the [`Fetch`].
    Taken,
    /// It could not be read and was passed over.
    LeftOut(Box<Error>),
    /// It has been told already with another value.
    Again,
    /// It is a body, whose value is next.
    Body(BodyItem, Option<u64>),
}

/// One item, from its name on.
#[inline]
pub(crate) fn item(cursor: &mut Cursor<'_>, fetch: &mut Fetch, first: bool) -> Parsed<Read> {
    let (start, forgiven) = (cursor.position(), cursor.forgiven());
    match known_item(cursor, fetch, first) {
        Err(fail) if !cursor.wants_shared() => {
            strange_item(cursor, fetch, cursor.error(fail), start, forgiven)
        }
        read => read,
    }
}

/// An item whose value is none of its kind, if it is a value at all.
#[cold]
fn strange_item(
    cursor: &mut Cursor<'_>,
    fetch: &mut Fetch,
    error: Error,
    start: usize,
    forgiven: u128,
) -> Parsed<Read> {
    let met = cursor.forgiven();
    cursor.set_position(start);
    let keeps = cursor.may_forgive(Quirk::StrangeValue) && !must_be_certain(cursor.rest());
    if error.kind() == ErrorKind::Syntax && keeps {
        cursor.set_forgiven(forgiven);
        let item = tagged(cursor).ok().flatten().filter(|_| matches!(cursor.peek(), Some(b' ' | b')')));
        if cursor.wants_shared() {
            return cursor.fail(error.kind(), index(error.offset()), error.expected());
        }
        if let Some(item) = item {
            let _ = cursor.forgives(Quirk::StrangeValue);
            cursor.charge_item(fetch.items.len(), size_of::<FetchItem>())?;
            fetch.items.push(item);
            return Ok(Read::Taken);
        }
        cursor.set_forgiven(met);
    }
    cursor.set_position(index(error.offset()));
    cursor.fail(error.kind(), index(error.offset()), error.expected())
}

/// Whether a value has to be of its kind: the UID tells whose items these are, a section which part of the message its octets are, and
/// where an envelope or a structure ends that cannot be read nobody knows.
fn must_be_certain(item: &[u8]) -> bool {
    let end = item.iter().position(|octet| matches!(octet, b' ' | b'(')).unwrap_or(item.len());
    let (name, value) = item.split_at_checked(end).unwrap_or_default();
    let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
    let rich = is(b"ENVELOPE") || is(b"BODYSTRUCTURE") || is(b"BODY");
    is(b"UID") || name.contains(&b'[') || (rich && value.trim_ascii_start().starts_with(b"("))
}

/// An item that is not known. Without its value, as a quirk, it is none.
fn tagged(cursor: &mut Cursor<'_>) -> Parsed<Option<FetchItem>> {
    let label = Keyword::parse(cursor)?;
    cursor.sp()?;
    if is_without_value(cursor) {
        return Ok(None);
    }
    let value = Some(ExtensionValue::parse_in_fetch(cursor)?);
    Ok(Some(FetchItem::Other(TaggedExtension { label, value })))
}

/// One item, from its name on. The UID that is known gives way to another one only in a `Fetch` that is empty as yet. Nothing of an item
/// that cannot be read is in the `Fetch`.
#[inline(always)]
fn known_item(cursor: &mut Cursor<'_>, fetch: &mut Fetch, first: bool) -> Parsed<Read> {
    match cursor.peek().map(|octet| octet.to_ascii_uppercase()) {
        Some(b'U') if named(cursor, b"UID")? => {
            let uid = cursor.nz_number()?;
            if !first && fetch.uid.is_some_and(|told| told != uid) {
                return Ok(Read::Again);
            }
            fetch.uid = Some(uid);
        }
        Some(b'F') if named(cursor, b"FLAGS")? => {
            if fetch.flags.is_some() || is_kept(fetch, &["FLAGS"]) {
                return Ok(Read::Again);
            }
            fetch.flags = Some(Flags::parse(cursor)?);
        }
        Some(b'M') if named(cursor, b"MODSEQ")? => {
            if fetch.mod_seq.is_some() || is_kept(fetch, &["MODSEQ"]) {
                return Ok(Read::Again);
            }
            cursor.expect(b'(', "a mod-sequence in parentheses")?;
            let mod_seq = ModSequence::parse(cursor)?;
            cursor.stray_spaces()?;
            cursor.expect(b')', "the end of the mod-sequence")?;
            fetch.mod_seq = Some(mod_seq);
        }
        Some(b'I') if named(cursor, b"INTERNALDATE")? => return internal_date(cursor, fetch),
        Some(b'R') if named(cursor, b"RFC822.SIZE")? => {
            if fetch.size.is_some() || is_kept(fetch, &["RFC822.SIZE"]) {
                return Ok(Read::Again);
            }
            let start = cursor.position();
            let negative = cursor.peek() == Some(b'-');
            match cursor.count(NUMBER64) {
                Ok(size) if !negative => fetch.size = Some(size),
                Err(fail) if !cursor.forgives(Quirk::StrangeNumber) => return Err(fail),
                // What is no size is kept as it stands.
                _ => {
                    cursor.set_position(start);
                    fetch.items.push(kept("RFC822.SIZE", cursor)?);
                }
            }
        }
        Some(b'E') if named(cursor, b"ENVELOPE")? => {
            let told = fetch.envelope.is_some() || is_kept(fetch, &["ENVELOPE"]);
            if told && !is_nothing(cursor) {
                return Ok(Read::Again);
            }
            match rich(cursor, Envelope::parse)? {
                Ok(Some(envelope)) => fetch.envelope = Some(Box::new(envelope)),
                Ok(None) => {}
                Err(error) => return Ok(Read::LeftOut(Box::new(error))),
            }
        }
        Some(b'B') => return body_structure(cursor, fetch),
        Some(b'(') => return item_in_parentheses(cursor, fetch, first),
        _ => return other(cursor, fetch),
    }
    Ok(Read::Taken)
}

/// An item whose name and value stand in parentheses of their own. A body has none: it may end the frame.
#[cold]
fn item_in_parentheses(cursor: &mut Cursor<'_>, fetch: &mut Fetch, first: bool) -> Parsed<Read> {
    let inside = cursor.peek_at(1).is_some_and(|octet| octet.is_ascii_alphabetic());
    if !inside || !cursor.forgives(Quirk::DoubleParentheses) {
        return cursor.syntax("the name of an item");
    }
    cursor.advance(1);
    let read = item(cursor, fetch, first)?;
    match read {
        Read::Body(..) => return cursor.syntax("an item other than a body"),
        Read::Again => {}
        Read::Taken | Read::LeftOut(_) => cursor.expect(b')', "the end of the item")?,
    }
    Ok(read)
}

/// Whether this name stands here, of an item or of the data; then its value is next.
#[inline(always)]
pub(crate) fn named(cursor: &mut Cursor<'_>, name: &[u8]) -> Parsed<bool> {
    if !matches!(cursor.peek_at(name.len()), Some(b' ' | b'(')) || !cursor.eat_keyword(name) {
        return Ok(false);
    }
    cursor.sp().map(|()| true)
}

/// Whether an item of these names has been kept with a value that is none of its kind.
#[inline]
fn is_kept(fetch: &Fetch, names: &[&str]) -> bool {
    !fetch.items.is_empty() && is_among(&fetch.items, names)
}

#[cold]
fn is_among(items: &[FetchItem], names: &[&str]) -> bool {
    items.iter().any(|item| match item {
        FetchItem::Other(TaggedExtension { label, .. }) => {
            names.iter().any(|name| label.as_bytes().eq_ignore_ascii_case(name.as_bytes()))
        }
        _ => false,
    })
}

fn internal_date(cursor: &mut Cursor<'_>, fetch: &mut Fetch) -> Parsed<Read> {
    if fetch.internal_date.is_some() || is_kept(fetch, &["INTERNALDATE"]) {
        return Ok(Read::Again);
    }
    let start = cursor.position();
    match DateTime::parse(cursor) {
        Ok(date) => fetch.internal_date = Some(date),
        Err(fail) if !cursor.forgives(Quirk::StrangeDate) => return Err(fail),
        Err(_) => {
            cursor.set_position(start);
            fetch.items.push(kept("INTERNALDATE", cursor)?);
        }
    }
    Ok(Read::Taken)
}

/// A value that is not what the item should have, as it stands.
#[cold]
fn kept(name: &'static str, cursor: &mut Cursor<'_>) -> Parsed<FetchItem> {
    cursor.charge(size_of::<FetchItem>())?;
    let label = Keyword::from_checked(name.into());
    Ok(FetchItem::Other(TaggedExtension { label, value: Some(ExtensionValue::parse_in_fetch(cursor)?) }))
}

/// A value that is passed over if it is over a limit or, as a quirk, if it cannot be read. NIL in its place is a quirk, too.
fn rich<T>(
    cursor: &mut Cursor<'_>,
    read: impl Fn(&mut Cursor<'_>) -> Parsed<T>,
) -> Parsed<Result<Option<T>, Error>> {
    if is_without_value(cursor) {
        return Ok(Ok(None));
    }
    let start = cursor.position();
    let forgiven = cursor.forgiven();
    let fail = match read(cursor) {
        Ok(value) => {
            let met = cursor.forgiven();
            let short = Quirk::ShortEnvelope.bit();
            if met & short != 0 && met & Quirk::UnescapedQuote.bit() != 0 {
                // A string that ran on over its closing quote took the fields behind it.
                let end = cursor.position();
                cursor.set_position(start);
                cursor.set_forgiven(forgiven);
                match read_repaired(cursor, read) {
                    Some(value) if cursor.forgiven() & short == 0 => return Ok(Ok(Some(value))),
                    _ => cursor.set_position(end),
                }
                cursor.set_forgiven(met);
            }
            return Ok(Ok(Some(value)));
        }
        Err(fail) => fail,
    };
    if cursor.wants_shared() {
        return Err(fail);
    }
    let error = cursor.error(fail);
    let limit = matches!(error.kind(), ErrorKind::TooDeep | ErrorKind::TooMany | ErrorKind::MessageTooLarge);
    cursor.set_forgiven(forgiven);
    let failed = index(error.offset());
    cursor.set_position(start);
    if cursor.nil() && cursor.forgives(Quirk::MissingValue) {
        return Ok(Ok(None));
    }
    cursor.set_position(start);
    if cursor.rest().starts_with(b"()") && cursor.forgives(Quirk::EmptyList) {
        cursor.advance(2);
        return Ok(Ok(None));
    }
    if !limit && let Some(value) = read_repaired(cursor, read) {
        return Ok(Ok(Some(value)));
    }
    if !limit && !cursor.forgives(Quirk::UnreadableItem) {
        return cursor.fail(error.kind(), failed, error.expected());
    }
    if cursor.peek() != Some(b'(') {
        return cursor.fail(error.kind(), failed, error.expected());
    }
    // Where quotes do not pair, the list may seem to go on to the end of the line.
    match repaired_length(cursor) {
        Some(length) if error.kind() == ErrorKind::Syntax => cursor.advance(length),
        _ if cursor.skip_value().is_ok() => {}
        _ => return cursor.fail(error.kind(), failed, error.expected()),
    }
    Ok(Err(error))
}

/// `BODYSTRUCTURE`, `BODY`, and the bodies and sizes whose names begin with B.
fn body_structure(cursor: &mut Cursor<'_>, fetch: &mut Fetch) -> Parsed<Read> {
    let extensible = named(cursor, b"BODYSTRUCTURE")?;
    if extensible || named(cursor, b"BODY")? {
        let told = fetch.body_structure.is_some() || is_kept(fetch, &["BODYSTRUCTURE", "BODY"]);
        if told && !is_nothing(cursor) {
            return Ok(Read::Again);
        }
        return Ok(match rich(cursor, |cursor| BodyStructure::parse(cursor, extensible))? {
            Ok(structure) => {
                if let Some(structure) = structure {
                    fetch.body_structure = Some(Box::new(structure));
                }
                while cursor.peek() == Some(b'(') && cursor.forgives(Quirk::StrangeExtension) {
                    cursor.skip_value()?;
                }
                Read::Taken
            }
            Err(error) => Read::LeftOut(Box::new(error)),
        });
    }
    if cursor.peek_at(4) == Some(b'[') && cursor.eat_keyword(b"BODY") {
        let section = Section::parse(cursor)?;
        return Ok(Read::Body(BodyItem::Section(section), origin(cursor)?));
    }
    if cursor.peek_at(6) == Some(b'[') && cursor.eat_keyword(b"BINARY") {
        let part = binary_section(cursor)?;
        return Ok(Read::Body(BodyItem::Binary(part), origin(cursor)?));
    }
    if cursor.peek_at(11) == Some(b'[') && cursor.eat_keyword(b"BINARY.SIZE") {
        let part = binary_section(cursor)?;
        cursor.sp()?;
        let size = cursor.count(NUMBER64)?;
        cursor.charge_item(fetch.items.len(), size_of::<FetchItem>())?;
        fetch.items.push(FetchItem::BinarySize { part, size });
        return Ok(Read::Taken);
    }
    other(cursor, fetch)
}

/// Items that stand in the list, and those that are not known.
fn other(cursor: &mut Cursor<'_>, fetch: &mut Fetch) -> Parsed<Read> {
    for (name, item) in [
        (&b"RFC822"[..], BodyItem::Rfc822),
        (b"RFC822.HEADER", BodyItem::Rfc822Header),
        (b"RFC822.TEXT", BodyItem::Rfc822Text),
    ] {
        let sectioned = cursor.peek_at(name.len()) == Some(b'[');
        let ends = matches!(cursor.peek_at(name.len()), Some(b' ' | b'(' | b')' | b'{' | b'~'));
        if (ends || sectioned) && cursor.eat_keyword(name) {
            if sectioned {
                empty_section(cursor)?;
            }
            return Ok(Read::Body(item, None));
        }
    }
    cursor.charge_item(fetch.items.len(), size_of::<FetchItem>())?;
    let item = if named(cursor, b"EMAILID")? {
        if matches!(cursor.peek(), Some(b'N' | b'n')) && cursor.forgives(Quirk::MissingValue) {
            kept("EMAILID", cursor)?
        } else {
            FetchItem::EmailId(object_id(cursor)?)
        }
    } else if named(cursor, b"THREADID")? {
        FetchItem::ThreadId(if cursor.nil() { None } else { Some(object_id(cursor)?) })
    } else if named(cursor, b"PREVIEW")? {
        FetchItem::Preview(preview(cursor)?)
    } else if named(cursor, b"SAVEDATE")? {
        FetchItem::SaveDate(if cursor.nil() { None } else { Some(DateTime::parse(cursor)?) })
    } else if named(cursor, b"X-GM-MSGID")? {
        FetchItem::GmailMessageId(cursor.number_long("a number of 64 bits")?)
    } else if named(cursor, b"X-GM-THRID")? {
        FetchItem::GmailThreadId(cursor.number_long("a number of 64 bits")?)
    } else if named(cursor, b"X-GM-LABELS")? {
        FetchItem::GmailLabels(cursor.list(|cursor| match cursor.peek() {
            Some(b'\\') => {
                let start = cursor.position();
                cursor.advance(1);
                cursor.atom()?;
                let label = cursor.since(start);
                cursor.text(label)
            }
            _ => cursor.astring_text(),
        })?)
    } else if named(cursor, b"ANNOTATION")? {
        FetchItem::Annotation(Annotations::parse(cursor)?)
    } else {
        match tagged(cursor)? {
            Some(item) => item,
            None => return Ok(Read::Taken),
        }
    };
    fetch.items.push(item);
    Ok(Read::Taken)
}

/// Whether there is no value, or NIL or an empty list in its place: that tells nothing that would begin another [`Fetch`].
#[cold]
fn is_nothing(cursor: &mut Cursor<'_>) -> bool {
    let start = cursor.position();
    let nil = cursor.nil();
    cursor.set_position(start);
    nil || matches!(cursor.rest(), [b')', ..] | [b'(', b')', ..])
}

/// Whether the list ends where a value should stand.
fn is_without_value(cursor: &mut Cursor<'_>) -> bool {
    cursor.peek() == Some(b')') && cursor.forgives(Quirk::MissingValue)
}

/// `[]` where no section may stand.
#[cold]
fn empty_section(cursor: &mut Cursor<'_>) -> Parsed<()> {
    if !cursor.rest().starts_with(b"[]") || !cursor.forgives(Quirk::EmptySection) {
        return cursor.syntax("SP");
    }
    cursor.advance(2);
    Ok(())
}

/// `nstring`, or an algorithm and one in parentheses.
fn preview(cursor: &mut Cursor<'_>) -> Parsed<Option<Text>> {
    if cursor.peek() != Some(b'(') || !cursor.forgives(Quirk::PreviewAlgorithm) {
        return cursor.nstring_text();
    }
    cursor.advance(1);
    cursor.atom()?;
    cursor.sp()?;
    let text = cursor.nstring_text()?;
    cursor.expect(b')', "the end of the preview")?;
    Ok(text)
}

/// `"(" objectid ")"`.
fn object_id(cursor: &mut Cursor<'_>) -> Parsed<ObjectId> {
    cursor.expect(b'(', "an identifier in parentheses")?;
    let id = ObjectId::parse(cursor)?;
    cursor.expect(b')', "the end of the identifier")?;
    Ok(id)
}
