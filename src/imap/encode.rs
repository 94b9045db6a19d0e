//! How values are written: the form of each string is chosen here, by what the peer has said.

use crate::imap::core::{ASTRING, QUOTED, TEXT, Tag, is_in};
use crate::wire::{InvalidValue, write};
use alloc::vec::Vec;
use bytes::{BufMut, BytesMut};

/// What the peer can read, in this security layer.
///
/// ```
/// use mailwire::imap::{Command, Encoding, Literals, Tag};
///
/// let login = Command::login("alice", "pass\r\nword");
/// let tag = Tag::new("1")?;
/// assert_eq!(login.to_segments(&tag, Encoding::default())?.len(), 2);
/// let mut encoding = Encoding::default();
/// encoding.literals = Literals::Plus;
/// assert_eq!(login.to_segments(&tag, encoding)?, ["1 LOGIN alice {10+}\r\npass\r\nword\r\n"]);
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Encoding {
    /// Which literals a client may send without waiting (RFC 7888). A server never waits.
    pub literals: Literals,
    /// Whether quoted strings may hold UTF-8 and mailbox names are UTF-8 (RFC 6855, RFC 9051).
    pub utf8: bool,
}

/// Which literals need no continuation request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Literals {
    /// None: each waits for `+`.
    #[default]
    Synchronizing,
    /// Those of up to 4,096 octets (LITERAL-).
    Minus,
    /// All (LITERAL+).
    Plus,
    /// This side is the server, whose literals never wait.
    Server,
}

impl Encoding {
    /// For a server that writes.
    pub const fn server() -> Self {
        Self { literals: Literals::Server, utf8: false }
    }
}

/// What a value's writing gives: it can only fail where a value's octets may not stand there at all.
pub(crate) type Encoded = Result<(), InvalidValue>;

/// Writes one command or response to the end of a buffer, and notes where a client has to wait.
pub(crate) struct Encoder<'a> {
    pub(crate) out: &'a mut BytesMut,
    /// Where the octets behind have to wait for a continuation request, in octets from the start of the buffer.
    waits: Vec<usize>,
    encoding: Encoding,
}

/// The longest atom or quoted string of a caller's: several stand on a line of 8,192 octets.
const LONGEST: usize = 1_024;

impl<'a> Encoder<'a> {
    pub(crate) fn new(out: &'a mut BytesMut, encoding: Encoding) -> Self {
        Self { out, waits: Vec::new(), encoding }
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Where the octets behind have to wait.
    pub(crate) fn into_waits(self) -> Vec<usize> {
        self.waits
    }

    /// Octets that are of the grammar already: keywords and punctuation of this crate.
    pub(crate) fn raw(&mut self, octets: &[u8]) {
        self.out.put_slice(octets);
    }

    pub(crate) fn sp(&mut self) {
        self.out.put_u8(b' ');
    }

    pub(crate) fn nil(&mut self) {
        self.raw(b"NIL");
    }

    pub(crate) fn number(&mut self, number: impl Into<u64>) {
        write::number(self.out, number);
    }

    /// A list in parentheses, its items divided by one SP.
    pub(crate) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut item: impl FnMut(&mut Self, T) -> Encoded,
    ) -> Encoded {
        self.raw(b"(");
        for (index, value) in items.into_iter().enumerate() {
            if index > 0 {
                self.sp();
            }
            item(self, value)?;
        }
        self.raw(b")");
        Ok(())
    }

    /// Human text: any octets but CR, LF and NUL.
    pub(crate) fn text(&mut self, text: &[u8]) -> Encoded {
        match text.iter().position(|octet| !is_in(&TEXT, *octet)) {
            Some(offset) => Err(InvalidValue { offset, expected: "text without CR, LF and NUL" }),
            None => {
                self.raw(text);
                Ok(())
            }
        }
    }

    /// `astring`: an atom where it can be one, else a string. `NIL` is quoted, since readers confuse it.
    pub(crate) fn astring(&mut self, octets: &[u8]) -> Encoded {
        let atom = (1..=LONGEST).contains(&octets.len())
            && octets.iter().all(|octet| is_in(&ASTRING, *octet))
            && !octets.eq_ignore_ascii_case(b"NIL");
        if atom {
            self.raw(octets);
            Ok(())
        } else {
            self.string(octets)
        }
    }

    /// `nstring`.
    pub(crate) fn nstring(&mut self, octets: Option<&[u8]>) -> Encoded {
        match octets {
            Some(octets) => self.string(octets),
            None => {
                self.nil();
                Ok(())
            }
        }
    }

    /// `string`: quoted where it can be, else a literal. So is a long one, lest its line be longer than a peer reads (RFC 7162 section 4).
    pub(crate) fn string(&mut self, octets: &[u8]) -> Encoded {
        if octets.len() > LONGEST {
            return self.literal(octets);
        }
        for octet in octets {
            match octet {
                b'"' | b'\\' => {}
                0x80.. if !self.encoding.utf8 => return self.literal(octets),
                octet if is_in(&QUOTED, *octet) => {}
                _ => return self.literal(octets),
            }
        }
        if !octets.is_ascii() && core::str::from_utf8(octets).is_err() {
            return self.literal(octets);
        }
        self.in_quotes(octets);
        Ok(())
    }

    /// `quoted` of ASCII, however long: where no literal may stand.
    pub(crate) fn quoted(&mut self, octets: &[u8]) -> Encoded {
        let allowed =
            |octet: &u8| octet.is_ascii() && (is_in(&QUOTED, *octet) || matches!(octet, b'"' | b'\\'));
        if let Some(offset) = octets.iter().position(|octet| !allowed(octet)) {
            return Err(InvalidValue { offset, expected: "ASCII without CR, LF and NUL" });
        }
        self.in_quotes(octets);
        Ok(())
    }

    /// Octets of which a quoted string is made.
    fn in_quotes(&mut self, octets: &[u8]) {
        self.raw(b"\"");
        let mut rest = octets;
        while let Some(at) = memchr::memchr2(b'"', b'\\', rest) {
            let (plain, special) = rest.split_at_checked(at).unwrap_or_default();
            let (special, behind) = special.split_at_checked(1).unwrap_or_default();
            self.raw(plain);
            self.raw(b"\\");
            self.raw(special);
            rest = behind;
        }
        self.raw(rest);
        self.raw(b"\"");
    }

    /// `literal`: any octets but NUL.
    pub(crate) fn literal(&mut self, octets: &[u8]) -> Encoded {
        if let Some(offset) = memchr::memchr(0, octets) {
            return Err(InvalidValue { offset, expected: "a string without NUL" });
        }
        self.literal_header(b"{", write::length(octets.len()));
        self.raw(octets);
        Ok(())
    }

    /// `literal8` (RFC 3516): any octets.
    pub(crate) fn literal8(&mut self, octets: &[u8]) {
        self.literal_header(b"~{", write::length(octets.len()));
        self.raw(octets);
    }

    /// The header of a literal, and the place to wait behind it if the peer has to ask for the octets.
    pub(crate) fn literal_header(&mut self, open: &[u8], length: u64) {
        self.raw(open);
        self.number(length);
        let waits = match self.encoding.literals {
            Literals::Server => false,
            Literals::Plus => {
                self.raw(b"+");
                false
            }
            Literals::Minus if length <= 4096 => {
                self.raw(b"+");
                false
            }
            Literals::Minus | Literals::Synchronizing => true,
        };
        self.raw(b"}\r\n");
        if waits {
            self.waits.push(self.out.len());
        }
    }
}

/// Writes a tag and what stands behind it, or nothing.
pub(crate) fn write_tagged(
    tag: &Tag,
    out: &mut BytesMut,
    encoding: Encoding,
    encode: impl FnOnce(&mut Encoder<'_>) -> Encoded,
) -> Result<Vec<usize>, InvalidValue> {
    let mark = out.len();
    let mut encoder = Encoder::new(out, encoding);
    encoder.raw(tag.as_bytes());
    encoder.sp();
    let encoded = encode(&mut encoder);
    let waits = encoder.into_waits();
    if let Err(invalid) = encoded {
        out.truncate(mark);
        return Err(invalid);
    }
    Ok(waits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(encoding: Encoding, octets: &[u8]) -> (alloc::string::String, Vec<usize>) {
        let mut out = BytesMut::new();
        let mut encoder = Encoder::new(&mut out, encoding);
        encoder.astring(octets).unwrap();
        let waits = encoder.into_waits();
        (alloc::string::String::from_utf8_lossy(&out).into_owned(), waits)
    }

    #[test]
    fn the_form_of_a_string_follows_the_peer() {
        let client = Encoding::default();
        assert_eq!(write(client, b"a]b"), ("a]b".into(), Vec::new()));
        assert_eq!(write(client, b""), ("\"\"".into(), Vec::new()));
        assert_eq!(write(client, b"nil"), ("\"nil\"".into(), Vec::new()));
        assert_eq!(write(client, b"a \"\\"), ("\"a \\\"\\\\\"".into(), Vec::new()));
        assert_eq!(write(client, b"a\r\nb"), ("{4}\r\na\r\nb".into(), alloc::vec![5]));
        assert_eq!(
            write(Encoding { literals: Literals::Plus, ..client }, b"\n"),
            ("{1+}\r\n\n".into(), Vec::new())
        );
        assert_eq!(write(Encoding { literals: Literals::Minus, ..client }, &[b'\n'; 4097]).1.len(), 1);
        assert_eq!(write(Encoding::server(), "\u{e9}".as_bytes()).0, "{2}\r\n\u{e9}");
        assert_eq!(write(Encoding { utf8: true, ..client }, "\u{e9}".as_bytes()).0, "\"\u{e9}\"");
        let mut out = BytesMut::new();
        assert_eq!(Encoder::new(&mut out, client).string(b"a\0").unwrap_err().offset, 1);
    }
}
