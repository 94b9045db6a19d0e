//! What a person reads of a message: encoded words in headers (RFC 2047), transfer encodings of bodies (RFC 2045, section 6).
//!
//! The result is UTF-8 where the charset is one of those known here: UTF-8 and its part US-ASCII, and ISO-8859-1. Octets of another
//! charset stay as they are.

/// A body on its way to a reader, piece by piece.
#[derive(Debug)]
pub struct Decoder {
    encoding: Encoding,
    is_latin1: bool,
}

#[derive(Debug)]
enum Encoding {
    None,
    /// Octets from an `=` on whose meaning is not yet clear: two at most.
    QuotedPrintable(Vec<u8>),
    /// Bits that make no octet yet, and how many.
    Base64(u32, u32),
}

impl Decoder {
    /// `None` where nothing is to be decoded.
    pub fn new(encoding: &[u8], charset: &[u8]) -> Option<Self> {
        let encoding = match () {
            () if encoding.eq_ignore_ascii_case(b"QUOTED-PRINTABLE") => Encoding::QuotedPrintable(Vec::new()),
            () if encoding.eq_ignore_ascii_case(b"BASE64") => Encoding::Base64(0, 0),
            () => Encoding::None,
        };
        let is_latin1 = is_latin1(charset);
        (is_latin1 || !matches!(encoding, Encoding::None)).then_some(Self { encoding, is_latin1 })
    }

    pub fn decode(&mut self, octets: &[u8], into: &mut Vec<u8>) {
        for octet in octets {
            match &mut self.encoding {
                Encoding::None => put(*octet, self.is_latin1, into),
                Encoding::QuotedPrintable(held) => quoted_printable(held, *octet, self.is_latin1, into),
                Encoding::Base64(bits, count) => {
                    let Some(value) = base64(*octet) else { continue };
                    *bits = *bits << 6 | value;
                    *count += 6;
                    if *count >= 8 {
                        *count -= 8;
                        put((*bits >> *count & 0xFF) as u8, self.is_latin1, into);
                        *bits &= (1 << *count) - 1;
                    }
                }
            }
        }
    }
}

fn put(octet: u8, is_latin1: bool, into: &mut Vec<u8>) {
    if is_latin1 {
        let mut room = [0; 2];
        into.extend_from_slice(char::from(octet).encode_utf8(&mut room).as_bytes());
    } else {
        into.push(octet);
    }
}

fn quoted_printable(held: &mut Vec<u8>, octet: u8, is_latin1: bool, into: &mut Vec<u8>) {
    match (held.as_slice(), octet) {
        ([], b'=') => held.push(octet),
        ([], _) => put(octet, is_latin1, into),
        ([b'='], b'\n') | ([b'=', b'\r'], b'\n') => held.clear(),
        ([b'='], _) if octet == b'\r' || octet.is_ascii_hexdigit() => held.push(octet),
        ([b'=', high], _) if high.is_ascii_hexdigit() && octet.is_ascii_hexdigit() => {
            put(hex(*high) << 4 | hex(octet), is_latin1, into);
            held.clear();
        }
        // No encoding after all.
        _ => {
            let held = std::mem::take(held);
            held.into_iter().chain([octet]).for_each(|octet| put(octet, is_latin1, into));
        }
    }
}

fn hex(digit: u8) -> u8 {
    char::from(digit).to_digit(16).map_or(0, |value| value as u8)
}

fn base64(octet: u8) -> Option<u32> {
    let value = match octet {
        b'A'..=b'Z' => octet - b'A',
        b'a'..=b'z' => octet - b'a' + 26,
        b'0'..=b'9' => octet - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}

fn is_latin1(charset: &[u8]) -> bool {
    [&b"ISO-8859-1"[..], b"LATIN1", b"WINDOWS-1252"].iter().any(|known| charset.eq_ignore_ascii_case(known))
}

fn is_known(charset: &[u8]) -> bool {
    is_latin1(charset) || [&b"UTF-8"[..], b"US-ASCII"].iter().any(|known| charset.eq_ignore_ascii_case(known))
}

/// A header field with its encoded words decoded; those of an unknown charset, and what only looks like one, stay.
pub fn words(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    let mut after_word = false;
    while let Some(at) = memchr::memmem::find(rest, b"=?") {
        let (before, from) = rest.split_at(at);
        match word(from) {
            Some((decoded, len)) => {
                // White space between two words only keeps them apart.
                if !(after_word && before.iter().all(u8::is_ascii_whitespace)) {
                    out.extend_from_slice(before);
                }
                out.extend(decoded);
                rest = from.get(len..).unwrap_or_default();
                after_word = true;
            }
            None => {
                out.extend_from_slice(before);
                out.extend_from_slice(b"=?");
                rest = from.get(2..).unwrap_or_default();
                after_word = false;
            }
        }
    }
    out.extend_from_slice(rest);
    out
}

/// The encoded word at the beginning, and its length.
fn word(octets: &[u8]) -> Option<(Vec<u8>, usize)> {
    // =? charset ["*" language] ? encoding ? text ?=
    let mut parts = octets.get(2..)?.splitn(3, |octet| *octet == b'?');
    let (name, encoding, text) = (parts.next()?, parts.next()?, parts.next()?);
    let text = text.get(..memchr::memmem::find(text, b"?=")?)?;
    let charset = name.split(|octet| *octet == b'*').next()?;
    if !is_known(charset) || text.contains(&b'?') {
        return None;
    }
    let mut decoded = Vec::with_capacity(text.len());
    match encoding {
        b"B" | b"b" => Decoder { encoding: Encoding::Base64(0, 0), is_latin1: is_latin1(charset) }
            .decode(text, &mut decoded),
        b"Q" | b"q" => {
            let text: Vec<u8> = text.iter().map(|octet| if *octet == b'_' { b' ' } else { *octet }).collect();
            Decoder { encoding: Encoding::QuotedPrintable(Vec::new()), is_latin1: is_latin1(charset) }
                .decode(&text, &mut decoded);
        }
        _ => return None,
    }
    Some((decoded, name.len() + encoding.len() + text.len() + 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(encoding: &str, charset: &str, octets: &[u8]) -> String {
        let whole = {
            let mut out = Vec::new();
            Decoder::new(encoding.as_bytes(), charset.as_bytes()).unwrap().decode(octets, &mut out);
            out
        };
        let mut decoder = Decoder::new(encoding.as_bytes(), charset.as_bytes()).unwrap();
        let mut cut = Vec::new();
        octets.iter().for_each(|octet| decoder.decode(&[*octet], &mut cut));
        assert_eq!(whole, cut);
        String::from_utf8(whole).unwrap()
    }

    #[test]
    fn bodies() {
        assert_eq!(decoded("quoted-printable", "utf-8", b"a=C3=BCb=\r\nc=3d =zz =4"), "aübc= =zz ");
        assert_eq!(decoded("quoted-printable", "iso-8859-1", b"gr=FC=DF=\ne"), "grüße");
        assert_eq!(decoded("BASE64", "utf-8", b"aGFs\r\nbMO2\r\n"), "hallö");
        assert_eq!(decoded("base64", "utf-8", b"aA=="), "h");
        assert_eq!(decoded("8bit", "ISO-8859-1", b"\xe9"), "é");
        assert!(Decoder::new(b"7BIT", b"UTF-8").is_none());
    }

    #[test]
    fn headers() {
        let read = |text: &str| String::from_utf8(words(text.as_bytes())).unwrap();
        assert_eq!(read("a =?utf-8?q?gr=C3=BC=5F_n?= b"), "a grü_ n b");
        assert_eq!(read("=?UTF-8?B?w7w=?= \t =?iso-8859-1*de?Q?=FC?=x"), "üüx");
        for plain in ["=?", "=?utf-8?x?a?=", "=?koi8-r?q?=C0?=", "=?utf-8?q?a", "a=?b?=c", "none"] {
            assert_eq!(read(plain), plain);
        }
    }
}
