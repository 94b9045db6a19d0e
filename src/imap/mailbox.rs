//! Names of mailboxes, and patterns for them.
//!
//! ```abnf
//! ; RFC 3501 section 9
//! mailbox         = "INBOX" / astring     ; INBOX is case-insensitive
//! list-mailbox    = 1*list-char / string
//! list-char       = ATOM-CHAR / list-wildcards / resp-specials
//! list-wildcards  = "%" / "*"
//! ```
//!
//! RFC 3501 section 5.1.3 has names in modified UTF-7; RFC 6855 and RFC 9051 have them in UTF-8 once the client has enabled it.

use crate::imap::core::{ASTRING, LIST, QUOTED, RawString, is_in, unescape};
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::file_name::check_component;
use crate::imap::quirk::Quirk;
use crate::imap::runs::plain_run;
use crate::imap::utf7;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::swar::{equal, less, split_at_end};
use crate::wire::{ErrorKind, InvalidValue, Text};
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

/// What the octets of a name are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Printable ASCII without `&`: the same in both encodings.
    Plain,
    /// Modified UTF-7 in the one form that its name has.
    Utf7,
    /// UTF-8.
    Utf8,
    /// Neither, as the peer has it; sent back as it came.
    Verbatim,
}

#[derive(Clone)]
struct Name {
    raw: Text,
    form: Form,
}

/// Whether the octets are the same in both encodings, eight at a time.
#[inline(always)]
fn is_plain(octets: &[u8]) -> bool {
    let (chunks, rest) = octets.as_chunks::<8>();
    let others = match (octets.last_chunk::<8>(), rest) {
        // The last eight octets, some of them for the second time.
        (Some(last), _) => chunks.iter().fold(coded(*last), |others, chunk| others | coded(*chunk)),
        (None, rest) => coded(core::array::from_fn(|at| rest.get(at).copied().unwrap_or(b' '))),
    };
    others == 0
}

/// Not zero if one of the octets is `&`, or is not printable ASCII.
#[inline]
const fn coded(octets: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let word = u64::from_le_bytes(octets);
    let ampersand = (word ^ u64::from_le_bytes([b'&'; 8])).wrapping_sub(ONES);
    let control = word.wrapping_sub(u64::from_le_bytes([b' '; 8]));
    let delete = word.wrapping_add(ONES);
    // What is carried or borrowed comes from an octet that is found itself.
    (ampersand | control | delete | word) & HIGH
}

/// Marks an octet that is a quote or a backslash, has a meaning in one of the encodings, or is not printable ASCII.
#[inline(always)]
const fn ends_plain(word: u64) -> u64 {
    equal(word, b'"') | equal(word, b'\\') | coded(word.to_le_bytes())
}

/// Marks an octet that few atoms have.
#[inline(always)]
const fn ends_plain_atom(word: u64) -> u64 {
    let delete = word.wrapping_add(u64::from_le_bytes([1; 8])) | word;
    less(word, b'*' + 1) | equal(word, b'{') | equal(word, b'\\') | delete & u64::from_le_bytes([0x80; 8])
}

impl Name {
    /// Also tells whether the octets are malformed.
    fn new(raw: Text, utf8: bool) -> (Self, bool) {
        let octets = raw.as_bytes();
        let (form, malformed) = if octets.iter().all(|octet| matches!(octet, 0x20..=0x7e) && *octet != b'&') {
            (Form::Plain, false)
        } else if utf8 {
            match core::str::from_utf8(octets) {
                Ok(name) if !name.bytes().any(|octet| octet.is_ascii_control()) => (Form::Utf8, false),
                name => (Form::Verbatim, name.is_err()),
            }
        } else if !octets.is_ascii() {
            (Form::Verbatim, core::str::from_utf8(octets).is_err())
        } else {
            match utf7::read(octets, |_| ()) {
                Ok(()) => (Form::Utf7, false),
                Err(flaw) => (Form::Verbatim, flaw.malformed),
            }
        };
        (Self { raw, form }, malformed)
    }

    fn encoded(name: &str) -> Result<Self, InvalidValue> {
        let encoded = utf7::encode(name)?;
        let form = if name.is_ascii() && !name.contains('&') { Form::Plain } else { Form::Utf7 };
        Ok(Self { raw: encoded.into(), form })
    }

    fn checked(raw: Text, utf8: bool) -> Result<Self, InvalidValue> {
        match memchr::memchr(0, raw.as_bytes()) {
            Some(offset) => Err(InvalidValue { offset, expected: "a name without NUL" }),
            None => Ok(Self::new(raw, utf8).0),
        }
    }

    #[inline(always)]
    fn read<'a>(cursor: &mut Cursor<'a>, start: usize, string: RawString<'a>) -> Parsed<Self> {
        // The octets of the name count, and not how they are written.
        let limit = cursor.limits().mailbox;
        if string.octets.len() > limit && (!string.escaped || unescape(string.octets).len() > limit) {
            return cursor.fail(ErrorKind::TooMany, start, "a shorter name of a mailbox");
        }
        if !string.escaped && is_plain(string.octets) {
            return Ok(Self { raw: cursor.text(string.octets)?, form: Form::Plain });
        }
        Self::read_coded(cursor, start, string)
    }

    fn read_coded<'a>(cursor: &mut Cursor<'a>, start: usize, string: RawString<'a>) -> Parsed<Self> {
        if memchr::memchr(0, string.octets).is_some() {
            return cursor.fail(ErrorKind::Nul, start, "a name without NUL");
        }
        let raw = cursor.owned(string)?;
        let (name, malformed) = Self::new(raw, cursor.utf8());
        if malformed && !cursor.forgives(Quirk::BadMailboxEncoding) {
            return cursor.syntax_at(start, "a name in modified UTF-7");
        }
        Ok(name)
    }

    fn decoded(&self) -> Result<Cow<'_, str>, InvalidValue> {
        match self.form {
            Form::Plain | Form::Utf8 => Ok(Cow::Borrowed(self.raw.to_str().unwrap_or_default())),
            Form::Utf7 => utf7::decode(self.raw.as_bytes()).map(Cow::Owned),
            Form::Verbatim => match utf7::decode(self.raw.as_bytes()) {
                Err(error) => Err(error),
                Ok(_) => Err(InvalidValue { offset: 0, expected: "a name that can be decoded" }),
            },
        }
    }

    fn lossy(&self) -> Cow<'_, str> {
        self.decoded().unwrap_or_else(|_| self.raw.to_string_lossy())
    }

    /// The octets for a peer that reads names in UTF-8, or one that does not.
    fn octets(&self, utf8: bool) -> Result<Cow<'_, [u8]>, InvalidValue> {
        match (self.form, utf8) {
            (Form::Utf7, true) => Ok(Cow::Owned(self.decoded()?.into_owned().into_bytes())),
            (Form::Utf8, false) => Ok(Cow::Owned(utf7::encode(&self.decoded()?)?.into_bytes())),
            _ => Ok(Cow::Borrowed(self.raw.as_bytes())),
        }
    }

    /// What names are compared by.
    fn key(&self) -> (bool, Cow<'_, [u8]>) {
        (self.form == Form::Verbatim, self.octets(true).unwrap_or(Cow::Borrowed(self.raw.as_bytes())))
    }
}

/// How names are stored.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Stored {
    Octets(Text),
    Encoded(Text, bool),
}

/// What [`Mailbox`] and [`ListPattern`] have in common.
macro_rules! name {
    ($name:ident) => {
        impl $name {
            /// The octets as they stand on the wire: modified UTF-7, or UTF-8 where the session has enabled it.
            pub fn as_bytes(&self) -> &[u8] {
                self.0.raw.as_bytes()
            }

            /// The name, decoded.
            ///
            /// What this gives, [`Self::new`] takes back to the same octets.
            ///
            /// # Errors
            /// Where a peer's octets are not of the encoding; they are kept and sent as they came.
            pub fn name(&self) -> Result<Cow<'_, str>, InvalidValue> {
                self.0.decoded()
            }

            /// The name, decoded as far as that goes, for people.
            pub fn to_string_lossy(&self) -> Cow<'_, str> {
                self.0.lossy()
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                if self.0.form == other.0.form {
                    self.0.raw == other.0.raw
                } else {
                    self.0.key() == other.0.key()
                }
            }
        }

        impl Eq for $name {}

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.key().1.hash(state);
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            /// By the octets of the decoded name.
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.key().cmp(&other.0.key())
            }
        }

        impl fmt::Debug for $name {
            /// The decoded name, or the octets where they cannot be decoded.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Ok(name) => write!(f, "{name:?}"),
                    Err(_) => write!(f, "{:?}", self.0.raw),
                }
            }
        }

        impl fmt::Display for $name {
            /// The name for a person: control characters are escaped, so a peer's name cannot steer a terminal.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", Text::from(&*self.0.lossy()).display())
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidValue;
            fn try_from(name: &str) -> Result<Self, InvalidValue> {
                Self::new(name)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidValue;
            fn try_from(name: String) -> Result<Self, InvalidValue> {
                Self::new(&name)
            }
        }

        impl core::str::FromStr for $name {
            type Err = InvalidValue;
            fn from_str(name: &str) -> Result<Self, InvalidValue> {
                Self::new(name)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            /// The octets of the wire; where they are UTF-8 rather than modified UTF-7, that stands behind them.
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.0.form {
                    Form::Utf8 => (&self.0.raw, true).serialize(serializer),
                    _ => self.0.raw.serialize(serializer),
                }
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let (raw, utf8) = match Stored::deserialize(deserializer)? {
                    Stored::Octets(raw) => (raw, false),
                    Stored::Encoded(raw, utf8) => (raw, utf8),
                };
                Self::from_wire(raw, utf8).map_err(serde::de::Error::custom)
            }
        }
    };
}

/// The name of a mailbox.
///
/// The octets of the wire are kept; [`Mailbox::name`] decodes them. `INBOX` in any case is `INBOX`. Two values are equal if they name the same mailbox,
/// whether it came in modified UTF-7 or in UTF-8.
///
/// A name that a server chose is not a path: there is no conversion to one. [`Mailbox::safe_components`] gives its levels if each may be a file's name.
///
/// ```
/// use mailwire::imap::Mailbox;
///
/// let drafts = Mailbox::new("Entwürfe").unwrap();
/// assert_eq!(drafts.as_bytes(), b"Entw&APw-rfe");
/// assert_eq!(drafts.name().unwrap(), "Entwürfe");
/// assert_eq!(Mailbox::new("inbox").unwrap(), Mailbox::inbox());
/// assert!(Mailbox::new("../etc/passwd").unwrap().safe_components(Some('/')).is_err());
/// ```
#[derive(Clone)]
pub struct Mailbox(Name);

name!(Mailbox);

impl Mailbox {
    /// The empty name: the reference of a LIST that begins at the root, and the server itself in METADATA.
    pub const fn root() -> Self {
        Self(Name { raw: Text::empty(), form: Form::Plain })
    }

    /// `INBOX`.
    pub fn inbox() -> Self {
        Self(Name { raw: Text::from(b"INBOX"), form: Form::Plain })
    }

    /// The mailbox of this name, in plain Unicode.
    ///
    /// # Errors
    /// Where the name holds a control character.
    pub fn new(name: &str) -> Result<Self, InvalidValue> {
        Name::encoded(name).map(Self::canonical)
    }

    /// The mailbox whose name is written like this on the wire: in UTF-8, or in modified UTF-7.
    /// Octets that are not of the encoding are kept as they are.
    ///
    /// # Errors
    /// Where the octets hold a NUL.
    pub fn from_wire(octets: impl Into<Text>, utf8: bool) -> Result<Self, InvalidValue> {
        Name::checked(octets.into(), utf8).map(Self::canonical)
    }

    #[inline(always)]
    fn canonical(name: Name) -> Self {
        let inbox = name.raw.len() == 5 && name.raw.eq_ignore_ascii_case(b"INBOX");
        if inbox && name.raw != *b"INBOX".as_slice() { Self::inbox() } else { Self(name) }
    }

    /// Whether this is `INBOX`.
    pub fn is_inbox(&self) -> bool {
        self.0.raw == *b"INBOX".as_slice()
    }

    /// The whole name, if it may be the name of one file on any system.
    ///
    /// # Errors
    /// Where the name cannot be decoded, is empty, `.` or `..`, is longer than 255 octets, holds a separator, a control, a formatting character or one of `:*?"<>|`,
    /// ends in a dot or a space, or is a name that some systems reserve (`CON`, `LPT1`…).
    pub fn safe_component(&self) -> Result<Cow<'_, str>, InvalidValue> {
        let name = self.name()?;
        check_component(&name)?;
        Ok(name)
    }

    /// The levels of the name, if each may be the name of one file on any system.
    ///
    /// # Errors
    /// As [`Mailbox::safe_component`], for the first level that is not safe.
    pub fn safe_components(&self, delimiter: Option<char>) -> Result<Vec<String>, InvalidValue> {
        let name = self.name()?;
        let Some(delimiter) = delimiter else {
            check_component(&name)?;
            return Ok(alloc::vec![name.into_owned()]);
        };
        name.split(delimiter)
            .map(|component| {
                check_component(component)?;
                Ok(component.into())
            })
            .collect()
    }

    /// `mailbox`.
    #[inline(always)]
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let string = cursor.astring_of_any_encoding()?;
        Name::read(cursor, start, string).map(Self::canonical)
    }

    /// `mailbox` that a list in parentheses follows: without quotes it may have octets that no atom has, as a quirk.
    #[inline]
    pub(crate) fn parse_before_list(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Self::parse_unquoted(cursor, at_list, |rest| memchr::memmem::rfind(rest, b" ("))
    }

    /// `mailbox` that the end of the line or the items of an extended LIST follow: without quotes it may have octets that no atom has, as a quirk.
    #[inline]
    pub(crate) fn parse_before_items(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Self::parse_unquoted(cursor, at_list, |rest| {
            memchr::memmem::find_iter(rest, b" (").find(|place| {
                let items = rest.get(place.saturating_add(2)..).unwrap_or_default();
                let starts = |tag: &[u8]| {
                    items.get(..tag.len()).is_some_and(|octets| octets.eq_ignore_ascii_case(tag))
                };
                starts(b"\"") || starts(b"CHILDINFO ") || starts(b"OLDNAME ")
            })
        })
    }

    /// `mailbox` that the end of the line or more words follow: without quotes it may have octets that no atom has, but spaces, as a quirk.
    pub(crate) fn parse_before_words(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let ends = |rest: &[u8]| matches!(rest, [] | [b' ', ..]);
        Self::parse_unquoted(cursor, ends, |rest| memchr::memchr(b' ', rest))
    }

    #[inline(always)]
    fn parse_unquoted(
        cursor: &mut Cursor<'_>,
        ends: impl FnOnce(&[u8]) -> bool,
        end: impl FnOnce(&[u8]) -> Option<usize>,
    ) -> Parsed<Self> {
        let start = cursor.position();
        let rest = cursor.rest();
        if matches!(rest, [] | [b'"' | b'{', ..] | [b'~', b'{', ..]) {
            let name = Self::parse(cursor)?;
            return match cursor.peek() {
                None | Some(b' ') => Ok(name),
                _ => {
                    Ok(Self::parse_unescaped(cursor, start, end(rest).unwrap_or(rest.len()))?.unwrap_or(name))
                }
            };
        }
        let atom = cursor.take_while(&ASTRING);
        if ends(cursor.rest()) && !atom.is_empty() {
            return Name::read(cursor, start, RawString::plain(atom)).map(Self::canonical);
        }
        if !cursor.forgives(Quirk::UnquotedMailbox) {
            return cursor.syntax("a name of a mailbox in quotes");
        }
        let length = end(rest).unwrap_or(rest.len());
        let octets = rest.get(..length).unwrap_or_default();
        cursor.set_position(start.saturating_add(length));
        Name::read(cursor, start, RawString::plain(octets)).map(Self::canonical)
    }

    /// A name in quotes that are not escaped within it, to the last one of them.
    #[cold]
    fn parse_unescaped(cursor: &mut Cursor<'_>, start: usize, length: usize) -> Parsed<Option<Self>> {
        let behind = cursor.position();
        cursor.set_position(start);
        let quoted = cursor.rest().get(..length).unwrap_or_default();
        let quoted = quoted.strip_prefix(b"\"").and_then(|quoted| quoted.strip_suffix(b"\""));
        match quoted.filter(|quoted| {
            quoted.iter().all(|octet| is_in(&QUOTED, *octet) || *octet == b'"' || *octet == b'\\')
        }) {
            Some(octets) if cursor.forgives(Quirk::UnescapedQuote) => {
                cursor.set_position(start.saturating_add(length));
                let string = RawString { octets, escaped: octets.contains(&b'\\') };
                Name::read(cursor, start, string).map(|name| Some(Self::canonical(name)))
            }
            _ => {
                cursor.set_position(behind);
                Ok(None)
            }
        }
    }

    /// The name where only a string may stand.
    pub(crate) fn encode_string(&self, encoder: &mut Encoder<'_>) -> Encoded {
        let octets = self.0.octets(encoder.encoding().utf8)?;
        encoder.string(&octets)
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        let octets = self.0.octets(encoder.encoding().utf8)?;
        encoder.astring(&octets)
    }
}

/// Whether the line ends here, or a list follows.
#[inline(always)]
fn at_list(rest: &[u8]) -> bool {
    match rest {
        [] | [b' ', b'(', ..] => true,
        [b' ', spaces @ ..] => matches!(spaces.trim_ascii_start(), [] | [b'(', ..]),
        _ => false,
    }
}

/// The octets of a name in quotes without escapes, or as an atom.
#[derive(Clone, Copy)]
pub(crate) struct GlancedName<'a> {
    octets: &'a [u8],
    /// None of them has a meaning in one of the encodings.
    plain: bool,
}

impl<'a> GlancedName<'a> {
    /// The name at the front, and what stands behind it.
    #[inline(always)]
    pub(crate) fn of(octets: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (name, rest) = match octets {
            [b'"', quoted @ ..] => match split_at_end(quoted, ends_plain)? {
                (name, [b'"', rest @ ..]) => (name, rest),
                _ => return Self::coded(octets),
            },
            octets => match split_at_end(octets, ends_plain_atom)? {
                (name @ [_, ..], rest @ [b' ' | b'\r', ..]) => (name, rest),
                _ => return Self::coded(octets),
            },
        };
        Some((Self { octets: name, plain: true }, rest))
    }

    /// The same with octets that have a meaning in one of the encodings, or are rare in atoms.
    fn coded(octets: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (name, rest) = match octets {
            [b'"', quoted @ ..] => {
                let (name, rest) = quoted.split_at_checked(plain_run(quoted))?;
                (name, rest.strip_prefix(b"\"")?)
            }
            octets => {
                let end = octets.iter().position(|octet| !is_in(&ASTRING, *octet))?;
                octets.split_at_checked(end).filter(|(name, _)| !name.is_empty())?
            }
        };
        Some((Self { octets: name, plain: false }, rest))
    }

    /// The mailbox of this name, if its encoding is sound.
    #[inline(always)]
    pub(crate) fn mailbox(self, utf8: bool) -> Option<Mailbox> {
        if self.octets.len() == 5 && self.octets.eq_ignore_ascii_case(b"INBOX") {
            return Some(Mailbox::inbox());
        }
        let raw = Text::from(self.octets);
        if self.plain {
            return Some(Mailbox(Name { raw, form: Form::Plain }));
        }
        match Name::new(raw, utf8) {
            (name, false) => Some(Mailbox(name)),
            _ => None,
        }
    }
}

/// A pattern for names of mailboxes: `*` is anything, `%` is anything but the hierarchy delimiter.
///
/// ```
/// use mailwire::imap::{ListPattern, Mailbox};
///
/// let pattern = ListPattern::new("Arch%").unwrap();
/// assert!(pattern.matches(&Mailbox::new("Archive").unwrap(), Some('/')));
/// assert!(!pattern.matches(&Mailbox::new("Archive/2026").unwrap(), Some('/')));
/// ```
#[derive(Clone)]
pub struct ListPattern(Name);

name!(ListPattern);

#[derive(Clone, Copy)]
enum Token {
    Character(char),
    /// `%`
    Level,
    /// `*`
    Anything,
}

impl ListPattern {
    /// The pattern that is written like this in plain Unicode.
    ///
    /// # Errors
    /// Where the pattern holds a control character.
    pub fn new(pattern: &str) -> Result<Self, InvalidValue> {
        Name::encoded(pattern).map(Self)
    }

    /// The pattern that is written like this on the wire: in UTF-8, or in modified UTF-7.
    ///
    /// # Errors
    /// Where the octets hold a NUL.
    pub fn from_wire(octets: impl Into<Text>, utf8: bool) -> Result<Self, InvalidValue> {
        Name::checked(octets.into(), utf8).map(Self)
    }

    /// Whether the mailbox's name is of the pattern (RFC 3501 section 6.3.8). A first level `INBOX` is compared without case.
    ///
    /// Takes time as the product of both lengths at most.
    pub fn matches(&self, mailbox: &Mailbox, delimiter: Option<char>) -> bool {
        let name = mailbox.0.lossy();
        let first = delimiter.and_then(|delimiter| name.split(delimiter).next()).unwrap_or(&name);
        let mut without_case = if first.eq_ignore_ascii_case("INBOX") { first.len() } else { 0 };
        let pattern = self.0.lossy();
        // Whether the pattern up to each token is met by the name so far.
        let mut states: Vec<(Token, bool)> = Vec::with_capacity(pattern.len());
        let mut met = true;
        for character in pattern.chars() {
            let token = match character {
                '*' => Token::Anything,
                '%' => Token::Level,
                character => Token::Character(character),
            };
            states.push((token, met));
            met &= !matches!(token, Token::Character(_));
        }
        for character in name.chars() {
            met = false;
            for (token, state) in &mut states {
                let before = *state;
                *state = met;
                met = match *token {
                    Token::Character(expected) => {
                        before
                            && (expected == character
                                || without_case > 0 && expected.eq_ignore_ascii_case(&character))
                    }
                    Token::Level => {
                        *state |= before && Some(character) != delimiter;
                        *state
                    }
                    Token::Anything => {
                        *state |= before;
                        *state
                    }
                };
            }
            without_case = without_case.saturating_sub(1);
        }
        met
    }

    /// `list-mailbox`.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let string = match cursor.rest() {
            [b'"' | b'{', ..] | [b'~', b'{', ..] => cursor.astring_of_any_encoding()?,
            _ => RawString::plain(cursor.take_some(&LIST, "a pattern")?),
        };
        Name::read(cursor, start, string).map(Self)
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        let octets = self.0.octets(encoder.encoding().utf8)?;
        if !octets.is_empty() && octets.iter().all(|octet| is_in(&LIST, *octet)) {
            encoder.raw(&octets);
            Ok(())
        } else {
            encoder.string(&octets)
        }
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Mailbox {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        arbitrary_name(u).map(Self::canonical)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for ListPattern {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        arbitrary_name(u).map(Self)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
fn arbitrary_name(u: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<Name> {
    const NAMES: &[&str] = &["INBOX", "nil", "", "a&b", "%/*", "a \"\\b\"", "]"];
    if u.ratio(1, 4)? {
        let name = u.choose(NAMES)?;
        return Ok(Name::encoded(name).unwrap_or_else(|_| Mailbox::inbox().0));
    }
    let name: String =
        u.arbitrary::<&str>()?.chars().filter(|character| !character.is_ascii_control()).collect();
    if u.arbitrary()? {
        Ok(Name::new(name.into(), true).0)
    } else {
        Ok(Name::encoded(&name).unwrap_or_else(|_| Mailbox::inbox().0))
    }
}

#[cfg(test)]
mod tests;
