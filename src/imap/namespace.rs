//! NAMESPACE: where the user's own mailboxes, other users' and shared ones are.
//!
//! ```abnf
//! ; RFC 2342, RFC 4466, RFC 9051
//! namespace-response  = "NAMESPACE" SP namespace SP namespace SP namespace    ; personal, other users', shared
//! namespace           = nil / "(" 1*namespace-descr ")"
//! namespace-descr     = "(" string SP (DQUOTE QUOTED-CHAR DQUOTE / nil) [namespace-response-extensions] ")"
//! namespace-response-extension = SP string SP "(" string *(SP string) ")"
//! namespace-trans     = SP DQUOTE "TRANSLATION" DQUOTE SP "(" string ")"      ; RFC 5255 section 3.4
//! ```

use crate::imap::delimiter::Delimiter;
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::mailbox::Mailbox;
use crate::imap::quirk::Quirk;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};
use alloc::vec::Vec;

/// The namespaces of a server, in the order of preference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Namespaces {
    /// Those of the user.
    pub personal: Vec<Namespace>,
    /// Those with the mailboxes of other users.
    pub other_users: Vec<Namespace>,
    /// Those with mailboxes that are shared by all.
    pub shared: Vec<Namespace>,
}

/// One namespace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Namespace {
    /// What the names of its mailboxes begin with, often with the delimiter at the end.
    pub prefix: Mailbox,
    /// What stands between levels of a name; `None` is NIL: there are no levels.
    pub delimiter: Option<Delimiter>,
    /// Extensions, each with its name and its values.
    pub extensions: Vec<NamespaceExtension>,
}

/// An extension of a namespace's description (RFC 4466).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NamespaceExtension {
    /// What it is called, such as `TRANSLATION`.
    pub name: Text,
    /// What it is, at least one string.
    pub values: Vec<Text>,
}

impl Namespaces {
    /// What stands behind the name and its SP.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let personal = Namespace::parse_all(cursor)?;
        cursor.sp()?;
        let other_users = Namespace::parse_all(cursor)?;
        cursor.sp()?;
        Ok(Self { personal, other_users, shared: Namespace::parse_all(cursor)? })
    }

    /// What stands behind the name and its SP.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        Namespace::encode_all(&self.personal, encoder)?;
        encoder.sp();
        Namespace::encode_all(&self.other_users, encoder)?;
        encoder.sp();
        Namespace::encode_all(&self.shared, encoder)
    }
}

impl Namespace {
    /// A namespace without extensions.
    pub fn new(prefix: Mailbox, delimiter: Option<Delimiter>) -> Self {
        Self { prefix, delimiter, extensions: Vec::new() }
    }

    /// The prefix in the language of the session (RFC 5255), in the octets of the wire.
    pub fn translation(&self) -> Option<&Text> {
        let extension =
            self.extensions.iter().find(|extension| extension.name.eq_ignore_ascii_case("TRANSLATION"))?;
        extension.values.first()
    }

    fn parse_all(cursor: &mut Cursor<'_>) -> Parsed<Vec<Self>> {
        let mut namespaces = Vec::new();
        if cursor.nil() {
            return Ok(namespaces);
        }
        cursor.expect(b'(', "a list or NIL")?;
        cursor.enter(cursor.limits().depth)?;
        cursor.stray_spaces()?;
        while !cursor.eat(b')') {
            cursor.charge_item(namespaces.len(), size_of::<Self>())?;
            namespaces.push(Self::parse(cursor)?);
            if list_ends(cursor) {
                cursor.stray_spaces()?;
            } else if cursor.peek() == Some(b' ') {
                if !cursor.forgives(Quirk::SpaceBetweenItems) {
                    return cursor.syntax("a namespace or the end of the list");
                }
                while cursor.eat(b' ') {}
            }
        }
        cursor.leave();
        if namespaces.is_empty() && !cursor.forgives(Quirk::EmptyList) {
            return cursor.syntax("a namespace");
        }
        Ok(namespaces)
    }

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.expect(b'(', "a namespace")?;
        cursor.enter(cursor.limits().depth)?;
        cursor.stray_spaces()?;
        if !matches!(cursor.peek(), Some(b'"' | b'{')) {
            return cursor.syntax("a string");
        }
        let prefix = Mailbox::parse(cursor)?;
        cursor.sp()?;
        let mut namespace = Self::new(prefix, Delimiter::parse(cursor)?);
        while cursor.peek() == Some(b' ') && !list_ends(cursor) {
            cursor.sp()?;
            cursor.charge_item(namespace.extensions.len(), size_of::<NamespaceExtension>())?;
            let name = cursor.string_text()?;
            cursor.sp()?;
            let values = cursor.list_of_some(Cursor::string_text)?;
            namespace.extensions.push(NamespaceExtension { name, values });
        }
        cursor.stray_spaces()?;
        cursor.expect(b')', "the end of the namespace")?;
        cursor.leave();
        Ok(namespace)
    }

    fn encode_all(namespaces: &[Self], encoder: &mut Encoder<'_>) -> Encoded {
        if namespaces.is_empty() {
            encoder.nil();
            return Ok(());
        }
        encoder.raw(b"(");
        for namespace in namespaces {
            namespace.encode(encoder)?;
        }
        encoder.raw(b")");
        Ok(())
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(b"(");
        self.prefix.encode_string(encoder)?;
        encoder.sp();
        Delimiter::encode(self.delimiter, encoder)?;
        for extension in &self.extensions {
            if extension.values.is_empty() {
                return Err(InvalidValue { offset: 0, expected: "at least one value of an extension" });
            }
            encoder.sp();
            encoder.string(extension.name.as_bytes())?;
            encoder.sp();
            encoder.list(&extension.values, |encoder, value| encoder.string(value.as_bytes()))?;
        }
        encoder.raw(b")");
        Ok(())
    }
}

/// Whether nothing but spaces stands before the end of a list.
fn list_ends(cursor: &Cursor<'_>) -> bool {
    matches!(cursor.rest().trim_ascii_start(), [b')', ..])
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::value::{arbitrary_some, arbitrary_text};
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for NamespaceExtension {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { name: arbitrary_text(u)?, values: arbitrary_some(u, 1, |u| arbitrary_text(u))? })
        }
    }

    impl<'a> Arbitrary<'a> for Namespace {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self {
                prefix: u.arbitrary()?,
                delimiter: u.arbitrary()?,
                extensions: arbitrary_some(u, 0, |u| u.arbitrary())?,
            })
        }
    }

    impl<'a> Arbitrary<'a> for Namespaces {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let mut namespaces = || arbitrary_some(u, 0, |u| u.arbitrary());
            Ok(Self { personal: namespaces()?, other_users: namespaces()?, shared: namespaces()? })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{quirky, round_trip, strict, written};

    #[test]
    fn round_trips() {
        round_trip(Namespaces::parse, Namespaces::encode);
    }

    #[test]
    fn known_answers() {
        for octets in [
            "((\"\" \"/\")) NIL NIL",
            "NIL NIL ((\"\" \".\"))",
            "((\"\" \"/\")) ((\"~\" \"/\")) ((\"#shared/\" \"/\")(\"#public/\" \"/\")(\"#ftp/\" \"/\")(\"#news.\" \".\"))",
            "((\"\" \"/\")(\"#mh/\" \"/\" \"X-PARAM\" (\"FLAG1\" \"FLAG2\"))) NIL NIL",
            "((\"\" \"\\\\\" \"TRANSLATION\" (\"Ben&APw-tzer/\"))) ((\"x\" NIL)) NIL",
        ] {
            let read = strict(octets.as_bytes(), Namespaces::parse).unwrap_or_else(|| panic!("{octets}"));
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in [
            "",
            "NIL NIL",
            "() NIL NIL",
            "((a \"/\")) NIL NIL",
            "((\"\" \"//\")) NIL NIL",
            "((\"\" \"\")) NIL NIL",
            "((\"\")) NIL NIL",
        ] {
            assert_eq!(strict(octets.as_bytes(), Namespaces::parse), None, "{octets}");
        }
    }

    #[test]
    fn quirks() {
        let read = quirky(b"((\"\" \"/\") (\"a\" NIL)) NIL NIL", Quirk::SpaceBetweenItems, Namespaces::parse);
        assert_eq!(read.personal.len(), 2);
        for octets in [
            "( ( \"~\" \"/\" ) ) NIL NIL",
            "((\"~\" \"/\" )) NIL NIL",
            "((\"~\" \"/\") ) NIL NIL",
            "((  \"~\" \"/\")) NIL NIL",
        ] {
            let read = quirky(octets.as_bytes(), Quirk::ExtraSpace, Namespaces::parse);
            assert_eq!(written(|encoder| read.encode(encoder)), "((\"~\" \"/\")) NIL NIL");
        }
        assert_eq!(quirky(b"() NIL NIL", Quirk::EmptyList, Namespaces::parse), Namespaces::default());
    }
}
