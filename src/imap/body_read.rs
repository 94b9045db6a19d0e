//! How a body structure is read: in one pass, without recursion, into a flat table of parts.

use crate::imap::body::BodyStructure;
use crate::imap::core::{ASTRING, is_in};
use crate::imap::envelope::Envelope;
use crate::imap::quirk::Quirk;
use crate::wire::ErrorKind;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::vec::Vec;
use bytes::Bytes;

/// The parent of the outermost part.
pub(crate) const NO_PARENT: u32 = u32::MAX;

/// How a part is laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Basic,
    Text,
    Message,
    /// A message whose envelope and body were left out.
    BareMessage,
    Multipart,
    /// A multipart whose parts were left out.
    EmptyMultipart,
}

/// Where a part stands, and where each of its fields does: offsets from the start of the value, zero for what is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    /// The index of the part it stands in.
    pub(crate) parent: u32,
    /// The index of the next part that does not stand in it.
    pub(crate) end: u32,
    /// Its number among the parts of a multipart.
    pub(crate) ordinal: u32,
    pub(crate) start: u32,
    /// Right behind its closing parenthesis.
    pub(crate) close: u32,
    pub(crate) media_type: u32,
    pub(crate) subtype: u32,
    pub(crate) parameters: u32,
    pub(crate) id: u32,
    pub(crate) description: u32,
    pub(crate) encoding: u32,
    pub(crate) size: u32,
    pub(crate) envelope: u32,
    pub(crate) lines: u32,
    pub(crate) md5: u32,
    pub(crate) disposition: u32,
    pub(crate) language: u32,
    pub(crate) location: u32,
    pub(crate) extensions: u32,
}

impl Entry {
    pub(crate) const fn new(start: u32, parent: u32, ordinal: u32) -> Self {
        Self {
            kind: Kind::Basic,
            parent,
            end: 0,
            ordinal,
            start,
            close: 0,
            media_type: 0,
            subtype: 0,
            parameters: 0,
            id: 0,
            description: 0,
            encoding: 0,
            size: 0,
            envelope: 0,
            lines: 0,
            md5: 0,
            disposition: 0,
            language: 0,
            location: 0,
            extensions: 0,
        }
    }
}

/// The largest size and line count that the grammar allows.
const NUMBER: u64 = 0xffff_ffff;

impl BodyStructure {
    /// Reads `body`, and copies it: what it stood in can be given back to the reader of the socket.
    ///
    /// Over its limits of depth, of parts or of memory it fails with `TooDeep`, `TooMany` or `MessageTooLarge`.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, extensible: bool) -> Parsed<Self> {
        let base = cursor.position();
        let before = cursor.forgiven();
        cursor.set_forgiven(0);
        let parts = Reader { cursor, base, depth: 0 }.parts();
        let forgiven = cursor.forgiven();
        cursor.set_forgiven(before | forgiven);
        let parts = parts?;
        let octets = cursor.since(base);
        cursor.charge(octets.len().saturating_add(size_of::<Entry>().saturating_mul(parts.len())))?;
        Ok(Self { octets: Bytes::copy_from_slice(octets), parts, extensible, strict: forgiven == 0 })
    }
}

struct Reader<'c, 'a> {
    cursor: &'c mut Cursor<'a>,
    /// Where the value began.
    base: usize,
    /// Parts that are open around this place.
    depth: usize,
}

impl<'a> Reader<'_, 'a> {
    fn parts(&mut self) -> Parsed<Vec<Entry>> {
        // Three of four messages have fewer parts.
        let mut parts: Vec<Entry> = Vec::with_capacity(4);
        let mut parent = NO_PARENT;
        let mut ordinal = 1u32;
        loop {
            let index = self.check_count(parts.len())?;
            let mut entry = Entry::new(self.here()?, parent, ordinal);
            self.cursor.expect(b'(', "a body")?;
            let opens = if self.cursor.peek() == Some(b'(') {
                entry.kind = Kind::Multipart;
                true
            } else {
                self.single(&mut entry)?
            };
            entry.end = index.saturating_add(1);
            parts.push(entry);
            if opens {
                if self.depth >= self.cursor.limits().body_depth {
                    return self.cursor.fail(
                        ErrorKind::TooDeep,
                        self.cursor.position(),
                        "fewer parts in parts",
                    );
                }
                self.depth = self.depth.saturating_add(1);
                parent = index;
                ordinal = 1;
                if self.multipart_of_nothing(&entry)? {
                    ordinal = 0;
                } else {
                    continue;
                }
            }
            // A part has ended: the next one beside it, or the end of those around it.
            loop {
                let end = index.saturating_add(1);
                let Some(around) = parts.get_mut(crate::wire::write::index(parent.into())) else {
                    return Ok(parts);
                };
                if around.kind == Kind::Multipart {
                    if self.another_part()? {
                        ordinal = ordinal.saturating_add(1);
                        break;
                    }
                    if around.end == end {
                        around.kind = Kind::EmptyMultipart;
                    }
                    self.end_of_multipart(around)?;
                } else {
                    self.end_of_message(around)?;
                }
                around.end = end;
                (parent, ordinal) = (around.parent, around.ordinal);
                self.depth = self.depth.saturating_sub(1);
            }
        }
    }

    /// The index of the part that begins, which has to be paid for.
    fn check_count(&mut self, count: usize) -> Parsed<u32> {
        let limits = self.cursor.limits();
        let memory = size_of::<Entry>().saturating_mul(count);
        if count >= limits.items || memory > limits.memory {
            return self.cursor.fail(ErrorKind::TooMany, self.cursor.position(), "fewer parts");
        }
        Ok(u32::try_from(count).unwrap_or(NO_PARENT))
    }

    fn here(&mut self) -> Parsed<u32> {
        self.cursor.offset(self.base)
    }

    /// `()` where the first part of a multipart should stand.
    fn multipart_of_nothing(&mut self, entry: &Entry) -> Parsed<bool> {
        let nothing = entry.kind == Kind::Multipart
            && self.cursor.rest().starts_with(b"()")
            && self.cursor.forgives(Quirk::EmptyMultipart);
        if nothing {
            self.cursor.advance(2);
        }
        Ok(nothing)
    }

    /// Whether one more part of a multipart begins.
    fn another_part(&mut self) -> Parsed<bool> {
        if self.cursor.peek() == Some(b' ') {
            let spaces = self.cursor.rest().iter().take_while(|octet| **octet == b' ').count();
            if self.cursor.peek_at(spaces) == Some(b'(') {
                if !self.cursor.forgives(Quirk::SpaceBetweenItems) {
                    return self.cursor.syntax("a body or the media subtype");
                }
                self.cursor.advance(spaces);
            }
        }
        Ok(self.cursor.peek() == Some(b'('))
    }

    /// Goes on to the next field; `false` where the part ends instead, which is a quirk if the field is one that must be there.
    fn next(&mut self, must: bool) -> Parsed<bool> {
        if self.cursor.peek() != Some(b')') {
            self.cursor.sp()?;
            if self.cursor.peek() != Some(b')') {
                return Ok(true);
            }
            if !self.cursor.forgives(Quirk::ExtraSpace) {
                return self.cursor.syntax("a field of the body");
            }
        }
        if must && !self.cursor.forgives(Quirk::ShortBody) {
            return self.cursor.syntax("a field of the body");
        }
        Ok(false)
    }

    /// The end of the part.
    fn close(&mut self, entry: &mut Entry) -> Parsed<()> {
        self.cursor.expect(b')', "the end of the body")?;
        entry.close = self.here()?;
        Ok(())
    }

    /// `string`, where NIL is a quirk.
    fn string(&mut self) -> Parsed<Option<&'a [u8]>> {
        let start = self.cursor.position();
        match self.cursor.value_string()? {
            Some(string) => Ok(Some(string.octets)),
            None if self.cursor.forgives(Quirk::NilInBody) => Ok(None),
            None => self.cursor.syntax_at(start, "a string"),
        }
    }

    /// `body-fld-octets` and `body-fld-lines`.
    fn number(&mut self) -> Parsed<u32> {
        let here = self.here()?;
        if !self.cursor.peek().is_some_and(|octet| matches!(octet, b'0'..=b'9' | b'-'))
            && self.cursor.forgives(Quirk::NilInBody)
            && self.cursor.nil()
        {
            return Ok(0);
        }
        self.cursor.count(NUMBER)?;
        Ok(here)
    }

    /// `body-fld-param`.
    fn parameters(&mut self) -> Parsed<u32> {
        let here = self.here()?;
        if !self.cursor.eat(b'(') {
            return if self.cursor.nil() { Ok(0) } else { self.cursor.syntax("parameters or NIL") };
        }
        self.cursor.stray_spaces()?;
        if self.cursor.peek() == Some(b')') {
            if !self.cursor.forgives(Quirk::EmptyList) {
                return self.cursor.syntax("a parameter");
            }
            self.cursor.advance(1);
            return Ok(0);
        }
        let mut count = 0usize;
        loop {
            self.cursor.charge_item(count, 0)?;
            count = count.saturating_add(1);
            self.string()?;
            self.cursor.sp()?;
            self.string()?;
            if self.list_ends("a parameter")? {
                return Ok(here);
            }
        }
    }

    /// Whether a list ends here, or goes on behind SP.
    fn list_ends(&mut self, item: &'static str) -> Parsed<bool> {
        if !self.cursor.eat(b')') {
            self.cursor.sp()?;
            if self.cursor.peek() != Some(b')') {
                return Ok(false);
            }
            if !self.cursor.forgives(Quirk::ExtraSpace) {
                return self.cursor.syntax(item);
            }
            self.cursor.advance(1);
        }
        Ok(true)
    }

    /// `body-type-1part` behind its opening parenthesis. `true`: the body of a message is next.
    fn single(&mut self, entry: &mut Entry) -> Parsed<bool> {
        if self.cursor.peek() == Some(b' ') && self.cursor.forgives(Quirk::EmptyMultipart) {
            entry.kind = Kind::EmptyMultipart;
            self.end_of_multipart(entry)?;
            return Ok(false);
        }
        entry.media_type = self.here()?;
        let forgiven = self.cursor.forgiven();
        let media = self.string()?;
        let (text, message, nil) = (
            media.is_some_and(|media| media.eq_ignore_ascii_case(b"TEXT")),
            media.is_some_and(|media| media.eq_ignore_ascii_case(b"MESSAGE")),
            media.is_none(),
        );
        if self.cursor.rest().starts_with(b" (") && self.cursor.forgives(Quirk::EmptyMultipart) {
            entry.kind = Kind::EmptyMultipart;
            entry.subtype = entry.media_type;
            self.multipart_extension(entry)?;
            self.close(entry)?;
            return Ok(false);
        }
        if text {
            entry.kind = Kind::Text;
        }
        if !self.next(true)? {
            self.close(entry)?;
            return Ok(false);
        }
        entry.subtype = self.here()?;
        let subtype = self.string()?;
        let message = message
            && subtype.is_some_and(|subtype| {
                subtype.eq_ignore_ascii_case(b"RFC822") || subtype.eq_ignore_ascii_case(b"GLOBAL")
            });
        if nil && subtype.is_some() && !self.has_size() && self.cursor.forgives(Quirk::EmptyMultipart) {
            // The NIL stands for the parts, not for a type.
            self.cursor.set_forgiven(forgiven);
            self.cursor.forgives(Quirk::EmptyMultipart);
            entry.kind = Kind::EmptyMultipart;
            self.multipart_extension(entry)?;
            self.close(entry)?;
            return Ok(false);
        }
        if message {
            entry.kind = Kind::BareMessage;
        }
        if self.body_fields(entry)? {
            let opens = match entry.kind {
                Kind::Text => self.text_lines(entry)?,
                Kind::BareMessage => self.message(entry)?,
                _ => false,
            };
            if opens {
                entry.kind = Kind::Message;
                return Ok(true);
            }
            self.single_extension(entry)?;
        }
        self.close(entry)?;
        Ok(false)
    }

    /// `body-fields`. `false`: the part ends inside of them.
    fn body_fields(&mut self, entry: &mut Entry) -> Parsed<bool> {
        if !self.next(true)? {
            return Ok(false);
        }
        entry.parameters = self.parameters()?;
        if !self.next(true)? {
            return Ok(false);
        }
        entry.id = self.here()?;
        self.cursor.value_string()?;
        if !self.next(true)? {
            return Ok(false);
        }
        entry.description = self.here()?;
        self.cursor.value_string()?;
        if !self.next(true)? {
            return Ok(false);
        }
        entry.encoding = self.here()?;
        self.string()?;
        if !self.next(true)? {
            return Ok(false);
        }
        entry.size = self.number()?;
        Ok(true)
    }

    /// Whether a size stands behind four more fields, as it does in a single part and does not in a multipart.
    fn has_size(&mut self) -> bool {
        let (position, forgiven) = (self.cursor.position(), self.cursor.forgiven());
        let fields = (0..4).all(|_| self.cursor.eat(b' ') && self.cursor.skip_value().is_ok());
        let size = fields && self.cursor.eat(b' ');
        let size = size && self.cursor.peek().is_some_and(|octet| matches!(octet, b'0'..=b'9' | b'-'));
        self.cursor.set_position(position);
        self.cursor.set_forgiven(forgiven);
        size
    }

    /// The line count of a text, which some servers leave out or give as NIL.
    fn text_lines(&mut self, entry: &mut Entry) -> Parsed<bool> {
        let before = self.cursor.position();
        if !self.next(true)? {
            return Ok(false);
        }
        let left_out = match self.cursor.peek() {
            Some(b'0'..=b'9' | b'-') => false,
            // NIL, and then a disposition: that is the MD5.
            Some(b'N' | b'n') => self.cursor.rest().get(3..5) == Some(b" ("),
            _ => true,
        };
        if !left_out {
            entry.lines = self.number()?;
        } else if self.cursor.forgives(Quirk::ShortBody) {
            self.cursor.set_position(before);
        } else {
            return self.cursor.syntax("the number of lines");
        }
        Ok(false)
    }

    /// What is behind the size of a message: its envelope and its body. `true`: its body is next.
    fn message(&mut self, entry: &mut Entry) -> Parsed<bool> {
        let before = self.cursor.position();
        if self.cursor.rest().starts_with(b" (") {
            self.cursor.advance(1);
            entry.envelope = self.here()?;
            Envelope::scan(self.cursor)?;
            self.cursor.sp()?;
            if self.cursor.peek() == Some(b'(') {
                return Ok(true);
            }
            self.bare("the body of the message")?;
            if !self.cursor.nil() {
                return self.cursor.syntax("the body of the message");
            }
            self.bare_lines(entry)?;
            return Ok(false);
        }
        self.bare("the envelope of the message")?;
        if !self.next(false)? {
            return Ok(false);
        }
        match self.cursor.peek() {
            Some(b'0'..=b'9' | b'-') => {
                self.cursor.set_position(before);
                self.bare_lines(entry)?;
            }
            Some(b'N' | b'n') if self.cursor.nil() => {
                let rest = self.cursor.rest();
                // NIL for the envelope: a body or NIL for it follows. Else that was the MD5.
                if is_body(rest.get(1..).unwrap_or_default()) {
                    self.cursor.advance(1);
                    return Ok(true);
                }
                match rest.get(..6) {
                    Some([b' ', b'N' | b'n', _, _, b' ', b'0'..=b'9' | b'-']) => {
                        self.cursor.advance(4);
                        self.bare_lines(entry)?;
                    }
                    _ => self.cursor.set_position(before),
                }
            }
            _ => self.cursor.set_position(before),
        }
        Ok(false)
    }

    fn bare(&mut self, expected: &'static str) -> Parsed<()> {
        if self.cursor.forgives(Quirk::MessageWithoutEnvelope) {
            Ok(())
        } else {
            self.cursor.syntax(expected)
        }
    }

    /// The line count of a message that has no body.
    fn bare_lines(&mut self, entry: &mut Entry) -> Parsed<()> {
        if self.next(false)? && self.cursor.peek().is_some_and(|octet| matches!(octet, b'0'..=b'9' | b'-')) {
            entry.lines = self.number()?;
        }
        Ok(())
    }

    /// What is behind the body of a message.
    fn end_of_message(&mut self, entry: &mut Entry) -> Parsed<()> {
        if self.next(true)? {
            entry.lines = self.number()?;
            self.single_extension(entry)?;
        }
        self.close(entry)
    }

    /// What is behind the parts of a multipart.
    fn end_of_multipart(&mut self, entry: &mut Entry) -> Parsed<()> {
        if self.next(true)? {
            entry.subtype = self.here()?;
            self.string()?;
            self.multipart_extension(entry)?;
        }
        self.close(entry)
    }

    /// `[SP body-ext-1part]`.
    fn single_extension(&mut self, entry: &mut Entry) -> Parsed<()> {
        if !self.next(false)? {
            return Ok(());
        }
        if !self.is_string() {
            return self.strange_extension(entry);
        }
        entry.md5 = self.here()?;
        self.cursor.value_string()?;
        self.extension(entry)
    }

    /// `[SP body-ext-mpart]`.
    fn multipart_extension(&mut self, entry: &mut Entry) -> Parsed<()> {
        if !self.next(false)? {
            return Ok(());
        }
        entry.parameters = self.parameters()?;
        self.extension(entry)
    }

    /// Disposition, language, location, and what is behind them.
    fn extension(&mut self, entry: &mut Entry) -> Parsed<()> {
        if !self.next(false)? {
            return Ok(());
        }
        match self.cursor.peek() {
            Some(b'(') => entry.disposition = self.disposition()?,
            _ if self.is_string() => {
                let here = self.here()?;
                if self.cursor.value_string()?.is_some() {
                    if !self.cursor.forgives(Quirk::StrangeDisposition) {
                        return self.cursor.syntax("a disposition in parentheses or NIL");
                    }
                    entry.disposition = here;
                }
            }
            _ => return self.strange_extension(entry),
        }
        if !self.next(false)? {
            return Ok(());
        }
        match self.cursor.peek() {
            Some(b'(') => entry.language = self.languages()?,
            _ if self.is_string() => {
                entry.language = self.here()?;
                self.cursor.value_string()?;
            }
            _ => return self.strange_extension(entry),
        }
        if !self.next(false)? {
            return Ok(());
        }
        if !self.is_string() {
            return self.strange_extension(entry);
        }
        entry.location = self.here()?;
        self.cursor.value_string()?;
        if self.next(false)? { self.extensions(entry) } else { Ok(()) }
    }

    /// Whether an `nstring` stands here.
    fn is_string(&self) -> bool {
        matches!(self.cursor.peek(), Some(b'"' | b'{' | b'~' | b'N' | b'n'))
    }

    /// `body-fld-dsp` in parentheses.
    fn disposition(&mut self) -> Parsed<u32> {
        let here = self.here()?;
        self.cursor.advance(1);
        let named = self.cursor.value_string()?.is_some();
        if !named && !self.cursor.forgives(Quirk::StrangeDisposition) {
            return self.cursor.syntax("the type of the disposition");
        }
        if self.cursor.peek() == Some(b')') {
            if !self.cursor.forgives(Quirk::StrangeDisposition) {
                return self.cursor.syntax("the parameters of the disposition");
            }
        } else {
            self.cursor.sp()?;
            self.parameters()?;
            self.cursor.stray_spaces()?;
        }
        self.cursor.expect(b')', "the end of the disposition")?;
        Ok(if named { here } else { 0 })
    }

    /// `body-fld-lang` in parentheses.
    fn languages(&mut self) -> Parsed<u32> {
        let here = self.here()?;
        self.cursor.advance(1);
        if self.cursor.peek() == Some(b')') && self.cursor.forgives(Quirk::EmptyList) {
            self.cursor.advance(1);
            return Ok(0);
        }
        let mut count = 0usize;
        loop {
            self.cursor.charge_item(count, 0)?;
            count = count.saturating_add(1);
            self.string()?;
            if self.list_ends("a language")? {
                return Ok(here);
            }
        }
    }

    #[cold]
    fn strange_extension(&mut self, entry: &mut Entry) -> Parsed<()> {
        if self.cursor.forgives(Quirk::StrangeExtension) {
            self.extensions(entry)
        } else {
            self.cursor.syntax("a field of the extension data")
        }
    }

    /// `body-extension *(SP body-extension)`, to the end of the part.
    #[cold]
    fn extensions(&mut self, entry: &mut Entry) -> Parsed<()> {
        entry.extensions = self.here()?;
        let mut open = 0usize;
        let mut count = 0usize;
        loop {
            self.cursor.charge_item(count, 0)?;
            count = count.saturating_add(1);
            match self.cursor.peek() {
                Some(b'(') => {
                    open = open.saturating_add(1);
                    if self.depth.saturating_add(open) > self.cursor.limits().body_depth {
                        return self.cursor.fail(
                            ErrorKind::TooDeep,
                            self.cursor.position(),
                            "fewer nested lists",
                        );
                    }
                    self.cursor.advance(1);
                    if self.cursor.peek() != Some(b')') {
                        continue;
                    }
                    self.strange()?;
                }
                Some(b'"' | b'{' | b'~') => {
                    self.cursor.value_string()?;
                }
                Some(octet) if is_in(&ASTRING, octet) || octet == b'\\' => {
                    let start = self.cursor.position();
                    self.cursor.eat(b'\\');
                    self.cursor.take_while(&ASTRING);
                    let word = self.cursor.since(start);
                    if !word.iter().all(u8::is_ascii_digit) && !word.eq_ignore_ascii_case(b"NIL") {
                        self.strange()?;
                    }
                }
                _ => return self.cursor.syntax("extension data"),
            }
            loop {
                match self.cursor.peek() {
                    Some(b')') if open == 0 => return Ok(()),
                    Some(b')') => {
                        open = open.saturating_sub(1);
                        self.cursor.advance(1);
                    }
                    // Two lists with no space between them.
                    Some(b'(') => {
                        self.strange()?;
                        break;
                    }
                    _ => {
                        self.cursor.sp()?;
                        if self.cursor.peek() != Some(b')') {
                            break;
                        }
                        if !self.cursor.forgives(Quirk::ExtraSpace) {
                            return self.cursor.syntax("extension data");
                        }
                    }
                }
            }
        }
    }

    fn strange(&mut self) -> Parsed<()> {
        if self.cursor.forgives(Quirk::StrangeExtension) {
            Ok(())
        } else {
            self.cursor.syntax("a string, a number or a list")
        }
    }
}

/// Whether this begins as a body, and not as a disposition.
fn is_body(octets: &[u8]) -> bool {
    let Some(inside) = octets.strip_prefix(b"(") else { return false };
    if inside.first() == Some(&b'(') {
        return true;
    }
    // A type and a subtype, both strings.
    let Some(media) = inside.strip_prefix(b"\"") else { return false };
    let end = memchr::memchr(b'"', media).unwrap_or(media.len());
    media.get(end..).is_some_and(|rest| rest.starts_with(b"\" \""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::body::PartKind;
    use crate::imap::quirk::Quirks;
    use crate::imap::round_trip::{quirky, read, strict, written};
    use crate::wire::Limits;
    use alloc::string::{String, ToString};

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<BodyStructure> {
        BodyStructure::parse(cursor, true)
    }

    /// Strict refuses it; lenient names the quirk, and what is written again says the same.
    fn quirk(octets: &str, quirk: Quirk) -> BodyStructure {
        let value = quirky(octets.as_bytes(), quirk, parse);
        let again = written(|encoder| value.encode(encoder));
        match strict(again.as_bytes(), parse) {
            Some(read) => assert_eq!(read, value),
            None => {
                let kept = [Quirk::MessageWithoutEnvelope, Quirk::StrangeExtension];
                assert!(kept.contains(&quirk), "{again}");
                assert_eq!(read(again.as_bytes(), Quirks::lenient(), parse).unwrap().0, value);
            }
        }
        value
    }

    fn numbers(structure: &BodyStructure) -> Vec<String> {
        structure
            .walk()
            .map(|part| part.number().map(|number| number.to_string()).unwrap_or_default())
            .collect()
    }

    const EXAMPLE: &str = "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 17 1 NIL NIL NIL NIL)\
        (\"message\" \"rfc822\" NIL \"<i>\" \"d\" \"7bit\" 133 (\"Sat\" \"sub\" NIL NIL NIL NIL NIL NIL NIL NIL) \
        ((\"text\" \"html\" NIL NIL NIL \"8bit\" 20 1)(\"image\" \"png\" NIL NIL NIL \"base64\" 21) \"alternative\") 6 NIL NIL NIL NIL)\
        (\"message\" \"global\" NIL NIL NIL \"7bit\" 1 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) (\"a\" \"b\" NIL NIL NIL \"c\" 2) 3 \"md5\" (\"inline\" (\"foo\" \"b\\\"ar\")) (\"en\" \"fi\") \"http://x\" 42 (\"e\" (NIL)))\
        ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 0 0) \"digest\") \
        \"mixed\" (\"boundary\" \"foo bar\") NIL \"de\" NIL)";

    #[test]
    fn parts_and_their_numbers() {
        let structure = strict(EXAMPLE.as_bytes(), parse).unwrap();
        assert_eq!(numbers(&structure), ["", "1", "2", "", "2.1", "2.2", "3", "3.1", "4", "4.1"]);
        for part in structure.walk() {
            if let Some(number) = part.number() {
                let found = structure.part_at(&number).unwrap();
                assert_eq!(found.raw(), part.raw());
                assert_eq!(structure.part(&number.to_string()).unwrap().raw(), part.raw());
            }
        }
        for none in ["", "0", "5", "1.1", "2.3", "3.2", "2.1.1", "a", "1.", "4.2"] {
            assert!(structure.part(none).is_none(), "{none}");
        }
        let root = structure.root();
        assert!(root.is("multipart", "MIXED") && root.kind() == PartKind::Multipart && root.depth() == 0);
        assert_eq!(root.children().count(), 4);
        assert_eq!(root.parameter("BOUNDARY").unwrap(), &b"foo bar"[..]);
        assert_eq!(root.language().collect::<Vec<_>>(), [&b"de"[..]]);
        let message = structure.part("2").unwrap();
        assert_eq!(message.kind(), PartKind::Message);
        assert_eq!((message.size(), message.lines()), (133, Some(6)));
        assert_eq!(message.id().unwrap(), &b"<i>"[..]);
        assert_eq!(message.description().unwrap(), &b"d"[..]);
        assert_eq!(message.envelope().unwrap().subject().unwrap(), &b"sub"[..]);
        let image = structure.part("2.2").unwrap();
        assert_eq!((&*image.encoding(), image.size(), image.lines()), (&b"base64"[..], 21, None));
        assert_eq!(image.depth(), 3);
        let third = structure.part("3").unwrap();
        assert_eq!(third.md5().unwrap(), &b"md5"[..]);
        let disposition = third.disposition().unwrap();
        assert!(disposition.is_inline());
        assert_eq!(disposition.parameters.find("foo").unwrap(), &b"b\"ar"[..]);
        assert_eq!(third.language().collect::<Vec<_>>(), [&b"en"[..], b"fi"]);
        assert_eq!(third.location().unwrap(), &b"http://x"[..]);
        assert_eq!(third.extensions(), b"42 (\"e\" (NIL))");
        assert_eq!(written(|encoder| structure.encode(encoder)), EXAMPLE);
        let single = strict(b"(\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 2)", parse).unwrap();
        assert_eq!(numbers(&single), ["1"]);
        assert!(single.part("1").is_some() && single.part("1.1").is_none() && single.part("2").is_none());
    }

    #[test]
    fn quirks_of_the_wild() {
        let nil = quirk(
            "(\"text\" \"plain\" (\"CHARSET\" NIL) NIL NIL NIL 1423 NIL NIL NIL NIL NIL)",
            Quirk::NilInBody,
        );
        assert_eq!(nil.root().encoding(), &b""[..]);
        assert_eq!(nil.root().lines(), Some(0));
        assert_eq!(nil.root().parameter("charset").unwrap(), &b""[..]);
        let office = quirk("(NIL NIL NIL NIL NIL \"7BIT\" 0 NIL NIL NIL NIL)", Quirk::NilInBody);
        assert_eq!(office.root().media_type(), &b""[..]);
        quirk("(NIL \"x\" NIL NIL NIL \"7BIT\" 0)", Quirk::NilInBody);
        for lines in [
            "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5)",
            "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5 \"md5\" (\"inline\" NIL) NIL NIL)",
            "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5 NIL (\"inline\" NIL) NIL NIL)",
        ] {
            let lines = quirk(lines, Quirk::ShortBody);
            assert_eq!(lines.root().lines(), Some(0));
            assert_eq!(lines.root().disposition().is_some(), lines.root().raw().len() > 60);
        }
        quirk("(\"text\")", Quirk::ShortBody);
        quirk("(\"a\" \"b\" NIL)", Quirk::ShortBody);
        quirk("((\"a\" \"b\" NIL NIL NIL \"7BIT\" 0))", Quirk::ShortBody);
        let parameters = quirk("(\"a\" \"b\" () NIL NIL \"7BIT\" 0)", Quirk::EmptyList);
        assert_eq!(parameters.root().parameters().count(), 0);
        for (empty, boundary) in [
            ("(\"MIXED\" (\"BOUNDARY\" \"x\") NIL NIL NIL)", true),
            ("(NIL \"MIXED\" (\"BOUNDARY\" \"x\") NIL NIL NIL)", true),
            ("( \"MIXED\" (\"BOUNDARY\" \"x\") (\"inline\" NIL) NIL NIL)", true),
            ("(() \"MIXED\" (\"BOUNDARY\" \"x\") NIL NIL NIL)", true),
            ("(NIL \"MIXED\" NIL NIL NIL NIL)", false),
            ("(() \"MIXED\")", false),
        ] {
            let empty = quirk(empty, Quirk::EmptyMultipart);
            assert!(empty.root().is("MULTIPART", "MIXED"));
            assert_eq!(empty.root().parameter("boundary").is_some(), boundary);
            assert_eq!(empty.walk().count(), 1);
        }
        let inner =
            "((\"a\" \"b\" NIL NIL NIL \"7BIT\" 0)(\"MIXED\" (\"BOUNDARY\" \"x\") NIL NIL)(()())\"x\")";
        assert!(read(inner.as_bytes(), Quirks::lenient(), parse).is_none());
        let inner =
            "((\"a\" \"b\" NIL NIL NIL \"7BIT\" 0)(\"MIXED\" (\"BOUNDARY\" \"x\") NIL NIL)(() \"y\") \"x\")";
        assert_eq!(numbers(&quirk(inner, Quirk::EmptyMultipart)), ["", "1", "2", "3"]);
        for disposition in ["\"attachment\"", "(\"attachment\")", "(NIL NIL)"] {
            let text = alloc::format!("(\"a\" \"b\" NIL NIL NIL \"7BIT\" 0 NIL {disposition} NIL NIL)");
            let found = quirk(&text, Quirk::StrangeDisposition);
            assert_eq!(found.root().disposition().is_some(), disposition != "(NIL NIL)");
        }
        for (message, lines) in [
            ("", 0),
            (" NIL", 0),
            (" NIL NIL NIL NIL", 0),
            (" NIL (\"attachment\" (\"filename\" \"a.eml\")) NIL NIL", 0),
            (" \"md5\" NIL NIL", 0),
            (" NIL NIL 42 NIL NIL NIL NIL", 42),
            (" 42 NIL NIL", 42),
            (" (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL) NIL 42", 42),
        ] {
            let text = alloc::format!("(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 9{message})");
            let bare = quirk(&text, Quirk::MessageWithoutEnvelope);
            assert_eq!((bare.root().lines(), bare.walk().count()), (Some(lines), 1), "{text}");
            assert_eq!(bare.root().disposition().is_some(), message.contains("attachment"));
            assert_eq!(bare.root().envelope().is_some(), message.contains("\"s\""));
        }
        let body =
            "(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 9 NIL (\"a\" \"b\" NIL NIL NIL \"7BIT\" 0) 1)";
        assert_eq!(quirk(body, Quirk::MessageWithoutEnvelope).walk().count(), 2);
        let spaces = "((\"a\" \"b\" NIL NIL NIL \"7BIT\" 0) (\"a\" \"b\" NIL NIL NIL \"7BIT\" 0)  (\"a\" \"b\" NIL NIL NIL \"7BIT\" 0) \"x\")";
        assert_eq!(numbers(&quirk(spaces, Quirk::SpaceBetweenItems)), ["", "1", "2", "3"]);
        for (extension, kept) in [
            ("NIL NIL NIL atom", "atom"),
            ("NIL NIL NIL () (a b)", "() (a b)"),
            ("NIL NIL NIL ((\"a\")(\"b\"))", "((\"a\")(\"b\"))"),
            ("NIL NIL (\"x\") NIL", "(\"x\") NIL"),
            ("NIL 7 NIL", "7 NIL"),
        ] {
            let text = alloc::format!("(\"a\" \"b\" NIL NIL NIL \"7BIT\" 0 NIL {extension})");
            assert_eq!(quirk(&text, Quirk::StrangeExtension).root().extensions(), kept.as_bytes());
        }
        for (size, number, name) in [
            ("-1", 0, Quirk::StrangeNumber),
            ("9.37e+06", 9_370_000, Quirk::StrangeNumber),
            ("4294967296", 4_294_967_296, Quirk::LargeNumber),
        ] {
            let text = alloc::format!("(\"a\" \"b\" NIL NIL NIL \"7BIT\" {size})");
            let (value, met) = read(text.as_bytes(), Quirks::lenient(), parse).unwrap();
            assert_eq!((value.root().size(), met), (number, [name].into_iter().collect()));
            assert!(strict(text.as_bytes(), parse).is_none());
            let again = written(|encoder| value.encode(encoder));
            assert_eq!(read(again.as_bytes(), Quirks::lenient(), parse).unwrap().0, value);
        }
        quirk("(\"a\" \"b\" (\"c\" \"d\" ) NIL NIL \"7BIT\" 0 )", Quirk::ExtraSpace);
        quirk("(\"a\"  \"b\" NIL NIL NIL \"7BIT\" 0 NIL NIL NIL NIL (1 ) )", Quirk::ExtraSpace);
        quirk("(\"a\" \"b\" (\"name\" \"a \"b\".pdf\") NIL NIL \"7BIT\" 0)", Quirk::UnescapedQuote);
        quirk("(\"a\" \"b\" (\"name\" x.pdf) NIL NIL \"7BIT\" 0)", Quirk::AtomForString);
        let literal = "(\"a\" \"b\" (\"name\" {12}\r\n12)(\"\\345678) NIL NIL \"7BIT\" 0)";
        let value = strict(literal.as_bytes(), parse).unwrap();
        assert_eq!(value.root().parameter("name").unwrap(), &b"12)(\"\\345678"[..]);
    }

    #[test]
    fn limits_are_inclusive() {
        let nested = |depth: usize| {
            let mut text = "(".repeat(depth);
            text.push_str("(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 1)");
            text.push_str(&" \"MIXED\")".repeat(depth));
            text
        };
        let limits = Limits::imap_client();
        let kind = |octets: &str, limits: &Limits| {
            let mut cursor = Cursor::borrowed(octets.as_bytes(), limits, Quirks::lenient().bits());
            match parse(&mut cursor) {
                Ok(_) => None,
                Err(fail) => Some(cursor.error(fail).kind()),
            }
        };
        assert_eq!(kind(&nested(63), &limits), None);
        assert_eq!(kind(&nested(64), &limits), None);
        assert_eq!(kind(&nested(65), &limits), Some(ErrorKind::TooDeep));
        assert_eq!(kind(&"(".repeat(1_000_000), &limits), Some(ErrorKind::TooDeep));
        let extension = |open: usize| {
            let (open, close) = ("(".repeat(open), ")".repeat(open));
            alloc::format!("(\"A\" \"B\" NIL NIL NIL \"7BIT\" 1 NIL NIL NIL NIL {open}1{close})")
        };
        assert_eq!(kind(&extension(64), &limits), None);
        assert_eq!(kind(&extension(65), &limits), Some(ErrorKind::TooDeep));
        let parts = |count: usize| {
            alloc::format!("({} \"MIXED\")", "(\"A\" \"B\" NIL NIL NIL \"7BIT\" 1)".repeat(count))
        };
        let few = Limits { items: 10, ..limits };
        assert_eq!(kind(&parts(9), &few), None);
        assert_eq!(kind(&parts(10), &few), Some(ErrorKind::TooMany));
        let small = Limits { memory: 1_000, ..limits };
        assert!(kind(&parts(20), &small).is_some());
    }

    #[test]
    fn every_cut_and_every_change_of_an_octet_is_survived() {
        for end in 0..EXAMPLE.len() {
            assert!(read(&EXAMPLE.as_bytes()[..end], Quirks::lenient(), parse).is_none());
        }
        let mut octets = EXAMPLE.as_bytes().to_vec();
        for at in 0..octets.len() {
            for other in *b"()\" N1{-" {
                let before = core::mem::replace(&mut octets[at], other);
                let limits = Limits::imap_client();
                let mut cursor = Cursor::borrowed(&octets, &limits, Quirks::lenient().bits());
                if let Ok(value) = parse(&mut cursor) {
                    let again = written(|encoder| value.encode(encoder));
                    let (read, _) = read(again.as_bytes(), Quirks::lenient(), parse).unwrap();
                    assert_eq!(read, value, "{}", octets.escape_ascii());
                    let _ = alloc::format!("{value:?}");
                }
                octets[at] = before;
            }
        }
    }

    /// The cases of other projects, where `MAILWIRE_SHARED` says where they are.
    #[test]
    fn cases_of_other_projects() {
        let Ok(shared) = std::env::var("MAILWIRE_SHARED") else { return };
        let mut cases = 0;
        for corpus in ["dovecot", "swift-nio-imap", "imap-proto"] {
            let lines = std::fs::read_to_string(alloc::format!("{shared}/corpus/{corpus}.jsonl")).unwrap();
            for line in lines.lines() {
                let case: serde_json::Value = serde_json::from_str(line).unwrap();
                let production = case["production"].as_str().unwrap_or_default();
                let octets: Vec<u8> = case["octets"]
                    .as_str()
                    .unwrap_or_default()
                    .chars()
                    .map(|octet| u8::try_from(u32::from(octet)).unwrap())
                    .collect();
                let text = String::from_utf8_lossy(&octets).into_owned();
                match (production, case["expected"].as_str()) {
                    ("body" | "bodystructure" | "bodyStructure", Some("valid" | "quirk")) => {
                        let quirks = if corpus == "dovecot" { Quirks::strict() } else { Quirks::lenient() };
                        let Some((value, _)) = read(&octets, quirks, parse) else { panic!("{text}") };
                        let again = written(|encoder| value.encode(encoder));
                        assert_eq!(strict(again.as_bytes(), parse).unwrap(), value);
                    }
                    ("bodySinglepart", Some("valid")) => {
                        assert!(strict(alloc::format!("({text})").as_bytes(), parse).is_some(), "{text}");
                    }
                    ("envelope", Some("valid")) => {
                        assert!(read(&octets, Quirks::lenient(), Envelope::parse).is_some(), "{text}");
                    }
                    _ => continue,
                }
                cases += 1;
            }
        }
        assert!(cases > 30);
    }
}
