//! The MIME structure of a message: its parts, in order, flat.
//!
//! ```abnf
//! ; RFC 3501 and RFC 9051 section 9
//! body            = "(" (body-type-1part / body-type-mpart) ")"
//! body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]
//! body-type-basic = media-basic SP body-fields
//! body-type-msg   = media-message SP body-fields SP envelope SP body SP body-fld-lines
//! body-type-text  = media-text SP body-fields SP body-fld-lines
//! body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
//! body-fields     = body-fld-param SP body-fld-id SP body-fld-desc SP body-fld-enc SP body-fld-octets
//! body-ext-1part  = body-fld-md5 [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc *(SP body-extension)]]]
//! body-ext-mpart  = body-fld-param [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc *(SP body-extension)]]]
//! body-fld-param  = "(" string SP string *(SP string SP string) ")" / nil
//! body-fld-dsp    = "(" string SP body-fld-param ")" / nil
//! body-fld-lang   = nstring / "(" string *(SP string) ")"
//! body-extension  = nstring / number / "(" body-extension *(SP body-extension) ")"
//! ```
//!
//! How it is read stands in `body_read`, how it is written and built in `body_write`.

use crate::imap::body_extension::same_values;
use crate::imap::body_table::{Entry, Kind, NO_PARENT};
use crate::imap::envelope::Envelope;
use crate::imap::section::PartNumber;
use crate::imap::stored::{Show, at, plain, reread, string_at};
use crate::wire::decimal::short_number;
use crate::wire::write;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;
use core::num::NonZeroU32;

/// The MIME structure of a message (RFC 3501 section 7.4.2, `BODYSTRUCTURE` and `BODY`).
///
/// One buffer holds it as it stood on the wire, with a flat table of the parts in order; nothing of it nests in memory, so a
/// hostile depth costs no stack. [`BodyStructure::root`] is the outermost part, [`BodyStructure::walk`] goes through all of
/// them in order, and [`BodyStructure::part`] finds one by its section number. Two structures are equal when their values are.
///
/// ```
/// use mailwire::imap::{BodyStructure, PartFields};
///
/// let structure = BodyStructure::builder()
///     .open_multipart()
///     .part(&PartFields { size: 1152, lines: 23, ..PartFields::text("PLAIN", "us-ascii") })
///     .part(&PartFields { size: 4554, lines: 73, ..PartFields::text("HTML", "utf-8") })
///     .close_multipart(&PartFields::multipart("ALTERNATIVE"))
///     .build()?;
///
/// assert_eq!(structure.walk().count(), 3);
/// let html = structure.part("2").unwrap();
/// assert!(html.is("text", "html"));
/// assert_eq!(html.parameter("charset").as_deref(), Some(&b"utf-8"[..]));
/// assert_eq!(html.size(), 4554);
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone)]
pub struct BodyStructure {
    pub(crate) octets: Bytes,
    pub(crate) parts: Vec<Entry>,
    pub(crate) extensible: bool,
    /// Nothing had to be forgiven.
    pub(crate) strict: bool,
}

impl BodyStructure {
    /// The outermost part.
    pub fn root(&self) -> BodyPart<'_> {
        self.at(0)
    }

    /// Whether it came as `BODYSTRUCTURE`, which has extension data; else it came as `BODY`.
    pub fn is_extensible(&self) -> bool {
        self.extensible
    }

    /// All parts in order: each before the parts in it.
    pub fn walk(&self) -> impl DoubleEndedIterator<Item = BodyPart<'_>> + ExactSizeIterator + Clone {
        (0..self.parts.len()).map(|index| self.at(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// The part with a section number as `1.2.3` (RFC 3501 section 6.4.5).
    ///
    /// Linear in the number of parts. `None`: there is no such part, or the number is not one.
    pub fn part(&self, number: &str) -> Option<BodyPart<'_>> {
        self.find(number.split('.').map(|number| number.parse().ok()))
    }

    /// The part with a section number.
    pub fn part_at(&self, number: &PartNumber) -> Option<BodyPart<'_>> {
        self.find(number.numbers().iter().map(|number| Some(*number)))
    }

    fn find(&self, numbers: impl Iterator<Item = Option<NonZeroU32>>) -> Option<BodyPart<'_>> {
        // What the next number counts in: the body of a message, or a part.
        let mut part = self.root();
        let mut body = true;
        for number in numbers {
            let number = number?;
            if !body && part.kind() == PartKind::Message {
                part = part.children().next()?;
                body = true;
            }
            part = if part.kind() == PartKind::Multipart {
                part.children().nth(write::index(u64::from(number.get()).saturating_sub(1)))?
            } else if body && number == NonZeroU32::MIN {
                part
            } else {
                return None;
            };
            body = false;
        }
        Some(part)
    }

    fn at(&self, index: u32) -> BodyPart<'_> {
        BodyPart { structure: self, index }
    }
}

/// What may stand inside a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum PartKind {
    /// Nothing: a part of any type.
    Single,
    /// A message with its envelope and its body: `message/rfc822` or `message/global`.
    Message,
    /// Parts: `multipart/…`.
    Multipart,
}

/// One part of a [`BodyStructure`].
///
/// A string that the grammar demands and a server left out is read as empty, a number as zero; [`BodyPart::raw`] shows what stood there.
#[derive(Clone, Copy)]
pub struct BodyPart<'a> {
    structure: &'a BodyStructure,
    index: u32,
}

impl<'a> BodyPart<'a> {
    pub(crate) fn entry(&self) -> &'a Entry {
        static NOTHING: Entry = Entry::new(0, NO_PARENT, 1);
        self.structure.parts.get(write::index(u64::from(self.index))).unwrap_or(&NOTHING)
    }

    pub(crate) fn index(&self) -> u32 {
        self.index
    }

    fn octets(&self) -> &'a [u8] {
        &self.structure.octets
    }

    fn string(&self, offset: u32) -> Option<Cow<'a, [u8]>> {
        string_at(self.octets(), offset)
    }

    /// What may stand inside.
    pub fn kind(&self) -> PartKind {
        match self.entry().kind {
            Kind::Multipart => PartKind::Multipart,
            Kind::Message => PartKind::Message,
            Kind::Basic | Kind::Text | Kind::BareMessage | Kind::EmptyMultipart => PartKind::Single,
        }
    }

    /// The section number. `None` for a multipart that is the whole body of a message: its parts have numbers, and it
    /// is itself the message's [`Section::Text`](crate::imap::Section::Text).
    pub fn number(&self) -> Option<PartNumber> {
        let mut numbers = Vec::new();
        let mut part = *self;
        loop {
            let parent = part.parent();
            if parent.is_some_and(|parent| parent.kind() == PartKind::Multipart) {
                numbers.extend(NonZeroU32::new(part.entry().ordinal));
            } else if part.kind() != PartKind::Multipart {
                numbers.push(NonZeroU32::MIN);
            } else if part.index == self.index {
                return None;
            }
            match parent {
                Some(parent) => part = parent,
                None => break,
            }
        }
        numbers.reverse();
        PartNumber::new(numbers).ok()
    }

    /// How many parts this one stands in.
    pub fn depth(&self) -> usize {
        core::iter::successors(self.parent(), |part| part.parent()).count()
    }

    /// The part this one stands in.
    pub fn parent(&self) -> Option<Self> {
        match self.entry().parent {
            NO_PARENT => None,
            index => Some(self.structure.at(index)),
        }
    }

    /// The parts that stand right in this one: those of a multipart, the body of a message.
    pub fn children(&self) -> impl Iterator<Item = BodyPart<'a>> + Clone + use<'a> {
        let (structure, end) = (self.structure, self.entry().end);
        let inside = move |index: u32| (index < end).then(|| structure.at(index));
        core::iter::successors(inside(self.index.saturating_add(1)), move |part| inside(part.entry().end))
    }

    /// The media type: `TEXT`, `IMAGE`, `MULTIPART`, in the case the server chose.
    pub fn media_type(&self) -> Cow<'a, [u8]> {
        match self.entry().kind {
            Kind::Multipart | Kind::EmptyMultipart => Cow::Borrowed(b"MULTIPART"),
            _ => self.string(self.entry().media_type).unwrap_or_default(),
        }
    }

    /// The media subtype: `PLAIN`, `PNG`, `MIXED`.
    pub fn subtype(&self) -> Cow<'a, [u8]> {
        self.string(self.entry().subtype).unwrap_or_default()
    }

    /// Whether it is of this media type, letters taken without case.
    pub fn is(&self, media_type: &str, subtype: &str) -> bool {
        self.media_type().eq_ignore_ascii_case(media_type.as_bytes())
            && self.subtype().eq_ignore_ascii_case(subtype.as_bytes())
    }

    /// The parameters of the media type, as `charset` or `boundary`.
    pub fn parameters(&self) -> Parameters<'a> {
        Parameters::at(self.octets(), self.entry().parameters)
    }

    /// The first parameter of this name, letters taken without case.
    pub fn parameter(&self, name: &str) -> Option<Cow<'a, [u8]>> {
        self.parameters().find(name)
    }

    /// Content-ID.
    pub fn id(&self) -> Option<Cow<'a, [u8]>> {
        self.string(self.entry().id)
    }

    /// Content-Description.
    pub fn description(&self) -> Option<Cow<'a, [u8]>> {
        self.string(self.entry().description)
    }

    /// Content-Transfer-Encoding: `7BIT`, `BASE64`. Empty for a multipart.
    pub fn encoding(&self) -> Cow<'a, [u8]> {
        self.string(self.entry().encoding).unwrap_or_default()
    }

    /// The size in octets, in its transfer encoding. Zero for a multipart.
    pub fn size(&self) -> u64 {
        self.number_at(self.entry().size)
    }

    /// The size in lines, in its transfer encoding, of a text or a message. `None` for other parts.
    pub fn lines(&self) -> Option<u64> {
        matches!(self.entry().kind, Kind::Text | Kind::Message | Kind::BareMessage)
            .then(|| self.number_at(self.entry().lines))
    }

    fn number_at(&self, offset: u32) -> u64 {
        match offset {
            0 => 0,
            offset => match short_number(at(self.octets(), offset)) {
                Some((number, [b' ' | b')', ..])) => number,
                _ => reread(self.octets(), offset).count(u64::MAX).unwrap_or(0),
            },
        }
    }

    /// The envelope of the message inside, where there is one. [`PartKind::Message`] always has it.
    pub fn envelope(&self) -> Option<Envelope> {
        let start = self.entry().envelope;
        if start == 0 {
            return (self.kind() == PartKind::Message).then(Envelope::empty);
        }
        let mut cursor = reread(self.octets(), start);
        let from = cursor.position();
        let scanned = Envelope::scan(&mut cursor).ok()?;
        Some(Envelope::of(self.structure.octets.slice(from..cursor.position()), scanned))
    }

    /// Content-MD5 (RFC 1864).
    pub fn md5(&self) -> Option<Cow<'a, [u8]>> {
        self.string(self.entry().md5)
    }

    /// Content-Disposition (RFC 2183).
    pub fn disposition(&self) -> Option<Disposition<'a>> {
        let start = self.entry().disposition;
        if start == 0 {
            return None;
        }
        let mut cursor = reread(self.octets(), start);
        let list = cursor.eat(b'(');
        let kind = plain(cursor.value_string().ok()??);
        let parameters = list && cursor.eat(b' ') && cursor.eat(b'(');
        let position = if parameters { cursor.position() } else { self.octets().len() };
        Some(Disposition { kind, parameters: Parameters { octets: self.octets(), position } })
    }

    /// Content-Language (RFC 3282), each language.
    pub fn language(&self) -> Languages<'a> {
        let start = self.entry().language;
        let mut cursor = reread(self.octets(), start);
        let mut single = None;
        let mut position = self.octets().len();
        if start != 0 {
            if cursor.eat(b'(') {
                position = cursor.position();
            } else {
                single = self.string(start);
            }
        }
        Languages { single, octets: self.octets(), position }
    }

    /// Content-Location (RFC 2557).
    pub fn location(&self) -> Option<Cow<'a, [u8]>> {
        self.string(self.entry().location)
    }

    /// Extension data behind the location, as it stands on the wire; empty if there is none.
    pub fn extensions(&self) -> &'a [u8] {
        let entry = self.entry();
        let (start, end) =
            (write::index(entry.extensions.into()), write::index(entry.close.into()).saturating_sub(1));
        match start {
            0 => &[],
            start => self.octets().get(start..end).unwrap_or_default().trim_ascii_end(),
        }
    }

    /// The octets of this part and all that is in it, as they stood on the wire.
    pub fn raw(&self) -> &'a [u8] {
        let entry = self.entry();
        self.octets()
            .get(write::index(entry.start.into())..write::index(entry.close.into()))
            .unwrap_or_default()
    }

    /// Whether the part itself, without those in it, says the same.
    fn same(&self, other: &Self) -> bool {
        let (one, two) = (self.entry(), other.entry());
        (one.parent, one.end, self.kind()) == (two.parent, two.end, other.kind())
            && self.media_type() == other.media_type()
            && self.subtype() == other.subtype()
            && self.parameters().eq(other.parameters())
            && self.id() == other.id()
            && self.description() == other.description()
            && self.encoding() == other.encoding()
            && (self.size(), self.lines()) == (other.size(), other.lines())
            && self.envelope() == other.envelope()
            && self.md5() == other.md5()
            && self.disposition() == other.disposition()
            && self.language().eq(other.language())
            && self.location() == other.location()
            && same_values(self.extensions(), other.extensions())
    }
}

impl fmt::Debug for BodyPart<'_> {
    /// One line of all that is said of the part.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.number() {
            write!(f, "{number} ")?;
        }
        write!(f, "{}/{}", self.media_type().escape_ascii(), self.subtype().escape_ascii())?;
        write!(f, "{:?}", self.parameters())?;
        if self.kind() != PartKind::Multipart {
            write!(f, " {} {} octets", self.encoding().escape_ascii(), self.size())?;
        }
        if let Some(lines) = self.lines() {
            write!(f, " {lines} lines")?;
        }
        let named = [
            ("id", self.id()),
            ("description", self.description()),
            ("md5", self.md5()),
            ("location", self.location()),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                write!(f, " {name}={:?}", Show(&value))?;
            }
        }
        if let Some(disposition) = self.disposition() {
            write!(f, " {disposition:?}")?;
        }
        for language in self.language() {
            write!(f, " language={:?}", Show(&language))?;
        }
        if !self.extensions().is_empty() {
            write!(f, " extensions={:?}", Show(self.extensions()))?;
        }
        match self.envelope() {
            Some(envelope) => write!(f, " {envelope:?}"),
            None => Ok(()),
        }
    }
}

/// What is to be done with a part: shown inline, or kept as an attachment (RFC 2183).
#[derive(Clone, PartialEq, Eq)]
pub struct Disposition<'a> {
    /// `INLINE`, `ATTACHMENT` or another, in the case the server chose.
    pub kind: Cow<'a, [u8]>,
    /// The parameters, as `filename`.
    pub parameters: Parameters<'a>,
}

impl Disposition<'_> {
    /// Whether the part is to be kept as an attachment.
    pub fn is_attachment(&self) -> bool {
        self.kind.eq_ignore_ascii_case(b"attachment")
    }

    /// Whether the part is to be shown where it stands.
    pub fn is_inline(&self) -> bool {
        self.kind.eq_ignore_ascii_case(b"inline")
    }
}

impl fmt::Debug for Disposition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:?}", self.kind.escape_ascii(), self.parameters)
    }
}

/// The parameters of a media type or of a disposition, in order: names and values.
#[derive(Clone)]
pub struct Parameters<'a> {
    octets: &'a [u8],
    /// Between two parameters of the list.
    position: usize,
}

impl<'a> Parameters<'a> {
    fn at(octets: &'a [u8], offset: u32) -> Self {
        let mut cursor = reread(octets, offset);
        let list = offset != 0 && cursor.eat(b'(');
        Self { octets, position: if list { cursor.position() } else { octets.len() } }
    }

    /// The value of the first parameter of this name, letters taken without case.
    pub fn find(mut self, name: &str) -> Option<Cow<'a, [u8]>> {
        Iterator::find(&mut self, |(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value)
    }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = (Cow<'a, [u8]>, Cow<'a, [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        let mut cursor = reread(self.octets, 0);
        cursor.set_position(self.position);
        while cursor.eat(b' ') {}
        if matches!(cursor.peek(), None | Some(b')')) {
            return None;
        }
        let name = cursor.value_string().ok()?;
        cursor.sp().ok()?;
        let value = cursor.value_string().ok()?;
        self.position = cursor.position();
        Some((name.map(plain).unwrap_or_default(), value.map(plain).unwrap_or_default()))
    }
}

impl core::iter::FusedIterator for Parameters<'_> {}

impl PartialEq for Parameters<'_> {
    fn eq(&self, other: &Self) -> bool {
        Iterator::eq(self.clone(), other.clone())
    }
}

impl Eq for Parameters<'_> {}

impl fmt::Debug for Parameters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.clone().try_for_each(|(name, value)| write!(f, "; {}={:?}", name.escape_ascii(), Show(&value)))
    }
}

/// The languages of a part, in order.
#[derive(Clone, Debug)]
pub struct Languages<'a> {
    single: Option<Cow<'a, [u8]>>,
    octets: &'a [u8],
    /// Between two languages of the list.
    position: usize,
}

impl<'a> Iterator for Languages<'a> {
    type Item = Cow<'a, [u8]>;

    fn next(&mut self) -> Option<Cow<'a, [u8]>> {
        if let Some(single) = self.single.take() {
            return Some(single);
        }
        let mut cursor = reread(self.octets, 0);
        cursor.set_position(self.position);
        while cursor.eat(b' ') {}
        if matches!(cursor.peek(), None | Some(b')')) {
            return None;
        }
        let language = cursor.value_string().ok()?;
        self.position = cursor.position();
        Some(language.map(plain).unwrap_or_default())
    }
}

impl PartialEq for BodyStructure {
    fn eq(&self, other: &Self) -> bool {
        self.extensible == other.extensible
            && self.parts.len() == other.parts.len()
            && (self.octets == other.octets && self.parts == other.parts
                || self.walk().zip(other.walk()).all(|(one, two)| one.same(&two)))
    }
}

impl Eq for BodyStructure {}

impl fmt::Debug for BodyStructure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.extensible { "BodyStructure " } else { "Body " })?;
        f.debug_list().entries(self.walk()).finish()
    }
}
