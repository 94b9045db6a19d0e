//! The name of a charset.
//!
//! ```abnf
//! charset = atom / quoted       ; RFC 4466 section 3, RFC 5256 section 5, RFC 9051 section 9
//! ```
//!
//! The CHARSET of a SEARCH is an `astring` in RFC 3501 section 9: it is read as that, and written as both have it.

use crate::imap::core::{TEXT, is_in};
use crate::wire::Text;
use crate::wire::cursor::{Cursor, Parsed};

/// `charset`, of ASCII: there is no other name of a charset, and none that could be written.
pub(crate) fn parse_charset(cursor: &mut Cursor<'_>) -> Parsed<Text> {
    if cursor.peek() == Some(b'"') {
        return parse_search_charset(cursor);
    }
    let charset = cursor.atom()?;
    cursor.text(charset)
}

/// The charset of a SEARCH, of ASCII: `astring`.
pub(crate) fn parse_search_charset(cursor: &mut Cursor<'_>) -> Parsed<Text> {
    let start = cursor.position();
    let charset = cursor.astring_text()?;
    let allowed = |octet: &u8| octet.is_ascii() && is_in(&TEXT, *octet);
    match charset.as_bytes().iter().all(allowed) {
        true => Ok(charset),
        false => cursor.syntax_at(start, "a charset of ASCII"),
    }
}

#[cfg(any(test, feature = "arbitrary"))]
pub(crate) fn arbitrary_charset(u: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<Text> {
    u.choose(&["UTF-8", "US-ASCII", "ISO-8859-1", "UTF-8]", "~bc", "a \"b\\", ""])
        .map(|charset| (*charset).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::encode::Encoder;
    use crate::imap::round_trip::{octets_round_trip, strict, written};

    #[derive(Debug, PartialEq)]
    struct Charset(Text);

    impl<'a> arbitrary::Arbitrary<'a> for Charset {
        fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
            arbitrary_charset(u).map(Self)
        }
    }

    #[test]
    fn round_trips() {
        let encode =
            |charset: &Charset, encoder: &mut Encoder<'_>| encoder.atom_or_quoted(charset.0.as_bytes());
        octets_round_trip(|cursor| parse_charset(cursor).map(Charset), encode);
        octets_round_trip(|cursor| parse_search_charset(cursor).map(Charset), encode);
    }

    #[test]
    fn known_answers() {
        let long = "a ".repeat(1_000);
        let quoted_long = alloc::format!("\"{long}\"");
        for (octets, charset, canonical, of_search_alone) in [
            ("UTF-8", "UTF-8", "UTF-8", false),
            ("~bc", "~bc", "~bc", false),
            ("\"UTF-8\"", "UTF-8", "UTF-8", false),
            ("\"a \\\"b\"", "a \"b", "\"a \\\"b\"", false),
            ("\"\"", "", "\"\"", false),
            (&quoted_long, &long, &quoted_long, false),
            ("UTF-8]", "UTF-8]", "\"UTF-8]\"", true),
            ("{5}\r\nUTF-8", "UTF-8", "UTF-8", true),
            ("{5+}\r\nUTF-8", "UTF-8", "UTF-8", true),
        ] {
            let read = strict(octets.as_bytes(), parse_search_charset).unwrap_or_else(|| panic!("{octets}"));
            assert_eq!(read, charset);
            assert_eq!(written(|encoder| encoder.atom_or_quoted(read.as_bytes())), canonical);
            let elsewhere = strict(octets.as_bytes(), parse_charset);
            assert_eq!(elsewhere, (!of_search_alone).then_some(read), "{octets}");
        }
        for octets in [
            "",
            "~{5}\r\nUTF-8",
            "{2}\r\n\r\n",
            "{2}\r\n\u{e9}",
            "\"\u{e9}\"",
            "\u{e9}",
            "a b",
            "(a)",
            "{9}\r\nUTF-8",
        ] {
            assert_eq!(strict(octets.as_bytes(), parse_search_charset), None, "{octets}");
            assert_eq!(strict(octets.as_bytes(), parse_charset), None, "{octets}");
        }
    }
}
