//! Extension data of a body structure: compared and written whatever its shape.
//!
//! ```abnf
//! ; RFC 3501 and RFC 9051 section 9
//! body-extension = nstring / number / "(" body-extension *(SP body-extension) ")"
//! ```

use crate::imap::core::{ASTRING, is_in};
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::stored::{plain, reread};
use crate::wire::InvalidValue;
use alloc::borrow::Cow;

/// One word of extension data.
#[derive(PartialEq)]
enum Token<'a> {
    Open,
    Close,
    Word(&'a [u8]),
    String(Cow<'a, [u8]>),
    /// What no extension data may hold.
    Wrong,
}

/// The words of extension data, whichever form its strings have.
fn tokens(octets: &[u8]) -> impl Iterator<Item = Token<'_>> {
    let mut position = 0usize;
    core::iter::from_fn(move || {
        let mut cursor = reread(octets, 0);
        cursor.set_position(position);
        while cursor.eat(b' ') {}
        let token = match cursor.peek()? {
            b'(' => {
                cursor.advance(1);
                Token::Open
            }
            b')' => {
                cursor.advance(1);
                Token::Close
            }
            b'"' | b'{' | b'~' => match cursor.value_string() {
                Ok(Some(string)) => Token::String(plain(string)),
                _ => Token::Wrong,
            },
            octet if is_in(&ASTRING, octet) || octet == b'\\' => {
                let start = cursor.position();
                cursor.advance(1);
                cursor.take_while(&ASTRING);
                Token::Word(cursor.since(start))
            }
            _ => Token::Wrong,
        };
        position = if token == Token::Wrong { octets.len() } else { cursor.position() };
        Some(token)
    })
}

/// Whether two pieces of extension data say the same.
pub(crate) fn same_values(one: &[u8], two: &[u8]) -> bool {
    one == two || tokens(one).eq(tokens(two))
}

/// `*(SP body-extension)`, each string in a form that the peer can read.
pub(crate) fn encode_values(octets: &[u8], encoder: &mut Encoder<'_>) -> Encoded {
    let mut opened = false;
    for token in tokens(octets) {
        if !opened && token != Token::Close {
            encoder.sp();
        }
        opened = token == Token::Open;
        match token {
            Token::Open => encoder.raw(b"("),
            Token::Close => encoder.raw(b")"),
            Token::Word(word) => encoder.raw(word),
            Token::String(string) => encoder.string(&string)?,
            Token::Wrong => return Err(InvalidValue { offset: 0, expected: "extension data" }),
        }
    }
    Ok(())
}
