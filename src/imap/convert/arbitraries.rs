//! Conversions by chance: every one can be written, and is read as the same.

use super::*;
use crate::imap::value::{arbitrary_label, arbitrary_some, arbitrary_text};
use arbitrary::{Arbitrary, Result as Made, Unstructured};

fn pairs(u: &mut Unstructured<'_>) -> Made<Vec<(Text, Text)>> {
    arbitrary_some(u, 0, |u| Ok((arbitrary_text(u)?, arbitrary_text(u)?)))
}

fn optional(u: &mut Unstructured<'_>) -> Made<Option<Text>> {
    if u.arbitrary()? { arbitrary_text(u).map(Some) } else { Ok(None) }
}

fn section(u: &mut Unstructured<'_>) -> Made<Section> {
    Ok(match u.arbitrary()? {
        section if is_header(&section) => section,
        _ => Section::Header(None),
    })
}

fn result<T>(u: &mut Unstructured<'_>, value: T) -> Made<Result<T, ConvertError>> {
    Ok(if u.ratio(2, 3)? { Ok(value) } else { Err(u.arbitrary()?) })
}

impl<'a> Arbitrary<'a> for ConvertError {
    fn arbitrary(u: &mut Unstructured<'a>) -> Made<Self> {
        let code = match u.int_in_range(0..=3u8)? {
            0 => ConvertErrorCode::TempFail(u.arbitrary()?),
            1 => ConvertErrorCode::BadParameters(arbitrary_some(u, 1, |u| {
                Ok(BadParameters { from: optional(u)?, to: arbitrary_text(u)?, parameters: pairs(u)? })
            })?),
            2 => ConvertErrorCode::Other {
                code: arbitrary_label(u)?,
                arguments: arbitrary_some(u, 0, |u| u.arbitrary())?,
            },
            _ => ConvertErrorCode::MissingParameters(arbitrary_some(u, 1, |u| {
                let names = arbitrary_some(u, 1, |u| arbitrary_text(u))?;
                Ok(MissingParameters { from: arbitrary_text(u)?, to: arbitrary_text(u)?, names })
            })?),
        };
        Ok(Self { text: arbitrary_text(u)?, code })
    }
}

impl<'a> Arbitrary<'a> for ConvertAttribute {
    fn arbitrary(u: &mut Unstructured<'a>) -> Made<Self> {
        Ok(match u.int_in_range(0..=5u8)? {
            0 => Self::Uid,
            1 => Self::BodyPartStructure(u.arbitrary()?),
            2 => Self::Binary { part: u.arbitrary()?, partial: u.arbitrary()? },
            3 => Self::BinarySize(u.arbitrary()?),
            4 => Self::Body(section(u)?),
            _ => Self::AvailableConversions(u.arbitrary()?),
        })
    }
}

impl<'a> Arbitrary<'a> for Convert {
    fn arbitrary(u: &mut Unstructured<'a>) -> Made<Self> {
        Ok(Self {
            set: u.arbitrary()?,
            uid: u.arbitrary()?,
            media_type: optional(u)?,
            parameters: pairs(u)?,
            attributes: arbitrary_some(u, 1, |u| u.arbitrary())?,
        })
    }
}

impl<'a> Arbitrary<'a> for ConvertedItem {
    fn arbitrary(u: &mut Unstructured<'a>) -> Made<Self> {
        let part = u.arbitrary()?;
        Ok(match u.int_in_range(0..=5u8)? {
            0 => Self::Uid(u.arbitrary()?),
            1 => {
                let structure: BodyStructure = u.arbitrary()?;
                let value = match structure.is_extensible() {
                    true => result(u, structure)?,
                    false => Err(u.arbitrary()?),
                };
                Self::BodyPartStructure { part, value }
            }
            2 => {
                let value = optional(u)?;
                let origin = if u.arbitrary()? { Some(u.int_in_range(0..=9_999)?) } else { None };
                Self::Binary { part, origin, value: result(u, value)? }
            }
            3 => {
                let value = u.arbitrary()?;
                Self::BinarySize { part, value: result(u, value)? }
            }
            4 => {
                let value = optional(u)?;
                Self::Body { section: section(u)?, value: result(u, value)? }
            }
            _ => {
                let value = arbitrary_some(u, 0, |u| arbitrary_text(u))?;
                Self::AvailableConversions { part, value: result(u, value)? }
            }
        })
    }
}

impl<'a> Arbitrary<'a> for Converted {
    fn arbitrary(u: &mut Unstructured<'a>) -> Made<Self> {
        let items = arbitrary_some(u, 1, |u| u.arbitrary())?;
        Ok(Self { number: u.arbitrary()?, tag: arbitrary_text(u)?, items })
    }
}

impl<'a> Arbitrary<'a> for Conversions {
    fn arbitrary(u: &mut Unstructured<'a>) -> Made<Self> {
        Ok(Self { from: arbitrary_text(u)?, to: arbitrary_text(u)? })
    }
}

impl<'a> Arbitrary<'a> for Conversion {
    fn arbitrary(u: &mut Unstructured<'a>) -> Made<Self> {
        let parameters = arbitrary_some(u, 0, |u| arbitrary_text(u))?;
        Ok(Self { from: arbitrary_text(u)?, to: arbitrary_text(u)?, parameters })
    }
}
