//! Flags of messages.
//!
//! ```abnf
//! ; RFC 3501 section 9
//! flag            = "\Answered" / "\Flagged" / "\Deleted" / "\Seen" / "\Draft" / flag-keyword / flag-extension
//! flag-extension  = "\" atom
//! flag-fetch      = flag / "\Recent"
//! flag-keyword    = atom
//! flag-list       = "(" [flag *(SP flag)] ")"
//! flag-perm       = flag / "\*"
//! ```
//!
//! RFC 9051 section 2.3.2 registers `$MDNSent`, `$Forwarded`, `$Junk`, `$NotJunk` and `$Phishing`, RFC 8457 `$Important`.

use crate::imap::core::{ATOM, is_in};
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::keyword::compare;
use crate::imap::quirk::Quirk;
use crate::wire::cursor::{Class, Cursor, Parsed, class};
use crate::wire::{InvalidValue, Text};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

/// What a flag of a careless server may hold: all that leaves the list and the line readable.
const STRANGE: Class =
    class!(octet => !matches!(octet, 0 | b'\r' | b'\n' | b' ' | b'(' | b')' | b'{' | b'"'));

/// Declares the flags that are bits: bit, variant, spelling, meaning.
macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal $spelling:literal $is:ident,)*) => {
        /// One flag of a message.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Flag {
            $($(#[$doc])* $name,)*
            /// Any other keyword or `\` flag.
            Other(FlagName),
        }

        impl Flag {
            /// As it is written.
            pub fn as_bytes(&self) -> &[u8] {
                match self {
                    $(Self::$name => $spelling,)*
                    Self::Other(name) => name.as_bytes(),
                }
            }

            fn bit(&self) -> u16 {
                match self {
                    $(Self::$name => 1 << $bit,)*
                    Self::Other(_) => 0,
                }
            }

            fn of_bit(bit: u16) -> Option<Self> {
                match bit {
                    $(bit if bit == 1 << $bit => Some(Self::$name),)*
                    _ => None,
                }
            }
        }

        impl Flags {
            $(
                $(#[$doc])*
                pub const fn $is(&self) -> bool {
                    self.bits & (1 << $bit) != 0
                }
            )*
        }

        /// The bit of a word in any case.
        #[cold]
        fn known_in_any_case(word: &[u8]) -> Option<u16> {
            match word {
                $(word if word.eq_ignore_ascii_case($spelling) => Some(1 << $bit),)*
                _ => None,
            }
        }

        const SPELLINGS: &[&[u8]] = &[$($spelling,)*];
    };
}

flags! {
    /// `\Answered`: the message was answered.
    Answered = 0 b"\\Answered" is_answered,
    /// `\Flagged`: the message is marked for attention.
    Flagged = 1 b"\\Flagged" is_flagged,
    /// `\Deleted`: the next EXPUNGE removes the message.
    Deleted = 2 b"\\Deleted" is_deleted,
    /// `\Seen`: the message was read.
    Seen = 3 b"\\Seen" is_seen,
    /// `\Draft`: the message is not finished.
    Draft = 4 b"\\Draft" is_draft,
    /// `\Recent`: this session is the first to be told of the message. Only a server sets it.
    Recent = 5 b"\\Recent" is_recent,
    /// `$Forwarded`: the message was forwarded.
    Forwarded = 6 b"$Forwarded" is_forwarded,
    /// `$MDNSent`: a disposition notification was sent.
    MdnSent = 7 b"$MDNSent" is_mdn_sent,
    /// `$Junk`: the user says that the message is junk.
    Junk = 8 b"$Junk" is_junk,
    /// `$NotJunk`: the user says that the message is not junk.
    NotJunk = 9 b"$NotJunk" is_not_junk,
    /// `$Phishing`: the message is likely to be phishing.
    Phishing = 10 b"$Phishing" is_phishing,
    /// `$Important`: the message is likely to be important to the user (RFC 8457).
    Important = 11 b"$Important" is_important,
}

/// `\*`, which stands only in PERMANENTFLAGS.
const WILDCARD: u16 = 1 << 15;

/// What stands in a command: neither `\*` nor `\Recent`.
const SETTABLE: &str = "flags that can be set";

/// The bit of the flag that starts these octets, and its length, if it is one of those that are bits and stands in its usual case.
#[inline]
fn known(octets: &[u8]) -> Option<(u16, usize)> {
    macro_rules! is {
        ($spelling:literal, $bit:literal) => {
            octets.starts_with($spelling).then_some((1 << $bit, $spelling.len()))
        };
    }
    let (bit, length) = match octets {
        [b'\\', b'S', ..] => is!(b"\\Seen", 3),
        [b'\\', b'A', ..] => is!(b"\\Answered", 0),
        [b'\\', b'F', ..] => is!(b"\\Flagged", 1),
        [b'\\', b'D', b'e', ..] => is!(b"\\Deleted", 2),
        [b'\\', b'D', ..] => is!(b"\\Draft", 4),
        [b'\\', b'R', ..] => is!(b"\\Recent", 5),
        [b'$', b'F', ..] => is!(b"$Forwarded", 6),
        [b'$', b'M', ..] => is!(b"$MDNSent", 7),
        [b'$', b'J', ..] => is!(b"$Junk", 8),
        [b'$', b'N', ..] => is!(b"$NotJunk", 9),
        [b'$', b'P', ..] => is!(b"$Phishing", 10),
        [b'$', b'I', ..] => is!(b"$Important", 11),
        _ => None,
    }?;
    matches!(octets.get(length), None | Some(b' ' | b')')).then_some((bit, length))
}

/// A flag with another one right behind it: a word that begins with a backslash goes on with one. That is a quirk.
#[cold]
pub(crate) fn run_together<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let rest = cursor.rest();
    let name = rest.strip_prefix(b"\\")?;
    let length = name.iter().position(|octet| !is_in(&ATOM, *octet)).filter(|length| *length > 0)?;
    match name.get(length..)? {
        [b'\\', next, ..] if is_in(&ATOM, *next) && cursor.forgives(Quirk::StrangeFlag) => {
            let flag = rest.get(..length.saturating_add(1))?;
            cursor.advance(flag.len());
            Some(flag)
        }
        _ => None,
    }
}

/// The name of a flag that this crate has no word for, compared without case.
#[derive(Clone)]
pub struct FlagName(Text);

impl FlagName {
    /// For a name that the grammar has just read.
    pub(crate) fn from_checked(name: Text) -> Self {
        Self(name)
    }

    /// The name, with the `\` of a system flag.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl PartialEq for FlagName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for FlagName {}

impl PartialOrd for FlagName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for FlagName {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(self.as_bytes(), other.as_bytes())
    }
}

impl Hash for FlagName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for octet in self.as_bytes() {
            octet.to_ascii_lowercase().hash(state);
        }
    }
}

impl fmt::Debug for FlagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.display())
    }
}

impl Flag {
    /// The flag of this name: a keyword, or `\` and the name of a system flag.
    ///
    /// ```
    /// use mailwire::imap::Flag;
    ///
    /// assert_eq!(Flag::new("\\SEEN"), Ok(Flag::Seen));
    /// assert_eq!("\\SEEN".parse(), Ok(Flag::Seen));
    /// assert_eq!(Flag::new("todo").unwrap().as_bytes(), b"todo");
    /// assert_eq!(Flag::new("to do").unwrap_err().offset, 2);
    /// ```
    ///
    /// # Errors
    /// Tells the first octet that no flag has; `\*` is not a flag.
    pub fn new(name: impl Into<Text>) -> Result<Self, InvalidValue> {
        let name = name.into();
        let octets = name.as_bytes();
        let atom = octets.strip_prefix(b"\\").unwrap_or(octets);
        let before = octets.len().saturating_sub(atom.len());
        match atom.iter().position(|octet| !is_in(&ATOM, *octet)) {
            Some(offset) => {
                Err(InvalidValue { offset: offset.saturating_add(before), expected: "an ATOM-CHAR" })
            }
            None if atom.is_empty() => Err(InvalidValue { offset: before, expected: "an ATOM-CHAR" }),
            None if octets.eq_ignore_ascii_case(b"NIL") => {
                Err(InvalidValue { offset: 0, expected: "a keyword other than NIL" })
            }
            None => Ok(Self::of(name)),
        }
    }

    fn of(name: Text) -> Self {
        known_in_any_case(name.as_bytes()).and_then(Self::of_bit).unwrap_or(Self::Other(FlagName(name)))
    }
}

impl fmt::Debug for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Flag {
    /// As it is written, for a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for octet in self.as_bytes() {
            fmt::Write::write_char(
                f,
                if octet.is_ascii_graphic() { char::from(*octet) } else { '\u{fffd}' },
            )?;
        }
        Ok(())
    }
}

impl TryFrom<&str> for Flag {
    type Error = InvalidValue;
    fn try_from(name: &str) -> Result<Self, InvalidValue> {
        Self::new(name)
    }
}

impl core::str::FromStr for Flag {
    type Err = InvalidValue;
    fn from_str(name: &str) -> Result<Self, InvalidValue> {
        Self::new(name)
    }
}

/// A set of flags: those with a name of their own as bits, others as a short sorted list.
///
/// Takes 16 octets, and no memory beside them where all flags are bits.
///
/// ```
/// use mailwire::imap::{Flag, Flags};
///
/// let mut flags = Flags::from([Flag::Seen, Flag::Forwarded]);
/// flags.insert(Flag::new("todo").unwrap());
/// assert!(flags.is_seen() && flags.contains(&Flag::new("ToDo").unwrap()));
/// assert_eq!(flags.to_string(), "\\Seen $Forwarded todo");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    bits: u16,
    /// Sorted, each once. Boxed, so that the set stays small.
    #[allow(
        clippy::box_collection,
        reason = "a Vec beside the bits would double the size of every FETCH's flags"
    )]
    others: Option<Box<Vec<FlagName>>>,
}

const _: () = assert!(size_of::<Flags>() <= 16);

/// Flags that are bits, all of them.
#[derive(Clone, Copy)]
pub(crate) struct FlagBits(u16);

impl FlagBits {
    /// A list of flags in their usual case, and what stands behind it.
    #[inline]
    pub(crate) fn glance(octets: &[u8], permanent: bool) -> Option<(Self, &[u8])> {
        let mut rest = octets.strip_prefix(b"(")?;
        let mut bits = 0;
        if let [b')', behind @ ..] = rest {
            return Some((Self(bits), behind));
        }
        loop {
            let (bit, length) = match rest {
                [b'\\', b'*', ..] if permanent => (WILDCARD, 2),
                rest => known(rest)?,
            };
            bits |= bit;
            match rest.get(length..)? {
                [b' ', behind @ ..] => rest = behind,
                [b')', behind @ ..] => return Some((Self(bits), behind)),
                _ => return None,
            }
        }
    }
}

impl From<FlagBits> for Flags {
    fn from(FlagBits(bits): FlagBits) -> Self {
        Self { bits, others: None }
    }
}

impl Flags {
    /// The empty set.
    pub const fn new() -> Self {
        Self { bits: 0, others: None }
    }

    fn others(&self) -> &[FlagName] {
        self.others.as_deref().map_or(&[], Vec::as_slice)
    }

    /// Whether the flag is set.
    pub fn contains(&self, flag: &Flag) -> bool {
        match flag {
            Flag::Other(name) => self.others().binary_search(name).is_ok(),
            flag => self.bits & flag.bit() != 0,
        }
    }

    /// Sets a flag.
    pub fn insert(&mut self, flag: Flag) {
        match flag {
            Flag::Other(name) => {
                let others = self.others.get_or_insert_default();
                if let Err(place) = others.binary_search(&name) {
                    others.insert(place, name);
                }
            }
            flag => self.bits |= flag.bit(),
        }
    }

    /// Unsets a flag; tells whether it was set.
    pub fn remove(&mut self, flag: &Flag) -> bool {
        let Flag::Other(name) = flag else {
            let bit = flag.bit();
            let was = self.bits & bit != 0;
            self.bits &= !bit;
            return was;
        };
        let Some(others) = self.others.as_mut() else { return false };
        let Ok(place) = others.binary_search(name) else { return false };
        others.remove(place);
        if others.is_empty() {
            self.others = None;
        }
        true
    }

    /// How many flags are set. The wildcard does not count.
    pub fn len(&self) -> usize {
        let bits = usize::try_from((self.bits & !WILDCARD).count_ones()).unwrap_or_default();
        self.others().len().saturating_add(bits)
    }

    /// Whether no flag is set.
    pub fn is_empty(&self) -> bool {
        self.bits & !WILDCARD == 0 && self.others.is_none()
    }

    /// Whether `\*` stands among them: in PERMANENTFLAGS, that a client may set keywords of its own.
    pub const fn has_wildcard(&self) -> bool {
        self.bits & WILDCARD != 0
    }

    /// The same flags, with or without `\*`.
    #[must_use]
    pub fn with_wildcard(mut self, wildcard: bool) -> Self {
        self.bits = self.bits & !WILDCARD | if wildcard { WILDCARD } else { 0 };
        self
    }

    /// The flags, those with a name of their own first.
    pub fn iter(&self) -> impl Iterator<Item = Flag> + '_ {
        let bits = self.bits;
        (0..u16::BITS)
            .filter_map(move |place| Flag::of_bit(bits & 1u16.wrapping_shl(place)))
            .chain(self.others().iter().cloned().map(Flag::Other))
    }

    /// `flag-list` of flags that are set.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Self::read(cursor, false)
    }

    /// The list of `flag-perm` that is in PERMANENTFLAGS.
    pub(crate) fn parse_permanent(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Self::read(cursor, true)
    }

    fn read(cursor: &mut Cursor<'_>, permanent: bool) -> Parsed<Self> {
        let mut flags = Self::new();
        if cursor.peek() != Some(b'(') && cursor.nil() {
            return if cursor.forgives(Quirk::EmptyList) {
                Ok(flags)
            } else {
                cursor.syntax("a list of flags")
            };
        }
        cursor.expect(b'(', "a list of flags")?;
        if cursor.peek() == Some(b' ') {
            cursor.stray_spaces()?;
        }
        if cursor.eat(b')') {
            return Ok(flags);
        }
        loop {
            flags.read_one(cursor, permanent)?;
            if cursor.eat(b')') {
                break;
            }
            cursor.sp()?;
            if cursor.peek() == Some(b')') && cursor.forgives(Quirk::ExtraSpace) {
                cursor.advance(1);
                break;
            }
        }
        flags.sort();
        Ok(flags)
    }

    /// `flag-list` of flags that a client sets, among which is no `\Recent`.
    pub(crate) fn parse_set(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let flags = Self::parse(cursor)?;
        if flags.is_recent() { cursor.syntax_at(start, SETTABLE) } else { Ok(flags) }
    }

    /// `flag-list / (flag *(SP flag))`, to the end of a STORE command.
    pub(crate) fn parse_store(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if cursor.peek() == Some(b'(') {
            return Self::parse_set(cursor);
        }
        let start = cursor.position();
        let mut flags = Self::new();
        flags.read_one(cursor, false)?;
        while cursor.peek() == Some(b' ') {
            cursor.sp()?;
            flags.read_one(cursor, false)?;
        }
        flags.sort();
        if flags.is_recent() { cursor.syntax_at(start, SETTABLE) } else { Ok(flags) }
    }

    #[inline]
    fn read_one(&mut self, cursor: &mut Cursor<'_>, permanent: bool) -> Parsed<()> {
        match known(cursor.rest()) {
            Some((bit, length)) => {
                self.bits |= bit;
                cursor.advance(length);
                Ok(())
            }
            None => self.read_other(cursor, permanent),
        }
    }

    fn read_other(&mut self, cursor: &mut Cursor<'_>, permanent: bool) -> Parsed<()> {
        if cursor.peek() == Some(b'"') && cursor.may_forgive(Quirk::StrangeFlag) {
            return self.read_quoted(cursor);
        }
        while let Some(flag) = run_together(cursor) {
            self.keep(cursor, flag)?;
        }
        let start = cursor.position();
        let system = cursor.eat(b'\\');
        if system && cursor.eat(b'*') {
            if !permanent && !cursor.forgives(Quirk::WildcardFlag) {
                return cursor.syntax_at(start, "a flag that can be set");
            }
            self.bits |= WILDCARD;
            return Ok(());
        }
        let atom = cursor.take_while(&ATOM);
        if atom.is_empty() || !matches!(cursor.peek(), None | Some(b' ' | b')')) {
            if cursor.peek().is_none_or(|octet| !is_in(&STRANGE, octet))
                || !cursor.forgives(Quirk::StrangeFlag)
            {
                return cursor.syntax("a flag");
            }
            cursor.take_while(&STRANGE);
        }
        let word = cursor.since(start);
        if word.eq_ignore_ascii_case(b"NIL") {
            return if cursor.forgives(Quirk::NilInList) {
                Ok(())
            } else {
                cursor.syntax_at(start, "a flag")
            };
        }
        self.keep(cursor, word)
    }

    /// A flag in quotes, with its backslash escaped or not.
    #[cold]
    fn read_quoted(&mut self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        let start = cursor.position();
        let octets = cursor.quoted()?.octets;
        let word = octets.strip_prefix(b"\\\\").map_or(octets, |_| octets.get(1..).unwrap_or_default());
        let name = word.strip_prefix(b"\\").unwrap_or(word);
        if name.is_empty() || !name.iter().all(|octet| is_in(&STRANGE, *octet) && *octet != b'\\') {
            return cursor.syntax_at(start, "a flag");
        }
        let _ = cursor.forgives(Quirk::StrangeFlag);
        self.keep(cursor, word)
    }

    fn keep<'a>(&mut self, cursor: &mut Cursor<'a>, word: &'a [u8]) -> Parsed<()> {
        match known_in_any_case(word) {
            Some(bit) => self.bits |= bit,
            None => {
                let others = self.others.as_ref().map_or(0, |others| others.len());
                cursor.charge_item(others, size_of::<FlagName>())?;
                let name = cursor.text(word)?;
                self.others.get_or_insert_default().push(FlagName(name));
            }
        }
        Ok(())
    }

    fn sort(&mut self) {
        if let Some(others) = self.others.as_mut().filter(|others| others.len() > 1) {
            others.sort();
            others.dedup();
        }
    }

    /// `flag-list` of a command: flags to be set, so none of them is the wildcard or `\Recent`.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.has_wildcard() || self.is_recent() {
            return Err(InvalidValue { offset: 0, expected: SETTABLE });
        }
        self.encode_told(encoder);
        Ok(())
    }

    /// The list of a response. The wildcard belongs into PERMANENTFLAGS alone; elsewhere it stands as the server said it.
    pub(crate) fn encode_told(&self, encoder: &mut Encoder<'_>) {
        encoder.raw(b"(");
        let mut first = true;
        let mut next = |encoder: &mut Encoder<'_>, octets| {
            if !core::mem::take(&mut first) {
                encoder.sp();
            }
            encoder.raw(octets);
        };
        let mut known = self.bits & !WILDCARD;
        while known != 0 {
            let place = usize::try_from(known.trailing_zeros()).unwrap_or_default();
            known &= known.wrapping_sub(1);
            next(encoder, SPELLINGS.get(place).copied().unwrap_or_default());
        }
        for name in self.others() {
            next(encoder, name.as_bytes());
        }
        if self.has_wildcard() {
            next(encoder, b"\\*");
        }
        encoder.raw(b")");
    }
}

impl From<Flag> for Flags {
    fn from(flag: Flag) -> Self {
        Self::from([flag])
    }
}

impl<const N: usize> From<[Flag; N]> for Flags {
    fn from(flags: [Flag; N]) -> Self {
        flags.into_iter().collect()
    }
}

impl FromIterator<Flag> for Flags {
    fn from_iter<I: IntoIterator<Item = Flag>>(flags: I) -> Self {
        let mut set = Self::new();
        set.extend(flags);
        set
    }
}

impl Extend<Flag> for Flags {
    fn extend<I: IntoIterator<Item = Flag>>(&mut self, flags: I) {
        for flag in flags {
            match flag {
                Flag::Other(name) => self.others.get_or_insert_default().push(name),
                flag => self.bits |= flag.bit(),
            }
        }
        self.sort();
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({self})")
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, flag) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{flag}")?;
        }
        match (self.has_wildcard(), self.is_empty()) {
            (true, true) => f.write_str("\\*"),
            (true, false) => f.write_str(" \\*"),
            (false, _) => Ok(()),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Flag {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Text::from(self.as_bytes()).serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Flag {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::stored(Text::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "serde")]
impl Flag {
    /// Takes what a careless server may have sent, too.
    fn stored(name: Text) -> Result<Self, InvalidValue> {
        match name.as_bytes().iter().position(|octet| !is_in(&STRANGE, *octet)) {
            Some(offset) => Err(InvalidValue { offset, expected: "an octet of a flag" }),
            None if matches!(name.as_bytes(), b"" | b"\\" | b"\\*") || name.eq_ignore_ascii_case(b"NIL") => {
                Err(InvalidValue { offset: 0, expected: "a flag" })
            }
            None => Ok(Self::of(name)),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Flags {
    /// The list of flags; `\*` stands last.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wildcard = self.has_wildcard().then(|| Flag::Other(FlagName(Text::from(b"\\*"))));
        serializer.collect_seq(self.iter().chain(wildcard))
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Flags {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut names = Vec::<Text>::deserialize(deserializer)?;
        let wildcard = names.pop_if(|name| *name == "\\*").is_some();
        let flags: Result<Self, InvalidValue> = names.into_iter().map(Flag::stored).collect();
        Ok(flags.map_err(serde::de::Error::custom)?.with_wildcard(wildcard))
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Flag {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        if u.ratio(2, 3)? {
            return Ok(Self::of_bit(1u16.wrapping_shl(u.int_in_range(0..=11)?)).unwrap_or(Self::Seen));
        }
        let name = crate::imap::core::Atom::arbitrary(u)?;
        let mut octets = if u.arbitrary()? { Vec::from(b"\\") } else { Vec::new() };
        octets.extend_from_slice(name.as_bytes());
        Ok(Self::new(octets).unwrap_or(Self::Seen))
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl Flags {
    /// Flags that a client sets.
    pub(crate) fn arbitrary_set(u: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<Self> {
        let mut flags: Self = u.arbitrary()?;
        flags.remove(&Flag::Recent);
        Ok(flags.with_wildcard(false))
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Flags {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        (0..u.int_in_range(0..=5u8)?).map(|_| u.arbitrary::<Flag>()).collect()
    }
}

#[cfg(test)]
mod tests;
