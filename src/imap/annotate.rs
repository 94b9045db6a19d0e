//! Annotations of messages.
//!
//! ```abnf
//! ; RFC 5257 section 5
//! fetch-att       =/ "ANNOTATION" SP "(" entries SP attribs ")"
//! entries         = entry-match / "(" entry-match *(SP entry-match) ")"
//! attribs         = attrib / "(" attrib *(SP attrib) ")"
//! msg-att-dynamic =/ "ANNOTATION" SP ("(" entry-att *(SP entry-att) ")" / "(" entry *(SP entry) ")")
//! att-annotate    = "ANNOTATION" SP "(" entry-att *(SP entry-att) ")"       ; in STORE and APPEND
//! entry-att       = entry SP "(" att-value *(SP att-value) ")"
//! att-value       = attrib SP value
//! attrib          = astring                                                 ; MUST NOT contain "*" or "%"
//! entry-match     = list-mailbox
//! value           = nstring / literal8
//! att-search      = "value" / "value.priv" / "value.shared"
//! att-sort        = "value.priv" / "value.shared"
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::entry_name::EntryName;
use crate::imap::mailbox::ListPattern;
use crate::imap::metadata::encode_value;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};
use alloc::vec::Vec;

/// Which annotations FETCH asks for (RFC 5257 section 4.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AnnotationRequest {
    /// The entries, such as `/comment`; `*` and `%` are wildcards. At least one.
    pub entries: Vec<ListPattern>,
    /// The attributes: `value.priv`, `size.shared`; `value` and `size` are both kinds. At least one.
    pub attributes: Vec<EntryName>,
}

/// What FETCH tells of annotations.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Annotations {
    /// The values that were asked for.
    Values(Vec<EntryAnnotation>),
    /// Entries that changed.
    Changed(Vec<EntryName>),
}

/// The attributes of one entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EntryAnnotation {
    /// The entry.
    pub entry: EntryName,
    /// Its attributes and their values, at least one; `None` is NIL: there is none, or it is to be removed.
    pub values: Vec<(EntryName, Option<Text>)>,
}

/// The attributes that can be searched.
pub(crate) const SEARCHED: &[&str] = &["value", "value.priv", "value.shared"];
/// The attributes that can be sorted by.
pub(crate) const SORTED: &[&str] = &["value.priv", "value.shared"];

/// `att-search` or `att-sort`.
pub(crate) fn parse_attribute(cursor: &mut Cursor<'_>, allowed: &[&str]) -> Parsed<Text> {
    let start = cursor.position();
    let attribute = cursor.atom()?;
    match check_attribute(attribute, allowed) {
        Ok(()) => cursor.text(attribute),
        Err(error) => cursor.syntax_at(start, error.expected),
    }
}

/// `att-search` or `att-sort`.
pub(crate) fn encode_attribute(attribute: &Text, allowed: &[&str], encoder: &mut Encoder<'_>) -> Encoded {
    check_attribute(attribute.as_bytes(), allowed)?;
    encoder.raw(attribute.as_bytes());
    Ok(())
}

fn check_attribute(attribute: &[u8], allowed: &[&str]) -> Encoded {
    match allowed.iter().any(|allowed| attribute.eq_ignore_ascii_case(allowed.as_bytes())) {
        true => Ok(()),
        false => Err(InvalidValue { offset: 0, expected: "the attribute value.priv or value.shared" }),
    }
}

impl AnnotationRequest {
    /// The request with its parentheses.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.expect(b'(', "a list")?;
        let entries = one_or_more(cursor, ListPattern::parse)?;
        cursor.sp()?;
        let attributes = one_or_more(cursor, EntryName::parse)?;
        cursor.expect(b')', "the end of the list")?;
        Ok(Self { entries, attributes })
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(b"(");
        encode_one_or_more(&self.entries, encoder, |encoder, entry| entry.encode(encoder))?;
        encoder.sp();
        encode_one_or_more(&self.attributes, encoder, |encoder, attribute| attribute.encode(encoder))?;
        encoder.raw(b")");
        Ok(())
    }
}

fn one_or_more<T>(cursor: &mut Cursor<'_>, item: impl Fn(&mut Cursor<'_>) -> Parsed<T>) -> Parsed<Vec<T>> {
    if cursor.peek() == Some(b'(') {
        return cursor.list_of_some(item);
    }
    Ok(Vec::from([item(cursor)?]))
}

fn encode_one_or_more<T>(
    items: &[T],
    encoder: &mut Encoder<'_>,
    item: impl Fn(&mut Encoder<'_>, &T) -> Encoded,
) -> Encoded {
    match items {
        [] => Err(InvalidValue { offset: 0, expected: "at least one" }),
        [one] => item(encoder, one),
        items => encoder.list(items, item),
    }
}

impl EntryAnnotation {
    /// `entry-att`.
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let entry = EntryName::parse(cursor)?;
        cursor.sp()?;
        Self::parse_values(cursor, entry)
    }

    fn parse_values(cursor: &mut Cursor<'_>, entry: EntryName) -> Parsed<Self> {
        let values = cursor.list_of_some(|cursor| {
            let attribute = EntryName::parse(cursor)?;
            cursor.sp()?;
            Ok((attribute, cursor.nstring_or_literal8()?))
        })?;
        Ok(Self { entry, values })
    }

    /// `att-annotate` without its name.
    pub(crate) fn parse_all(cursor: &mut Cursor<'_>) -> Parsed<Vec<Self>> {
        cursor.list_of_some(Self::parse)
    }

    /// `att-annotate` without its name.
    pub(crate) fn encode_all(annotations: &[Self], encoder: &mut Encoder<'_>) -> Encoded {
        if annotations.is_empty() {
            return Err(InvalidValue { offset: 0, expected: "at least one entry" });
        }
        encoder.list(annotations, |encoder, annotation| {
            if annotation.values.is_empty() {
                return Err(InvalidValue { offset: 0, expected: "at least one attribute" });
            }
            annotation.entry.encode(encoder)?;
            encoder.sp();
            encoder.list(&annotation.values, |encoder, (attribute, value)| {
                attribute.encode(encoder)?;
                encoder.sp();
                encode_value(value.as_ref(), encoder)
            })
        })
    }
}

impl Annotations {
    /// What stands behind the name and its SP.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut values = Vec::new();
        let mut changed = Vec::new();
        cursor.each(|cursor, index| {
            cursor.charge_item(index, size_of::<EntryAnnotation>())?;
            let entry = EntryName::parse(cursor)?;
            let has_values = cursor.peek() == Some(b' ') && cursor.peek_at(1) == Some(b'(');
            if has_values && changed.is_empty() {
                cursor.advance(1);
                values.push(EntryAnnotation::parse_values(cursor, entry)?);
            } else if has_values || !values.is_empty() {
                return cursor.syntax("entries that are alike");
            } else {
                changed.push(entry);
            }
            Ok(())
        })?;
        match (values.is_empty(), changed.is_empty()) {
            (true, true) => cursor.syntax("an entry"),
            (false, _) => Ok(Self::Values(values)),
            _ => Ok(Self::Changed(changed)),
        }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::Values(values) => EntryAnnotation::encode_all(values, encoder),
            Self::Changed(entries) if entries.is_empty() => {
                Err(InvalidValue { offset: 0, expected: "at least one entry" })
            }
            Self::Changed(entries) => encoder.list(entries, |encoder, entry| entry.encode(encoder)),
        }
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::value::{arbitrary_some, arbitrary_text};
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for AnnotationRequest {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let entries = arbitrary_some(u, 1, |u| u.arbitrary())?;
            Ok(Self { entries, attributes: arbitrary_some(u, 1, |u| u.arbitrary())? })
        }
    }

    impl<'a> Arbitrary<'a> for EntryAnnotation {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let values = arbitrary_some(u, 1, |u| {
                Ok((u.arbitrary()?, if u.arbitrary()? { Some(arbitrary_text(u)?) } else { None }))
            })?;
            Ok(Self { entry: u.arbitrary()?, values })
        }
    }

    impl<'a> Arbitrary<'a> for Annotations {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.arbitrary()? {
                true => Self::Values(arbitrary_some(u, 1, |u| u.arbitrary())?),
                false => Self::Changed(arbitrary_some(u, 1, |u| u.arbitrary())?),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict, written};

    #[test]
    fn round_trips() {
        round_trip(AnnotationRequest::parse, AnnotationRequest::encode);
        round_trip(Annotations::parse, Annotations::encode);
    }

    #[test]
    fn known_answers() {
        for octets in
            ["(/comment value)", "((/comment /altsubject) (value.priv value.shared))", "(/% (value size))"]
        {
            let read = strict(octets.as_bytes(), AnnotationRequest::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in [
            "(/comment (value.priv \"My comment\" value.shared NIL))",
            "(/comment (value.shared \"Group note\") /altsubject (size.priv \"8\"))",
            "(/comment /altsubject)",
        ] {
            let read = strict(octets.as_bytes(), Annotations::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in [
            "()",
            "(/a ())",
            "(/a (value))",
            "(/a (value \"b\") /c)",
            "(/a /b (value \"c\"))",
            "(/* (value NIL))",
        ] {
            assert_eq!(strict(octets.as_bytes(), Annotations::parse), None, "{octets}");
        }
        for octets in ["()", "(/a)", "(() value)", "(/a value.*)"] {
            assert_eq!(strict(octets.as_bytes(), AnnotationRequest::parse), None, "{octets}");
        }
    }
}
