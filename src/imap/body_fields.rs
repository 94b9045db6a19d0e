//! The fields of one part of a body structure that is built.

use crate::imap::body_extension::encode_values;
use crate::imap::encode::{Encoded, Encoder};
use crate::wire::Text;
use alloc::vec::Vec;

/// What is said of one part of a [`BodyStructure`](crate::imap::BodyStructure), as plain data: for [`BodyStructureBuilder`](crate::imap::BodyStructureBuilder), and from [`BodyPart::to_fields`](crate::imap::BodyPart::to_fields).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default))]
pub struct PartFields {
    /// The media type: `TEXT`. Of no matter for a multipart.
    pub media_type: Text,
    /// The media subtype: `PLAIN`.
    pub subtype: Text,
    /// The parameters of the media type: names and values.
    pub parameters: Vec<(Text, Text)>,
    /// Content-ID.
    pub id: Option<Text>,
    /// Content-Description.
    pub description: Option<Text>,
    /// Content-Transfer-Encoding. Of no matter for a multipart.
    pub encoding: Text,
    /// The size in octets, at most 32 bits. Of no matter for a multipart.
    pub size: u64,
    /// The size in lines, at most 32 bits, of a text or a message.
    pub lines: u64,
    /// Content-MD5. Of no matter for a multipart.
    pub md5: Option<Text>,
    /// Content-Disposition: its type, and its parameters.
    pub disposition: Option<(Text, Vec<(Text, Text)>)>,
    /// Content-Language.
    pub language: Vec<Text>,
    /// Content-Location.
    pub location: Option<Text>,
    /// Extension data behind the location, in the form of the wire; empty for none.
    pub extensions: Text,
}

impl PartFields {
    /// A part of this media type, in 7BIT.
    pub fn new(media_type: impl Into<Text>, subtype: impl Into<Text>) -> Self {
        Self {
            media_type: media_type.into(),
            subtype: subtype.into(),
            encoding: "7BIT".into(),
            ..Self::default()
        }
    }

    /// A text in this character set, in 7BIT.
    pub fn text(subtype: impl Into<Text>, charset: impl Into<Text>) -> Self {
        Self::new("TEXT", subtype).parameter("CHARSET", charset)
    }

    /// A multipart of this subtype.
    pub fn multipart(subtype: impl Into<Text>) -> Self {
        Self { media_type: "MULTIPART".into(), subtype: subtype.into(), ..Self::default() }
    }

    /// With one more parameter of the media type.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<Text>, value: impl Into<Text>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// The same without extension data, which the parameters of a multipart belong to.
    pub(crate) fn without_extension(self, multipart: bool) -> Self {
        Self {
            parameters: if multipart { Vec::new() } else { self.parameters },
            md5: None,
            disposition: None,
            language: Vec::new(),
            location: None,
            extensions: Text::empty(),
            ..self
        }
    }

    pub(crate) fn has_extension(&self) -> bool {
        self.disposition.is_some()
            || !self.language.is_empty()
            || self.location.is_some()
            || !self.extensions.is_empty()
    }

    /// `media SP body-fields`.
    pub(crate) fn encode_head(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.string(self.media_type.as_bytes())?;
        encoder.sp();
        encoder.string(self.subtype.as_bytes())?;
        encoder.sp();
        encode_parameters(&self.parameters, encoder)?;
        encoder.sp();
        encode_nstring(self.id.as_ref(), encoder)?;
        encoder.sp();
        encode_nstring(self.description.as_ref(), encoder)?;
        encoder.sp();
        encoder.string(self.encoding.as_bytes())?;
        encoder.sp();
        encoder.number(self.size);
        Ok(())
    }

    pub(crate) fn encode_lines(&self, encoder: &mut Encoder<'_>) {
        encoder.sp();
        encoder.number(self.lines);
    }

    /// `[SP body-ext-1part] ")"`.
    pub(crate) fn encode_single_end(&self, extensible: bool, encoder: &mut Encoder<'_>) -> Encoded {
        if extensible || self.md5.is_some() || self.has_extension() {
            encoder.sp();
            encode_nstring(self.md5.as_ref(), encoder)?;
            self.encode_extension(encoder)?;
        }
        encoder.raw(b")");
        Ok(())
    }

    /// `SP media-subtype [SP body-ext-mpart] ")"`.
    pub(crate) fn encode_multipart_end(&self, extensible: bool, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.sp();
        encoder.string(self.subtype.as_bytes())?;
        if extensible || !self.parameters.is_empty() || self.has_extension() {
            encoder.sp();
            encode_parameters(&self.parameters, encoder)?;
            self.encode_extension(encoder)?;
        }
        encoder.raw(b")");
        Ok(())
    }

    /// `SP body-fld-dsp SP body-fld-lang SP body-fld-loc *(SP body-extension)`.
    fn encode_extension(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.sp();
        match &self.disposition {
            None => encoder.nil(),
            Some((kind, parameters)) => {
                encoder.raw(b"(");
                encoder.string(kind.as_bytes())?;
                encoder.sp();
                encode_parameters(parameters, encoder)?;
                encoder.raw(b")");
            }
        }
        encoder.sp();
        match self.language.as_slice() {
            [] => encoder.nil(),
            languages => encoder.list(languages, |encoder, language| encoder.string(language.as_bytes()))?,
        }
        encoder.sp();
        encode_nstring(self.location.as_ref(), encoder)?;
        if self.extensions.is_empty() { Ok(()) } else { encode_values(self.extensions.as_bytes(), encoder) }
    }
}

fn encode_nstring(value: Option<&Text>, encoder: &mut Encoder<'_>) -> Encoded {
    encoder.nstring(value.map(Text::as_bytes))
}

fn encode_parameters(parameters: &[(Text, Text)], encoder: &mut Encoder<'_>) -> Encoded {
    if parameters.is_empty() {
        encoder.nil();
        return Ok(());
    }
    encoder.list(parameters, |encoder, (name, value)| {
        encoder.string(name.as_bytes())?;
        encoder.sp();
        encoder.string(value.as_bytes())
    })
}
