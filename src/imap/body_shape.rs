//! What a body that breaks the grammar most likely is, by what stands ahead of the reader.
//!
//! ```text
//!  ("ALTERNATIVE" ("BOUNDARY" "b") NIL NIL)              a multipart without its parts: no size is behind
//!  ("X-ZIP" ("NAME" "a") NIL NIL "BASE64" 4096)          a single part without its media type
//! ```

use crate::wire::cursor::Cursor;

/// Looks at what is next and leaves the cursor where it is.
fn ahead(cursor: &mut Cursor<'_>, look: impl FnOnce(&mut Cursor<'_>) -> bool) -> bool {
    let (position, forgiven) = (cursor.position(), cursor.forgiven());
    let seen = look(cursor);
    cursor.set_position(position);
    cursor.set_forgiven(forgiven);
    seen
}

/// Whether a size stands behind four more fields, as it does in a single part and does not in a multipart.
pub(crate) fn has_size(cursor: &mut Cursor<'_>) -> bool {
    size_is_behind(cursor, |_, _| true)
}

/// The same, where these fields have the form that those of a single part have: of the extension data of a multipart, the
/// second is a list or NIL, and a number behind the fourth is rare.
pub(crate) fn has_body_fields(cursor: &mut Cursor<'_>) -> bool {
    size_is_behind(cursor, |field, octet| match field {
        0 => true,
        3 => matches!(octet, b'"' | b'{'),
        _ => octet != b'(',
    })
}

fn size_is_behind(cursor: &mut Cursor<'_>, fits: impl Fn(u8, u8) -> bool) -> bool {
    ahead(cursor, |cursor| {
        let fields = (0..4).all(|field| {
            cursor.eat(b' ')
                && cursor.peek().is_some_and(|octet| fits(field, octet))
                && cursor.skip_value().is_ok()
        });
        fields && cursor.eat(b' ') && cursor.peek().is_some_and(|octet| matches!(octet, b'0'..=b'9' | b'-'))
    })
}

/// Whether every field to the end of the part is NIL or a list, as the extension data of most multiparts is.
pub(crate) fn only_lists_are_behind(cursor: &mut Cursor<'_>) -> bool {
    let is_list = |cursor: &mut Cursor<'_>| cursor.peek() == Some(b'(') && cursor.skip_value().is_ok();
    ahead(cursor, |cursor| {
        while cursor.eat(b' ') {
            if !cursor.nil() && !is_list(cursor) {
                return false;
            }
        }
        cursor.peek() == Some(b')')
    })
}

/// Whether the list here is a disposition with its parameters, and not languages.
pub(crate) fn is_disposition(cursor: &mut Cursor<'_>) -> bool {
    ahead(cursor, |cursor| {
        cursor.advance(1);
        cursor.pass_string().is_ok_and(|named| named)
            && cursor.eat(b' ')
            && (cursor.peek() == Some(b'(') || cursor.nil())
            && (cursor.peek() != Some(b'(') || cursor.skip_value().is_ok())
            && cursor.peek() == Some(b')')
    })
}

/// Whether a single part can be read from its first word on: a second word follows, or a size in its place.
pub(crate) fn is_single(cursor: &mut Cursor<'_>) -> bool {
    ahead(cursor, |cursor| {
        cursor.skip_value().is_ok()
            && (matches!(cursor.rest(), [b' ', b'"' | b'{', ..])
                || has_body_fields(cursor)
                || (cursor.eat(b' ') && cursor.skip_value().is_ok() && has_size(cursor)))
    })
}

/// Whether this is a media type of single parts (RFC 6838), and not a subtype of multiparts.
pub(crate) fn is_media_type(word: &[u8]) -> bool {
    const TYPES: [&[u8]; 8] =
        [b"text", b"application", b"image", b"message", b"audio", b"video", b"font", b"model"];
    TYPES.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Whether this begins as a body, and not as a disposition.
pub(crate) fn is_body(octets: &[u8]) -> bool {
    let Some(inside) = octets.strip_prefix(b"(") else { return false };
    if inside.first() == Some(&b'(') {
        return true;
    }
    // A type and a subtype, both strings.
    let Some(media) = inside.strip_prefix(b"\"") else { return false };
    let end = memchr::memchr(b'"', media).unwrap_or(media.len());
    media.get(end..).is_some_and(|rest| rest.starts_with(b"\" \""))
}
