//! ID: who is the program at the other end?
//!
//! ```abnf
//! ; RFC 2971 section 4
//! id             = "ID" SP id-params-list
//! id-response    = "ID" SP id-params-list
//! id-params-list = "(" [string SP nstring *(SP string SP nstring)] ")" / nil
//! ```

use crate::imap::core::{TEXT, is_in};
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::quirk::Quirk;
use crate::wire::Text;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::vec::Vec;

/// What a program says of itself (RFC 2971): fields such as `name` and `version`, for logs and statistics, never to tell what it can do.
///
/// ```
/// use mailwire::imap::Id;
///
/// let id = Id::from_iter([("name", "mailwire"), ("version", "0.1")]);
/// assert_eq!(id.field("Name").unwrap(), "mailwire");
/// assert!(id.field("os").is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Id {
    /// The fields and their values, of which one may be NIL. Without any, NIL is written.
    ///
    /// No more than 30 may be sent, each once, with a name of at most 30 octets and a value of at most 1,024 (RFC 2971 section 3.3): that is for
    /// whoever builds one to see to, since what others send is read whole.
    pub fields: Vec<(Text, Option<Text>)>,
}

impl Id {
    /// The value of a field; its name is compared without case.
    pub fn field(&self, name: &str) -> Option<&Text> {
        self.fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name))?.1.as_ref()
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if cursor.nil() {
            return Ok(Self::default());
        }
        let fields = cursor.list(|cursor| {
            let start = cursor.position();
            let Some(field) = cursor.nstring_text()? else { return cursor.syntax_at(start, "a string") };
            pass_comma(cursor)?;
            cursor.sp()?;
            // A comma may stand in an atom, so that NIL with one behind it would be another word.
            let nil = cursor.peek_at(3) == Some(b',') && cursor.eat_keyword(b"NIL");
            let value = if nil { None } else { cursor.nstring_text()? };
            pass_comma(cursor)?;
            Ok((field, value))
        })?;
        Ok(Self { fields })
    }

    /// The same up to the end of the message: octets behind the list are passed over, as a quirk.
    pub(crate) fn parse_to_end(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let id = Self::parse(cursor)?;
        let behind = cursor.rest();
        let only_spaces = behind.iter().all(|octet| *octet == b' ');
        if !only_spaces && behind.iter().all(|octet| is_in(&TEXT, *octet)) {
            if !cursor.forgives(Quirk::TrailingOctets) {
                return cursor.syntax("the end of the line");
            }
            cursor.advance(behind.len());
        }
        Ok(id)
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.fields.is_empty() {
            encoder.nil();
            return Ok(());
        }
        encoder.list(&self.fields, |encoder, (field, value)| {
            encoder.string(field.as_bytes())?;
            encoder.sp();
            encoder.nstring(value.as_ref().map(Text::as_bytes))
        })
    }
}

/// A comma behind a string.
fn pass_comma(cursor: &mut Cursor<'_>) -> Parsed<()> {
    if cursor.peek() == Some(b',') {
        if !cursor.forgives(Quirk::CommaBetweenItems) {
            return cursor.syntax("SP or the end of the list");
        }
        cursor.advance(1);
    }
    Ok(())
}

impl<F: Into<Text>, V: Into<Text>> FromIterator<(F, V)> for Id {
    fn from_iter<I: IntoIterator<Item = (F, V)>>(fields: I) -> Self {
        Self { fields: fields.into_iter().map(|(field, value)| (field.into(), Some(value.into()))).collect() }
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Id {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        use crate::imap::value::{arbitrary_some, arbitrary_text};
        let fields = arbitrary_some(u, 0, |u| {
            Ok((arbitrary_text(u)?, if u.arbitrary()? { Some(arbitrary_text(u)?) } else { None }))
        })?;
        Ok(Self { fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{quirky, round_trip, strict, written};

    #[test]
    fn round_trips() {
        round_trip(Id::parse, Id::encode);
    }

    #[test]
    fn known_answers() {
        for octets in [
            "NIL",
            "(\"name\" \"Cyrus\" \"version\" \"1.5\" \"os\" \"sunos\" \"os-version\" \"5.5\" \"support-url\" \"mailto:cyrus-bugs+@andrew.cmu.edu\")",
            "(\"os\" NIL)",
        ] {
            let read = strict(octets.as_bytes(), Id::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        assert_eq!(strict(b"()", Id::parse).unwrap(), Id::default());
        for octets in
            [&b""[..], b"(\"a\")", b"(a \"b\")", b"(NIL \"b\")", b"(\"a\" \"b\" \"c\")", b"(\"a\" b)"]
        {
            assert_eq!(strict(octets, Id::parse), None);
        }
        let read = quirky(b"(support-url https://a.b/c name \"P\" os x)", Quirk::AtomForString, Id::parse);
        assert_eq!(read.field("support-url").unwrap(), "https://a.b/c");
        assert!(read.field("name").unwrap() == "P" && read.field("os").unwrap() == "x");
        assert_eq!(quirky(b"(\"a\"  \"1\")", Quirk::ExtraSpace, Id::parse).field("A").unwrap(), "1");
        let octets = b"(\"name\", \"test\", \"os\", NIL, \"version\", \"1.0\")";
        let read = quirky(octets, Quirk::CommaBetweenItems, Id::parse);
        let canonical = "(\"name\" \"test\" \"os\" NIL \"version\" \"1.0\")";
        assert_eq!(written(|encoder| read.encode(encoder)), canonical);
        for octets in ["(\"name\" \"x\")+", "(\"name\" \"x\") +", "(\"name\" \"x\"))"] {
            let read = quirky(octets.as_bytes(), Quirk::TrailingOctets, Id::parse_to_end);
            assert_eq!(written(|encoder| read.encode(encoder)), "(\"name\" \"x\")");
        }
    }
}
