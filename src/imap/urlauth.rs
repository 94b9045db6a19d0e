//! URLAUTH: URLs that let others read parts of messages.
//!
//! ```abnf
//! ; RFC 4467 section 9
//! resetkey        = "RESETKEY" [SP mailbox *(SP mechanism)]
//! genurlauth      = "GENURLAUTH" 1*(SP url-rump SP mechanism)
//! genurlauth-data = "GENURLAUTH" 1*(SP url-full)
//! urlfetch        = "URLFETCH" 1*(SP url-fetch-arg)
//! urlfetch-data   = "URLFETCH" 1*(SP url-full (SP nstring / url-metadata))
//! ; RFC 5524 section 5
//! url-fetch-arg   = url-full / "(" url-full *(SP url-fetch-param) ")"
//! url-fetch-param = "BODY" / "BINARY" / "BODYPARTSTRUCTURE" / atom
//! url-metadata    = 1*(SP "(" url-metadata-el ")")
//! url-metadata-el = "BODYPARTSTRUCTURE" SP body / "BINARY" SP (nstring / literal8) / "BODY" SP nstring
//! url-full        = astring
//! mechanism       = "INTERNAL" / 1*(ALPHA / DIGIT / "-" / ".")
//! url-rump        = astring
//! ```

use crate::imap::body::BodyStructure;
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::keyword::Keyword;
use crate::imap::mailbox::Mailbox;
use crate::imap::metadata::encode_value;
use crate::imap::url_authorization::UrlAuthMechanism;
use crate::imap::value::{ExtensionValue, keywords};
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};
use alloc::vec::Vec;

/// RESETKEY: the URLs that were made so far are good no more (RFC 4467 section 7).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ResetKey {
    /// Those of this mailbox; without it, all.
    pub mailbox: Option<Mailbox>,
    /// Those of these mechanisms; without any, all. Only with a mailbox.
    pub mechanisms: Vec<UrlAuthMechanism>,
}

/// GENURLAUTH: URLs are to be authorized (RFC 4467 section 7).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GenUrlAuth {
    /// The URLs up to `;URLAUTH=` and the access, each with the mechanism, such as `INTERNAL`. At least one.
    pub urls: Vec<(Text, UrlAuthMechanism)>,
}

/// The answer GENURLAUTH: the URLs as they can be given away.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AuthorizedUrls {
    /// The URLs, at least one.
    pub urls: Vec<Text>,
}

/// URLFETCH: what is behind these URLs?
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UrlFetch {
    /// The URLs and what is asked of each, at least one.
    pub urls: Vec<UrlRequest>,
}

/// A URL, and what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UrlRequest {
    /// The URL.
    pub url: Text,
    /// What is asked (RFC 5524); `None`: its octets as they stand.
    pub parameters: Option<Vec<UrlParameter>>,
}

keywords! {
    /// What is asked of a URL (RFC 5524).
    UrlParameter, "BODY, BINARY or BODYPARTSTRUCTURE",
    /// The octets as they stand.
    Body = "BODY",
    /// The octets without their transfer encoding.
    Binary = "BINARY",
    /// The MIME structure.
    BodyPartStructure = "BODYPARTSTRUCTURE",
}

/// The answer URLFETCH.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UrlFetchData {
    /// The URLs and what is behind each, at least one.
    pub urls: Vec<(Text, UrlData)>,
}

/// What is behind a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum UrlData {
    /// The octets; `None` is NIL: the URL is not good.
    Octets(Option<Text>),
    /// What was asked with parameters (RFC 5524), at least one.
    Items(Vec<UrlItem>),
}

/// One thing that is told of a URL (RFC 5524 section 3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum UrlItem {
    /// The octets as they stand.
    Body(Option<Text>),
    /// The octets without their transfer encoding; `None` is NIL: they cannot be decoded.
    Binary(Option<Text>),
    /// The MIME structure, as BODYSTRUCTURE has it.
    BodyPartStructure(BodyStructure),
    /// Another one.
    Other {
        /// What it is called.
        name: Keyword,
        /// What it is.
        value: ExtensionValue,
    },
}

const AT_LEAST_ONE: InvalidValue = InvalidValue { offset: 0, expected: "at least one URL" };

impl ResetKey {
    /// What stands behind the name, up to the end of the message.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if cursor.peek() != Some(b' ') {
            return Ok(Self::default());
        }
        cursor.sp()?;
        let mailbox = Some(Mailbox::parse(cursor)?);
        Ok(Self { mailbox, mechanisms: cursor.items_to_end(UrlAuthMechanism::parse)? })
    }

    /// What stands behind the name.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match &self.mailbox {
            Some(mailbox) => {
                encoder.sp();
                mailbox.encode(encoder)?;
            }
            None if self.mechanisms.is_empty() => {}
            None => return Err(InvalidValue { offset: 0, expected: "a mailbox before the mechanisms" }),
        }
        self.mechanisms.iter().try_for_each(|mechanism| {
            encoder.sp();
            mechanism.encode(encoder)
        })
    }
}

impl GenUrlAuth {
    /// What stands behind the name, up to the end of the message.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let urls = cursor.items_to_end(|cursor| {
            let url = cursor.astring_text()?;
            cursor.sp()?;
            Ok((url, UrlAuthMechanism::parse(cursor)?))
        })?;
        if urls.is_empty() { cursor.syntax("a URL") } else { Ok(Self { urls }) }
    }

    /// What stands behind the name.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.urls.is_empty() {
            return Err(AT_LEAST_ONE);
        }
        self.urls.iter().try_for_each(|(url, mechanism)| {
            encoder.sp();
            encoder.string(url.as_bytes())?;
            encoder.sp();
            mechanism.encode(encoder)
        })
    }
}

impl AuthorizedUrls {
    /// What stands behind the name, up to the end of the message.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let urls = cursor.items_to_end(Cursor::astring_text)?;
        if urls.is_empty() { cursor.syntax("a URL") } else { Ok(Self { urls }) }
    }

    /// What stands behind the name.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.urls.is_empty() {
            return Err(AT_LEAST_ONE);
        }
        self.urls.iter().try_for_each(|url| {
            encoder.sp();
            encoder.string(url.as_bytes())
        })
    }
}

impl UrlFetch {
    /// What stands behind the name, up to the end of the message.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let urls = cursor.items_to_end(UrlRequest::parse)?;
        if urls.is_empty() { cursor.syntax("a URL") } else { Ok(Self { urls }) }
    }

    /// What stands behind the name.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.urls.is_empty() {
            return Err(AT_LEAST_ONE);
        }
        self.urls.iter().try_for_each(|request| {
            encoder.sp();
            request.encode(encoder)
        })
    }
}

impl UrlRequest {
    /// The octets of this URL as they stand.
    pub fn new(url: impl Into<Text>) -> Self {
        Self { url: url.into(), parameters: None }
    }

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if cursor.peek() != Some(b'(') {
            return Ok(Self { url: cursor.astring_text()?, parameters: None });
        }
        let mut url = None;
        let mut parameters = Vec::new();
        cursor.each(|cursor, index| {
            if url.is_none() {
                url = Some(cursor.astring_text()?);
                return Ok(());
            }
            cursor.charge_item(index, size_of::<UrlParameter>())?;
            parameters.push(UrlParameter::parse(cursor)?);
            Ok(())
        })?;
        match url {
            Some(url) => Ok(Self { url, parameters: Some(parameters) }),
            None => cursor.syntax("a URL"),
        }
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        let Some(parameters) = &self.parameters else {
            return encoder.string(self.url.as_bytes());
        };
        encoder.raw(b"(");
        encoder.string(self.url.as_bytes())?;
        for parameter in parameters {
            encoder.sp();
            parameter.encode(encoder)?;
        }
        encoder.raw(b")");
        Ok(())
    }
}

impl UrlFetchData {
    /// What stands behind the name, up to the end of the message.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let urls = cursor.items_to_end(|cursor| {
            let url = cursor.astring_text()?;
            cursor.sp()?;
            if cursor.peek() != Some(b'(') {
                return Ok((url, UrlData::Octets(cursor.nstring_text()?)));
            }
            let mut items = Vec::from([UrlItem::parse(cursor)?]);
            while cursor.peek() == Some(b' ') && cursor.peek_at(1) == Some(b'(') {
                cursor.advance(1);
                cursor.charge_item(items.len(), size_of::<UrlItem>())?;
                items.push(UrlItem::parse(cursor)?);
            }
            Ok((url, UrlData::Items(items)))
        })?;
        if urls.is_empty() { cursor.syntax("a URL") } else { Ok(Self { urls }) }
    }

    /// What stands behind the name.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.urls.is_empty() {
            return Err(AT_LEAST_ONE);
        }
        for (url, data) in &self.urls {
            encoder.sp();
            encoder.string(url.as_bytes())?;
            match data {
                UrlData::Octets(octets) => {
                    encoder.sp();
                    encoder.nstring(octets.as_ref().map(Text::as_bytes))?;
                }
                UrlData::Items(items) if items.is_empty() => {
                    return Err(InvalidValue { offset: 0, expected: "at least one item" });
                }
                UrlData::Items(items) => {
                    for item in items {
                        encoder.sp();
                        item.encode(encoder)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A MIME structure in its form with extension data, even where there is none.
pub(crate) fn encode_extensible(structure: &BodyStructure, encoder: &mut Encoder<'_>) -> Encoded {
    if !structure.is_extensible() {
        return Err(InvalidValue { offset: 0, expected: "a structure as BODYSTRUCTURE has it" });
    }
    structure.encode(encoder)
}

impl UrlItem {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.expect(b'(', "a list")?;
        let mut buffer = [0; 24];
        let (name, word) = cursor.word(&mut buffer)?;
        cursor.sp()?;
        let item = match word {
            b"BODY" => Self::Body(cursor.nstring_text()?),
            b"BINARY" => Self::Binary(cursor.nstring_or_literal8()?),
            b"BODYPARTSTRUCTURE" => Self::BodyPartStructure(BodyStructure::parse(cursor, true)?),
            _ => Self::Other {
                name: Keyword::from_checked(cursor.text(name)?),
                value: ExtensionValue::parse(cursor)?,
            },
        };
        cursor.expect(b')', "the end of the list")?;
        Ok(item)
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::Body(octets) => {
                encoder.raw(b"(BODY ");
                encoder.nstring(octets.as_ref().map(Text::as_bytes))?;
            }
            Self::Binary(octets) => {
                encoder.raw(b"(BINARY ");
                encode_value(octets.as_ref(), encoder)?;
            }
            Self::BodyPartStructure(structure) => {
                encoder.raw(b"(BODYPARTSTRUCTURE ");
                encode_extensible(structure, encoder)?;
            }
            Self::Other { name, value } => {
                encoder.raw(b"(");
                name.encode(encoder)?;
                encoder.sp();
                value.encode(encoder)?;
            }
        }
        encoder.raw(b")");
        Ok(())
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::value::{arbitrary_label, arbitrary_some, arbitrary_text};
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for ResetKey {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let mailbox: Option<Mailbox> = u.arbitrary()?;
            let mechanisms =
                if mailbox.is_some() { arbitrary_some(u, 0, |u| u.arbitrary())? } else { Vec::new() };
            Ok(Self { mailbox, mechanisms })
        }
    }

    impl<'a> Arbitrary<'a> for GenUrlAuth {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { urls: arbitrary_some(u, 1, |u| Ok((arbitrary_text(u)?, u.arbitrary()?)))? })
        }
    }

    impl<'a> Arbitrary<'a> for AuthorizedUrls {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { urls: arbitrary_some(u, 1, |u| arbitrary_text(u))? })
        }
    }

    impl<'a> Arbitrary<'a> for UrlRequest {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let parameters =
                if u.arbitrary()? { Some(arbitrary_some(u, 0, |u| u.arbitrary())?) } else { None };
            Ok(Self { url: arbitrary_text(u)?, parameters })
        }
    }

    impl<'a> Arbitrary<'a> for UrlFetch {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { urls: arbitrary_some(u, 1, |u| u.arbitrary())? })
        }
    }

    fn octets(u: &mut Unstructured<'_>) -> Result<Option<Text>> {
        if u.arbitrary()? { arbitrary_text(u).map(Some) } else { Ok(None) }
    }

    impl<'a> Arbitrary<'a> for UrlItem {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=3u8)? {
                0 => Self::Body(octets(u)?),
                1 => Self::Binary(octets(u)?),
                2 => match u.arbitrary()? {
                    structure if BodyStructure::is_extensible(&structure) => {
                        Self::BodyPartStructure(structure)
                    }
                    _ => Self::Body(None),
                },
                _ => Self::Other { name: arbitrary_label(u)?, value: u.arbitrary()? },
            })
        }
    }

    impl<'a> Arbitrary<'a> for UrlFetchData {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let urls = arbitrary_some(u, 1, |u| {
                let data = match u.arbitrary()? {
                    true => UrlData::Octets(octets(u)?),
                    false => UrlData::Items(arbitrary_some(u, 1, |u| u.arbitrary())?),
                };
                Ok((arbitrary_text(u)?, data))
            })?;
            Ok(Self { urls })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict, written};

    #[test]
    fn round_trips() {
        round_trip(ResetKey::parse, ResetKey::encode);
        round_trip(GenUrlAuth::parse, GenUrlAuth::encode);
        round_trip(AuthorizedUrls::parse, AuthorizedUrls::encode);
        round_trip(UrlFetch::parse, UrlFetch::encode);
        round_trip(UrlFetchData::parse, UrlFetchData::encode);
    }

    #[test]
    fn commands() {
        for octets in ["", " INBOX", " INBOX INTERNAL XSAMPLE"] {
            let read = strict(octets.as_bytes(), ResetKey::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        let octets = " \"imap://joe@example.com/INBOX/;uid=20/;section=1.2;expire=2006-12-31T23:59:59Z;urlauth=submit+fred\" INTERNAL";
        let read = strict(octets.as_bytes(), GenUrlAuth::parse).unwrap();
        assert_eq!(written(|encoder| read.encode(encoder)), octets);
        for octets in
            [" \"imap://a\"", " (\"imap://a\" BINARY BODYPARTSTRUCTURE X-NEW) \"imap://b\" (\"imap://c\")"]
        {
            let read = strict(octets.as_bytes(), UrlFetch::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in ["", " ", " ()", " (BODY) (", " a (b"] {
            assert_eq!(strict(octets.as_bytes(), UrlFetch::parse), None, "{octets}");
        }
        for octets in [" a", " a INTER+NAL", " a INTER:NAL", " a INTERNAL=", " a "] {
            assert_eq!(strict(octets.as_bytes(), GenUrlAuth::parse), None, "{octets}");
        }
        assert_eq!(strict(b" INBOX INTER+NAL", ResetKey::parse), None);
    }

    #[test]
    fn answers() {
        for octets in [
            " \"imap://a\" {28}\r\nSi vis pacem, para bellum.\r\n \"imap://b\" NIL",
            " \"imap://a\" (BINARY {28}\r\nSi vis pacem, para bellum.\r\n)",
            " \"imap://a\" (BODYPARTSTRUCTURE (\"IMAGE\" \"PNG\" NIL NIL NIL \"BINARY\" 123)) (BINARY ~{3}\r\n\0\r\n) \"imap://b\" NIL",
            " \"imap://a\" (BODY NIL) (X-NEW (a b))",
        ] {
            let read = strict(octets.as_bytes(), UrlFetchData::parse).unwrap_or_else(|| panic!("{octets}"));
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in ["", " \"a\"", " \"a\" ()", " \"a\" (BODY)", " \"a\" (BODY \"b\" BINARY \"c\")"] {
            assert_eq!(strict(octets.as_bytes(), UrlFetchData::parse), None, "{octets}");
        }
    }
}
