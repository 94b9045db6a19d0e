//! Envelopes and body structures whose quotes do not pair: where their strings most likely end.
//!
//! ```text
//!  ("TEXT" "HTML"" NIL NIL ...      ("5" disk" NIL ...      ("c:\dir\" NIL ...
//! ```
//!
//! Servers that do not escape what they quote leave quotes inside of strings, and a backslash before the closing one. The value is written
//! again with its quotes escaped, and then read as any other.

use crate::imap::quirk::Quirk;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::vec::Vec;

/// Reads the list that begins here with its quotes repaired. `None`: it cannot be read so either, and the cursor is where it was.
#[cold]
pub(crate) fn read_repaired<T>(
    cursor: &mut Cursor<'_>,
    read: impl Fn(&mut Cursor<'_>) -> Parsed<T>,
) -> Option<T> {
    if !cursor.may_forgive(Quirk::UnescapedQuote) {
        return None;
    }
    // A string that runs on over its end takes fields with it; so one that takes none comes first.
    for (escapes, whole) in [(true, true), (false, true), (true, false), (false, false)] {
        let Some((octets, length)) = repair(cursor, escapes) else { continue };
        let mut repaired = cursor.over(&octets);
        let Ok(value) = read(&mut repaired) else { continue };
        let short = repaired.forgiven() & Quirk::ShortEnvelope.bit() != 0;
        if !(whole && short) && repaired.is_at_end() && cursor.charge(octets.len()).is_ok() {
            let _ = cursor.forgives(Quirk::UnescapedQuote);
            cursor.set_forgiven(cursor.forgiven() | repaired.forgiven());
            cursor.advance(length);
            return Some(value);
        }
    }
    None
}

/// How long the list is that begins here, by its repaired quotes.
#[cold]
pub(crate) fn repaired_length(cursor: &Cursor<'_>) -> Option<usize> {
    if !cursor.may_forgive(Quirk::UnescapedQuote) {
        return None;
    }
    [true, false].into_iter().find_map(|escapes| Some(repair(cursor, escapes)?.1))
}

/// The list that begins here with its quotes escaped, and its length as it stands. Where there are no `escapes`, a backslash before a quote
/// that can be the closing one stands for itself.
fn repair(cursor: &Cursor<'_>, escapes: bool) -> Option<(Vec<u8>, usize)> {
    let list = cursor.rest();
    let mut out = Vec::with_capacity(list.len().min(4096));
    let (mut rest, mut open) = (list, 0usize);
    while let [octet, behind @ ..] = rest {
        match octet {
            b'"' => {
                out.push(b'"');
                rest = string(behind, open, escapes, &mut out)?;
                continue;
            }
            b'{' => {
                let mut literal = cursor.over(rest);
                literal.literal().ok()?;
                let (octets, behind) = rest.split_at_checked(literal.position())?;
                out.extend_from_slice(octets);
                rest = behind;
                continue;
            }
            b'(' => open = open.saturating_add(1),
            b')' => open = open.saturating_sub(1),
            b'\r' | b'\n' => return None,
            _ => {}
        }
        out.push(*octet);
        rest = behind;
        if open == 0 {
            return Some((out, list.len().saturating_sub(rest.len())));
        }
    }
    None
}

/// A string behind its opening quote, to what stands behind the closing one.
fn string<'a>(octets: &'a [u8], open: usize, escapes: bool, out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let mut rest = octets;
    loop {
        match rest {
            [b'"', behind @ ..] if ends(behind, open) => {
                out.push(b'"');
                return Some(behind);
            }
            [b'"', behind @ ..] => {
                out.extend_from_slice(b"\\\"");
                rest = behind;
            }
            [b'\\', b'"', behind @ ..] if !escapes && ends(behind, open) => {
                out.extend_from_slice(b"\\\\\"");
                return Some(behind);
            }
            [b'\\', escaped @ (b'"' | b'\\'), behind @ ..] => {
                out.extend_from_slice(&[b'\\', *escaped]);
                rest = behind;
            }
            [b'\\', behind @ ..] if !escapes => {
                out.extend_from_slice(b"\\\\");
                rest = behind;
            }
            [b'\r' | b'\n', ..] | [] => return None,
            [octet, behind @ ..] => {
                out.push(*octet);
                rest = behind;
            }
        }
    }
}

/// Whether a string in that many lists can end before these octets: the next value or the end of the list stands there.
fn ends(behind: &[u8], open: usize) -> bool {
    let closing = behind.iter().take_while(|octet| **octet == b')').count();
    let next = behind.get(closing..).unwrap_or_default();
    match next {
        _ if closing >= open => true,
        [b'(', ..] => closing > 0,
        [b' ', b'"' | b'(' | b'{' | b'~' | b'0'..=b'9', ..] => true,
        [b' ', nil @ ..] => {
            let (name, end) = nil.split_at_checked(3).unwrap_or_default();
            name.eq_ignore_ascii_case(b"NIL") && matches!(end, [b' ' | b')', ..])
        }
        _ => false,
    }
}
