//! What a FETCH asks for.
//!
//! ```abnf
//! ; RFC 3501 and RFC 9051 section 9
//! fetch     = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")")
//! fetch-att = "ENVELOPE" / "FLAGS" / "INTERNALDATE" / "RFC822" [".HEADER" / ".SIZE" / ".TEXT"] /
//!             "BODY" ["STRUCTURE"] / "UID" / "BODY" [".PEEK"] section [partial] /
//!             "BINARY" [".PEEK"] section-binary [partial] / "BINARY.SIZE" section-binary    ; RFC 3516
//! fetch-att =/ "MODSEQ"                                   ; RFC 7162
//! fetch-att =/ "EMAILID" / "THREADID"                     ; RFC 8474
//! fetch-att =/ "PREVIEW" [SP "(" preview-mod *(SP preview-mod) ")"]  ; RFC 8970
//! preview-mod = "LAZY"
//! fetch-att =/ "SAVEDATE"                                 ; RFC 8514
//! fetch-att =/ "ANNOTATION" SP "(" entries SP attribs ")" ; RFC 5257
//! fetch-att =/ "X-GM-MSGID" / "X-GM-THRID" / "X-GM-LABELS"
//! ```

use crate::imap::annotate::AnnotationRequest;
use crate::imap::core::is_atom_char;
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::keyword::{Keyword, next_word};
use crate::imap::section::{PartNumber, Partial, Section, binary_section, encode_binary_section};
use crate::imap::value::{ExtensionValue, TaggedExtension};
use crate::wire::InvalidValue;
use crate::wire::cursor::{Class, Cursor, Parsed, class};
use alloc::vec::Vec;

/// One thing that a FETCH asks for.
///
/// ```
/// use mailwire::imap::{FetchAttribute, Section};
///
/// let text = FetchAttribute::body_peek(Section::Text(None));
/// assert_ne!(text, FetchAttribute::body(Section::Text(None)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum FetchAttribute {
    /// The unique identifier.
    Uid,
    /// The flags.
    Flags,
    /// When the message came into the mailbox.
    InternalDate,
    /// The size in octets.
    Rfc822Size,
    /// What the header says, decomposed.
    Envelope,
    /// The MIME structure, without extension data.
    Body,
    /// The MIME structure.
    BodyStructure,
    /// Octets of the message; sets `\Seen` unless it only peeks.
    BodySection {
        /// Whether `\Seen` is left as it is.
        peek: bool,
        /// Which octets.
        section: Section,
        /// Which range of them; all without it.
        partial: Option<Partial>,
    },
    /// The octets of a part without its transfer encoding (RFC 3516); sets `\Seen` unless it only peeks.
    Binary {
        /// Whether `\Seen` is left as it is.
        peek: bool,
        /// Which part; the whole message without it.
        part: Option<PartNumber>,
        /// Which range of its octets; all without it.
        partial: Option<Partial>,
    },
    /// The size of a part without its transfer encoding (RFC 3516).
    BinarySize {
        /// Which part; the whole message without it.
        part: Option<PartNumber>,
    },
    /// The whole message; sets `\Seen`. RFC 9051 does without it.
    Rfc822,
    /// The header. RFC 9051 does without it.
    Rfc822Header,
    /// The text; sets `\Seen`. RFC 9051 does without it.
    Rfc822Text,
    /// The mod-sequence (RFC 7162).
    ModSeq,
    /// The identifier of the content (RFC 8474).
    EmailId,
    /// The identifier of the thread (RFC 8474).
    ThreadId,
    /// A few words of the text (RFC 8970).
    Preview {
        /// Only if the server has it at hand.
        lazy: bool,
    },
    /// When the message was saved in the mailbox (RFC 8514).
    SaveDate,
    /// Gmail's identifier of the message.
    GmailMessageId,
    /// Gmail's identifier of the thread.
    GmailThreadId,
    /// Gmail's labels.
    GmailLabels,
    /// Annotations (RFC 5257).
    Annotation(AnnotationRequest),
    /// Another attribute, as it stands.
    Other(TaggedExtension),
}

/// The characters of a name: what stands in brackets is none of it.
const NAME: Class = class!(octet => is_atom_char(octet) && octet != b'[');

/// Declares the attributes that are a word alone.
macro_rules! words {
    ($($word:literal $name:ident $({ $($fields:tt)* })?,)*) => {
        impl FetchAttribute {
            #[cfg(any(test, feature = "arbitrary"))]
            const WORDS: &[Self] = &[$(Self::$name $({ $($fields)* })?,)*];

            /// The attribute that is this word, in upper case.
            fn of_upper(upper: &[u8]) -> Option<Self> {
                Some(match upper {
                    $($word => Self::$name $({ $($fields)* })?,)*
                    _ => return None,
                })
            }

            /// As it is written, if it is a word alone.
            fn word(&self) -> Option<&'static [u8]> {
                Some(match self {
                    $(Self::$name $({ $($fields)* })? => $word,)*
                    _ => return None,
                })
            }
        }
    };
}

words! {
    b"UID" Uid,
    b"FLAGS" Flags,
    b"INTERNALDATE" InternalDate,
    b"RFC822.SIZE" Rfc822Size,
    b"ENVELOPE" Envelope,
    b"BODY" Body,
    b"BODYSTRUCTURE" BodyStructure,
    b"RFC822" Rfc822,
    b"RFC822.HEADER" Rfc822Header,
    b"RFC822.TEXT" Rfc822Text,
    b"MODSEQ" ModSeq,
    b"EMAILID" EmailId,
    b"THREADID" ThreadId,
    b"SAVEDATE" SaveDate,
    b"PREVIEW" Preview { lazy: false },
    b"X-GM-MSGID" GmailMessageId,
    b"X-GM-THRID" GmailThreadId,
    b"X-GM-LABELS" GmailLabels,
}

/// Whether this word is next in a list, with the SP or the parenthesis behind it: so many octets.
#[inline(always)]
fn is_word<const N: usize>(rest: &[u8], word: &[u8]) -> bool {
    rest.first_chunk::<N>()
        .is_some_and(|octets| matches!(octets.as_slice(), [octets @ .., b' ' | b')'] if octets == word))
}

impl FetchAttribute {
    /// `BODY[section]`: octets of the message, setting `\Seen`.
    pub fn body(section: Section) -> Self {
        Self::BodySection { peek: false, section, partial: None }
    }

    /// `BODY.PEEK[section]`: octets of the message, leaving `\Seen` as it is.
    pub fn body_peek(section: Section) -> Self {
        Self::BodySection { peek: true, section, partial: None }
    }

    /// The same with a range, where the attribute can have one.
    #[must_use]
    pub fn partial(mut self, range: Partial) -> Self {
        if let Self::BodySection { partial, .. } | Self::Binary { partial, .. } = &mut self {
            *partial = Some(range);
        }
        self
    }

    /// Whether an answer to it sets `\Seen`.
    pub fn sets_seen(&self) -> bool {
        matches!(
            self,
            Self::BodySection { peek: false, .. }
                | Self::Binary { peek: false, .. }
                | Self::Rfc822
                | Self::Rfc822Text
        )
    }

    /// A word alone in a list, of those that are asked for most, as nearly all clients write it. `None` says nothing.
    #[inline(always)]
    fn usual(cursor: &mut Cursor<'_>) -> Option<Self> {
        macro_rules! usual {
            ($($word:literal $name:ident)*) => {
                match cursor.rest() {
                    $(rest if is_word::<{ $word.len().wrapping_add(1) }>(rest, $word) => {
                        cursor.advance($word.len());
                        Some(Self::$name)
                    })*
                    _ => None,
                }
            };
        }
        usual!(
            b"UID" Uid b"FLAGS" Flags b"INTERNALDATE" InternalDate b"RFC822.SIZE" Rfc822Size b"ENVELOPE" Envelope
            b"BODYSTRUCTURE" BodyStructure
        )
    }

    // Apart, since it would be made and moved in one place with the words alone, of which there is next to nothing to move.
    #[inline(never)]
    fn parse_into(cursor: &mut Cursor<'_>, list: &mut Vec<Self>) -> Parsed<()> {
        list.push(Self::parse(cursor, true)?);
        Ok(())
    }

    /// `fetch-att`. In a list, what follows an unknown attribute in parentheses belongs to it.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, in_list: bool) -> Parsed<Self> {
        let start = cursor.position();
        let mut buffer = [0; 16];
        let name = next_word!(
            cursor, NAME, &mut buffer,
            b"BODY.PEEK" b"FLAGS" b"UID" b"ENVELOPE" b"BODYSTRUCTURE"
        );
        let attribute = match (name, cursor.peek()) {
            (b"BODY" | b"BODY.PEEK", Some(b'[')) => Self::BodySection {
                peek: name == b"BODY.PEEK",
                section: Section::parse(cursor)?,
                partial: Partial::parse(cursor)?,
            },
            (b"BINARY" | b"BINARY.PEEK", Some(b'[')) => Self::Binary {
                peek: name == b"BINARY.PEEK",
                part: binary_section(cursor)?,
                partial: Partial::parse(cursor)?,
            },
            (b"BINARY.SIZE", Some(b'[')) => Self::BinarySize { part: binary_section(cursor)? },
            (b"PREVIEW", Some(b' ')) => Self::Preview { lazy: Self::parse_lazy(cursor)? },
            (b"ANNOTATION", _) => Self::Annotation(cursor.behind_sp(AnnotationRequest::parse)?),
            (word, _) => match Self::of_upper(word) {
                Some(attribute) => attribute,
                None => return Self::parse_other(cursor, start, in_list),
            },
        };
        Ok(attribute)
    }

    /// The modifiers of PREVIEW, if there are any. Another list behind it has the modifiers of the command.
    fn parse_lazy(cursor: &mut Cursor<'_>) -> Parsed<bool> {
        const START: &[u8] = b" (LAZY";
        let lazy = match cursor.rest().split_at_checked(START.len()) {
            Some((start, [b' ' | b')', ..])) => start.eq_ignore_ascii_case(START),
            _ => false,
        };
        if lazy {
            cursor.advance(1);
            cursor
                .each(|cursor, _| if cursor.eat_keyword(b"LAZY") { Ok(()) } else { cursor.syntax("LAZY") })?;
        }
        Ok(lazy)
    }

    /// An attribute that is not known here. Macros stand alone, and what needs a section is nothing without it.
    #[cold]
    fn parse_other(cursor: &mut Cursor<'_>, start: usize, in_list: bool) -> Parsed<Self> {
        const NO_ATTRIBUTES: [&str; 7] =
            ["ALL", "FAST", "FULL", "BODY.PEEK", "BINARY", "BINARY.PEEK", "BINARY.SIZE"];
        cursor.set_position(start);
        let label = Keyword::parse(cursor)?;
        if NO_ATTRIBUTES.iter().any(|name| label.is(name)) {
            return cursor.syntax_at(start, "a FETCH attribute");
        }
        let value = if in_list { ExtensionValue::parse_optional(cursor)? } else { None };
        Ok(Self::Other(TaggedExtension { label, value }))
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::BodySection { peek, section, partial } => {
                encoder.raw(if *peek { b"BODY.PEEK" } else { b"BODY" });
                section.check_names()?;
                section.encode(encoder)?;
                if let Some(partial) = partial {
                    partial.encode(encoder);
                }
            }
            Self::Binary { peek, part, partial } => {
                encoder.raw(if *peek { b"BINARY.PEEK" } else { b"BINARY" });
                encode_binary_section(part.as_ref(), encoder);
                if let Some(partial) = partial {
                    partial.encode(encoder);
                }
            }
            Self::BinarySize { part } => {
                encoder.raw(b"BINARY.SIZE");
                encode_binary_section(part.as_ref(), encoder);
            }
            Self::Preview { lazy: true } => encoder.raw(b"PREVIEW (LAZY)"),
            Self::Annotation(value) => {
                encoder.raw(b"ANNOTATION ");
                value.encode(encoder)?;
            }
            Self::Other(other) => other.encode(encoder)?,
            word => {
                encoder.raw(word.word().unwrap_or_default());
            }
        }
        Ok(())
    }
}

/// All that a FETCH asks for.
///
/// ```
/// use mailwire::imap::{FetchAttribute, FetchAttributes};
///
/// let asked = FetchAttributes::from([FetchAttribute::Uid, FetchAttribute::Flags]);
/// assert!(asked.iter().any(|attribute| *attribute == FetchAttribute::Flags));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum FetchAttributes {
    /// `ALL`: flags, date, size and envelope.
    All,
    /// `FAST`: flags, date and size.
    Fast,
    /// `FULL`: flags, date, size, envelope and body.
    Full,
    /// These, of which there is at least one.
    List(Vec<FetchAttribute>),
}

impl FetchAttributes {
    /// The attributes one by one; those that a macro stands for, if it is one.
    pub fn iter(&self) -> impl Iterator<Item = &FetchAttribute> {
        const FULL: &[FetchAttribute] = &[
            FetchAttribute::Flags,
            FetchAttribute::InternalDate,
            FetchAttribute::Rfc822Size,
            FetchAttribute::Envelope,
            FetchAttribute::Body,
        ];
        let (list, count) = match self {
            Self::Fast => (FULL, 3),
            Self::All => (FULL, 4),
            Self::Full => (FULL, 5),
            Self::List(list) => (list.as_slice(), list.len()),
        };
        list.iter().take(count)
    }

    /// What stands behind the set of a FETCH.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if cursor.peek() == Some(b'(') {
            return Self::parse_list(cursor).map(Self::List);
        }
        for (word, found) in [(&b"ALL"[..], Self::All), (b"FAST", Self::Fast), (b"FULL", Self::Full)] {
            let ends = matches!(cursor.peek_at(word.len()), None | Some(b' '));
            if ends && cursor.eat_keyword(word) {
                return Ok(found);
            }
        }
        Ok(Self::List(alloc::vec![FetchAttribute::parse(cursor, false)?]))
    }

    fn parse_list(cursor: &mut Cursor<'_>) -> Parsed<Vec<FetchAttribute>> {
        let list = cursor.list_into(|cursor, list| {
            match FetchAttribute::usual(cursor) {
                Some(word) => list.push(word),
                None => return FetchAttribute::parse_into(cursor, list),
            }
            Ok(())
        })?;
        if list.is_empty() { cursor.syntax("an item of the list") } else { Ok(list) }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::All => encoder.raw(b"ALL"),
            Self::Fast => encoder.raw(b"FAST"),
            Self::Full => encoder.raw(b"FULL"),
            Self::List(list) => match list.as_slice() {
                [] => return Err(InvalidValue { offset: 0, expected: "at least one FETCH attribute" }),
                // What has a value of its own needs the list around it.
                [one] if !matches!(one, FetchAttribute::Other(_)) => one.encode(encoder)?,
                list => encoder.list(list, |encoder, attribute| attribute.encode(encoder))?,
            },
        }
        Ok(())
    }
}

impl From<FetchAttribute> for FetchAttributes {
    fn from(attribute: FetchAttribute) -> Self {
        Self::List(alloc::vec![attribute])
    }
}

impl From<Vec<FetchAttribute>> for FetchAttributes {
    fn from(attributes: Vec<FetchAttribute>) -> Self {
        Self::List(attributes)
    }
}

impl<const N: usize> From<[FetchAttribute; N]> for FetchAttributes {
    fn from(attributes: [FetchAttribute; N]) -> Self {
        Self::List(attributes.into())
    }
}

impl FromIterator<FetchAttribute> for FetchAttributes {
    fn from_iter<I: IntoIterator<Item = FetchAttribute>>(attributes: I) -> Self {
        Self::List(attributes.into_iter().collect())
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod generate {
    use super::*;
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for FetchAttribute {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=6)? {
                0 => Self::BodySection {
                    peek: u.arbitrary()?,
                    section: u.arbitrary::<Section>().map(|section| match section.check_names() {
                        Ok(()) => section,
                        Err(_) => Section::HeaderFields(None, alloc::vec!["X-\"(]{9}".into()]),
                    })?,
                    partial: u.arbitrary()?,
                },
                1 => Self::Binary { peek: u.arbitrary()?, part: u.arbitrary()?, partial: u.arbitrary()? },
                2 => Self::BinarySize { part: u.arbitrary()? },
                3 => Self::Preview { lazy: u.arbitrary()? },
                4 => Self::Annotation(u.arbitrary()?),
                5 => {
                    let label = crate::imap::keyword::Keyword::new("X-SOMETHING");
                    let label = label.map_err(|_| arbitrary::Error::IncorrectFormat)?;
                    Self::Other(TaggedExtension { label, value: None })
                }
                _ => u.choose(Self::WORDS)?.clone(),
            })
        }
    }

    impl<'a> Arbitrary<'a> for FetchAttributes {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=5)? {
                0 => Self::All,
                1 => Self::Fast,
                2 => Self::Full,
                _ => {
                    let mut list = alloc::vec![u.arbitrary()?];
                    for _ in 0..u.int_in_range(0..=4)? {
                        list.push(u.arbitrary()?);
                    }
                    Self::List(list)
                }
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict, written};

    #[test]
    fn round_trips() {
        round_trip(FetchAttributes::parse, FetchAttributes::encode);
    }

    #[test]
    fn attributes() {
        for octets in [
            "ALL",
            "FAST",
            "FULL",
            "FLAGS",
            "BODY[1]<1.2>",
            "BODY.PEEK[HEADER.FIELDS (DATE FROM)]",
            "(UID RFC822.SIZE BODY BODYSTRUCTURE BODY[] RFC822.TEXT)",
            "BINARY.PEEK[1]<3.4>",
            "BINARY.SIZE[5]",
            "PREVIEW (LAZY)",
            "(PREVIEW MODSEQ EMAILID THREADID SAVEDATE X-GM-MSGID X-GM-THRID X-GM-LABELS)",
            "ANNOTATION (/comment value.priv)",
            "(X-NEW (a b) X-OLD)",
        ] {
            let read = strict(octets.as_bytes(), FetchAttributes::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in ["preview (lazy)", "PREVIEW (LAZY LAZY)", "PREVIEW (Lazy lazy LAZY)"] {
            let read = strict(octets.as_bytes(), FetchAttributes::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), "PREVIEW (LAZY)");
        }
        let two = strict(b"(PREVIEW (lazy LAZY) UID)", FetchAttributes::parse).unwrap();
        assert_eq!(written(|encoder| two.encode(encoder)), "(PREVIEW (LAZY) UID)");
        for octets in
            ["PREVIEW ()", "PREVIEW (LAZY", "PREVIEW (LAZY X)", "(PREVIEW (LAZYX))", "PREVIEW (LAZY )"]
        {
            assert_eq!(strict(octets.as_bytes(), FetchAttributes::parse), None, "{octets}");
        }
        assert_eq!(strict(b"body.peek[text]", FetchAttributes::parse).unwrap().iter().count(), 1);
        assert_eq!(strict(b"(flags)", FetchAttributes::parse).unwrap(), FetchAttribute::Flags.into());
        assert_eq!(FetchAttributes::All.iter().count(), 4);
        for octets in [
            "",
            "()",
            "((FLAGS))",
            "(FLAGS",
            "(FLAGS )",
            "(FLAGS  UID)",
            "BODY[4294967296]",
            "BODY[]<18446744073709551615.1>",
            "BODY[]<0.0>",
            "BODY.PEEK",
            "BINARY.SIZE[TEXT]",
            "BINARY",
            "(UID BINARY.PEEK)",
            "binary.size",
            "ANNOTATION x",
            "(ALL",
            "(ALL)",
            "(FLAGS Fast)",
            "FULL[]",
        ] {
            assert_eq!(strict(octets.as_bytes(), FetchAttributes::parse), None, "{octets}");
        }
        assert!(FetchAttributes::body_of_nothing().is_err());
    }

    impl FetchAttributes {
        fn body_of_nothing() -> Encoded {
            let mut out = bytes::BytesMut::new();
            Self::List(Vec::new())
                .encode(&mut Encoder::new(&mut out, crate::imap::encode::Encoding::default()))
        }
    }
}
