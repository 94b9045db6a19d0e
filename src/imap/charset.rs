//! The name of a charset.
//!
//! ```abnf
//! charset = atom / quoted       ; RFC 3501 section 9
//! ```

use crate::imap::core::{TEXT, is_in};
use crate::wire::Text;
use crate::wire::cursor::{Cursor, Parsed};

/// `charset`, of ASCII: there is no other name of a charset, and none that could be written.
pub(crate) fn parse_charset(cursor: &mut Cursor<'_>) -> Parsed<Text> {
    if cursor.peek() == Some(b'"') {
        let start = cursor.position();
        let charset = cursor.string_text()?;
        let allowed = |octet: &u8| octet.is_ascii() && is_in(&TEXT, *octet);
        return match charset.as_bytes().iter().all(allowed) {
            true => Ok(charset),
            false => cursor.syntax_at(start, "a charset of ASCII"),
        };
    }
    let charset = cursor.atom()?;
    cursor.text(charset)
}

#[cfg(any(test, feature = "arbitrary"))]
pub(crate) fn arbitrary_charset(u: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<Text> {
    u.choose(&["UTF-8", "US-ASCII", "ISO-8859-1", "a \"b\\", ""]).map(|charset| (*charset).into())
}
