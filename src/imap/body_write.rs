//! How a body structure is built and written.

use crate::imap::body::{BodyPart, BodyStructure, PartKind};
use crate::imap::body_fields::PartFields;
use crate::imap::encode::{Encoded, Encoder, Encoding};
use crate::imap::envelope::Envelope;
use crate::imap::stored::can_be_copied;
use crate::wire::cursor::Cursor;
use crate::wire::{InvalidValue, Limits, Text, write};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use bytes::BytesMut;

impl BodyPart<'_> {
    /// All that is said of the part itself, as plain data.
    pub fn to_fields(&self) -> PartFields {
        let text = |octets: Cow<'_, [u8]>| Text::from(octets.as_ref());
        let pairs = |parameters: crate::imap::body::Parameters<'_>| {
            parameters.map(|(name, value)| (text(name), text(value))).collect()
        };
        PartFields {
            media_type: text(self.media_type()),
            subtype: text(self.subtype()),
            parameters: pairs(self.parameters()),
            id: self.id().map(text),
            description: self.description().map(text),
            encoding: text(self.encoding()),
            size: self.size(),
            lines: self.lines().unwrap_or(0),
            md5: self.md5().map(text),
            disposition: self.disposition().map(|found| (text(found.kind), pairs(found.parameters))),
            language: self.language().map(text).collect(),
            location: self.location().map(text),
            extensions: self.extensions().into(),
        }
    }
}

/// A part that nothing stands in.
fn encode_single(
    fields: &PartFields,
    envelope: Option<&Envelope>,
    extensible: bool,
    encoder: &mut Encoder<'_>,
) -> Encoded {
    encoder.raw(b"(");
    fields.encode_head(encoder)?;
    if fields.media_type.eq_ignore_ascii_case("TEXT") {
        fields.encode_lines(encoder);
    } else if envelope.is_some() || (is_message(fields) && fields.lines > 0) {
        // A message whose body was left out, as the server that did so wrote it.
        encoder.sp();
        match envelope {
            Some(envelope) => envelope.encode(encoder)?,
            None => encoder.nil(),
        }
        encoder.sp();
        encoder.nil();
        fields.encode_lines(encoder);
    }
    fields.encode_single_end(extensible, encoder)
}

fn is_message(fields: &PartFields) -> bool {
    fields.media_type.eq_ignore_ascii_case("MESSAGE")
        && (fields.subtype.eq_ignore_ascii_case("RFC822") || fields.subtype.eq_ignore_ascii_case("GLOBAL"))
}

/// A message, up to its body.
fn encode_message(fields: &PartFields, envelope: &Envelope, encoder: &mut Encoder<'_>) -> Encoded {
    encoder.raw(b"(");
    fields.encode_head(encoder)?;
    encoder.sp();
    envelope.encode(encoder)?;
    encoder.sp();
    Ok(())
}

/// A message, behind its body.
fn encode_message_end(fields: &PartFields, extensible: bool, encoder: &mut Encoder<'_>) -> Encoded {
    fields.encode_lines(encoder);
    fields.encode_single_end(extensible, encoder)
}

impl BodyStructure {
    /// An empty builder of a `BODYSTRUCTURE`, for a server.
    pub fn builder() -> BodyStructureBuilder {
        BodyStructureBuilder {
            out: BytesMut::new(),
            open: Vec::new(),
            extensible: true,
            strips: false,
            error: None,
        }
    }

    /// The same structure in the form of `BODY`: without extension data.
    pub fn without_extension(&self) -> Self {
        let mut builder = Self::builder();
        builder.without_extension();
        for part in self.walk() {
            match (part.kind(), part.envelope()) {
                (PartKind::Multipart, _) => {
                    builder.open_multipart();
                }
                (PartKind::Message, Some(envelope)) => {
                    builder.open_message(&part.to_fields(), &envelope);
                }
                (_, envelope) => {
                    builder.single(&part.to_fields(), envelope.as_ref());
                    for around in enclosing(part) {
                        match around.kind() {
                            PartKind::Multipart => builder.close_multipart(&around.to_fields()),
                            _ => builder.close_message(),
                        };
                    }
                }
            }
        }
        builder.finish(u128::MAX).unwrap_or_else(|_| self.clone())
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.strict && can_be_copied(&self.octets, encoder.encoding().utf8) {
            encoder.raw(&self.octets);
            return Ok(());
        }
        for part in self.walk() {
            match (part.kind(), part.envelope()) {
                (PartKind::Multipart, _) => encoder.raw(b"("),
                (PartKind::Message, Some(envelope)) => {
                    encode_message(&part.to_fields(), &envelope, encoder)?;
                }
                (_, envelope) => {
                    encode_single(&part.to_fields(), envelope.as_ref(), self.extensible, encoder)?;
                    for around in enclosing(part) {
                        let fields = around.to_fields();
                        if around.kind() == PartKind::Multipart {
                            fields.encode_multipart_end(self.extensible, encoder)?;
                        } else {
                            encode_message_end(&fields, self.extensible, encoder)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// The parts that end where this one does, from the inside out.
fn enclosing(part: BodyPart<'_>) -> impl Iterator<Item = BodyPart<'_>> {
    let end = part.index().saturating_add(1);
    core::iter::successors(part.parent(), |part| part.parent())
        .take_while(move |part| part.entry().end == end)
}

/// Builds a [`BodyStructure`] part by part, in the order of the message.
///
/// ```
/// use mailwire::imap::{BodyStructure, Envelope, PartFields};
///
/// let forwarded = Envelope::builder().subject("lunch").build()?;
/// let structure = BodyStructure::builder()
///     .open_multipart()
///     .part(&PartFields { size: 12, lines: 1, ..PartFields::text("PLAIN", "utf-8") })
///     .open_message(&PartFields { size: 90, lines: 5, ..PartFields::new("MESSAGE", "RFC822") }, &forwarded)
///     .part(&PartFields { size: 3, lines: 1, ..PartFields::text("PLAIN", "utf-8") })
///     .close_message()
///     .close_multipart(&PartFields::multipart("MIXED").parameter("BOUNDARY", "xyz"))
///     .build()?;
/// assert_eq!(structure.part("2.1").unwrap().size(), 3);
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Debug)]
pub struct BodyStructureBuilder {
    out: BytesMut,
    /// What is open: a message with its fields, or a multipart.
    open: Vec<Option<PartFields>>,
    extensible: bool,
    /// Extension data that is given is left out.
    strips: bool,
    error: Option<InvalidValue>,
}

impl BodyStructureBuilder {
    /// For `BODY` instead of `BODYSTRUCTURE`: extension data is left out, as the grammar wants it there (RFC 3501 section 7.4.2). Before the
    /// first part.
    ///
    /// ```
    /// use mailwire::imap::{BodyStructure, PartFields};
    ///
    /// let fields = PartFields { size: 12, lines: 1, language: vec!["de".into()], ..PartFields::text("PLAIN", "utf-8") };
    /// let body = BodyStructure::builder().without_extension().part(&fields).build()?;
    /// assert!(!body.is_extensible() && body.root().language().next().is_none());
    /// # Ok::<(), mailwire::wire::InvalidValue>(())
    /// ```
    pub fn without_extension(&mut self) -> &mut Self {
        self.extensible = false;
        self.strips = true;
        self
    }

    /// A part that nothing stands in.
    pub fn part(&mut self, fields: &PartFields) -> &mut Self {
        self.single(fields, None)
    }

    fn single(&mut self, fields: &PartFields, envelope: Option<&Envelope>) -> &mut Self {
        let extensible = self.extensible;
        let fields = &*self.given(fields, false);
        self.begin();
        self.write(|encoder| encode_single(fields, envelope, extensible, encoder))
    }

    /// A multipart: its parts come next.
    pub fn open_multipart(&mut self) -> &mut Self {
        self.begin();
        self.open.push(None);
        self.write(|encoder| {
            encoder.raw(b"(");
            Ok(())
        })
    }

    /// The end of the parts of a multipart, and what is said of it.
    pub fn close_multipart(&mut self, fields: &PartFields) -> &mut Self {
        let extensible = self.extensible;
        if self.open.pop() != Some(None) {
            return self.fail("an open multipart");
        }
        let fields = &*self.given(fields, true);
        self.write(|encoder| fields.encode_multipart_end(extensible, encoder))
    }

    /// A message/rfc822 or message/global part: the one part of its body comes next.
    pub fn open_message(&mut self, fields: &PartFields, envelope: &Envelope) -> &mut Self {
        self.begin();
        self.open.push(Some(self.given(fields, false).into_owned()));
        self.write(|encoder| encode_message(fields, envelope, encoder))
    }

    /// The end of a message.
    pub fn close_message(&mut self) -> &mut Self {
        let extensible = self.extensible;
        match self.open.pop().flatten() {
            Some(fields) => self.write(|encoder| encode_message_end(&fields, extensible, encoder)),
            None => self.fail("an open message"),
        }
    }

    /// The structure.
    ///
    /// # Errors
    /// When there is no outermost part or more than one, when a multipart or a message is still open or has nothing in it, when
    /// a number has more than 32 bits, and when a string holds a NUL, which no IMAP string may.
    pub fn build(&self) -> Result<BodyStructure, InvalidValue> {
        self.finish(0)
    }

    fn finish(&self, quirks: u128) -> Result<BodyStructure, InvalidValue> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let expected = match self.open.last() {
            Some(None) => Some("the end of a multipart that is open"),
            Some(Some(_)) => Some("the end of a message that is open"),
            None if self.out.is_empty() => Some("a part"),
            None => None,
        };
        if let Some(expected) = expected {
            return Err(InvalidValue { offset: self.out.len(), expected });
        }
        let whole =
            Limits { items: usize::MAX, memory: usize::MAX, body_depth: usize::MAX, ..Limits::imap_client() };
        let mut cursor = Cursor::borrowed(&self.out, &whole, quirks);
        let structure = BodyStructure::parse(&mut cursor, self.extensible).and_then(|structure| {
            if cursor.is_at_end() { Ok(structure) } else { cursor.syntax("one outermost part") }
        });
        structure.map_err(|fail| {
            let error = cursor.error(fail);
            InvalidValue { offset: write::index(error.offset()), expected: error.expected() }
        })
    }

    /// The fields of a part as they are written.
    fn given<'f>(&self, fields: &'f PartFields, multipart: bool) -> Cow<'f, PartFields> {
        if self.strips {
            Cow::Owned(fields.clone().without_extension(multipart))
        } else {
            Cow::Borrowed(fields)
        }
    }

    /// What is about to be written has to have a place.
    fn begin(&mut self) {
        if self.open.is_empty() && !self.out.is_empty() {
            self.fail("one outermost part");
        }
    }

    fn fail(&mut self, expected: &'static str) -> &mut Self {
        self.error.get_or_insert(InvalidValue { offset: self.out.len(), expected });
        self
    }

    fn write(&mut self, encode: impl FnOnce(&mut Encoder<'_>) -> Encoded) -> &mut Self {
        if let Err(error) = encode(&mut Encoder::new(&mut self.out, Encoding::server())) {
            self.error.get_or_insert(error);
        }
        self
    }
}

#[cfg(feature = "serde")]
mod serial {
    use super::{BodyPart, BodyStructure, BodyStructureBuilder, Envelope, PartFields, PartKind};
    use crate::imap::quirk::Quirk;
    use alloc::vec::Vec;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// The parts in order, each with how many it stands in: nothing nests.
    #[derive(Serialize, Deserialize)]
    struct Form {
        extensible: bool,
        parts: Vec<Record>,
    }

    #[derive(Serialize, Deserialize)]
    struct Record {
        depth: usize,
        kind: PartKind,
        fields: PartFields,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        envelope: Option<Envelope>,
    }

    impl Serialize for BodyStructure {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let record = |part: BodyPart<'_>| Record {
                depth: part.depth(),
                kind: part.kind(),
                fields: part.to_fields(),
                envelope: part.envelope(),
            };
            let parts = self.walk().map(record).collect();
            Form { extensible: self.is_extensible(), parts }.serialize(serializer)
        }
    }

    impl<'de> Deserialize<'de> for BodyStructure {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let form = Form::deserialize(deserializer)?;
            let mut builder = BodyStructure::builder();
            builder.extensible = form.extensible;
            let mut open: Vec<Record> = Vec::new();
            let close = |builder: &mut BodyStructureBuilder, record: Record| {
                match record.kind {
                    PartKind::Multipart => builder.close_multipart(&record.fields),
                    _ => builder.close_message(),
                };
            };
            for record in form.parts {
                while open.len() > record.depth {
                    if let Some(record) = open.pop() {
                        close(&mut builder, record);
                    }
                }
                if open.len() < record.depth {
                    return Err(D::Error::custom("a part stands in a part that there is not"));
                }
                match (record.kind, &record.envelope) {
                    (PartKind::Multipart, _) => {
                        builder.open_multipart();
                        open.push(record);
                    }
                    (PartKind::Message, Some(envelope)) => {
                        builder.open_message(&record.fields, envelope);
                        open.push(record);
                    }
                    (PartKind::Message, None) => {
                        return Err(D::Error::custom("a message without its envelope"));
                    }
                    (PartKind::Single, envelope) => {
                        builder.single(&record.fields, envelope.as_ref());
                    }
                }
            }
            while let Some(record) = open.pop() {
                close(&mut builder, record);
            }
            // What was forgiven when it was read is a value like others.
            let quirks = [Quirk::MessageWithoutEnvelope, Quirk::LargeNumber, Quirk::StrangeExtension];
            let bits = quirks.into_iter().collect::<crate::imap::quirk::Quirks>().bits();
            builder.finish(bits).map_err(D::Error::custom)
        }
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod generate {
    use super::*;
    use crate::imap::section::arbitrary_text as text;
    use arbitrary::{Arbitrary, Result, Unstructured};

    fn optional(u: &mut Unstructured<'_>) -> Result<Option<Text>> {
        if u.arbitrary()? { text(u).map(Some) } else { Ok(None) }
    }

    fn pairs(u: &mut Unstructured<'_>) -> Result<Vec<(Text, Text)>> {
        (0..u.int_in_range(0..=2)?).map(|_| Ok((text(u)?, text(u)?))).collect()
    }

    impl<'a> Arbitrary<'a> for PartFields {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let extensions: [&[u8]; 5] = [b"", b"", b"NIL", b"42 \"a\"", b"(1 (\"b\\\"\" NIL) {1}\r\nc) 2"];
            Ok(Self {
                media_type: match u.int_in_range(0..=3)? {
                    0 => "TEXT".into(),
                    1 => "text".into(),
                    2 => "IMAGE".into(),
                    _ => alloc::vec![b'X', u.int_in_range(1..=255u8)?].into(),
                },
                subtype: text(u)?,
                parameters: pairs(u)?,
                id: optional(u)?,
                description: optional(u)?,
                encoding: text(u)?,
                size: u.arbitrary::<u32>()?.into(),
                lines: u.arbitrary::<u32>()?.into(),
                md5: optional(u)?,
                disposition: if u.arbitrary()? { Some((text(u)?, pairs(u)?)) } else { None },
                language: (0..u.int_in_range(0..=2)?).map(|_| text(u)).collect::<Result<_>>()?,
                location: optional(u)?,
                extensions: (*u.choose(&extensions)?).into(),
            })
        }
    }

    impl<'a> Arbitrary<'a> for BodyStructure {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let mut builder = BodyStructure::builder();
            if u.arbitrary()? {
                builder.without_extension();
            }
            loop {
                let closes =
                    |builder: &mut BodyStructureBuilder, fields: &PartFields| match builder.open.last() {
                        None => {}
                        Some(None) => {
                            builder.close_multipart(fields);
                        }
                        Some(Some(_)) => {
                            builder.close_message();
                        }
                    };
                let fields = PartFields::arbitrary(u)?;
                match u.int_in_range(0..=3)? {
                    0 if builder.open.len() < 8 => {
                        builder.open_multipart();
                        continue;
                    }
                    1 if builder.open.len() < 8 => {
                        let message = PartFields {
                            media_type: "message".into(),
                            subtype: (*u.choose(&["RFC822", "global"])?).into(),
                            ..fields
                        };
                        builder.open_message(&message, &Envelope::arbitrary(u)?);
                        continue;
                    }
                    _ => {
                        builder.part(&fields);
                    }
                }
                // A message has one part; a multipart may go on.
                while matches!(builder.open.last(), Some(Some(_)))
                    || (!builder.open.is_empty() && (u.is_empty() || u.ratio(1, 3)?))
                {
                    let fields = PartFields::arbitrary(u)?;
                    closes(&mut builder, &fields);
                }
                if builder.open.is_empty() {
                    return builder.build().map_err(|_| arbitrary::Error::IncorrectFormat);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::quirk::Quirks;
    use crate::imap::round_trip::{json_round_trips, noise, octets_round_trip, strict, written};
    use alloc::format;
    use arbitrary::{Arbitrary, Unstructured};

    #[test]
    fn round_trips() {
        octets_round_trip(As::<true>::parse, |value, encoder| value.0.encode(encoder));
        octets_round_trip(As::<false>::parse, |value, encoder| value.0.encode(encoder));
        json_round_trips::<BodyStructure>();
        for seed in 0..500 {
            let noise = noise(seed, 2_000);
            let value = BodyStructure::arbitrary(&mut Unstructured::new(&noise)).unwrap();
            let read = strict(&value.octets, |cursor| BodyStructure::parse(cursor, value.is_extensible()));
            assert_eq!(read.unwrap(), value);
            // Copying, and writing part by part, give the same value.
            let mut slow = value.clone();
            slow.strict = false;
            let mut out = BytesMut::new();
            slow.encode(&mut Encoder::new(&mut out, Encoding::server())).unwrap();
            assert_eq!(out, value.octets);
            #[cfg(feature = "serde")]
            {
                let json = serde_json::to_string(&value).unwrap();
                assert_eq!(serde_json::from_str::<BodyStructure>(&json).unwrap(), value);
            }
        }
    }

    /// A structure in one of the two forms.
    #[derive(Debug, PartialEq)]
    struct As<const EXTENSIBLE: bool>(BodyStructure);

    impl<const EXTENSIBLE: bool> As<EXTENSIBLE> {
        fn parse(cursor: &mut Cursor<'_>) -> crate::wire::cursor::Parsed<Self> {
            BodyStructure::parse(cursor, EXTENSIBLE).map(Self)
        }
    }

    impl<'a, const EXTENSIBLE: bool> Arbitrary<'a> for As<EXTENSIBLE> {
        fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
            let value = BodyStructure::arbitrary(u)?;
            Ok(Self(if EXTENSIBLE {
                BodyStructure { extensible: true, ..value }
            } else {
                value.without_extension()
            }))
        }
    }

    #[test]
    fn building() {
        let text = PartFields { size: 3, lines: 1, ..PartFields::text("PLAIN", "us-ascii") };
        let mixed = PartFields::multipart("MIXED").parameter("BOUNDARY", "b");
        let structure = BodyStructure::builder()
            .open_multipart()
            .part(&text)
            .part(&PartFields {
                size: 9,
                encoding: "BASE64".into(),
                disposition: Some((
                    "attachment".into(),
                    alloc::vec![("filename".into(), "\u{e9}.png".into())],
                )),
                ..PartFields::new("IMAGE", "PNG")
            })
            .close_multipart(&mixed)
            .build()
            .unwrap();
        assert_eq!(
            written(|encoder| structure.encode(encoder)),
            "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 3 1 NIL NIL NIL NIL)\
             (\"IMAGE\" \"PNG\" NIL NIL NIL \"BASE64\" 9 NIL (\"attachment\" (\"filename\" {6}\r\n\u{e9}.png)) NIL NIL) \
             \"MIXED\" (\"BOUNDARY\" \"b\") NIL NIL NIL)"
        );
        let attachment = structure.part("2").unwrap().disposition().unwrap();
        assert!(attachment.is_attachment() && !attachment.is_inline());
        assert_eq!(attachment.parameters.find("FILENAME").unwrap(), "\u{e9}.png".as_bytes());
        let short = structure.without_extension();
        assert!(!short.is_extensible());
        assert_eq!(
            written(|encoder| short.encode(encoder)),
            "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 3 1)\
             (\"IMAGE\" \"PNG\" NIL NIL NIL \"BASE64\" 9) \"MIXED\")"
        );
        assert_eq!(
            format!("{structure:?}"),
            "BodyStructure [MULTIPART/MIXED; BOUNDARY=\"b\", 1 TEXT/PLAIN; CHARSET=\"us-ascii\" 7BIT 3 octets 1 lines, \
             2 IMAGE/PNG BASE64 9 octets attachment; filename=\"\u{e9}.png\"]"
        );
    }

    #[test]
    fn what_cannot_be_built() {
        let text = PartFields::text("PLAIN", "us-ascii");
        let mixed = PartFields::multipart("MIXED");
        let message = PartFields::new("MESSAGE", "RFC822");
        let empty = Envelope::builder().build().unwrap();
        let new = BodyStructure::builder;
        assert!(new().build().is_err());
        assert!(new().part(&text).part(&text).build().is_err());
        let expected = |builder: &BodyStructureBuilder| builder.build().unwrap_err().expected;
        assert_eq!(expected(&new()), "a part");
        assert_eq!(expected(new().open_multipart()), "the end of a multipart that is open");
        assert_eq!(expected(new().open_multipart().part(&text)), "the end of a multipart that is open");
        assert_eq!(
            expected(new().open_message(&message, &empty).part(&text)),
            "the end of a message that is open"
        );
        assert!(new().open_multipart().close_multipart(&mixed).build().is_err());
        assert!(new().close_multipart(&mixed).build().is_err());
        assert!(new().open_multipart().part(&text).close_message().build().is_err());
        assert!(new().open_message(&message, &empty).part(&text).close_multipart(&mixed).build().is_err());
        assert!(new().open_message(&message, &empty).close_message().build().is_err());
        assert!(
            new().open_message(&message, &empty).part(&text).part(&text).close_message().build().is_err()
        );
        assert!(new().open_message(&message, &empty).part(&text).close_message().build().is_ok());
        assert!(new().part(&message).build().is_err());
        assert!(new().part(&PartFields { size: 1 << 32, ..text.clone() }).build().is_err());
        assert!(new().part(&PartFields { id: Some("\0".into()), ..text.clone() }).build().is_err());
        for extensions in ["atom", "(", ")", "\"a\r\n\"", "()", "1)(1", "{9}\r\na", "NIL\r\n"] {
            let fields = PartFields { extensions: extensions.into(), ..text.clone() };
            assert!(new().part(&fields).build().is_err(), "{extensions}");
        }
    }

    #[test]
    fn a_body_is_built_without_extension_data() {
        let whole = PartFields {
            size: 3,
            lines: 1,
            md5: Some("md5".into()),
            disposition: Some(("inline".into(), Vec::new())),
            language: alloc::vec!["de".into()],
            location: Some("http://x".into()),
            extensions: "42".into(),
            ..PartFields::text("PLAIN", "us-ascii")
        };
        let message = PartFields {
            media_type: "MESSAGE".into(),
            subtype: "RFC822".into(),
            parameters: Vec::new(),
            ..whole.clone()
        };
        let mixed = PartFields { subtype: "MIXED".into(), ..whole.clone() };
        let empty = Envelope::builder().build().unwrap();
        let build = |builder: &mut BodyStructureBuilder| {
            builder.open_multipart().open_message(&message, &empty).part(&whole).close_message();
            builder.close_multipart(&mixed).build().unwrap()
        };
        let body = build(BodyStructure::builder().without_extension());
        assert_eq!(
            written(|encoder| body.encode(encoder)),
            "((\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 3 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) \
             (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 3 1) 1) \"MIXED\")"
        );
        assert_eq!(build(&mut BodyStructure::builder()).without_extension(), body);
    }

    #[test]
    fn any_depth_on_a_small_stack() {
        let thread = std::thread::Builder::new().stack_size(64 * 1024);
        let deep = thread.spawn(|| {
            let empty = Envelope::builder().build().unwrap();
            let text = PartFields::text("PLAIN", "us-ascii");
            let message = PartFields::new("MESSAGE", "RFC822");
            let depth = 2_000;
            let mut builder = BodyStructure::builder();
            (0..depth).for_each(|_| {
                builder.open_multipart().open_message(&message, &empty);
            });
            builder.part(&text);
            (0..depth).for_each(|_| {
                builder.close_message().close_multipart(&PartFields::multipart("MIXED"));
            });
            let structure = builder.build().unwrap();
            assert_eq!(structure.walk().count(), 4_001);
            assert_eq!(structure.walk().next_back().unwrap().depth(), 4_000);
            let copy = structure.clone();
            assert_eq!(copy, structure);
            let mut slow = structure.clone();
            slow.strict = false;
            let mut out = BytesMut::new();
            slow.encode(&mut Encoder::new(&mut out, Encoding::server())).unwrap();
            assert_eq!(out, structure.octets);
            let lowest = structure.walk().next_back().unwrap().number().unwrap();
            assert_eq!(structure.part_at(&lowest).unwrap().kind(), PartKind::Single);
            let limits = Limits::imap_client();
            let mut cursor = Cursor::borrowed(&structure.octets, &limits, Quirks::lenient().bits());
            assert!(BodyStructure::parse(&mut cursor, true).is_err());
            cursor.set_position(0);
            assert!(cursor.skip_value().is_ok() && cursor.is_at_end());
            drop((structure, copy));
        });
        deep.unwrap().join().unwrap();
    }
}
