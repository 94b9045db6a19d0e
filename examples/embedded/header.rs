//! Structured header fields: addresses (RFC 5322, section 3.4) and media types with their parameters (RFC 2045, section 5.1).
//!
//! Whatever the octets, reading them is linear, and what cannot be read is passed over.

/// Text of a header as it stands in the message, unfolded.
pub type Octets = Box<[u8]>;

/// Names and values, in the order they stand in.
pub type Parameters = Vec<(Octets, Octets)>;

/// How many addresses one header field has.
pub const ADDRESSES: usize = 4096;

/// One address, or the begin (`mailbox` without `host`) or end (neither) of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    pub name: Option<Octets>,
    /// The source route.
    pub adl: Option<Octets>,
    pub mailbox: Option<Octets>,
    pub host: Option<Octets>,
}

/// `type "/" subtype` and parameters; `None` where there is no such thing.
pub fn media_type(value: &[u8]) -> Option<(Octets, Octets, Parameters)> {
    let mut reader = Reader::new(value);
    let media: Octets = reader.token().into();
    reader.space();
    if media.is_empty() || !reader.eat(b'/') {
        return None;
    }
    reader.space();
    let subtype: Octets = reader.token().into();
    if subtype.is_empty() {
        return None;
    }
    Some((media, subtype, reader.parameters()))
}

/// Reads the pieces of a structured header field (RFC 5322, section 3.2).
pub struct Reader<'a> {
    rest: &'a [u8],
    /// The last comment that was passed.
    comment: Option<&'a [u8]>,
}

impl<'a> Reader<'a> {
    pub fn new(value: &'a [u8]) -> Self {
        Self { rest: value, comment: None }
    }

    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn advance(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(len.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn eat(&mut self, octet: u8) -> bool {
        let is = self.peek() == Some(octet);
        if is {
            self.advance(1);
        }
        is
    }

    /// Passes white space and comments, and says if there was any.
    pub fn space(&mut self) -> bool {
        let before = self.rest.len();
        loop {
            self.rest = self.rest.trim_ascii_start();
            if self.peek() != Some(b'(') {
                return self.rest.len() < before;
            }
            let mut depth = 0_usize;
            let mut len = 0;
            while let Some(octet) = self.rest.get(len) {
                len += 1;
                match octet {
                    b'\\' => len += 1,
                    b'(' => depth += 1,
                    b')' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
            let comment = self.advance(len);
            self.comment = comment.get(1..comment.len().saturating_sub(1));
        }
    }

    /// What stands before the next special octet.
    pub fn token(&mut self) -> &'a [u8] {
        self.space();
        let len = self
            .rest
            .iter()
            .position(|octet| {
                matches!(
                    octet,
                    b' ' | b'\t' | b'(' | b')' | b'<' | b'>' | b'@' | b',' | b';' | b':' | b'"' | b'/' | b'='
                )
            })
            .unwrap_or(self.rest.len());
        self.advance(len)
    }

    /// What is quoted, without the quotes and backslashes.
    fn quoted(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        self.advance(1);
        while let Some(octet) = self.peek() {
            self.advance(1);
            match octet {
                b'"' => break,
                b'\\' => text.extend_from_slice(self.advance(1)),
                octet => text.push(octet),
            }
        }
        text
    }

    /// `;` name `=` value, as often as they come.
    pub fn parameters(&mut self) -> Parameters {
        let mut parameters = Vec::new();
        loop {
            self.space();
            // What cannot be read is passed over, up to the next parameter.
            while self.peek().is_some_and(|octet| octet != b';') {
                if self.peek() == Some(b'"') {
                    self.quoted();
                } else {
                    self.advance(1);
                }
                self.space();
            }
            if !self.eat(b';') || parameters.len() >= 256 {
                return parameters;
            }
            let name = self.token();
            self.space();
            if name.is_empty() || !self.eat(b'=') {
                continue;
            }
            self.space();
            let value = if self.peek() == Some(b'"') {
                self.quoted()
            } else {
                // Real mail puts `=`, `/` and more into values without quoting them.
                let len =
                    self.rest.iter().position(|octet| matches!(octet, b' ' | b'\t' | b'(' | b';' | b'"'));
                self.advance(len.unwrap_or(self.rest.len())).to_vec()
            };
            parameters.push((name.into(), value.into()));
        }
    }
}

/// The addresses of one header field (RFC 5322, section 3.4), as IMAP tells them.
pub fn addresses(value: &[u8], into: &mut Vec<Address>) {
    let mut reader = Reader::new(value);
    let mut in_group = false;
    // The words so far, each with whether white space stood before it.
    let mut words: Vec<(Vec<u8>, bool)> = Vec::new();
    let phrase = |words: &[(Vec<u8>, bool)]| {
        let mut text = Vec::new();
        for (word, spaced) in words {
            if *spaced && !text.is_empty() {
                text.push(b' ');
            }
            text.extend_from_slice(word);
        }
        Some(Octets::from(text)).filter(|text| !text.is_empty())
    };
    let local =
        |words: &[(Vec<u8>, bool)]| words.iter().flat_map(|(word, _)| word).copied().collect::<Octets>();
    while into.len() < ADDRESSES {
        let spaced = reader.space();
        match reader.peek() {
            None | Some(b',' | b';') => {
                if !words.is_empty() {
                    into.push(Address {
                        mailbox: Some(local(&words)),
                        host: Some(Octets::default()),
                        ..Address::default()
                    });
                    words.clear();
                }
                reader.comment = None;
                if reader.peek() == Some(b';') && in_group {
                    in_group = false;
                    into.push(Address::default());
                }
                if reader.advance(1).is_empty() {
                    break;
                }
            }
            Some(b'<') => {
                reader.advance(1);
                let mut address = angle(&mut reader);
                address.name = phrase(&words);
                words.clear();
                into.push(address);
                skip_to_next(&mut reader);
            }
            Some(b':') if !in_group && !words.is_empty() => {
                reader.advance(1);
                in_group = true;
                into.push(Address { mailbox: phrase(&words), ..Address::default() });
                words.clear();
            }
            Some(b'@') if !words.is_empty() => {
                reader.advance(1);
                let host = domain(&mut reader);
                reader.comment = None;
                reader.space();
                let name = reader.comment.take().map(Octets::from).filter(|name| !name.is_empty());
                into.push(Address { name, adl: None, mailbox: Some(local(&words)), host: Some(host) });
                words.clear();
                skip_to_next(&mut reader);
            }
            Some(b'"') => words.push((reader.quoted(), spaced)),
            Some(_) => {
                let len = reader
                    .rest
                    .iter()
                    .position(|octet| {
                        matches!(octet, b' ' | b'\t' | b'(' | b'<' | b'@' | b',' | b';' | b':' | b'"')
                    })
                    .unwrap_or(reader.rest.len())
                    .max(1);
                words.push((reader.advance(len).to_vec(), spaced));
            }
        }
    }
    if in_group && into.len() < ADDRESSES {
        into.push(Address::default());
    }
}

/// What is left after an address, up to the comma or semicolon, says nothing.
fn skip_to_next(reader: &mut Reader<'_>) {
    loop {
        reader.space();
        match reader.peek() {
            None | Some(b',' | b';') => return,
            Some(b'"') => drop(reader.quoted()),
            Some(_) => drop(reader.advance(1)),
        }
    }
}

/// `[route ":"] local "@" domain ">"`, after the `<`.
fn angle(reader: &mut Reader<'_>) -> Address {
    let mut address = Address::default();
    let mut local = Vec::new();
    loop {
        reader.space();
        match reader.peek() {
            None => break,
            Some(b'>') => {
                reader.advance(1);
                break;
            }
            Some(b'@') if local.is_empty() && address.adl.is_none() => {
                let len = reader.rest.iter().position(|octet| matches!(octet, b':' | b'>'));
                let len = len.unwrap_or(reader.rest.len());
                address.adl = Some(reader.advance(len).trim_ascii().into());
                reader.eat(b':');
            }
            Some(b'@') => {
                reader.advance(1);
                address.host = Some(domain(reader));
            }
            Some(b'"') => local.append(&mut reader.quoted()),
            Some(octet) => {
                local.push(octet);
                reader.advance(1);
            }
        }
    }
    address.host.get_or_insert_default();
    address.mailbox = Some(local.into());
    address
}

fn domain(reader: &mut Reader<'_>) -> Octets {
    reader.space();
    let mut host = Vec::new();
    if reader.peek() == Some(b'[') {
        let len = reader.rest.iter().position(|octet| *octet == b']').map_or(reader.rest.len(), |at| at + 1);
        return reader.advance(len).into();
    }
    while let Some(octet) = reader.peek() {
        if matches!(octet, b' ' | b'\t' | b'(' | b'>' | b'<' | b',' | b';' | b'"') {
            break;
        }
        host.push(octet);
        reader.advance(1);
    }
    host.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(octets: &Option<Octets>) -> &str {
        octets.as_deref().map_or("NIL", |octets| std::str::from_utf8(octets).unwrap())
    }

    fn list(value: &str) -> Vec<String> {
        let mut all = Vec::new();
        addresses(value.as_bytes(), &mut all);
        all.iter()
            .map(|a| format!("{} {} {} {}", show(&a.name), show(&a.adl), show(&a.mailbox), show(&a.host)))
            .collect()
    }

    #[test]
    fn address_lists() {
        assert_eq!(list("a@b"), ["NIL NIL a b"]);
        assert_eq!(list("A B <a.c@b.d>, \"X, Y\" <x@y>"), ["A B NIL a.c b.d", "X, Y NIL x y"]);
        assert_eq!(list("a@b (Name (x))"), ["Name (x) NIL a b"]);
        assert_eq!(list("<@r1,@r2:a@b>"), ["NIL @r1,@r2 a b"]);
        assert_eq!(
            list("G: a@b, c@d; e@f"),
            ["NIL NIL G NIL", "NIL NIL a b", "NIL NIL c d", "NIL NIL NIL NIL", "NIL NIL e f"]
        );
        assert_eq!(
            list("undisclosed recipients:;"),
            ["NIL NIL undisclosed recipients NIL", "NIL NIL NIL NIL"]
        );
        assert_eq!(list("lonely, \"q u\"@[1.2.3.4],,"), ["NIL NIL lonely ", "NIL NIL q u [1.2.3.4]"]);
        assert_eq!(list("J. Doe <j@d>"), ["J. Doe NIL j d"]);
        for bad in ["<", "\"", "(((", "@", "a@", ":", ";", "<@", "<@:", "a <b", "\\", "\"\\", "(\\"] {
            list(bad);
        }
        assert_eq!(list(&"a,".repeat(100_000)).len(), ADDRESSES);
    }
}
