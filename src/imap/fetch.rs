//! stub
#![allow(missing_docs, unused, clippy::all)]
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::section::*;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::*;
use alloc::vec::Vec;
use bytes::*;
use core::num::*;
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FetchAttribute(Text);
impl FetchAttribute {
    pub(crate) fn parse_all(c: &mut Cursor<'_>) -> Parsed<Vec<Self>> {
        c.syntax("")
    }
    pub(crate) fn encode_all(a: &[Self], _: &mut Encoder<'_>) -> Encoded {
        Ok(())
    }
}
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fetch {
    pub seq: Option<NonZeroU32>,
    pub uid: Option<NonZeroU32>,
    pub last: bool,
}
impl Fetch {
    pub(crate) fn encode(&self, _: &mut Encoder<'_>) -> Encoded {
        Ok(())
    }
    pub fn write(&self, _: &mut BytesMut, _: crate::imap::Encoding) -> Result<(), InvalidValue> {
        Ok(())
    }
}
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Body {
    Begin { seq: u32 },
    Chunk(Bytes),
    End,
}
#[derive(Debug)]
pub(crate) struct FetchReader;
pub(crate) enum Step {
    Fetch(Fetch),
    Inline { begin: Body, octets: Bytes },
    Streamed { begin: Body, length: u64 },
}
impl FetchReader {
    pub(crate) fn begin(c: &mut Cursor<'_>) -> Parsed<Self> {
        c.syntax("")
    }
    pub(crate) fn step(&mut self, c: &mut Cursor<'_>) -> Parsed<Step> {
        c.syntax("")
    }
}
