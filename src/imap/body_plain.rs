//! The parts that nearly all body structures are made of: plain strings and short numbers, nothing left out and nothing
//! to be forgiven. They are read from octets alone; `body_read` reads every other part, and tells what is wrong with it.

use crate::imap::body_table::{Entry, Kind};
use crate::imap::stored::{behind_nil, behind_nstring, behind_quoted, end_of_quoted, passed};
use crate::wire::decimal::short_number;

/// Reads a part, or gives `None` where that needs a closer look.
#[derive(Clone, Copy)]
pub(crate) struct Plain {
    /// How many octets there are from the start of the value on.
    length: usize,
    /// How many parameters a list may have.
    items: usize,
    /// Whether extension data may stand in it.
    extensible: bool,
}

impl Plain {
    /// For the parts of the value that begins here, if every offset into it fits.
    pub(crate) fn new(octets: &[u8], items: usize, extensible: bool) -> Option<Self> {
        u32::try_from(octets.len()).is_ok().then_some(Self { length: octets.len(), items, extensible })
    }

    /// The offset of what is left.
    #[inline(always)]
    fn offset(self, rest: &[u8]) -> u32 {
        const FITS: usize = 0xffff_ffff;
        u32::try_from(self.length.wrapping_sub(rest.len()) & FITS).unwrap_or(0)
    }

    /// `body-type-basic` or `body-type-text` behind its opening parenthesis; gives what is behind the closing one.
    pub(crate) fn single<'a>(self, rest: &'a [u8], entry: &mut Entry) -> Option<&'a [u8]> {
        entry.media_type = self.offset(rest);
        let media = rest;
        let rest = behind_quoted::<b' '>(rest)?;
        let media = passed(media, rest)?;
        if media.eq_ignore_ascii_case(b"MESSAGE") {
            return None;
        }
        entry.subtype = self.offset(rest);
        let rest = behind_quoted::<b' '>(rest)?;
        let rest = self.parameters::<b' '>(rest, &mut entry.parameters)?;
        entry.id = self.offset(rest);
        let rest = behind_nstring::<b' '>(rest)?;
        entry.description = self.offset(rest);
        let rest = behind_nstring::<b' '>(rest)?;
        entry.encoding = self.offset(rest);
        let rest = behind_quoted::<b' '>(rest)?;
        entry.size = self.offset(rest);
        let (_, mut rest) = short_number(rest)?;
        if media.eq_ignore_ascii_case(b"TEXT") {
            entry.kind = Kind::Text;
            rest = rest.strip_prefix(b" ")?;
            entry.lines = self.offset(rest);
            rest = short_number(rest)?.1;
        }
        if let [b' ', md5 @ ..] = rest {
            if !self.extensible {
                return None;
            }
            entry.md5 = self.offset(md5);
            match behind_nstring::<b' '>(md5) {
                Some(rest) => return self.extension(rest, entry),
                None => rest = behind_nstring::<b')'>(md5)?,
            }
        } else {
            rest = rest.strip_prefix(b")")?;
        }
        entry.close = self.offset(rest);
        Some(rest)
    }

    /// `SP media-subtype [SP body-ext-mpart] ")"`; gives what is behind.
    pub(crate) fn end_of_multipart<'a>(self, rest: &'a [u8], entry: &mut Entry) -> Option<&'a [u8]> {
        if !self.extensible {
            return None;
        }
        let subtype = rest.strip_prefix(b" ")?;
        entry.subtype = self.offset(subtype);
        let rest = behind_quoted::<b' '>(subtype)?;
        let rest = self.parameters::<b' '>(rest, &mut entry.parameters)?;
        self.extension(rest, entry)
    }

    /// `body-fld-dsp [SP body-fld-lang [SP body-fld-loc]] ")"`.
    #[inline(always)]
    fn extension<'a>(self, rest: &'a [u8], entry: &mut Entry) -> Option<&'a [u8]> {
        let rest = match behind_nil::<b' '>(rest) {
            Some(rest) => rest,
            None => {
                entry.disposition = self.offset(rest);
                let rest = behind_quoted::<b' '>(rest.strip_prefix(b"(")?)?;
                self.parameters::<b')'>(rest, &mut 0)?.strip_prefix(b" ")?
            }
        };
        entry.language = self.offset(rest);
        let rest = match behind_nstring::<b' '>(rest) {
            Some(location) => {
                entry.location = self.offset(location);
                behind_nstring::<b')'>(location)?
            }
            None => behind_nstring::<b')'>(rest)?,
        };
        entry.close = self.offset(rest);
        Some(rest)
    }

    /// `body-fld-param` and the octet `END`.
    #[inline]
    fn parameters<'a, const END: u8>(self, octets: &'a [u8], offset: &mut u32) -> Option<&'a [u8]> {
        if let Some(rest) = behind_nil::<END>(octets) {
            return Some(rest);
        }
        *offset = self.offset(octets);
        let mut rest = octets.strip_prefix(b"(")?;
        for _ in 0..self.items {
            match end_of_quoted(behind_quoted::<b' '>(rest)?)? {
                [b')', rest @ ..] => return rest.strip_prefix(&[END]),
                [_, next @ ..] => rest = next,
                [] => return None,
            }
        }
        None
    }
}
