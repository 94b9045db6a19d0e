//! Envelopes and body structures whose quotes do not pair, or whose literals are longer than they say: where their strings most likely end.
//!
//! ```text
//!  ("TEXT" "HTML"" NIL NIL ...      ("5" disk" NIL ...      ("c:\dir\" NIL ...
//! ```
//!
//! Servers that do not escape what they quote leave quotes inside of strings, and a backslash before the closing one; some count characters
//! where they announce octets. The value is written again with its quotes escaped and its lengths right, and then read as any other.

use crate::imap::quirk::Quirk;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::vec::Vec;

/// Reads the list that begins here with its quotes repaired. `None`: it cannot be read so either, and the cursor is where it was.
#[cold]
pub(crate) fn read_repaired<T>(
    cursor: &mut Cursor<'_>,
    read: impl Fn(&mut Cursor<'_>) -> Parsed<T>,
) -> Option<T> {
    // A string that runs on over its end takes fields with it; so one that takes none comes first.
    let ways = [(true, true), (false, true), (true, false), (false, false)];
    let ways = ways.into_iter().map(|(escapes, whole)| (escapes, whole, false));
    for (escapes, whole, characters) in ways.chain([(true, true, true)]) {
        let Some(Repaired { octets, length, quirks }) = repair(cursor, escapes, characters) else { continue };
        let mut repaired = cursor.over(&octets);
        let Ok(value) = read(&mut repaired) else { continue };
        let short = repaired.forgiven() & Quirk::ShortEnvelope.bit() != 0;
        let whole = whole || quirks & Quirk::LiteralLength.bit() != 0;
        if !(whole && short) && repaired.is_at_end() && cursor.charge(octets.len()).is_ok() {
            cursor.set_forgiven(cursor.forgiven() | repaired.forgiven() | quirks);
            cursor.advance(length);
            return Some(value);
        }
    }
    None
}

/// A list that was written again, its length as it stands, and what had to be forgiven for it.
struct Repaired {
    octets: Vec<u8>,
    length: usize,
    quirks: u128,
}

/// How long the list is that begins here, by its repaired quotes.
#[cold]
pub(crate) fn repaired_length(cursor: &Cursor<'_>) -> Option<usize> {
    [true, false].into_iter().find_map(|escapes| Some(repair(cursor, escapes, false)?.length))
}

/// The list that begins here with its quotes escaped and the lengths of its literals set right. Where there are no `escapes`, a backslash
/// before a quote that can be the closing one stands for itself. The lengths may be of `characters`.
fn repair(cursor: &Cursor<'_>, escapes: bool, characters: bool) -> Option<Repaired> {
    let list = cursor.rest();
    let mut quirks = 0;
    let mut out = Vec::with_capacity(list.len().min(4096));
    let (mut rest, mut open) = (list, 0usize);
    while let [octet, behind @ ..] = rest {
        match octet {
            b'"' => {
                out.push(b'"');
                let (start, from) = (behind, out.len());
                rest = string(behind, open, escapes, &mut out)?;
                let passed = start.get(..start.len().wrapping_sub(rest.len()));
                if out.get(from..) != passed {
                    quirks |= Quirk::UnescapedQuote.bit();
                }
                continue;
            }
            b'{' => {
                let mut literal = cursor.over(rest);
                let octets = literal.literal().ok()?;
                let (whole, behind) = rest.split_at_checked(literal.position())?;
                let more = if characters { more_octets(octets, behind) } else { stray(behind, open)? };
                let (stray, behind) = behind.split_at_checked(more)?;
                if stray.is_empty() {
                    out.extend_from_slice(whole);
                } else {
                    let length = octets.len().saturating_add(stray.len());
                    out.extend_from_slice(alloc::format!("{{{length}}}\r\n").as_bytes());
                    out.extend_from_slice(octets);
                    out.extend_from_slice(stray);
                    quirks |= Quirk::LiteralLength.bit();
                }
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
            let length = list.len().saturating_sub(rest.len());
            let allowed = quirks & !cursor.allowed() == 0;
            return allowed.then_some(Repaired { octets: out, length, quirks });
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

/// How many octets behind a literal in that many lists belong to it, since its length is too small: those before the next NIL or the end of
/// the list. `None`: the line ends before that.
fn stray(behind: &[u8], open: usize) -> Option<usize> {
    if let [b' ' | b')', ..] = behind {
        return Some(0);
    }
    let mut rest = behind;
    loop {
        match rest {
            [b'\r' | b'\n' | 0, ..] | [] => return None,
            [b' ', nil @ ..] if ends_with_nil(nil) => break,
            [b')', ..] if ends(rest, open) => break,
            [_, after @ ..] => rest = after,
        }
    }
    Some(behind.len().saturating_sub(rest.len()))
}

/// How many octets behind a literal belong to it if its length is that of characters. None do where they do not end before SP or `)`.
fn more_octets(literal: &[u8], behind: &[u8]) -> usize {
    let is_start = |octet: &&u8| **octet & 0xc0 != 0x80;
    // As many characters are missing as octets do not begin one.
    let mut missing = literal.len().saturating_sub(literal.iter().filter(is_start).count());
    for (index, octet) in behind.iter().enumerate() {
        match octet {
            b' ' | b')' if missing == 0 => return index,
            b'\r' | b'\n' | 0 => return 0,
            octet if is_start(&octet) => match missing.checked_sub(1) {
                Some(left) => missing = left,
                None => return 0,
            },
            _ => {}
        }
    }
    0
}

/// Whether NIL stands here, and then the next value or the end of the list.
fn ends_with_nil(octets: &[u8]) -> bool {
    let (name, end) = octets.split_at_checked(3).unwrap_or_default();
    name.eq_ignore_ascii_case(b"NIL") && matches!(end, [b' ' | b')', ..])
}

/// Whether a string in that many lists can end before these octets: the next value or the end of the list stands there.
fn ends(behind: &[u8], open: usize) -> bool {
    let closing = behind.iter().take_while(|octet| **octet == b')').count();
    let next = behind.get(closing..).unwrap_or_default();
    match next {
        _ if closing >= open => true,
        [b'(', ..] => closing > 0,
        [b' ', b'"' | b'(' | b'{' | b'~' | b'0'..=b'9', ..] => true,
        [b' ', nil @ ..] => ends_with_nil(nil),
        _ => false,
    }
}
