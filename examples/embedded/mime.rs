//! What IMAP tells of a message's shape: envelope, body structure, and where each section lies.
//!
//! [`Structure::scan`] reads the message once, in blocks, and keeps only the header fields that IMAP tells and the offsets of
//! the parts. Memory is bounded whatever the message: [`FIELD`] octets a header field, [`KEPT`] octets of fields a message,
//! [`DEPTH`] levels and [`PARTS`] parts. What lies deeper is told as one opaque part.

use std::{io, ops::Range};

pub use super::header::{Address, Octets};
use super::{
    header::{Parameters, Reader, addresses, media_type},
    lines::{Line, Lines},
    store::Content,
};

/// The most octets kept of one header field; the rest of it is not looked at.
pub const FIELD: usize = 64 * 1024;
/// The most octets of header fields kept of one header.
pub const HEADER: usize = 256 * 1024;
/// The most octets of header fields kept of one message.
pub const KEPT: usize = 1024 * 1024;
/// How deep parts nest.
pub const DEPTH: usize = 60;
/// How many parts a message has.
pub const PARTS: usize = 10_000;

/// A message's parts, the outermost first.
#[derive(Debug, Clone)]
pub struct Structure {
    parts: Vec<Part>,
}

/// One part: the message itself, a part of a multipart, or the message within a message/rfc822.
#[derive(Debug, Clone, Default)]
pub struct Part {
    pub kind: Kind,
    /// The parts of a multipart, or the one message in a message/rfc822, as numbers for [`Structure::get`].
    pub children: Vec<usize>,
    pub media_type: Octets,
    pub subtype: Octets,
    pub parameters: Parameters,
    pub id: Option<Octets>,
    pub description: Option<Octets>,
    /// The Content-Transfer-Encoding, `7BIT` where none is stated.
    pub encoding: Octets,
    pub md5: Option<Octets>,
    pub disposition: Option<(Octets, Parameters)>,
    pub language: Vec<Octets>,
    pub location: Option<Octets>,
    /// Of a message, not of a part of one.
    pub envelope: Option<Box<Envelope>>,
    /// Where the header lies, with the empty line after it.
    pub header: Range<u64>,
    pub body: Range<u64>,
    /// Lines of text in the body.
    pub lines: u64,
}

/// Which of the three forms of body structure a part has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Neither of the others. Text is among them: its `lines` are told.
    #[default]
    Single,
    Multipart,
    /// message/rfc822 or message/global.
    Message,
}

/// The header fields of RFC 9051, section 7.5.2, ENVELOPE.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope {
    pub date: Option<Octets>,
    pub subject: Option<Octets>,
    pub from: Vec<Address>,
    /// The same as `from` where the message does not state it.
    pub sender: Vec<Address>,
    /// The same as `from` where the message does not state it.
    pub reply_to: Vec<Address>,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    pub bcc: Vec<Address>,
    pub in_reply_to: Option<Octets>,
    pub message_id: Option<Octets>,
}

/// What of a part a section asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// The part's content; of the message itself, all of it.
    Whole,
    /// The header of a message.
    Header,
    /// TEXT: the body of a message.
    Body,
    /// The header of a part.
    Mime,
}

impl Structure {
    /// Reads the whole message.
    ///
    /// # Errors
    /// The message cannot be read.
    pub fn scan(content: &mut dyn Content) -> io::Result<Self> {
        Scanner::new(content).run(false)
    }

    /// Reads the message's own header only: enough for the envelope, HEADER and TEXT.
    ///
    /// # Errors
    /// The message cannot be read.
    pub fn scan_header(content: &mut dyn Content) -> io::Result<Self> {
        Scanner::new(content).run(true)
    }

    /// The message itself.
    pub fn root(&self) -> &Part {
        &self.parts[0]
    }

    /// A part by its number in [`Part::children`].
    pub fn get(&self, number: usize) -> Option<&Part> {
        self.parts.get(number)
    }

    /// Every part, at any depth.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter()
    }

    pub fn children<'a>(&'a self, part: &'a Part) -> impl Iterator<Item = &'a Part> {
        part.children.iter().filter_map(|number| self.parts.get(*number))
    }

    /// Where the section `path` `text` lies, `None` where there is no such part.
    pub fn section(&self, path: &[u32], text: Text) -> Option<Range<u64>> {
        let root = self.root();
        if path.is_empty() {
            return match text {
                Text::Whole => Some(root.header.start..root.body.end),
                Text::Header => Some(root.header.clone()),
                Text::Body => Some(root.body.clone()),
                Text::Mime => None,
            };
        }
        let part = self.part(path)?;
        let message = || {
            (part.kind == Kind::Message)
                .then(|| part.children.first())
                .flatten()
                .and_then(|n| self.parts.get(*n))
        };
        match text {
            Text::Whole => Some(part.body.clone()),
            Text::Mime => Some(part.header.clone()),
            Text::Header => message().map(|message| message.header.clone()),
            Text::Body => message().map(|message| message.body.clone()),
        }
    }

    /// The part at `path`, which has at least one number (RFC 9051, section 6.4.5.1).
    pub fn part(&self, path: &[u32]) -> Option<&Part> {
        let mut part = self.root();
        // A message's own body is its part 1 unless it is a multipart; a message/rfc822 is stepped through to its message.
        let mut is_message = true;
        for number in path {
            if !is_message && part.kind == Kind::Message {
                part = self.parts.get(*part.children.first()?)?;
                is_message = true;
            }
            if part.kind == Kind::Multipart {
                let at = usize::try_from(number.checked_sub(1)?).ok()?;
                part = self.parts.get(*part.children.get(at)?)?;
            } else if !is_message || *number != 1 {
                return None;
            }
            is_message = false;
        }
        (!path.is_empty()).then_some(part)
    }
}

/// Octets of a message: the ranges one after the other, then `end`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slices {
    pub ranges: Vec<Range<u64>>,
    /// An empty line where the header has none of its own.
    pub end: &'static [u8],
}

impl Slices {
    pub fn size(&self) -> u64 {
        self.ranges.iter().map(|range| range.end - range.start).sum::<u64>() + self.end.len() as u64
    }

    /// The octets from `offset` on, at most `len`: `BODY[...]<offset.len>`.
    pub fn partial(&self, offset: u64, len: u64) -> Self {
        let (mut skip, mut take) = (offset, len);
        let mut cut = |size: u64| {
            let from = skip.min(size);
            skip -= from;
            let to = from + take.min(size - from);
            take -= to - from;
            (from, to)
        };
        let mut ranges = Vec::new();
        for range in &self.ranges {
            let (from, to) = cut(range.end - range.start);
            if from < to {
                ranges.push(range.start + from..range.start + to);
            }
        }
        let (from, to) = cut(self.end.len() as u64);
        let end = self.end.get(from as usize..to as usize).unwrap_or_default();
        Self { ranges, end }
    }
}

impl From<Range<u64>> for Slices {
    fn from(range: Range<u64>) -> Self {
        Self { ranges: vec![range], end: b"" }
    }
}

/// HEADER.FIELDS (`not` false) or HEADER.FIELDS.NOT: the lines of `header` that `names` choose, and the empty line.
///
/// # Errors
/// The message cannot be read.
pub fn header_fields(
    content: &mut dyn Content,
    header: Range<u64>,
    names: &[&[u8]],
    not: bool,
) -> io::Result<Slices> {
    let mut slices = Slices { ranges: Vec::new(), end: b"\r\n" };
    let mut lines = Lines::new(content, header.clone());
    let mut chosen = false;
    let mut start = header.start;
    while let Some(line) = lines.next()? {
        let end = line.next;
        if !line.continued {
            let empty = line.text(&lines).is_empty();
            if empty {
                slices.end = b"";
            }
            let folded = line.text(&lines).first().is_some_and(|octet| matches!(octet, b' ' | b'\t'));
            if empty {
                chosen = true;
            } else if !folded {
                let name = field_name(line.text(&lines));
                chosen = names.iter().any(|known| name.is_some_and(|name| name.eq_ignore_ascii_case(known)))
                    != not;
            }
        }
        if chosen {
            match slices.ranges.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => slices.ranges.push(start..end),
            }
        }
        start = end;
    }
    Ok(slices)
}

fn field_name(line: &[u8]) -> Option<&[u8]> {
    let (name, _) = split_once(line, b':')?;
    Some(name.trim_ascii_end())
}

fn split_once(octets: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let position = memchr::memchr(at, octets)?;
    Some((octets.get(..position)?, octets.get(position + 1..)?))
}

/// The fields that are kept of a header.
const FIELDS: [&str; 18] = [
    "content-type",
    "content-transfer-encoding",
    "content-id",
    "content-description",
    "content-md5",
    "content-disposition",
    "content-language",
    "content-location",
    "date",
    "subject",
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "bcc",
    "in-reply-to",
    "message-id",
];

/// Fields of one header, as they are read.
#[derive(Default)]
struct Fields {
    values: Vec<(&'static str, Vec<u8>)>,
    /// If the last of `values` takes folded lines.
    open: bool,
    kept: usize,
}

impl Fields {
    /// Takes one line, keeping at most `budget` octets; tells how many.
    fn line(&mut self, line: &[u8], continued: bool, budget: usize) -> usize {
        let text = if continued || matches!(line.first(), Some(b' ' | b'\t')) {
            line
        } else {
            self.open = false;
            let Some((name, value)) = split_once(line, b':') else { return 0 };
            let name = name.trim_ascii_end();
            let Some(known) = FIELDS.iter().find(|known| name.eq_ignore_ascii_case(known.as_bytes())) else {
                return 0;
            };
            if budget == 0 || self.kept >= HEADER {
                return 0;
            }
            self.values.push((known, Vec::new()));
            self.open = true;
            value
        };
        if !self.open {
            return 0;
        }
        let Some((_, value)) = self.values.last_mut() else { return 0 };
        let room = budget.min(FIELD.saturating_sub(value.len())).min(HEADER.saturating_sub(self.kept));
        let text = text.get(..text.len().min(room)).unwrap_or_default();
        value.extend(text.iter().copied().filter(|octet| !matches!(octet, 0 | b'\r' | b'\n')));
        self.kept += text.len();
        text.len()
    }

    /// The first field of that name, trimmed.
    fn find(&self, name: &str) -> Option<&[u8]> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.trim_ascii())
    }

    fn octets(&self, name: &str) -> Option<Octets> {
        self.find(name).map(Octets::from)
    }

    fn addresses(&self, name: &str) -> Vec<Address> {
        let mut all = Vec::new();
        for (_, value) in self.values.iter().filter(|(known, _)| *known == name) {
            addresses(value, &mut all);
        }
        all
    }

    fn envelope(&self) -> Envelope {
        let from = self.addresses("from");
        let or_from =
            |name| Some(self.addresses(name)).filter(|all| !all.is_empty()).unwrap_or_else(|| from.clone());
        Envelope {
            date: self.octets("date"),
            subject: self.octets("subject"),
            sender: or_from("sender"),
            reply_to: or_from("reply-to"),
            to: self.addresses("to"),
            cc: self.addresses("cc"),
            bcc: self.addresses("bcc"),
            in_reply_to: self.octets("in-reply-to"),
            message_id: self.octets("message-id"),
            from,
        }
    }
}

/// A part whose end was not reached yet.
struct Open {
    part: usize,
    /// The boundary between its parts, until the last of them ended.
    boundary: Option<Vec<u8>>,
    /// The count of line ends where its body began.
    lines: u64,
}

struct Scanner<'a> {
    lines: Lines<'a>,
    parts: Vec<Part>,
    open: Vec<Open>,
    fields: Fields,
    in_header: bool,
    kept: usize,
    /// Lines seen so far.
    count: u64,
    /// The line end and emptiness of the line before.
    previous: (u64, bool),
}

impl<'a> Scanner<'a> {
    fn new(content: &'a mut dyn Content) -> Self {
        let all = 0..content.size();
        let mut scanner = Self {
            lines: Lines::new(content, all),
            parts: Vec::new(),
            open: Vec::new(),
            fields: Fields::default(),
            in_header: false,
            kept: 0,
            count: 0,
            previous: (0, false),
        };
        scanner.begin(0, true);
        scanner
    }

    /// Begins a part with its header at `offset`.
    fn begin(&mut self, offset: u64, is_message: bool) {
        let number = self.parts.len();
        if let Some(parent) = self.open.last() {
            self.parts[parent.part].children.push(number);
        }
        self.parts.push(Part {
            header: offset..offset,
            body: offset..offset,
            envelope: is_message.then(Box::default),
            ..Part::default()
        });
        self.open.push(Open { part: number, boundary: None, lines: self.count });
        self.fields = Fields::default();
        self.in_header = true;
    }

    fn run(mut self, header_only: bool) -> io::Result<Structure> {
        while let Some(line) = self.lines.next()? {
            if !line.continued && line.text(&self.lines).starts_with(b"--") && self.boundary(&line) {
                self.count += 1;
                self.previous = (line.terminator, false);
                continue;
            }
            let text = line.text(&self.lines);
            let empty = text.is_empty() && !line.continued;
            self.previous = (line.terminator, empty);
            if self.in_header {
                if empty {
                    self.count += 1;
                    self.end_header(line.next);
                    if header_only && self.open.len() <= 2 {
                        break;
                    }
                    continue;
                }
                self.kept += self.fields.line(text, line.continued, KEPT.saturating_sub(self.kept));
            }
            if line.terminator > 0 || line.next == self.lines.end {
                self.count += 1;
            }
        }
        if self.in_header {
            self.end_header(self.lines.offset);
        }
        let end = self.lines.end;
        self.previous = (0, false);
        self.close(0, end);
        Ok(Structure { parts: self.parts })
    }

    /// If the line is a boundary of an open multipart, ends and begins what it ends and begins.
    fn boundary(&mut self, line: &Line) -> bool {
        let text = line.text(&self.lines).get(2..).unwrap_or_default();
        let found = self.open.iter().enumerate().rev().find_map(|(level, open)| {
            let after = text.strip_prefix(open.boundary.as_deref()?)?;
            let (last, after) = match after.strip_prefix(b"--") {
                Some(after) => (true, after),
                None => (false, after),
            };
            after.trim_ascii().is_empty().then_some((level, last))
        });
        let Some((level, last)) = found else { return false };
        if self.in_header {
            self.end_header(line.offset);
        }
        // The line end before a boundary belongs to it.
        let end = line.offset - self.previous.0;
        self.close(level + 1, end);
        if last || self.parts.len() >= PARTS {
            self.open[level].boundary = None;
        } else {
            self.begin(line.next, false);
        }
        true
    }

    /// Ends the parts from `level` on.
    fn close(&mut self, level: usize, end: u64) {
        for open in self.open.drain(level..).rev() {
            let part = &mut self.parts[open.part];
            part.body.end = end.max(part.body.start);
            part.lines = self.count - open.lines;
            if self.previous.1 && part.lines > 0 {
                part.lines -= 1;
            }
            if part.kind == Kind::Multipart && part.children.is_empty() {
                // The grammar wants at least one part; this one is empty.
                let child = Part {
                    media_type: (*b"TEXT").into(),
                    subtype: (*b"PLAIN").into(),
                    encoding: (*b"7BIT").into(),
                    header: part.body.end..part.body.end,
                    body: part.body.end..part.body.end,
                    ..Part::default()
                };
                let number = self.parts.len();
                self.parts[open.part].children.push(number);
                self.parts.push(child);
            }
        }
    }

    /// The header of the innermost part ended: its body begins at `body`.
    fn end_header(&mut self, body: u64) {
        self.in_header = false;
        let fields = std::mem::take(&mut self.fields);
        let Some(level) = self.open.len().checked_sub(1) else { return };
        let in_digest = level > 0
            && self.open.get(level - 1).and_then(|parent| self.parts.get(parent.part)).is_some_and(
                |parent| parent.kind == Kind::Multipart && parent.subtype.eq_ignore_ascii_case(b"digest"),
            );
        let number = self.open[level].part;
        let full = self.open.len() >= DEPTH || self.parts.len() >= PARTS;
        let part = &mut self.parts[number];
        part.header.end = body;
        part.body = body..body;
        let stated = fields.find("content-type").and_then(media_type);
        let (media, subtype, parameters) = stated.unwrap_or_else(|| {
            if in_digest && !full {
                ((*b"MESSAGE").into(), (*b"RFC822").into(), Vec::new())
            } else {
                let charset = ((*b"CHARSET").into(), (*b"US-ASCII").into());
                ((*b"TEXT").into(), (*b"PLAIN").into(), vec![charset])
            }
        });
        let is = |octets: &Octets, name: &str| octets.eq_ignore_ascii_case(name.as_bytes());
        let is_multipart = is(&media, "multipart");
        let is_message = is(&media, "message") && (is(&subtype, "rfc822") || is(&subtype, "global"));
        if full && (is_multipart || is_message) {
            part.media_type = (*b"APPLICATION").into();
            part.subtype = (*b"OCTET-STREAM").into();
        } else {
            part.kind = match (is_multipart, is_message) {
                (true, _) => Kind::Multipart,
                (_, true) => Kind::Message,
                _ => Kind::Single,
            };
            part.media_type = media;
            part.subtype = subtype;
            part.parameters = parameters;
        }
        let token = |value: &[u8]| {
            let mut reader = Reader::new(value);
            Some(reader.token()).filter(|token| !token.is_empty()).map(Octets::from)
        };
        part.encoding =
            fields.find("content-transfer-encoding").and_then(token).unwrap_or_else(|| (*b"7BIT").into());
        part.id = fields.octets("content-id");
        part.description = fields.octets("content-description");
        part.md5 = fields.octets("content-md5");
        part.location = fields.octets("content-location");
        part.disposition = fields.find("content-disposition").and_then(|value| {
            let mut reader = Reader::new(value);
            let kind = reader.token();
            (!kind.is_empty()).then(|| (kind.into(), reader.parameters()))
        });
        if let Some(value) = fields.find("content-language") {
            part.language = value.split(|octet| *octet == b',').filter_map(token).collect();
        }
        if part.envelope.is_some() {
            part.envelope = Some(Box::new(fields.envelope()));
        }
        let kind = part.kind;
        let boundary = part.parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"boundary"));
        let boundary =
            boundary.map(|(_, value)| value.trim_ascii_end().to_vec()).filter(|value| !value.is_empty());
        self.open[level].lines = self.count;
        match kind {
            Kind::Multipart => self.open[level].boundary = boundary.filter(|value| value.len() <= 1000),
            Kind::Message => self.begin(body, true),
            Kind::Single => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::lines::BLOCK, *};

    /// Octets that come at most seven at a time.
    struct Slow(Vec<u8>, usize);

    impl Content for Slow {
        fn size(&self) -> u64 {
            self.0.len() as u64
        }
        fn read(&mut self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
            let rest = &self.0[offset as usize..];
            let len = rest.len().min(into.len()).min(self.1);
            into[..len].copy_from_slice(&rest[..len]);
            Ok(len)
        }
    }

    fn scan(text: &str) -> (Slow, Structure) {
        let mut content = Slow(text.as_bytes().to_vec(), 7);
        let structure = Structure::scan(&mut content).unwrap();
        (content, structure)
    }

    fn at<'a>(text: &'a str, structure: &Structure, path: &[u32], what: Text) -> Option<&'a str> {
        structure.section(path, what).map(|range| &text[range.start as usize..range.end as usize])
    }

    fn show(octets: &Option<Octets>) -> &str {
        octets.as_deref().map_or("NIL", |octets| std::str::from_utf8(octets).unwrap())
    }

    const MIXED: &str = "From: A <a@x>\r\nSubject: one\r\n two\r\nContent-Type: multipart/mixed;\r\n boundary=\"b b\"\r\n\r\n\
        preamble\r\n--b b\r\n\r\nfirst\r\n\r\n--b b  \r\nContent-Type: message/rfc822\r\n\r\n\
        Subject: inner\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\nContent-Type: text/html\r\n\r\n<p>\r\n--in\r\nContent-Type: application/pdf; name=x\r\nContent-Transfer-Encoding: BASE64\r\nContent-Disposition: attachment; filename=\"q\\\"r\"\r\n\r\nAAAA\r\n--in--\r\n\r\n--b b--\r\nepilogue\r\n";

    #[test]
    fn sections_of_a_nested_message() {
        let (mut content, structure) = scan(MIXED);
        let root = structure.root();
        assert_eq!((root.kind, root.children.len()), (Kind::Multipart, 2));
        assert_eq!(show(&root.envelope.as_ref().unwrap().subject), "one two");
        let s = |path: &[u32], what| at(MIXED, &structure, path, what);
        assert_eq!(s(&[], Text::Whole), Some(MIXED));
        assert_eq!(s(&[1], Text::Whole), Some("first\r\n"));
        assert_eq!(s(&[1], Text::Mime), Some("\r\n"));
        assert_eq!(s(&[1], Text::Header), None);
        assert_eq!(s(&[1, 1], Text::Whole), None);
        assert_eq!(structure.part(&[1]).unwrap().lines, 1);
        let inner = structure.part(&[2]).unwrap();
        assert_eq!(inner.kind, Kind::Message);
        assert!(s(&[2], Text::Header).unwrap().starts_with("Subject: inner"));
        assert!(s(&[2], Text::Body).unwrap().starts_with("--in\r\n"));
        assert!(s(&[2], Text::Body).unwrap().ends_with("--in--\r\n"));
        assert_eq!(s(&[2, 1], Text::Whole), Some("<p>"));
        assert_eq!(s(&[2, 2], Text::Whole), Some("AAAA"));
        let pdf = structure.part(&[2, 2]).unwrap();
        assert_eq!((&*pdf.encoding, pdf.lines), (&b"BASE64"[..], 1));
        assert_eq!(&*pdf.disposition.as_ref().unwrap().1[0].1, b"q\"r");
        assert_eq!(s(&[2, 3], Text::Whole), None);
        assert_eq!(s(&[3], Text::Whole), None);
        assert_eq!(s(&[0], Text::Whole), None);
        let chosen = header_fields(&mut content, root.header.clone(), &[b"SUBJECT", b"x"], false).unwrap();
        let text: String = chosen.ranges.iter().map(|r| &MIXED[r.start as usize..r.end as usize]).collect();
        assert_eq!(text, "Subject: one\r\n two\r\n\r\n");
        let rest = header_fields(&mut content, root.header.clone(), &[b"subject"], true).unwrap();
        let text: String = rest.ranges.iter().map(|r| &MIXED[r.start as usize..r.end as usize]).collect();
        assert!(text.starts_with("From: A <a@x>\r\nContent-Type") && text.ends_with("\r\n\r\n"));
        assert_eq!(rest.partial(6, 3).size(), 3);
        assert_eq!(rest.partial(6, 1 << 40).size(), rest.size() - 6);
    }

    #[test]
    fn plain_messages() {
        for (text, lines, body) in [
            ("A: b\r\n\r\nx\r\ny\r\n", 2, "x\r\ny\r\n"),
            ("A: b\r\n\r\nx\r\ny", 2, "x\r\ny"),
            ("A: b\n\nx\n", 1, "x\n"),
            ("A: b\r\n\r\n", 0, ""),
            ("A: b\r\n", 0, ""),
            ("A: b", 0, ""),
            ("", 0, ""),
            ("\r\n\r\n", 1, "\r\n"),
        ] {
            let (_, structure) = scan(text);
            assert_eq!(at(text, &structure, &[1], Text::Whole), Some(body), "{text:?}");
            assert_eq!(at(text, &structure, &[], Text::Body), Some(body), "{text:?}");
            assert_eq!(structure.root().lines, lines, "{text:?}");
            assert_eq!(structure.part(&[2]).map(|p| p.lines), None);
            assert_eq!(&*structure.root().media_type, b"TEXT");
        }
        let (mut content, structure) = scan("A: b");
        let fields = header_fields(&mut content, structure.root().header.clone(), &[], false).unwrap();
        assert_eq!(fields, Slices { ranges: vec![], end: b"\r\n" });
    }

    #[test]
    fn odd_multiparts() {
        let (_, structure) = scan("Content-Type: multipart/mixed\r\n\r\nno boundary\r\n");
        assert_eq!(structure.root().children.len(), 1);
        let text = "Content-Type: multipart/digest; boundary=q\r\n\r\n--q\r\n\r\nSubject: s\r\n\r\nhi\r\n--q\r\nSubject: cut";
        let (_, structure) = scan(text);
        assert_eq!(structure.part(&[1]).unwrap().kind, Kind::Message);
        assert_eq!(at(text, &structure, &[1, 1], Text::Whole), Some("hi"));
        assert_eq!(structure.part(&[2]).unwrap().kind, Kind::Message);
        assert_eq!(structure.part(&[2]).unwrap().children.len(), 1);
        // A boundary right after the header of a part, and a part without a header's end.
        let text = "Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nA: b\r\n--q\r\n\r\n--q--\r\n";
        let (_, structure) = scan(text);
        assert_eq!(structure.root().children.len(), 2);
        assert_eq!(at(text, &structure, &[1], Text::Whole), Some(""));
        assert_eq!(at(text, &structure, &[2], Text::Whole), Some(""));
    }

    #[test]
    fn nesting_and_numbers_are_bounded() {
        let mut deep = String::new();
        for level in 0..500 {
            deep.push_str(&format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"));
        }
        let (_, structure) = scan(&deep);
        assert_eq!(structure.parts.len(), DEPTH);
        let messages = "Content-Type: message/rfc822\r\n\r\n".repeat(500);
        assert_eq!(scan(&messages).1.parts.len(), DEPTH);
        let many =
            format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\n".repeat(20_000));
        assert_eq!(scan(&many).1.parts.len(), PARTS);
        let long = format!("Subject: {}\r\n\r\n", "x".repeat(3 * FIELD));
        let (_, structure) = scan(&long);
        assert_eq!(structure.root().envelope.as_ref().unwrap().subject.as_ref().unwrap().len(), FIELD - 1);
        assert_eq!(structure.root().body.start, long.len() as u64);
    }

    #[test]
    fn line_ends_across_blocks() {
        for len in BLOCK - 3..BLOCK + 3 {
            let text = format!("A: {}\r\n\r\n{}\r\nz\r\n", "x".repeat(len - 3), "y".repeat(len));
            let mut content = Slow(text.clone().into_bytes(), BLOCK);
            let structure = Structure::scan(&mut content).unwrap();
            assert_eq!(structure.root().lines, 2);
            assert_eq!(structure.root().body, (len as u64 + 4)..text.len() as u64);
        }
    }
}
