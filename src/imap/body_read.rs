//! How a body structure is read: in one pass, without recursion, into a flat table of parts.

use crate::imap::body::BodyStructure;
use crate::imap::body_plain::Plain;
use crate::imap::body_shape::{
    has_body_fields, has_size, is_body, is_disposition, is_media_type, is_single, only_lists_are_behind,
};
use crate::imap::body_table::{Entry, Kind, NO_PARENT};
use crate::imap::core::{ASTRING, is_in};
use crate::imap::envelope::Envelope;
use crate::imap::quirk::Quirk;
use crate::imap::section::NUMBER64;
use crate::wire::ErrorKind;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::vec::Vec;
use bytes::Bytes;

/// The largest size that the grammar allows.
const NUMBER: u64 = 0xffff_ffff;

impl BodyStructure {
    /// Reads `body`, and copies it: what it stood in can be given back to the reader of the socket.
    ///
    /// Over its limits of depth, of parts or of memory it fails with `TooDeep`, `TooMany` or `MessageTooLarge`.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, extensible: bool) -> Parsed<Self> {
        let base = cursor.position();
        let before = cursor.forgiven();
        cursor.set_forgiven(0);
        let plain = Plain::new(cursor.rest(), cursor.limits().items, extensible);
        let parts = Reader { cursor, plain, extensible, base, depth: 0 }.parts();
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
    plain: Option<Plain>,
    /// Whether extension data may stand in it.
    extensible: bool,
    /// Where the value began.
    base: usize,
    /// Parts that are open around this place.
    depth: usize,
}

impl<'a> Reader<'_, 'a> {
    fn parts(&mut self) -> Parsed<Vec<Entry>> {
        // Most parts take about as many octets; of very long ones there may be few.
        let mut parts: Vec<Entry> =
            Vec::with_capacity((self.cursor.rest().len() / 128).min(15).saturating_add(1));
        let mut parent = NO_PARENT;
        let mut ordinal = 1u32;
        loop {
            let index = self.check_count(parts.len())?;
            let mut entry = Entry::new(self.here()?, parent, ordinal);
            self.cursor.expect(b'(', "a body")?;
            if self.cursor.peek() == Some(b' ') {
                self.spaces_before_part()?;
            }
            let opens = if self.cursor.peek() == Some(b'(') {
                entry.kind = Kind::Multipart;
                true
            } else if let Some(rest) =
                self.plain.and_then(|plain| plain.single(self.cursor.rest(), &mut entry))
            {
                self.cursor.set_rest(rest);
                false
            } else {
                entry = Entry::new(entry.start, parent, ordinal);
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
                    let mut ended = *around;
                    let rest = self.cursor.rest();
                    if let Some(rest) = self.plain.and_then(|plain| plain.end_of_multipart(rest, &mut ended))
                    {
                        self.cursor.set_rest(rest);
                        *around = ended;
                    } else {
                        self.end_of_multipart(around)?;
                    }
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

    #[inline]
    fn here(&mut self) -> Parsed<u32> {
        self.cursor.offset(self.base)
    }

    /// Spaces behind the opening parenthesis, unless they stand where the parts of a multipart should.
    #[cold]
    fn spaces_before_part(&mut self) -> Parsed<()> {
        let start = self.cursor.position();
        while self.cursor.eat(b' ') {}
        let part = self.cursor.peek() == Some(b'(') || is_single(self.cursor);
        self.cursor.set_position(start);
        if part { self.cursor.stray_spaces() } else { Ok(()) }
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
    #[inline]
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

    /// Passes over a `string`, where NIL is a quirk.
    #[inline]
    fn pass_string(&mut self) -> Parsed<()> {
        let start = self.cursor.position();
        if self.cursor.pass_string()? || self.cursor.forgives(Quirk::NilInBody) {
            Ok(())
        } else {
            self.cursor.syntax_at(start, "a string")
        }
    }

    /// `body-fld-octets` and `body-fld-lines`.
    fn number(&mut self, largest: u64) -> Parsed<u32> {
        let here = self.here()?;
        if !self.cursor.peek().is_some_and(|octet| matches!(octet, b'0'..=b'9' | b'-'))
            && self.cursor.forgives(Quirk::NilInBody)
            && self.cursor.nil()
        {
            return Ok(0);
        }
        self.cursor.count(largest)?;
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
            self.pass_string()?;
            let end = self.cursor.position();
            // A name without a value is left out.
            if self.list_ends("the value of a parameter")? {
                if self.cursor.forgives(Quirk::ShortBody) {
                    return Ok(here);
                }
                return self.cursor.syntax_at(end, "the value of a parameter");
            }
            self.pass_string()?;
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
        if matches!(self.cursor.peek(), Some(b'N' | b'n')) && self.nil_for_parts(entry)? {
            return Ok(false);
        }
        entry.media_type = self.here()?;
        let media = self.string()?;
        let (text, message) = (
            media.is_some_and(|media| media.eq_ignore_ascii_case(b"TEXT")),
            media.is_some_and(|media| media.eq_ignore_ascii_case(b"MESSAGE")),
        );
        if let Some(media) = media
            && !matches!(self.cursor.rest(), [b' ', b'"' | b'{', ..])
            && self.one_word(entry, media)?
        {
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
        let is = |name: &[u8]| message && subtype.is_some_and(|subtype| subtype.eq_ignore_ascii_case(name));
        let global = is(b"GLOBAL");
        if global || is(b"RFC822") {
            entry.kind = Kind::BareMessage;
        }
        if self.body_fields(entry)? {
            let opens = match entry.kind {
                Kind::Text => self.text_lines(entry)?,
                Kind::BareMessage => self.message(entry, global)?,
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

    /// A part with one word before its parameters: it has no media type, or it is a multipart that has no parts. `false`: it is neither.
    #[cold]
    fn one_word(&mut self, entry: &mut Entry, word: &[u8]) -> Parsed<bool> {
        let single = match self.cursor.rest() {
            [b' ', b'(', ..] => has_body_fields(self.cursor),
            _ if !is_media_type(word) && only_lists_are_behind(self.cursor) => false,
            _ => return Ok(false),
        };
        if !self.cursor.forgives(if single { Quirk::ShortBody } else { Quirk::EmptyMultipart }) {
            return Ok(false);
        }
        (entry.subtype, entry.media_type) = (entry.media_type, 0);
        if !single {
            entry.kind = Kind::EmptyMultipart;
            self.multipart_extension(entry)?;
        } else if self.body_fields(entry)? {
            self.single_extension(entry)?;
        }
        self.close(entry)?;
        Ok(true)
    }

    /// A multipart whose NIL stands for its parts, not for a type.
    #[cold]
    fn nil_for_parts(&mut self, entry: &mut Entry) -> Parsed<bool> {
        let start = self.cursor.position();
        let forgiven = self.cursor.forgiven();
        if self.cursor.nil() && self.cursor.eat(b' ') && matches!(self.cursor.peek(), Some(b'"' | b'{')) {
            entry.subtype = self.here()?;
            self.string()?;
            if !has_size(self.cursor) && self.cursor.forgives(Quirk::EmptyMultipart) {
                entry.kind = Kind::EmptyMultipart;
                self.multipart_extension(entry)?;
                self.close(entry)?;
                return Ok(true);
            }
        }
        entry.subtype = 0;
        self.cursor.set_position(start);
        self.cursor.set_forgiven(forgiven);
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
        self.cursor.pass_string()?;
        if !self.next(true)? {
            return Ok(false);
        }
        entry.description = self.here()?;
        self.cursor.pass_string()?;
        if !self.next(true)? {
            return Ok(false);
        }
        entry.encoding = self.here()?;
        self.pass_string()?;
        if !self.next(true)? {
            return Ok(false);
        }
        entry.size = self.number(NUMBER)?;
        Ok(true)
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
            entry.lines = self.number(NUMBER64)?;
        } else if self.cursor.forgives(Quirk::ShortBody) {
            self.cursor.set_position(before);
        } else {
            return self.cursor.syntax("the number of lines");
        }
        Ok(false)
    }

    /// What is behind the size of a message: its envelope and its body. `true`: its body is next. RFC 3501 knows no message/global: to a
    /// server that keeps to it, it is a part like any other, and nothing is behind its size.
    fn message(&mut self, entry: &mut Entry, global: bool) -> Parsed<bool> {
        let before = self.cursor.position();
        if self.cursor.rest().starts_with(b" (") {
            self.cursor.advance(1);
            entry.envelope = self.here()?;
            Envelope::scan(self.cursor)?;
            self.cursor.sp()?;
            let nothing = self.cursor.rest().starts_with(b"()");
            if self.cursor.peek() == Some(b'(') && !nothing {
                return Ok(true);
            }
            self.bare("the body of the message")?;
            if nothing {
                self.cursor.advance(2);
            } else if !self.cursor.nil() {
                return self.cursor.syntax("the body of the message");
            }
            self.bare_lines(entry)?;
            return Ok(false);
        }
        if !global {
            self.bare("the envelope of the message")?;
        }
        if !self.next(false)? {
            return Ok(false);
        }
        match self.cursor.peek() {
            Some(b'0'..=b'9' | b'-') => {
                self.bare("the envelope of the message")?;
                self.cursor.set_position(before);
                self.bare_lines(entry)?;
            }
            Some(b'N' | b'n') if self.cursor.nil() => {
                let rest = self.cursor.rest();
                // NIL for the envelope: a body or NIL for it follows. Else that was the MD5.
                if is_body(rest.get(1..).unwrap_or_default()) {
                    self.bare("the envelope of the message")?;
                    self.cursor.advance(1);
                    return Ok(true);
                }
                match rest {
                    [b' ', b'N' | b'n', _, _, b' ', b'0'..=b'9' | b'-', ..] => {
                        self.bare("the envelope of the message")?;
                        self.cursor.advance(4);
                        self.bare_lines(entry)?;
                    }
                    [b' ', b'(', b')', b' ', b'0'..=b'9' | b'-', ..] => {
                        self.bare("the envelope of the message")?;
                        self.cursor.advance(3);
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
            entry.lines = self.number(NUMBER64)?;
        }
        Ok(())
    }

    /// What is behind the body of a message.
    fn end_of_message(&mut self, entry: &mut Entry) -> Parsed<()> {
        if self.next(true)? {
            entry.lines = self.number(NUMBER64)?;
            self.single_extension(entry)?;
        }
        self.close(entry)
    }

    /// What is behind the parts of a multipart.
    fn end_of_multipart(&mut self, entry: &mut Entry) -> Parsed<()> {
        if self.next(true)? {
            entry.subtype = self.here()?;
            self.pass_string()?;
            self.multipart_extension(entry)?;
        }
        self.close(entry)
    }

    /// Goes on to extension data, if there is some.
    fn extends(&mut self) -> Parsed<bool> {
        let more = self.next(false)?;
        if more && !self.extensible && !self.cursor.forgives(Quirk::StrangeExtension) {
            return self.cursor.syntax("the end of the body");
        }
        Ok(more)
    }

    /// `[SP body-ext-1part]`.
    fn single_extension(&mut self, entry: &mut Entry) -> Parsed<()> {
        if !self.extends()? {
            return Ok(());
        }
        if !self.is_string() {
            return self.strange_extension(entry);
        }
        entry.md5 = self.here()?;
        self.cursor.pass_string()?;
        self.extension(entry)
    }

    /// `[SP body-ext-mpart]`.
    fn multipart_extension(&mut self, entry: &mut Entry) -> Parsed<()> {
        if !self.extends()? {
            return Ok(());
        }
        match self.field(entry, Self::parameters)? {
            Some(parameters) => entry.parameters = parameters,
            None => return Ok(()),
        }
        self.extension(entry)
    }

    /// A field that a careless server may give in another shape: it and all that is left are extensions then.
    fn field(&mut self, entry: &mut Entry, read: fn(&mut Self) -> Parsed<u32>) -> Parsed<Option<u32>> {
        let start = self.cursor.position();
        let forgiven = self.cursor.forgiven();
        let fail = match read(self) {
            Ok(field) => return Ok(Some(field)),
            Err(fail) => fail,
        };
        if self.cursor.error(fail).kind() != ErrorKind::Syntax {
            return Err(fail);
        }
        let met = self.cursor.forgiven();
        self.cursor.set_forgiven(forgiven);
        if !self.cursor.forgives(Quirk::StrangeExtension) {
            self.cursor.set_forgiven(met);
            return Err(fail);
        }
        self.cursor.set_position(start);
        self.extensions(entry)?;
        Ok(None)
    }

    /// Disposition, language, location, and what is behind them.
    fn extension(&mut self, entry: &mut Entry) -> Parsed<()> {
        if !self.next(false)? {
            return Ok(());
        }
        match self.cursor.peek() {
            Some(b'(') => match self.field(entry, Self::disposition)? {
                Some(disposition) => entry.disposition = disposition,
                None => return Ok(()),
            },
            _ if self.is_string() => {
                let here = self.here()?;
                if self.cursor.pass_string()? {
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
            // One field too far behind.
            Some(b'(')
                if entry.disposition == 0
                    && is_disposition(self.cursor)
                    && self.cursor.forgives(Quirk::StrangeDisposition) =>
            {
                entry.disposition = self.disposition()?;
            }
            Some(b'(') => match self.field(entry, Self::languages)? {
                Some(language) => entry.language = language,
                None => return Ok(()),
            },
            _ if self.is_string() => {
                entry.language = self.here()?;
                self.cursor.pass_string()?;
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
        self.cursor.pass_string()?;
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
        if self.cursor.peek() == Some(b')') && self.cursor.forgives(Quirk::StrangeDisposition) {
            self.cursor.advance(1);
            return Ok(0);
        }
        let named = self.cursor.pass_string()?;
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
            self.pass_string()?;
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
                    self.cursor.pass_string()?;
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

#[cfg(test)]
mod tests;
