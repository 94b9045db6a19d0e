//! What a FETCH answers, and how it is written.
//!
//! ```abnf
//! ; RFC 3501 and RFC 9051 section 9
//! message-data    = nz-number SP "FETCH" SP msg-att
//! message-data    =/ uniqueid SP "UIDFETCH" SP msg-att     ; RFC 9586
//! msg-att         = "(" (msg-att-dynamic / msg-att-static) *(SP (msg-att-dynamic / msg-att-static)) ")"
//! msg-att-dynamic = "FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")"
//! msg-att-static  = "ENVELOPE" SP envelope / "INTERNALDATE" SP date-time /
//!                   "RFC822" [".HEADER" / ".TEXT"] SP nstring / "RFC822.SIZE" SP number64 /
//!                   "BODY" ["STRUCTURE"] SP body / "BODY" section ["<" number64 ">"] SP nstring /
//!                   "BINARY" section-binary ["<" number64 ">"] SP (nstring / literal8) /
//!                   "BINARY.SIZE" section-binary SP number / "UID" SP uniqueid
//! msg-att-dynamic =/ "MODSEQ" SP "(" mod-sequence-value ")"                      ; RFC 7162
//! msg-att-static  =/ "EMAILID" SP "(" objectid ")" / "THREADID" SP ("(" objectid ")" / nil)   ; RFC 8474
//! msg-att-static  =/ "PREVIEW" SP nstring                                        ; RFC 8970
//! msg-att-static  =/ "SAVEDATE" SP (date-time / nil)                             ; RFC 8514
//! msg-att-dynamic =/ "ANNOTATION" SP "(" entry-att *(SP entry-att) ")"           ; RFC 5257
//! msg-att-static  =/ "X-GM-MSGID" SP number / "X-GM-THRID" SP number / "X-GM-LABELS" SP "(" [label *(SP label)] ")"
//! ```
//!
//! How it is read, with its bodies streamed, stands in `fetch_read`, and its items in `fetch_item`.

use crate::imap::annotate::Annotations;
use crate::imap::body::BodyStructure;
use crate::imap::core::{ATOM, is_in};
use crate::imap::datetime::DateTime;
use crate::imap::encode::{Encoded, Encoder, Encoding, Literals};
use crate::imap::envelope::Envelope;
use crate::imap::flag::Flags;
use crate::imap::modseq::ModSequence;
use crate::imap::object_id::ObjectId;
use crate::imap::section::{PartNumber, Section, encode_binary_section, encode_origin};
use crate::imap::value::TaggedExtension;
use crate::wire::{InvalidValue, Text};
use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};
use core::num::NonZeroU32;

/// What a server tells of one message: all that stands in one `FETCH`, or what stands before, between and behind its bodies.
///
/// A `FETCH` with bodies in it comes as several of these, with the [`Body`] events between them. The last one says so; it may
/// hold nothing else. The `uid` is known from where it stood on; where nothing but that stands before a body, the
/// [`BodyStart`] tells it.
///
/// ```
/// use mailwire::imap::{Fetch, Flag};
///
/// # let fetch = Fetch { flags: Some([Flag::Seen].into()), ..Fetch::default() };
/// if let Some(flags) = &fetch.flags {
///     println!("{:?} is now {flags}", fetch.seq);
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fetch {
    /// The message sequence number. `None` in a `UIDFETCH` (RFC 9586), which has only the `uid`.
    pub seq: Option<NonZeroU32>,
    /// The unique identifier, if it stood here or before.
    pub uid: Option<NonZeroU32>,
    /// The flags.
    pub flags: Option<Flags>,
    /// The mod-sequence (RFC 7162).
    pub mod_seq: Option<ModSequence>,
    /// When the message came into the mailbox. A date that cannot be is kept in the `items` instead.
    pub internal_date: Option<DateTime>,
    /// The size of the message in octets. A negative one is kept in the `items` instead.
    pub size: Option<u64>,
    /// What the header says.
    pub envelope: Option<Box<Envelope>>,
    /// The MIME structure; [`BodyStructure::is_extensible`] tells whether it came as `BODYSTRUCTURE` or as `BODY`.
    pub body_structure: Option<Box<BodyStructure>>,
    /// All else, in order.
    pub items: Vec<FetchItem>,
    /// Whether this is the end of the `FETCH`.
    pub last: bool,
}

const _: () = assert!(size_of::<Fetch>() <= 160);

impl Fetch {
    /// Nothing yet of the message with this sequence number; for a server, which sends it in one piece.
    pub fn new(seq: NonZeroU32) -> Self {
        Self { seq: Some(seq), last: true, ..Self::default() }
    }

    /// Which of the [`FIELDS`] it has.
    fn fields(&self) -> u8 {
        let bit = |there: bool, field: u8| if there { field } else { 0 };
        bit(self.flags.is_some(), FLAGS)
            | bit(self.internal_date.is_some(), DATE)
            | bit(self.size.is_some(), SIZE)
            | bit(self.mod_seq.is_some(), MOD_SEQ)
            | bit(self.envelope.is_some(), ENVELOPE)
            | bit(self.body_structure.is_some(), STRUCTURE)
    }

    /// Whether it tells nothing but whose it is.
    pub fn is_empty(&self) -> bool {
        self.flags.is_none()
            && self.mod_seq.is_none()
            && self.internal_date.is_none()
            && self.size.is_none()
            && self.envelope.is_none()
            && self.body_structure.is_none()
            && self.items.is_empty()
    }

    /// Writes it as a response of its own, with `* ` and the line end.
    ///
    /// # Errors
    /// When a value cannot be put on the wire, or there is no item. Then nothing is written.
    pub fn write(&self, out: &mut BytesMut, encoding: Encoding) -> Result<(), InvalidValue> {
        FetchEncoder::default()
            .whole(out, encoding, |pieces, encoder| pieces.write_fetch(self, true, encoder))
    }

    /// The identifier of the content (RFC 8474).
    pub fn email_id(&self) -> Option<&ObjectId> {
        self.items.iter().find_map(|item| if let FetchItem::EmailId(id) = item { Some(id) } else { None })
    }

    /// The identifier of the thread (RFC 8474), if the message is in one.
    pub fn thread_id(&self) -> Option<&ObjectId> {
        self.items.iter().find_map(|item| if let FetchItem::ThreadId(id) = item { id.as_ref() } else { None })
    }

    /// A few words of the text (RFC 8970), if there are some.
    pub fn preview(&self) -> Option<&Text> {
        self.items
            .iter()
            .find_map(|item| if let FetchItem::Preview(text) = item { text.as_ref() } else { None })
    }

    /// When the message was saved in the mailbox (RFC 8514), if it is known.
    pub fn save_date(&self) -> Option<DateTime> {
        self.items.iter().find_map(|item| if let FetchItem::SaveDate(date) = item { *date } else { None })
    }
}

/// What else a [`Fetch`] may tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum FetchItem {
    /// The identifier of the content (RFC 8474).
    EmailId(ObjectId),
    /// The identifier of the thread (RFC 8474), if the message is in one.
    ThreadId(Option<ObjectId>),
    /// A few words of the text (RFC 8970), if there are some.
    Preview(Option<Text>),
    /// When the message was saved in the mailbox (RFC 8514), if it is known.
    SaveDate(Option<DateTime>),
    /// The size in octets of a part without its transfer encoding (RFC 3516).
    BinarySize {
        /// Which part; the whole message without it.
        part: Option<PartNumber>,
        /// The size.
        size: u64,
    },
    /// Gmail's identifier of the message.
    GmailMessageId(u64),
    /// Gmail's identifier of the thread.
    GmailThreadId(u64),
    /// Gmail's labels: names of mailboxes in modified UTF-7, and system labels as `\Inbox`.
    GmailLabels(Vec<Text>),
    /// Annotations (RFC 5257).
    Annotation(Annotations),
    /// An item that is not known, or one whose value is not what it should be, as it stands.
    Other(TaggedExtension),
}

impl FetchItem {
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::EmailId(id) => {
                encoder.raw(b"EMAILID (");
                id.encode(encoder)?;
                encoder.raw(b")");
            }
            Self::ThreadId(Some(id)) => {
                encoder.raw(b"THREADID (");
                id.encode(encoder)?;
                encoder.raw(b")");
            }
            Self::ThreadId(None) => encoder.raw(b"THREADID NIL"),
            Self::Preview(preview) => {
                encoder.raw(b"PREVIEW ");
                encoder.nstring(preview.as_ref().map(Text::as_bytes))?;
            }
            Self::SaveDate(Some(date)) => {
                encoder.raw(b"SAVEDATE ");
                date.encode(encoder)?;
            }
            Self::SaveDate(None) => encoder.raw(b"SAVEDATE NIL"),
            Self::BinarySize { part, size } => {
                encoder.raw(b"BINARY.SIZE");
                encode_binary_section(part.as_ref(), encoder);
                encoder.sp();
                encoder.number64(*size)?;
            }
            Self::GmailMessageId(id) => {
                encoder.raw(b"X-GM-MSGID ");
                encoder.number(*id);
            }
            Self::GmailThreadId(id) => {
                encoder.raw(b"X-GM-THRID ");
                encoder.number(*id);
            }
            Self::GmailLabels(labels) => {
                encoder.raw(b"X-GM-LABELS ");
                encoder.list(labels, |encoder, label| match label.as_bytes() {
                    [b'\\', name @ ..]
                        if !name.is_empty() && name.iter().all(|octet| is_in(&ATOM, *octet)) =>
                    {
                        encoder.raw(label.as_bytes());
                        Ok(())
                    }
                    label => encoder.astring(label),
                })?;
            }
            Self::Annotation(value) => {
                encoder.raw(b"ANNOTATION ");
                value.encode(encoder)?;
            }
            Self::Other(other) => other.encode(encoder)?,
        }
        Ok(())
    }
}

/// Which octets of a message a body holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum BodyItem {
    /// `BODY[section]`.
    Section(Section),
    /// `BINARY[part]`: a part without its transfer encoding (RFC 3516); `None` is the whole message.
    Binary(Option<PartNumber>),
    /// `RFC822`: the whole message.
    Rfc822,
    /// `RFC822.HEADER`.
    Rfc822Header,
    /// `RFC822.TEXT`.
    Rfc822Text,
}

impl BodyItem {
    /// The same octets as a section of `BODY[…]`; the transfer encoding that `BINARY` takes off aside.
    pub fn section(&self) -> Section {
        match self {
            Self::Section(section) => section.clone(),
            Self::Binary(Some(part)) => Section::Part(part.clone()),
            Self::Binary(None) | Self::Rfc822 => Section::Full,
            Self::Rfc822Header => Section::Header(None),
            Self::Rfc822Text => Section::Text(None),
        }
    }
}

/// Whose octets follow, and which.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BodyStart {
    /// The message sequence number. `None` in a `UIDFETCH` (RFC 9586).
    pub seq: Option<NonZeroU32>,
    /// The unique identifier, if it stood before the body.
    pub uid: Option<NonZeroU32>,
    /// Which octets of the message.
    pub item: BodyItem,
    /// Where the octets begin, in octets from the start of the section, if only a range was asked for.
    pub origin: Option<u64>,
    /// How many octets follow. `None`: the server says NIL, there is no such section, and none follow.
    pub len: Option<u64>,
    /// Whether the octets are a literal8, which may hold NUL.
    pub binary: bool,
}

impl BodyStart {
    /// A body of the message with this sequence number, that is NIL until its length is given.
    pub fn new(seq: NonZeroU32, item: BodyItem) -> Self {
        Self { seq: Some(seq), uid: None, item, origin: None, len: None, binary: false }
    }

    /// Writes what stands before the octets.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match &self.item {
            BodyItem::Section(section) => {
                encoder.raw(b"BODY");
                section.encode(encoder)?;
            }
            BodyItem::Binary(part) => {
                encoder.raw(b"BINARY");
                encode_binary_section(part.as_ref(), encoder);
            }
            BodyItem::Rfc822 => encoder.raw(b"RFC822"),
            BodyItem::Rfc822Header => encoder.raw(b"RFC822.HEADER"),
            BodyItem::Rfc822Text => encoder.raw(b"RFC822.TEXT"),
        }
        if matches!(self.item, BodyItem::Section(_) | BodyItem::Binary(_)) {
            encode_origin(self.origin, encoder)?;
        }
        encoder.sp();
        match self.len {
            Some(len) => encoder.literal_header(if self.binary { b"~{" } else { b"{" }, len),
            None => encoder.nil(),
        }
        Ok(())
    }
}

/// The octets of a message, as they come.
///
/// However large, they are never gathered: memory does not grow with the message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Body {
    /// Octets follow.
    Begin(BodyStart),
    /// Some of the octets, in order. How they are cut means nothing.
    Chunk(Bytes),
    /// All octets have come.
    End,
}

/// Writes one `FETCH` response from its pieces: what [`Fetch`]es and bodies tell, in order.
///
/// ```
/// use bytes::BytesMut;
/// use core::num::NonZeroU32;
/// use mailwire::imap::{BodyItem, BodyStart, Encoding, Fetch, FetchEncoder};
///
/// let mut out = BytesMut::new();
/// let mut encoder = FetchEncoder::default();
/// let start = BodyStart { len: Some(5), ..BodyStart::new(NonZeroU32::MIN, BodyItem::Rfc822) };
/// encoder.body(&start, &mut out, Encoding::server())?;
/// out.extend_from_slice(b"hello");
/// let rest = Fetch { size: Some(5), ..Fetch::new(NonZeroU32::MIN) };
/// encoder.fetch(&rest, &mut out, Encoding::server())?;
/// assert_eq!(out, b"* 1 FETCH (RFC822 {5}\r\nhello RFC822.SIZE 5)\r\n"[..]);
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct FetchEncoder {
    /// Whether `* n FETCH (` has been written, and the end has not.
    open: bool,
    /// Whether an item has been written.
    items: bool,
    uid: Option<NonZeroU32>,
    /// The fields of the piece before, unless a body came behind it.
    before: u8,
}

/// The fields of a [`Fetch`] that begin another one where they come twice, in the order in which they are written.
const FIELDS: [u8; 6] = [FLAGS, DATE, SIZE, MOD_SEQ, ENVELOPE, STRUCTURE];
const FLAGS: u8 = 1;
const DATE: u8 = 2;
const SIZE: u8 = 4;
const MOD_SEQ: u8 = 8;
const ENVELOPE: u8 = 16;
const STRUCTURE: u8 = 32;

impl FetchEncoder {
    /// Writes the items, and the end of the response if they are the last ones.
    ///
    /// # Errors
    /// When a value cannot be put on the wire, or the response would be empty. Then nothing is written.
    pub fn fetch(
        &mut self,
        fetch: &Fetch,
        out: &mut BytesMut,
        encoding: Encoding,
    ) -> Result<(), InvalidValue> {
        self.whole(out, encoding, |pieces, encoder| pieces.write_fetch(fetch, fetch.last, encoder))
    }

    /// Writes what stands before the octets of a body. The octets, as many as it says, come next.
    ///
    /// # Errors
    /// When a value cannot be put on the wire. Then nothing is written.
    pub fn body(
        &mut self,
        start: &BodyStart,
        out: &mut BytesMut,
        encoding: Encoding,
    ) -> Result<(), InvalidValue> {
        self.whole(out, encoding, |pieces, encoder| {
            pieces.begin(start.seq, start.uid, encoder)?;
            pieces.write_uid(start.uid, encoder);
            pieces.separate(encoder);
            pieces.before = 0;
            start.encode(encoder)
        })
    }

    /// Writes the end of the response, unless the last items did.
    ///
    /// # Errors
    /// When nothing was told yet: a response cannot be empty. Then nothing is written.
    pub fn end(&mut self, out: &mut BytesMut, encoding: Encoding) -> Result<(), InvalidValue> {
        self.whole(out, encoding, |pieces, encoder| {
            if pieces.open && !pieces.items {
                return Err(InvalidValue { offset: 0, expected: "at least one FETCH item" });
            }
            if pieces.open {
                encoder.raw(b")\r\n");
                *pieces = Self::default();
            }
            Ok(())
        })
    }

    /// Whether a response has begun and is not at its end.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Writes all or nothing.
    fn whole(
        &mut self,
        out: &mut BytesMut,
        encoding: Encoding,
        write: impl FnOnce(&mut Self, &mut Encoder<'_>) -> Encoded,
    ) -> Encoded {
        let before = out.len();
        let before_it = self.clone();
        // The literals of a server are never sent in another way.
        let encoding = Encoding { literals: Literals::Server, ..encoding };
        let written = write(self, &mut Encoder::new(out, encoding));
        if written.is_err() {
            out.truncate(before);
            *self = before_it;
        }
        written
    }

    fn write_fetch(&mut self, fetch: &Fetch, last: bool, encoder: &mut Encoder<'_>) -> Encoded {
        self.begin(fetch.seq, fetch.uid, encoder)?;
        // Behind another piece a reader takes for new what comes again; so that comes first, and a UID that was not known behind it.
        let again = self.before & fetch.fields();
        if again != 0 && self.uid.is_some() {
            self.write_uid(fetch.uid, encoder);
        }
        if !last && fetch.is_empty() {
            // A piece that tells nothing else: the UID again.
            self.uid = None;
        }
        for field in FIELDS.into_iter().filter(|field| again & field != 0) {
            self.write_field(fetch, field, encoder)?;
        }
        self.write_uid(fetch.uid, encoder);
        for field in FIELDS.into_iter().filter(|field| again & field == 0) {
            self.write_field(fetch, field, encoder)?;
        }
        for item in &fetch.items {
            self.separate(encoder);
            item.encode(encoder)?;
        }
        if last {
            match (self.items, fetch.seq, fetch.uid) {
                (true, ..) => {}
                // A UIDFETCH that tells nothing else.
                (false, None, Some(uid)) => {
                    encoder.raw(b"UID ");
                    encoder.number(uid.get());
                }
                _ => return Err(InvalidValue { offset: 0, expected: "at least one FETCH item" }),
            }
            encoder.raw(b")\r\n");
            *self = Self::default();
        } else {
            self.before = fetch.fields();
        }
        Ok(())
    }

    /// A field, if it is there.
    #[inline(always)]
    fn write_field(&mut self, fetch: &Fetch, field: u8, encoder: &mut Encoder<'_>) -> Encoded {
        match field {
            FLAGS => {
                if let Some(flags) = &fetch.flags {
                    self.name(b"FLAGS ", encoder);
                    flags.encode_told(encoder);
                }
            }
            DATE => {
                if let Some(date) = fetch.internal_date {
                    self.name(b"INTERNALDATE ", encoder);
                    date.encode(encoder)?;
                }
            }
            SIZE => {
                if let Some(size) = fetch.size {
                    self.name(b"RFC822.SIZE ", encoder);
                    encoder.number64(size)?;
                }
            }
            MOD_SEQ => {
                if let Some(mod_seq) = fetch.mod_seq {
                    self.name(b"MODSEQ (", encoder);
                    mod_seq.encode(encoder)?;
                    encoder.raw(b")");
                }
            }
            ENVELOPE => {
                if let Some(envelope) = &fetch.envelope {
                    self.name(b"ENVELOPE ", encoder);
                    envelope.encode(encoder)?;
                }
            }
            _ => {
                if let Some(structure) = &fetch.body_structure {
                    self.name(if structure.is_extensible() { b"BODYSTRUCTURE " } else { b"BODY " }, encoder);
                    structure.encode(encoder)?;
                }
            }
        }
        Ok(())
    }

    /// `UID n`, unless it was written before.
    fn write_uid(&mut self, uid: Option<NonZeroU32>, encoder: &mut Encoder<'_>) {
        if let Some(uid) = uid.filter(|uid| self.uid != Some(*uid)) {
            self.uid = Some(uid);
            self.name(b"UID ", encoder);
            encoder.number(uid.get());
        }
    }

    /// `* n FETCH (`, once.
    fn begin(
        &mut self,
        seq: Option<NonZeroU32>,
        uid: Option<NonZeroU32>,
        encoder: &mut Encoder<'_>,
    ) -> Encoded {
        if self.open {
            return Ok(());
        }
        encoder.raw(b"* ");
        match (seq, uid) {
            (Some(seq), _) => {
                encoder.number(seq.get());
                encoder.raw(b" FETCH (");
            }
            (None, Some(uid)) => {
                encoder.number(uid.get());
                encoder.raw(b" UIDFETCH (");
                self.uid = Some(uid);
            }
            (None, None) => {
                return Err(InvalidValue { offset: 0, expected: "a sequence number or a UID" });
            }
        }
        self.open = true;
        Ok(())
    }

    fn name(&mut self, name: &[u8], encoder: &mut Encoder<'_>) {
        self.separate(encoder);
        encoder.raw(name);
    }

    fn separate(&mut self, encoder: &mut Encoder<'_>) {
        if self.items {
            encoder.sp();
        }
        self.items = true;
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod generate {
    use super::*;
    use crate::imap::section::{NUMBER64, arbitrary_text};
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for FetchItem {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let wrong = |_| arbitrary::Error::IncorrectFormat;
            Ok(match u.int_in_range(0..=9)? {
                0 => Self::EmailId(u.arbitrary()?),
                1 => Self::ThreadId(u.arbitrary()?),
                2 => Self::Preview(if u.arbitrary()? { Some(arbitrary_text(u)?) } else { None }),
                3 => Self::SaveDate(u.arbitrary()?),
                4 => Self::BinarySize { part: u.arbitrary()?, size: u.int_in_range(0..=NUMBER64)? },
                5 => Self::GmailMessageId(u.arbitrary()?),
                6 => Self::GmailThreadId(u.arbitrary()?),
                7 => {
                    let mut labels = alloc::vec!["\\Inbox".into(), "\\".into()];
                    labels.push(arbitrary_text(u)?);
                    Self::GmailLabels(labels)
                }
                8 => Self::Annotation(u.arbitrary()?),
                _ => Self::Other(TaggedExtension {
                    label: crate::imap::keyword::Keyword::new("X-SOMETHING").map_err(wrong)?,
                    value: Some(u.arbitrary()?),
                }),
            })
        }
    }

    impl<'a> Arbitrary<'a> for Fetch {
        /// A response in one piece, with at least one item.
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let mod_seq = u.arbitrary::<Option<ModSequence>>()?.filter(|number| !number.is_zero());
            let mut fetch = Self {
                seq: u.arbitrary()?,
                uid: Some(u.arbitrary()?),
                flags: u.arbitrary()?,
                mod_seq,
                internal_date: u.arbitrary()?,
                size: if u.arbitrary()? { Some(u.int_in_range(0..=NUMBER64)?) } else { None },
                items: (0..u.int_in_range(0..=3)?).map(|_| u.arbitrary()).collect::<Result<_>>()?,
                last: true,
                ..Self::default()
            };
            if u.arbitrary()? {
                fetch.envelope = Some(Box::new(u.arbitrary()?));
            }
            if u.arbitrary()? {
                fetch.body_structure = Some(Box::new(u.arbitrary()?));
            }
            if fetch.seq.is_some() && !fetch.is_empty() && u.arbitrary()? {
                fetch.uid = None;
            }
            Ok(fetch)
        }
    }

    impl<'a> Arbitrary<'a> for BodyItem {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=4)? {
                0 => Self::Section(u.arbitrary()?),
                1 => Self::Binary(u.arbitrary()?),
                2 => Self::Rfc822,
                3 => Self::Rfc822Header,
                _ => Self::Rfc822Text,
            })
        }
    }

    impl<'a> Arbitrary<'a> for BodyStart {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let item = u.arbitrary()?;
            let ranged = matches!(item, BodyItem::Section(_) | BodyItem::Binary(_)) && u.arbitrary()?;
            let len = u.arbitrary::<Option<u32>>()?.map(u64::from);
            Ok(Self {
                seq: Some(u.arbitrary()?),
                uid: u.arbitrary()?,
                item,
                origin: if ranged { Some(u.int_in_range(0..=NUMBER64)?) } else { None },
                len,
                binary: len.is_some() && u.arbitrary()?,
            })
        }
    }
}
