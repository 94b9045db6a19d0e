//! SEARCH: which messages are of the keys.

use std::{io, num::NonZeroU32, ops::Range};

use mailwire::imap::{
    Data, Date, ExtendedSearch, ModSequence, ResponseCode, Search, SearchData, SearchKey, SearchKeys,
    SearchReturnData, SearchReturnOption, SequenceRange, SequenceSet, Status, Tag,
};
use memchr::memmem::Finder;

use super::{
    condstore::mod_sequence,
    selected::{Numbered, Selected},
    values::{date_out, set_of},
};
use crate::embedded::{
    decode::{Decoder, words},
    mime::{Kind, Structure, header_fields},
    session::read_chunk,
    store::{Content, Flags, InternalDate, Message},
};

/// The most octets of header fields that are looked at.
const FIELDS: u64 = 1024 * 1024;

/// What SEARCH answers.
///
/// # Errors
/// The status for the client, or a message cannot be read.
pub fn answer(selected: &Selected, command: &Search, tag: Option<&Tag>) -> io::Result<Result<Data, Status>> {
    if let Some(charset) = &command.program.charset
        && !["US-ASCII", "UTF-8"].iter().any(|known| charset.eq_ignore_ascii_case(known))
    {
        let code = ResponseCode::BadCharset(vec!["US-ASCII".into(), "UTF-8".into()]);
        return Ok(Err(Status::no("This charset is not known here").code(code)));
    }
    if !command.program.keys.keys().all(is_known) {
        return Ok(Err(Status::bad("This search key is not known here")));
    }
    let found = search(selected, &command.program.keys)?;
    let numbers: Vec<NonZeroU32> =
        found.iter().map(|message| if command.uid { message.uid } else { message.number }).collect();
    let returns = command.returns.as_deref();
    let mod_seq = match command.program.keys.keys().any(|key| matches!(key, SearchKey::ModSequence(_))) {
        true => highest_mod_seq(selected, &found, returns.unwrap_or_default()),
        false => None,
    };
    let Some(returns) = returns else {
        return Ok(Ok(Data::Search(SearchData { numbers, mod_sequence: mod_seq })));
    };
    let mut answer = ExtendedSearch::answering(tag.map(Tag::as_bytes).unwrap_or_default());
    answer.uid = command.uid;
    let all = [SearchReturnOption::All];
    for option in if returns.is_empty() { &all } else { returns } {
        let data = match option {
            SearchReturnOption::Min => numbers.first().copied().map(SearchReturnData::Min),
            SearchReturnOption::Max => numbers.last().copied().map(SearchReturnData::Max),
            SearchReturnOption::Count => {
                Some(SearchReturnData::Count(u32::try_from(numbers.len()).unwrap_or(u32::MAX)))
            }
            SearchReturnOption::All => {
                (!numbers.is_empty()).then(|| SearchReturnData::All(set_of(numbers.iter().copied())))
            }
            _ => return Ok(Err(Status::bad("This result option is not known here"))),
        };
        answer.data.extend(data);
    }
    answer.data.extend(mod_seq.map(SearchReturnData::ModSequence));
    Ok(Ok(Data::ExtendedSearch(Box::new(answer))))
}

/// The highest mod-sequence of what is told: of the first and the last where only these are (RFC 4731, section 3.2).
fn highest_mod_seq(
    selected: &Selected,
    found: &[Numbered],
    returns: &[SearchReturnOption],
) -> Option<ModSequence> {
    let of = |message: &Numbered| selected.mailbox.message(message.uid).map(|message| message.mod_seq);
    let is_end =
        |option: &SearchReturnOption| matches!(option, SearchReturnOption::Min | SearchReturnOption::Max);
    let highest = if returns.is_empty() || !returns.iter().all(is_end) {
        found.iter().filter_map(of).max()
    } else {
        let first = returns.contains(&SearchReturnOption::Min).then(|| found.first()).flatten();
        let last = returns.contains(&SearchReturnOption::Max).then(|| found.last()).flatten();
        first.into_iter().chain(last).filter_map(of).max()
    };
    highest.and_then(mod_sequence)
}

/// The messages that match, in the order of the mailbox.
///
/// # Errors
/// A message cannot be read. One that was expunged meanwhile matches nothing.
fn search(selected: &Selected, keys: &SearchKeys) -> io::Result<Vec<Numbered>> {
    let sets: Vec<_> = keys
        .keys()
        .filter_map(|key| match key {
            SearchKey::Sequence(set) => Some((set, selected.resolved(set, false))),
            SearchKey::Uid(set) => Some((set, selected.resolved(set, true))),
            _ => None,
        })
        .collect();
    let mut found = Vec::new();
    for numbered in selected.all() {
        let Some(message) = selected.mailbox.message(numbered.uid) else { continue };
        let mut candidate =
            Candidate { selected, sets: &sets, numbered, message, content: None, failure: None };
        let matches = keys.matches(|key, _| candidate.matches(key));
        match candidate.failure {
            Some(error) => return Err(error),
            None if matches => found.push(numbered),
            None => {}
        }
    }
    Ok(found)
}

/// Whether [`Candidate::matches`] can tell: keys of extensions that are not offered are no keys here, and no result is ever saved.
fn is_known(key: &SearchKey) -> bool {
    match key {
        SearchKey::Sequence(set) | SearchKey::Uid(set) => !set.is_saved(),
        SearchKey::All
        | SearchKey::Answered
        | SearchKey::Deleted
        | SearchKey::Draft
        | SearchKey::Flagged
        | SearchKey::Seen
        | SearchKey::Unanswered
        | SearchKey::Undeleted
        | SearchKey::Undraft
        | SearchKey::Unflagged
        | SearchKey::Unseen
        | SearchKey::New
        | SearchKey::Old
        | SearchKey::Recent
        | SearchKey::Keyword(_)
        | SearchKey::Unkeyword(_)
        | SearchKey::Larger(_)
        | SearchKey::Smaller(_)
        | SearchKey::ModSequence(_)
        | SearchKey::Before(_)
        | SearchKey::On(_)
        | SearchKey::Since(_)
        | SearchKey::SentBefore(_)
        | SearchKey::SentOn(_)
        | SearchKey::SentSince(_)
        | SearchKey::Older(_)
        | SearchKey::Younger(_)
        | SearchKey::From(_)
        | SearchKey::To(_)
        | SearchKey::Cc(_)
        | SearchKey::Bcc(_)
        | SearchKey::Subject(_)
        | SearchKey::Header(_)
        | SearchKey::Text(_)
        | SearchKey::Body(_) => true,
        _ => false,
    }
}

struct Candidate<'a> {
    selected: &'a Selected,
    /// The sets among the keys, with what they name in this mailbox.
    sets: &'a [(&'a SequenceSet, SequenceSet)],
    numbered: Numbered,
    message: Message,
    content: Option<Box<dyn Content>>,
    failure: Option<io::Error>,
}

impl Candidate<'_> {
    fn matches(&mut self, key: &SearchKey) -> bool {
        let flags = &self.message.flags;
        let recent = || self.selected.is_recent(self.numbered.uid);
        match key {
            SearchKey::All => true,
            SearchKey::Answered => flags.has(Flags::ANSWERED),
            SearchKey::Deleted => flags.has(Flags::DELETED),
            SearchKey::Draft => flags.has(Flags::DRAFT),
            SearchKey::Flagged => flags.has(Flags::FLAGGED),
            SearchKey::Seen => flags.has(Flags::SEEN),
            SearchKey::Unanswered => !flags.has(Flags::ANSWERED),
            SearchKey::Undeleted => !flags.has(Flags::DELETED),
            SearchKey::Undraft => !flags.has(Flags::DRAFT),
            SearchKey::Unflagged => !flags.has(Flags::FLAGGED),
            SearchKey::Unseen => !flags.has(Flags::SEEN),
            SearchKey::New => recent() && !flags.has(Flags::SEEN),
            SearchKey::Old => !recent(),
            SearchKey::Recent => recent(),
            SearchKey::Keyword(keyword) => flags.has_keyword(&keyword.to_string()),
            SearchKey::Unkeyword(keyword) => !flags.has_keyword(&keyword.to_string()),
            SearchKey::Sequence(set) => self.is_in(set, self.numbered.number.get()),
            SearchKey::Uid(set) => self.is_in(set, self.numbered.uid.get()),
            SearchKey::Larger(size) => self.message.size > *size,
            SearchKey::Smaller(size) => self.message.size < *size,
            SearchKey::ModSequence(key) => self.message.mod_seq >= key.value.value(),
            SearchKey::Before(date) => self.internal_date().is_some_and(|on| on < *date),
            SearchKey::On(date) => self.internal_date().is_some_and(|on| on == *date),
            SearchKey::Since(date) => self.internal_date().is_some_and(|on| on >= *date),
            SearchKey::SentBefore(date) => self.sent_date().is_some_and(|on| on < *date),
            SearchKey::SentOn(date) => self.sent_date().is_some_and(|on| on == *date),
            SearchKey::SentSince(date) => self.sent_date().is_some_and(|on| on >= *date),
            SearchKey::Older(seconds) => self.age() >= i64::from(seconds.get()),
            SearchKey::Younger(seconds) => self.age() <= i64::from(seconds.get()),
            SearchKey::From(text) => self.field(b"From", text.as_bytes()),
            SearchKey::To(text) => self.field(b"To", text.as_bytes()),
            SearchKey::Cc(text) => self.field(b"Cc", text.as_bytes()),
            SearchKey::Bcc(text) => self.field(b"Bcc", text.as_bytes()),
            SearchKey::Subject(text) => self.field(b"Subject", text.as_bytes()),
            SearchKey::Header(header) => self.field(header.field.as_bytes(), header.value.as_bytes()),
            SearchKey::Text(text) => self.attempt(|content| {
                let header = Structure::scan_header(content)?.root().header.clone();
                let size = content.size();
                Ok(contains(content, 0, size, text.as_bytes(), None)?
                    || contains_field(content, header, &[], text.as_bytes())?
                    || contains_decoded(content, text.as_bytes())?)
            }),
            SearchKey::Body(text) => self.attempt(|content| {
                let body = Structure::scan_header(content)?.root().body.clone();
                Ok(contains(content, body.start, body.end, text.as_bytes(), None)?
                    || contains_decoded(content, text.as_bytes())?)
            }),
            _ => false,
        }
    }

    fn is_in(&self, set: &SequenceSet, number: u32) -> bool {
        let resolved = self.sets.iter().find(|(of, _)| std::ptr::eq(*of, set));
        let ranges = resolved.map_or(&[][..], |(_, resolved)| resolved.ranges());
        let end = |range: &SequenceRange| *range.bounds().end();
        let at = ranges.partition_point(|range| end(range) < number);
        ranges.get(at).is_some_and(|range| range.bounds().contains(&number))
    }

    fn internal_date(&self) -> Option<Date> {
        date_out(self.message.internal_date).map(|date| date.date())
    }

    fn age(&self) -> i64 {
        InternalDate::now().seconds.saturating_sub(self.message.internal_date.seconds)
    }

    fn sent_date(&mut self) -> Option<Date> {
        let mut date = None;
        self.attempt(|content| {
            let structure = Structure::scan_header(content)?;
            let envelope = structure.root().envelope.as_deref();
            date = envelope.and_then(|envelope| header_date(envelope.date.as_deref()?));
            Ok(date.is_some())
        });
        date
    }

    /// Whether the text is in a field of that name; an empty one is in every.
    fn field(&mut self, name: &[u8], text: &[u8]) -> bool {
        self.attempt(|content| {
            let header = Structure::scan_header(content)?.root().header.clone();
            contains_field(content, header, &[name], text)
        })
    }

    /// Asks the octets of the message.
    fn attempt(&mut self, ask: impl FnOnce(&mut dyn Content) -> io::Result<bool>) -> bool {
        if self.content.is_none() {
            self.content = self.selected.mailbox.content(self.numbered.uid).ok();
        }
        let Some(content) = &mut self.content else { return false };
        match ask(&mut **content) {
            Ok(answer) => answer,
            Err(error) => {
                self.failure = Some(error);
                false
            }
        }
    }
}

/// Whether the text is in one of these fields, as they are or with their encoded words decoded; in any field if none is named.
fn contains_field(
    content: &mut dyn Content,
    header: Range<u64>,
    names: &[&[u8]],
    text: &[u8],
) -> io::Result<bool> {
    let fields = header_fields(content, header, names, names.is_empty())?.partial(0, FIELDS);
    let mut octets = Vec::new();
    for range in fields.ranges {
        let mut at = range.start;
        while at < range.end {
            let chunk = read_chunk(content, at, range.end)?;
            at += chunk.len() as u64;
            octets.extend(chunk.iter().filter(|octet| !matches!(octet, b'\r')));
        }
    }
    // A field is as if it stood on one line; the next one begins where no white space is.
    let mut unfolded: Vec<u8> = Vec::with_capacity(octets.len());
    for (at, octet) in octets.iter().enumerate() {
        let is_fold = *octet == b'\n' && matches!(octets.get(at + 1), Some(b' ' | b'\t'));
        if !is_fold {
            unfolded.push(*octet);
        }
    }
    let needle = text.to_ascii_lowercase();
    let finder = Finder::new(&needle);
    let finds = |octets: &[u8]| finder.find(&octets.to_ascii_lowercase()).is_some();
    let mut lines = unfolded.split(|octet| *octet == b'\n').filter(|line| !line.is_empty());
    Ok(lines.any(|line| {
        let name = memchr::memchr(b':', line).map_or(0, |colon| colon + 1);
        let value = line.get(name..).unwrap_or_default();
        finds(value) || finds(&words(value))
    }))
}

/// Whether the text is in a part of the message whose octets are not the text itself (RFC 3501, section 6.4.4).
fn contains_decoded(content: &mut dyn Content, text: &[u8]) -> io::Result<bool> {
    let structure = Structure::scan(content)?;
    for part in structure.parts().filter(|part| part.kind == Kind::Single) {
        let is_charset = |name: &[u8]| name.eq_ignore_ascii_case(b"CHARSET");
        let charset = part.parameters.iter().find(|(name, _)| is_charset(name));
        let charset = charset.map(|(_, value)| &**value).unwrap_or_default();
        if let Some(decoder) = Decoder::new(&part.encoding, charset)
            && contains(content, part.body.start, part.body.end, text, Some(decoder))?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the text is in this range of the message, in any case of ASCII letters.
fn contains(
    content: &mut dyn Content,
    start: u64,
    end: u64,
    text: &[u8],
    mut decoder: Option<Decoder>,
) -> io::Result<bool> {
    let needle = text.to_ascii_lowercase();
    let finder = Finder::new(&needle);
    let mut window = Vec::new();
    let mut at = start;
    loop {
        if finder.find(&window).is_some() {
            return Ok(true);
        }
        if at >= end {
            return Ok(false);
        }
        // What may be the beginning of the text stays.
        window.drain(..window.len().saturating_sub(needle.len().saturating_sub(1)));
        let chunk = read_chunk(content, at, end)?;
        at += chunk.len() as u64;
        let kept = window.len();
        match &mut decoder {
            Some(decoder) => decoder.decode(&chunk, &mut window),
            None => window.extend_from_slice(&chunk),
        }
        window.get_mut(kept..).unwrap_or_default().make_ascii_lowercase();
    }
}

/// The day of a Date field (RFC 5322, section 3.3), as it is told there.
fn header_date(value: &[u8]) -> Option<Date> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let text = std::str::from_utf8(value).ok()?;
    let text = text.split_once(',').map_or(text, |(_, rest)| rest);
    let mut words = text.split_ascii_whitespace();
    let day = words.next()?.parse().ok()?;
    let month = words.next()?.get(..3)?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|name| *name == month)?;
    let year: u16 = words.next()?.parse().ok()?;
    let year = match year {
        0..=49 => year + 2000,
        50..=999 => year + 1900,
        year => year,
    };
    Date::new(year, u8::try_from(month + 1).ok()?, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_headers() {
        let date = |text: &str| header_date(text.as_bytes());
        assert_eq!(date("Mon, 23 Nov 2026 14:00:00 +0100"), Date::new(2026, 11, 23).ok());
        assert_eq!(date("3 feb 99 00:00"), Date::new(1999, 2, 3).ok());
        for bad in ["", "Mon,", "x Nov 2026", "3 Nov", "31 Feb 2026", "3 \u{e9}\u{e9}\u{e9} 2026"] {
            assert_eq!(date(bad), None, "{bad}");
        }
    }
}
