//! CONVERT: parts of messages in another form.
//!
//! ```abnf
//! ; RFC 5259 section 10
//! convert         = "CONVERT" SP sequence-set SP convert-params SP (convert-att / "(" convert-att *(SP convert-att) ")")
//! convert-params  = "(" (quoted-to-mime-type / "NIL") [SP "(" transcoding-params ")"] ")"
//! transcoding-params = transcoding-param-name SP transcoding-param-value *(SP ...)     ; both are astring
//! convert-att     = "UID" / "BODYPARTSTRUCTURE" section-convert / "BINARY" section-convert [partial] /
//!                   "BINARY.SIZE" section-convert / "BODY[HEADER]" / "BODY[" section-part ".HEADER]" /
//!                   "BODY[" section-part ".MIME]" / "AVAILABLECONVERSIONS" section-convert
//! message-data    =/ nz-number SP "CONVERTED" SP "(" "TAG" SP tag-string ")" SP convert-msg-attrs
//! convert-msg-attrs = "(" convert-msg-att *(SP convert-msg-att) ")"
//! convert-msg-att = "UID" SP uniqueid /
//!                   "BINARY" section-convert ["<" number ">"] SP (nstring / literal8 / converterror-phrase) /
//!                   "BINARY.SIZE" section-convert SP (number / converterror-phrase) /
//!                   "BODYPARTSTRUCTURE" section-convert SP (body / converterror-phrase) /
//!                   "AVAILABLECONVERSIONS" section-convert SP (mimetype-list / converterror-phrase)
//! mimetype-list   = "(" "(" [quoted-to-mime-type *(SP quoted-to-mime-type)] ")" ")"
//! converterror-phrase = "(" "ERROR" SP convert-err-descript SP convert-error-code ")"
//! convert-error-code  = "TEMPFAIL" [SP nz-number] /
//!                       "BADPARAMETERS" 1*(SP (quoted-from-mime-type / nil) SP mimetype-and-params) /
//!                       ; examples of the RFC have a list of the parameters alone
//!                       "MISSINGPARAMETERS" 1*(SP quoted-from-mime-type SP mimetype-and-missing-params)
//! conversions-cmd = "CONVERSIONS" SP from-mime-type-req SP to-mime-type-req             ; both are astring
//! conversion-data = "CONVERSION" SP quoted-from-mime-type SP quoted-to-mime-type
//!                   [SP "(" transcoding-param-name *(SP transcoding-param-name) ")"]
//! ```

use crate::imap::body::BodyStructure;
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::keyword::Keyword;
use crate::imap::metadata::encode_value;
use crate::imap::section::{
    PartNumber, Partial, Section, binary_section, encode_binary_section, encode_origin, origin,
};
use crate::imap::sequence::SequenceSet;
use crate::imap::urlauth::encode_extensible;
use crate::imap::value::ExtensionValue;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};
use alloc::vec::Vec;
use core::num::NonZeroU32;

/// CONVERT or UID CONVERT (RFC 5259 section 6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Convert {
    /// The messages.
    pub set: SequenceSet,
    /// Whether the set is of UIDs.
    pub uid: bool,
    /// The media type to convert to, such as `image/jpeg`; `None` is NIL: what the server thinks best.
    pub media_type: Option<Text>,
    /// How to convert: names such as `charset`, and values.
    pub parameters: Vec<(Text, Text)>,
    /// What of each message, at least one.
    pub attributes: Vec<ConvertAttribute>,
}

/// What of a message CONVERT asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ConvertAttribute {
    /// The UID.
    Uid,
    /// The MIME structure that the converted part has; without a part that of the message.
    BodyPartStructure(Option<PartNumber>),
    /// The octets of the converted part.
    Binary {
        /// The part; without one the message.
        part: Option<PartNumber>,
        /// Which of its octets.
        partial: Option<Partial>,
    },
    /// The size of the converted part in octets.
    BinarySize(Option<PartNumber>),
    /// The converted header of the message or of a part: [`Section::Header`] or [`Section::Mime`].
    Body(Section),
    /// The media types that the part can be converted to.
    AvailableConversions(Option<PartNumber>),
}

/// The answer CONVERTED: parts of a message in another form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Converted {
    /// The sequence number of the message.
    pub number: NonZeroU32,
    /// The tag of the command that is answered.
    pub tag: Text,
    /// What was converted, at least one item.
    pub items: Vec<ConvertedItem>,
}

/// One item of CONVERTED.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ConvertedItem {
    /// The UID.
    Uid(NonZeroU32),
    /// The MIME structure, as BODYSTRUCTURE has it.
    BodyPartStructure {
        /// The part.
        part: Option<PartNumber>,
        /// Its structure.
        value: Result<BodyStructure, ConvertError>,
    },
    /// The octets of the converted part.
    Binary {
        /// The part.
        part: Option<PartNumber>,
        /// Where in the part the octets begin, if not all were asked for.
        origin: Option<u64>,
        /// The octets; `None` is NIL.
        value: Result<Option<Text>, ConvertError>,
    },
    /// The size of the converted part in octets.
    BinarySize {
        /// The part.
        part: Option<PartNumber>,
        /// Its size.
        value: Result<u32, ConvertError>,
    },
    /// The converted header of the message or of a part.
    Body {
        /// Which header.
        section: Section,
        /// Its octets; `None` is NIL.
        value: Result<Option<Text>, ConvertError>,
    },
    /// The media types that the part can be converted to.
    AvailableConversions {
        /// The part.
        part: Option<PartNumber>,
        /// The media types.
        value: Result<Vec<Text>, ConvertError>,
    },
}

/// Why something could not be converted (RFC 5259 section 9).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ConvertError {
    /// For a person.
    pub text: Text,
    /// For a program.
    pub code: ConvertErrorCode,
}

/// Why something could not be converted, for a program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ConvertErrorCode {
    /// It may succeed later; perhaps after that many seconds.
    TempFail(Option<NonZeroU32>),
    /// These conversions do not take these parameters; at least one.
    BadParameters(Vec<BadParameters>),
    /// These conversions need more parameters; at least one.
    MissingParameters(Vec<MissingParameters>),
    /// Another one, or one of these in another shape.
    Other {
        /// The code.
        code: Keyword,
        /// What stands behind it.
        arguments: Vec<ExtensionValue>,
    },
}

/// A conversion that does not take some parameters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BadParameters {
    /// The media type of the part; `None` is NIL: there is no such part.
    pub from: Option<Text>,
    /// The media type to convert to.
    pub to: Text,
    /// The parameters.
    pub parameters: Vec<(Text, Text)>,
}

/// A conversion that needs some parameters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MissingParameters {
    /// The media type of the part.
    pub from: Text,
    /// The media type to convert to.
    pub to: Text,
    /// The names of the parameters, at least one.
    pub names: Vec<Text>,
}

/// CONVERSIONS: what can be converted to what? `*` and `type/*` stand for many.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Conversions {
    /// The media type to convert from.
    pub from: Text,
    /// The media type to convert to.
    pub to: Text,
}

/// The answer CONVERSION: a conversion that can be done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Conversion {
    /// The media type to convert from.
    pub from: Text,
    /// The media type to convert to.
    pub to: Text,
    /// The names of the parameters it takes.
    pub parameters: Vec<Text>,
}

/// `transcoding-params` in their parentheses: at least one.
fn parse_parameters(cursor: &mut Cursor<'_>) -> Parsed<Vec<(Text, Text)>> {
    cursor.list_of_some(|cursor| {
        let name = cursor.astring_text()?;
        cursor.sp()?;
        Ok((name, cursor.astring_text()?))
    })
}

/// The parameters behind an SP, if there are any.
fn encode_parameters(parameters: &[(Text, Text)], encoder: &mut Encoder<'_>) -> Encoded {
    if parameters.is_empty() {
        return Ok(());
    }
    encoder.sp();
    encoder.list(parameters, |encoder, (name, value)| {
        encoder.string(name.as_bytes())?;
        encoder.sp();
        encoder.string(value.as_bytes())
    })
}

/// Whether a list stands behind an SP; the SP is taken then.
fn list_follows(cursor: &mut Cursor<'_>) -> bool {
    let follows = cursor.peek() == Some(b' ') && cursor.peek_at(1) == Some(b'(');
    if follows {
        cursor.advance(1);
    }
    follows
}

impl Convert {
    /// The arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, uid: bool) -> Parsed<Self> {
        let set = SequenceSet::parse(cursor)?;
        cursor.sp()?;
        cursor.expect(b'(', "a list")?;
        let media_type = cursor.nstring_text()?;
        let parameters = if list_follows(cursor) { parse_parameters(cursor)? } else { Vec::new() };
        cursor.expect(b')', "the end of the list")?;
        cursor.sp()?;
        let attributes = if cursor.peek() == Some(b'(') {
            cursor.list_of_some(ConvertAttribute::parse)?
        } else {
            Vec::from([ConvertAttribute::parse(cursor)?])
        };
        Ok(Self { set, uid, media_type, parameters, attributes })
    }

    /// The command.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(if self.uid { b"UID CONVERT " } else { b"CONVERT " });
        self.set.encode(encoder)?;
        encoder.raw(b" (");
        encoder.nstring(self.media_type.as_ref().map(Text::as_bytes))?;
        encode_parameters(&self.parameters, encoder)?;
        encoder.raw(b") ");
        match self.attributes.as_slice() {
            [] => Err(InvalidValue { offset: 0, expected: "at least one attribute" }),
            [attribute] => attribute.encode(encoder),
            attributes => encoder.list(attributes, |encoder, attribute| attribute.encode(encoder)),
        }
    }
}

/// The name of an attribute, up to its `[`.
#[derive(Clone, Copy)]
enum Name {
    Uid,
    BodyPartStructure,
    Binary,
    BinarySize,
    Body,
    AvailableConversions,
}

impl Name {
    const ALL: [(Self, &'static [u8]); 6] = [
        (Self::BodyPartStructure, b"BODYPARTSTRUCTURE["),
        (Self::BinarySize, b"BINARY.SIZE["),
        (Self::Binary, b"BINARY["),
        (Self::Body, b"BODY["),
        (Self::AvailableConversions, b"AVAILABLECONVERSIONS["),
        (Self::Uid, b"UID"),
    ];

    /// Up to the `[`, which is left.
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        for (name, word) in Self::ALL {
            if cursor.eat_keyword(word) {
                if word.ends_with(b"[") {
                    cursor.set_position(cursor.position().saturating_sub(1));
                }
                return Ok(name);
            }
        }
        cursor.syntax("an attribute of CONVERT")
    }
}

/// Whether CONVERT can be asked for this section: a header.
fn is_header(section: &Section) -> bool {
    matches!(section, Section::Header(_) | Section::Mime(_))
}

fn header_section(cursor: &mut Cursor<'_>) -> Parsed<Section> {
    let start = cursor.position();
    let section = Section::parse(cursor)?;
    if is_header(&section) { Ok(section) } else { cursor.syntax_at(start, "HEADER or MIME") }
}

fn encode_section(section: &Section, encoder: &mut Encoder<'_>) -> Encoded {
    if !is_header(section) {
        return Err(InvalidValue { offset: 0, expected: "HEADER or MIME" });
    }
    encoder.raw(b"BODY");
    section.encode(encoder)
}

impl ConvertAttribute {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(match Name::parse(cursor)? {
            Name::Uid => Self::Uid,
            Name::BodyPartStructure => Self::BodyPartStructure(binary_section(cursor)?),
            Name::Binary => {
                let part = binary_section(cursor)?;
                Self::Binary { part, partial: Partial::parse(cursor)? }
            }
            Name::BinarySize => Self::BinarySize(binary_section(cursor)?),
            Name::Body => Self::Body(header_section(cursor)?),
            Name::AvailableConversions => Self::AvailableConversions(binary_section(cursor)?),
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::Uid => encoder.raw(b"UID"),
            Self::BodyPartStructure(part) => {
                encoder.raw(b"BODYPARTSTRUCTURE");
                encode_binary_section(part.as_ref(), encoder);
            }
            Self::Binary { part, partial } => {
                encoder.raw(b"BINARY");
                encode_binary_section(part.as_ref(), encoder);
                if let Some(partial) = partial {
                    partial.encode(encoder);
                }
            }
            Self::BinarySize(part) => {
                encoder.raw(b"BINARY.SIZE");
                encode_binary_section(part.as_ref(), encoder);
            }
            Self::Body(section) => encode_section(section, encoder)?,
            Self::AvailableConversions(part) => {
                encoder.raw(b"AVAILABLECONVERSIONS");
                encode_binary_section(part.as_ref(), encoder);
            }
        }
        Ok(())
    }
}

impl Converted {
    /// What stands behind the number, the name and its SP.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, number: NonZeroU32) -> Parsed<Self> {
        if !cursor.eat_keyword(b"(TAG ") {
            return cursor.syntax("(TAG");
        }
        let tag = cursor.astring_text()?;
        cursor.expect(b')', "the end of the list")?;
        cursor.sp()?;
        Ok(Self { number, tag, items: cursor.list_of_some(ConvertedItem::parse)? })
    }

    /// The number, the name and the rest.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.items.is_empty() {
            return Err(InvalidValue { offset: 0, expected: "at least one item" });
        }
        encoder.number(self.number.get());
        encoder.raw(b" CONVERTED (TAG ");
        encoder.string(self.tag.as_bytes())?;
        encoder.raw(b") ");
        encoder.list(&self.items, |encoder, item| item.encode(encoder))
    }
}

/// A value behind an SP, or why there is none.
fn value<T>(
    cursor: &mut Cursor<'_>,
    parse: impl FnOnce(&mut Cursor<'_>) -> Parsed<T>,
) -> Parsed<Result<T, ConvertError>> {
    cursor.sp()?;
    if cursor.eat_keyword(b"(ERROR ") { ConvertError::parse(cursor).map(Err) } else { parse(cursor).map(Ok) }
}

/// A value behind an SP, or why there is none.
fn encode_result<T>(
    value: &Result<T, ConvertError>,
    encoder: &mut Encoder<'_>,
    encode: impl FnOnce(&T, &mut Encoder<'_>) -> Encoded,
) -> Encoded {
    encoder.sp();
    match value {
        Ok(value) => encode(value, encoder),
        Err(error) => error.encode(encoder),
    }
}

impl ConvertedItem {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(match Name::parse(cursor)? {
            Name::Uid => {
                cursor.sp()?;
                Self::Uid(cursor.nz_number()?)
            }
            Name::BodyPartStructure => {
                let part = binary_section(cursor)?;
                let value = value(cursor, |cursor| BodyStructure::parse(cursor, true))?;
                Self::BodyPartStructure { part, value }
            }
            Name::Binary => {
                let part = binary_section(cursor)?;
                let origin = origin(cursor)?;
                Self::Binary { part, origin, value: value(cursor, |cursor| cursor.nstring_or_literal8())? }
            }
            Name::BinarySize => {
                let part = binary_section(cursor)?;
                Self::BinarySize { part, value: value(cursor, |cursor| cursor.number("a number"))? }
            }
            Name::Body => {
                let section = header_section(cursor)?;
                Self::Body { section, value: value(cursor, |cursor| cursor.nstring_text())? }
            }
            Name::AvailableConversions => {
                let part = binary_section(cursor)?;
                let value = value(cursor, |cursor| {
                    cursor.expect(b'(', "a list")?;
                    let types = cursor.list(Cursor::string_text)?;
                    cursor.expect(b')', "the end of the list")?;
                    Ok(types)
                })?;
                Self::AvailableConversions { part, value }
            }
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::Uid(uid) => {
                encoder.raw(b"UID ");
                encoder.number(uid.get());
                Ok(())
            }
            Self::BodyPartStructure { part, value } => {
                encoder.raw(b"BODYPARTSTRUCTURE");
                encode_binary_section(part.as_ref(), encoder);
                encode_result(value, encoder, encode_extensible)
            }
            Self::Binary { part, origin, value } => {
                encoder.raw(b"BINARY");
                encode_binary_section(part.as_ref(), encoder);
                encode_origin(*origin, encoder)?;
                encode_result(value, encoder, |value, encoder| encode_value(value.as_ref(), encoder))
            }
            Self::BinarySize { part, value } => {
                encoder.raw(b"BINARY.SIZE");
                encode_binary_section(part.as_ref(), encoder);
                encode_result(value, encoder, |size, encoder| {
                    encoder.number(*size);
                    Ok(())
                })
            }
            Self::Body { section, value } => {
                encode_section(section, encoder)?;
                encode_result(value, encoder, |value, encoder| {
                    encoder.nstring(value.as_ref().map(Text::as_bytes))
                })
            }
            Self::AvailableConversions { part, value } => {
                encoder.raw(b"AVAILABLECONVERSIONS");
                encode_binary_section(part.as_ref(), encoder);
                encode_result(value, encoder, |types, encoder| {
                    encoder.raw(b"(");
                    encoder.list(types, |encoder, media_type| encoder.string(media_type.as_bytes()))?;
                    encoder.raw(b")");
                    Ok(())
                })
            }
        }
    }
}

impl ConvertError {
    /// What stands behind `(ERROR` and its SP.
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let text = cursor.string_text()?;
        cursor.sp()?;
        let mut buffer = [0; 24];
        let (atom, word) = cursor.word(&mut buffer)?;
        let list = cursor.peek() == Some(b' ') && cursor.peek_at(1) == Some(b'(');
        let code = match word {
            b"TEMPFAIL" => {
                let seconds = cursor.eat(b' ').then(|| cursor.nz_number()).transpose()?;
                ConvertErrorCode::TempFail(seconds)
            }
            b"BADPARAMETERS" if !list => {
                ConvertErrorCode::BadParameters(Self::parse_some(cursor, |cursor| {
                    let from = cursor.nstring_text()?;
                    cursor.sp()?;
                    let to = cursor.string_text()?;
                    let parameters =
                        if list_follows(cursor) { parse_parameters(cursor)? } else { Vec::new() };
                    Ok(BadParameters { from, to, parameters })
                })?)
            }
            b"MISSINGPARAMETERS" if !list => {
                ConvertErrorCode::MissingParameters(Self::parse_some(cursor, |cursor| {
                    let from = cursor.string_text()?;
                    cursor.sp()?;
                    let to = cursor.string_text()?;
                    // The grammar has no SP here.
                    cursor.eat(b' ');
                    Ok(MissingParameters { from, to, names: cursor.list_of_some(Cursor::astring_text)? })
                })?)
            }
            _ => {
                let code = Keyword::from_checked(cursor.text(atom)?);
                let mut arguments = Vec::new();
                while cursor.peek() == Some(b' ') {
                    cursor.sp()?;
                    cursor.charge_item(arguments.len(), size_of::<ExtensionValue>())?;
                    arguments.push(ExtensionValue::parse(cursor)?);
                }
                ConvertErrorCode::Other { code, arguments }
            }
        };
        cursor.expect(b')', "the end of the error")?;
        Ok(Self { text, code })
    }

    /// At least one, each behind an SP.
    fn parse_some<T>(
        cursor: &mut Cursor<'_>,
        parse: impl Fn(&mut Cursor<'_>) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        while items.is_empty() || cursor.peek() == Some(b' ') {
            cursor.sp()?;
            cursor.charge_item(items.len(), size_of::<T>())?;
            items.push(parse(cursor)?);
        }
        Ok(items)
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        const AT_LEAST_ONE: InvalidValue = InvalidValue { offset: 0, expected: "at least one conversion" };
        encoder.raw(b"(ERROR ");
        encoder.string(self.text.as_bytes())?;
        match &self.code {
            ConvertErrorCode::TempFail(seconds) => {
                encoder.raw(b" TEMPFAIL");
                if let Some(seconds) = seconds {
                    encoder.sp();
                    encoder.number(seconds.get());
                }
            }
            ConvertErrorCode::BadParameters(all) if all.is_empty() => return Err(AT_LEAST_ONE),
            ConvertErrorCode::BadParameters(all) => {
                encoder.raw(b" BADPARAMETERS");
                for bad in all {
                    encoder.sp();
                    encoder.nstring(bad.from.as_ref().map(Text::as_bytes))?;
                    encoder.sp();
                    encoder.string(bad.to.as_bytes())?;
                    encode_parameters(&bad.parameters, encoder)?;
                }
            }
            ConvertErrorCode::MissingParameters(all) if all.is_empty() => return Err(AT_LEAST_ONE),
            ConvertErrorCode::MissingParameters(all) => {
                encoder.raw(b" MISSINGPARAMETERS");
                for missing in all {
                    if missing.names.is_empty() {
                        return Err(InvalidValue { offset: 0, expected: "at least one parameter" });
                    }
                    encoder.sp();
                    encoder.string(missing.from.as_bytes())?;
                    encoder.sp();
                    encoder.string(missing.to.as_bytes())?;
                    encoder.sp();
                    encoder.list(&missing.names, |encoder, name| encoder.string(name.as_bytes()))?;
                }
            }
            ConvertErrorCode::Other { code, arguments } => {
                encoder.sp();
                code.encode(encoder)?;
                for argument in arguments {
                    encoder.sp();
                    argument.encode(encoder)?;
                }
            }
        }
        encoder.raw(b")");
        Ok(())
    }
}

impl Conversions {
    /// The arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let from = cursor.astring_text()?;
        cursor.sp()?;
        Ok(Self { from, to: cursor.astring_text()? })
    }

    /// The arguments.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.string(self.from.as_bytes())?;
        encoder.sp();
        encoder.string(self.to.as_bytes())
    }
}

impl Conversion {
    /// What stands behind the name and its SP.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let from = cursor.string_text()?;
        cursor.sp()?;
        let to = cursor.string_text()?;
        let parameters =
            if list_follows(cursor) { cursor.list_of_some(Cursor::astring_text)? } else { Vec::new() };
        Ok(Self { from, to, parameters })
    }

    /// What stands behind the name and its SP.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.string(self.from.as_bytes())?;
        encoder.sp();
        encoder.string(self.to.as_bytes())?;
        if self.parameters.is_empty() {
            return Ok(());
        }
        encoder.sp();
        encoder.list(&self.parameters, |encoder, name| encoder.string(name.as_bytes()))
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict, written};

    fn converted(cursor: &mut Cursor<'_>) -> Parsed<Converted> {
        let number = cursor.nz_number()?;
        if !cursor.eat_keyword(b" CONVERTED ") {
            return cursor.syntax("CONVERTED");
        }
        Converted::parse(cursor, number)
    }

    #[test]
    fn round_trips() {
        round_trip(
            |cursor| {
                let uid = cursor.eat_keyword(b"UID ");
                assert!(cursor.eat_keyword(b"CONVERT "));
                Convert::parse(cursor, uid)
            },
            Convert::encode,
        );
        round_trip(converted, Converted::encode);
        round_trip(Conversions::parse, Conversions::encode);
        round_trip(Conversion::parse, Conversion::encode);
    }

    #[test]
    fn commands() {
        for octets in [
            "CONVERT 2 (\"APPLICATION/PDF\") BINARY[3]",
            "CONVERT 2 (\"text/plain\" (\"charset\" \"us-ascii\" \"unknown-character-replacement\" \"?\")) BINARY[3]",
            "CONVERT 2 (\"TEXT/PLAIN\" (\"CHARSET\" \"us-ascii\")) BINARY[4]<2001.1000>",
            "CONVERT 2 (NIL (\"CHARSET\" \"utf-8\")) BODY[HEADER]",
            "CONVERT 3 (NIL) (UID BODY[1.MIME] BODYPARTSTRUCTURE[1] BINARY.SIZE[] AVAILABLECONVERSIONS[1.2])",
        ] {
            let read = strict(&octets.as_bytes()[8..], |cursor| Convert::parse(cursor, false));
            assert_eq!(written(|encoder| read.unwrap().encode(encoder)), octets);
        }
        for octets in [
            "1 () UID",
            "1 (NIL) ()",
            "1 (NIL ()) UID",
            "1 (NIL) BODY[]",
            "1 (NIL) BODY[TEXT]",
            "1 (a) FLAGS",
        ] {
            assert_eq!(strict(octets.as_bytes(), |cursor| Convert::parse(cursor, false)), None, "{octets}");
        }
        let octets = "\"image/*\" \"text/*\"";
        let read = strict(octets.as_bytes(), Conversions::parse).unwrap();
        assert_eq!(written(|encoder| read.encode(encoder)), octets);
    }

    #[test]
    fn answers() {
        for octets in [
            "2 CONVERTED (TAG \"a001\") (BINARY[3] {5}\r\n%PDF\n)",
            "2 CONVERTED (TAG \"b001\") (BINARY[3] (ERROR \"Source text has non us-ascii\" BADPARAMETERS \"text/html\" \"text/plain\" (\"charset\" \"us-ascii\")))",
            "2 CONVERTED (TAG \"c000\") (UID 7 BINARY.SIZE[4] 3135)",
            "2 CONVERTED (TAG \"c001\") (BINARY[4]<2001> \"135 octets\" BODY[1.MIME] NIL)",
            "2 CONVERTED (TAG \"d\") (BINARY.SIZE[1] (ERROR \"later\" TEMPFAIL 30) AVAILABLECONVERSIONS[2] ((\"image/jpeg\" \"image/gif\")))",
            "2 CONVERTED (TAG \"e\") (AVAILABLECONVERSIONS[2] (()) BODYPARTSTRUCTURE[2] (ERROR \"x\" MISSINGPARAMETERS \"a/b\" \"c/d\" (\"pix-x\" \"pix-y\")))",
            "2 CONVERTED (TAG \"b003\") (BINARY[3] (ERROR \"CHARSET must be specified\" MISSINGPARAMETERS (CHARSET)))",
            "2 CONVERTED (TAG \"f\") (BODYPARTSTRUCTURE[2] (\"IMAGE\" \"PNG\" NIL NIL NIL \"BINARY\" 123))",
        ] {
            let read = strict(octets.as_bytes(), converted).unwrap_or_else(|| panic!("{octets}"));
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in ["\"image/gif\" \"image/jpeg\" (\"pix-y\" \"pix-x\")", "\"a/b\" \"c/d\""] {
            let read = strict(octets.as_bytes(), Conversion::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in
            ["2 CONVERTED (TAG \"a\") ()", "2 CONVERTED () (UID 1)", "2 CONVERTED (TAG \"a\") (UID 0)"]
        {
            assert_eq!(strict(octets.as_bytes(), converted), None, "{octets}");
        }
    }
}
