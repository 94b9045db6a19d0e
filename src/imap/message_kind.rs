//! What kind of message begins, as far as its framing depends on that.
//!
//! A literal may stand in data, in a FETCH (where the bodies are streamed) and in one code of a status, never in human text.

use crate::imap::core::{TAG, is_in};

/// Digits a literal's header may have: as many as the largest number of 64 bits.
pub(crate) const DIGITS: usize = 20;

/// What kind of message it is, as far as framing needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing is known yet.
    Unknown,
    /// Human text: no literal in it.
    Text,
    /// A status whose code begins like BADCHARSET; the rest of its line tells whether a literal stands in it.
    Status,
    /// A BADCHARSET code, whose charsets may be literals; text once they are closed.
    BadCharset,
    /// Structured data, its literals gathered.
    Data,
    /// FETCH, whose bodies are streamed.
    Fetch,
    /// THREAD, whose lists are nested as often as people answer.
    Thread,
    /// APPEND or REPLACE; the message comes behind that many arguments.
    Append { arguments: u8 },
}

/// Where the first word of a response has to begin.
const SPACES: usize = 64;

/// `None`: more octets are needed.
pub(crate) fn classify_response(input: &[u8]) -> Option<Kind> {
    let Some(rest) = input.strip_prefix(b"* ") else { return Some(classify_tagged(input)) };
    let front = rest.get(..SPACES).unwrap_or(rest);
    if without_spaces(front).is_empty() {
        return (front.len() == SPACES).then_some(Kind::Data);
    }
    let words = without_spaces(rest);
    // The status before a code is left out.
    if words.starts_with(b"[") {
        return Some(classify_text(words));
    }
    let (word, rest) = next_word(words);
    // More of the word may be on its way.
    if word.len() == words.len() && word.len() <= DIGITS {
        return None;
    }
    if !word.is_empty() && word.iter().all(u8::is_ascii_digit) {
        let rest = without_spaces(rest);
        let (name, _) = next_word(rest);
        let name = name.split(|octet| *octet == b'(').next().unwrap_or_default();
        if name.len() == rest.len() && word.len() <= DIGITS && name.len() <= b"UIDFETCH".len() {
            return None;
        }
        let fetch = name.eq_ignore_ascii_case(b"FETCH") || name.eq_ignore_ascii_case(b"UIDFETCH");
        let fetch = fetch && matches!(rest.get(name.len()), Some(b' ' | b'('));
        return Some(if fetch { Kind::Fetch } else { Kind::Data });
    }
    Some(if is_status(word) {
        classify_text(rest)
    } else if word.eq_ignore_ascii_case(b"THREAD") {
        Kind::Thread
    } else {
        Kind::Data
    })
}

/// What does not begin with `* `: text, whether all of it has arrived or not, unless its code and a brace behind that have.
fn classify_tagged(input: &[u8]) -> Kind {
    // No response begins so, but the rest of one whose line was broken within its quotes: a literal may still stand behind it.
    if matches!(input, [b' ' | b'\t', ..]) {
        return Kind::Data;
    }
    let (tag, rest) = next_word(input);
    let (word, text) = next_word(without_spaces(rest));
    if tag != b"+" && is_status(word) { classify_text(text) } else { Kind::Text }
}

fn is_status(word: &[u8]) -> bool {
    [&b"OK"[..], b"NO", b"BAD", b"BYE", b"PREAUTH"].iter().any(|status| word.eq_ignore_ascii_case(status))
}

/// What stands behind a status.
fn classify_text(text: &[u8]) -> Kind {
    if !begins_with_charsets(text) {
        return Kind::Text;
    }
    match memchr::memchr2(b']', b'\n', text).and_then(|at| text.get(at)) {
        None => Kind::Status,
        Some(b'\n') => Kind::BadCharset,
        Some(_) => Kind::Text,
    }
}

/// Whether the text of a status begins with charsets, which may be literals: there is no other code that holds any.
pub(crate) fn begins_with_charsets(text: &[u8]) -> bool {
    let code = b"[BADCHARSET (";
    text.get(..code.len()).is_some_and(|text| text.eq_ignore_ascii_case(code))
}

/// Whether a status begins with a code that holds sets: of a large mailbox they are as long as those of data.
///
/// No more is looked at than has arrived before the line is over its limit.
pub(crate) fn holds_sets(line: &[u8], limit: usize) -> bool {
    let mut text = line.get(..limit).unwrap_or(line);
    // Behind a tag and a status, one of which or both may be left out.
    (0..3).any(|_| {
        let codes = [&b"[COPYUID "[..], b"[APPENDUID ", b"[MODIFIED "];
        let holds = codes
            .iter()
            .any(|code| text.get(..code.len()).is_some_and(|front| front.eq_ignore_ascii_case(code)));
        text = without_spaces(next_word(text).1);
        holds
    })
}

pub(crate) fn classify_command(input: &[u8]) -> Kind {
    let tag = input.iter().position(|octet| !is_in(&TAG, *octet)).unwrap_or(input.len());
    let (_, rest) = next_word(input.get(tag..).unwrap_or_default());
    let (name, rest) = next_word(rest);
    let (second, _) = next_word(rest);
    let uid = name.eq_ignore_ascii_case(b"UID");
    let name = if uid { second } else { name };
    // Words are counted as they end: the tag, the command, the mailbox.
    let arguments = if name.eq_ignore_ascii_case(b"APPEND") && !uid {
        3
    } else if name.eq_ignore_ascii_case(b"REPLACE") {
        if uid { 5 } else { 4 }
    } else {
        return Kind::Data;
    };
    Kind::Append { arguments }
}

/// More than one space is a quirk, and does not change what a response is.
pub(crate) fn without_spaces(mut input: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] = input {
        input = rest;
    }
    input
}

fn next_word(input: &[u8]) -> (&[u8], &[u8]) {
    let end = input.iter().position(|octet| matches!(octet, b' ' | b'\r' | b'\n')).unwrap_or(input.len());
    let rest = input.get(end..).unwrap_or_default();
    (input.get(..end).unwrap_or_default(), rest.strip_prefix(b" ").unwrap_or(rest))
}
