//! Mailboxes by name: what LIST and LSUB answer.
//!
//! ```abnf
//! ; RFC 9051 section 9
//! mailbox-data      = "LIST" SP mailbox-list / "LSUB" SP mailbox-list      ; and Gmail's "XLIST"
//! mailbox-list      = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox [SP mbox-list-extended]
//! mbx-list-flags    = *(mbx-list-oflag SP) mbx-list-sflag *(SP mbx-list-oflag) / mbx-list-oflag *(SP mbx-list-oflag)
//! mbox-list-extended = "(" [mbox-list-extended-item *(SP mbox-list-extended-item)] ")"
//! mbox-list-extended-item = mbox-list-extended-item-tag SP tagged-ext-val
//! childinfo-extended-item = "CHILDINFO" SP "(" list-select-base-opt-quoted *(SP list-select-base-opt-quoted) ")"
//! oldname-extended-item = "OLDNAME" SP "(" mailbox ")"
//! ```

use crate::imap::core::{ATOM, is_in};
use crate::imap::delimiter::Delimiter;
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::flag::{FlagName, run_together};
use crate::imap::keyword::Keyword;
use crate::imap::mailbox::{GlancedName, Mailbox};
use crate::imap::quirk::Quirk;
use crate::imap::runs::word;
use crate::imap::value::ExtensionValue;
use crate::wire::cursor::{Class, Cursor, Parsed, class};
use crate::wire::{InvalidValue, Text};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// What may stand in an attribute of a careless server: all that leaves the list readable.
const STRANGE: Class =
    class!(octet => octet > 0x20 && octet != 0x7f && !matches!(octet, b'(' | b')' | b'"' | b'{'));

/// Declares the attributes that are bits: variant, bit, spelling.
macro_rules! attributes {
    ($($(#[$doc:meta])* $name:ident = $bit:literal $spelling:literal,)*) => {
        /// One attribute of a mailbox.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum MailboxAttribute {
            $($(#[$doc])* $name,)*
            /// An attribute that is not known here.
            Other(FlagName),
        }

        impl MailboxAttribute {
            /// As it is written.
            pub fn as_bytes(&self) -> &[u8] {
                match self {
                    $(Self::$name => $spelling,)*
                    Self::Other(name) => name.as_bytes(),
                }
            }

            fn bit(&self) -> Option<u32> {
                match self {
                    $(Self::$name => Some($bit),)*
                    Self::Other(_) => None,
                }
            }

            /// The bit of a word in its usual case.
            fn known(word: &[u8]) -> Option<u32> {
                match word {
                    $($spelling => Some($bit),)*
                    _ => None,
                }
            }

            #[cold]
            fn known_in_any_case(word: &[u8]) -> Option<u32> {
                match word {
                    $(word if word.eq_ignore_ascii_case($spelling) => Some($bit),)*
                    _ => None,
                }
            }

            fn of_bit(bit: u32) -> Option<Self> {
                match bit {
                    $($bit => Some(Self::$name),)*
                    _ => None,
                }
            }

            const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

attributes! {
    /// `\NonExistent`: there is no such mailbox, but there are some below it, or it is subscribed (RFC 5258).
    NonExistent = 0 b"\\NonExistent",
    /// `\Noselect`: the mailbox cannot be selected (RFC 3501).
    NoSelect = 1 b"\\Noselect",
    /// `\Noinferiors`: there are none below it, and there will be none (RFC 3501).
    NoInferiors = 2 b"\\Noinferiors",
    /// `\HasChildren`: there are some below it (RFC 3348).
    HasChildren = 3 b"\\HasChildren",
    /// `\HasNoChildren`: there are none below it (RFC 3348).
    HasNoChildren = 4 b"\\HasNoChildren",
    /// `\Marked`: there may be new messages in it (RFC 3501).
    Marked = 5 b"\\Marked",
    /// `\Unmarked`: there are no new messages in it (RFC 3501).
    Unmarked = 6 b"\\Unmarked",
    /// `\Subscribed`: the user has subscribed to it (RFC 5258).
    Subscribed = 7 b"\\Subscribed",
    /// `\Remote`: it is on another server (RFC 5258).
    Remote = 8 b"\\Remote",
    /// `\All`: all messages (RFC 6154).
    All = 9 b"\\All",
    /// `\Archive`: messages that were put away (RFC 6154).
    Archive = 10 b"\\Archive",
    /// `\Drafts`: messages that are being written (RFC 6154).
    Drafts = 11 b"\\Drafts",
    /// `\Flagged`: messages that are marked for attention (RFC 6154).
    Flagged = 12 b"\\Flagged",
    /// `\Important`: messages that are likely to be important (RFC 8457).
    Important = 13 b"\\Important",
    /// `\Junk`: messages that are junk (RFC 6154).
    Junk = 14 b"\\Junk",
    /// `\Sent`: messages that were sent (RFC 6154).
    Sent = 15 b"\\Sent",
    /// `\Trash`: messages that were thrown away (RFC 6154).
    Trash = 16 b"\\Trash",
    /// `\Memos`: notes (in the IANA registry).
    Memos = 17 b"\\Memos",
    /// `\Scheduled`: messages that will be sent later (in the IANA registry).
    Scheduled = 18 b"\\Scheduled",
    /// `\Snoozed`: messages that will come back later (in the IANA registry).
    Snoozed = 19 b"\\Snoozed",
    /// `\Inbox`: the inbox, in XLIST.
    XListInbox = 20 b"\\Inbox",
    /// `\AllMail`: all messages, in XLIST.
    XListAllMail = 21 b"\\AllMail",
    /// `\Starred`: messages that are marked for attention, in XLIST.
    XListStarred = 22 b"\\Starred",
    /// `\Spam`: messages that are junk, in XLIST.
    XListSpam = 23 b"\\Spam",
}

impl MailboxAttribute {
    /// The attribute of this name, with its `\`.
    ///
    /// ```
    /// use mailwire::imap::MailboxAttribute;
    ///
    /// assert_eq!(MailboxAttribute::new("\\noselect"), Ok(MailboxAttribute::NoSelect));
    /// assert!(MailboxAttribute::new("Noselect").is_err());
    /// ```
    ///
    /// # Errors
    /// Tells the first octet that may not stand there.
    pub fn new(name: impl Into<Text>) -> Result<Self, InvalidValue> {
        let name = name.into();
        let octets = name.as_bytes();
        if octets.first() != Some(&b'\\') || octets.len() < 2 {
            return Err(InvalidValue { offset: 0, expected: "\"\\\" and a name" });
        }
        match octets.iter().skip(1).position(|octet| !is_in(&ATOM, *octet)) {
            Some(offset) => Err(InvalidValue { offset: offset.saturating_add(1), expected: "an ATOM-CHAR" }),
            None => Ok(Self::known_in_any_case(octets)
                .and_then(Self::of_bit)
                .unwrap_or_else(|| Self::Other(FlagName::from_checked(name)))),
        }
    }
}

impl fmt::Display for MailboxAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Text::from(self.as_bytes()).display())
    }
}

impl TryFrom<&str> for MailboxAttribute {
    type Error = InvalidValue;
    fn try_from(name: &str) -> Result<Self, InvalidValue> {
        Self::new(name)
    }
}

impl core::str::FromStr for MailboxAttribute {
    type Err = InvalidValue;
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::new(text)
    }
}

/// The attributes of a mailbox, as a set: those with a name of their own as bits, others as a short sorted list.
///
/// ```
/// use mailwire::imap::{MailboxAttribute, MailboxAttributes};
///
/// let attributes = MailboxAttributes::from([MailboxAttribute::NoSelect, MailboxAttribute::HasChildren]);
/// assert!(attributes.contains(&MailboxAttribute::HasChildren) && !attributes.is_selectable());
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct MailboxAttributes {
    bits: u32,
    /// Sorted, each once.
    #[allow(
        clippy::box_collection,
        reason = "attributes without a name are rare, and the set stands in every LIST"
    )]
    others: Option<Box<Vec<FlagName>>>,
}

impl MailboxAttributes {
    /// The empty set.
    pub const fn new() -> Self {
        Self { bits: 0, others: None }
    }

    fn others(&self) -> &[FlagName] {
        self.others.as_deref().map_or(&[], Vec::as_slice)
    }

    /// Whether the attribute is there.
    pub fn contains(&self, attribute: &MailboxAttribute) -> bool {
        match attribute {
            MailboxAttribute::Other(name) => self.others().binary_search(name).is_ok(),
            attribute => attribute.bit().is_some_and(|bit| self.bits & 1u32.wrapping_shl(bit) != 0),
        }
    }

    /// Puts an attribute in.
    pub fn insert(&mut self, attribute: MailboxAttribute) {
        self.extend([attribute]);
    }

    /// Takes an attribute out; tells whether it was in.
    pub fn remove(&mut self, attribute: &MailboxAttribute) -> bool {
        let was = self.contains(attribute);
        if let Some(bit) = attribute.bit() {
            self.bits &= !1u32.wrapping_shl(bit);
        } else if let Some(others) = &mut self.others {
            others.retain(|other| other.as_bytes() != attribute.as_bytes());
            if others.is_empty() {
                self.others = None;
            }
        }
        was
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.others().len().saturating_add(usize::try_from(self.bits.count_ones()).unwrap_or_default())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the mailbox can be selected: it is neither `\Noselect` nor `\NonExistent`, which means the same (RFC 5258).
    pub fn is_selectable(&self) -> bool {
        !self.contains(&MailboxAttribute::NoSelect) && !self.contains(&MailboxAttribute::NonExistent)
    }

    /// The attributes, those with a name of their own first.
    pub fn iter(&self) -> impl Iterator<Item = MailboxAttribute> + '_ {
        let known = MailboxAttribute::ALL.iter().filter(|attribute| self.contains(attribute)).cloned();
        known.chain(self.others().iter().cloned().map(MailboxAttribute::Other))
    }

    /// The bits of attributes in their usual case, and what stands behind the list.
    #[inline(always)]
    fn glance(octets: &[u8]) -> Option<(u32, &[u8])> {
        let mut rest = octets.strip_prefix(b"(")?;
        let mut bits = 0;
        if let [b')', behind @ ..] = rest {
            return Some((bits, behind));
        }
        loop {
            let (word, behind) = word(rest)?;
            bits |= 1u32.wrapping_shl(MailboxAttribute::known(word)?);
            match behind {
                [b' ', behind @ ..] => rest = behind,
                [b')', behind @ ..] => return Some((bits, behind)),
                _ => return None,
            }
        }
    }

    #[inline]
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut set = Self::new();
        if cursor.peek() != Some(b'(') && cursor.nil() {
            return if cursor.forgives(Quirk::EmptyList) {
                Ok(set)
            } else {
                cursor.syntax("a list of attributes")
            };
        }
        cursor.each(|cursor, _| {
            let word = cursor.peek_word();
            match MailboxAttribute::known(word) {
                Some(bit) => {
                    set.bits |= 1u32.wrapping_shl(bit);
                    cursor.advance(word.len());
                    Ok(())
                }
                None => set.read_other(cursor),
            }
        })?;
        set.sort();
        Ok(set)
    }

    #[cold]
    fn read_other(&mut self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        while let Some(attribute) = run_together(cursor) {
            self.keep(cursor, attribute)?;
        }
        let start = cursor.position();
        let backslash = cursor.eat(b'\\');
        let atom = cursor.take_while(&ATOM);
        let strange = cursor.peek().is_some_and(|octet| is_in(&STRANGE, octet));
        if !backslash && !strange && atom.eq_ignore_ascii_case(b"NIL") {
            return if cursor.forgives(Quirk::NilInList) {
                Ok(())
            } else {
                cursor.syntax_at(start, "an attribute")
            };
        }
        if !backslash || atom.is_empty() || strange {
            if !cursor.forgives(Quirk::StrangeFlag) {
                return cursor.syntax_at(start, "an attribute");
            }
            cursor.take_while(&STRANGE);
            if cursor.position() == start {
                return cursor.syntax("an attribute");
            }
        }
        let word = cursor.since(start);
        self.keep(cursor, word)
    }

    fn keep<'a>(&mut self, cursor: &mut Cursor<'a>, word: &'a [u8]) -> Parsed<()> {
        match MailboxAttribute::known_in_any_case(word) {
            Some(bit) => self.bits |= 1u32.wrapping_shl(bit),
            None => {
                cursor.charge_item(self.others().len(), size_of::<FlagName>())?;
                let name = cursor.text(word).map(FlagName::from_checked)?;
                self.others.get_or_insert_default().push(name);
            }
        }
        Ok(())
    }

    #[inline]
    fn sort(&mut self) {
        if let Some(others) = self.others.as_mut().filter(|others| others.len() > 1) {
            others.sort();
            others.dedup();
        }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(b"(");
        let mut first = true;
        let mut word = |encoder: &mut Encoder<'_>, word: &[u8]| {
            if !core::mem::take(&mut first) {
                encoder.sp();
            }
            encoder.raw(word);
        };
        let mut bits = self.bits;
        while bits != 0 {
            let place = usize::try_from(bits.trailing_zeros()).unwrap_or_default();
            bits &= bits.wrapping_sub(1);
            word(encoder, MailboxAttribute::ALL.get(place).map_or(&[], |attribute| attribute.as_bytes()));
        }
        self.others().iter().for_each(|name| word(encoder, name.as_bytes()));
        encoder.raw(b")");
        Ok(())
    }
}

impl<const N: usize> From<[MailboxAttribute; N]> for MailboxAttributes {
    fn from(attributes: [MailboxAttribute; N]) -> Self {
        attributes.into_iter().collect()
    }
}

impl FromIterator<MailboxAttribute> for MailboxAttributes {
    fn from_iter<I: IntoIterator<Item = MailboxAttribute>>(attributes: I) -> Self {
        let mut set = Self::new();
        set.extend(attributes);
        set
    }
}

impl Extend<MailboxAttribute> for MailboxAttributes {
    fn extend<I: IntoIterator<Item = MailboxAttribute>>(&mut self, attributes: I) {
        for attribute in attributes {
            match attribute {
                MailboxAttribute::Other(name) => self.others.get_or_insert_default().push(name),
                attribute => self.bits |= attribute.bit().map_or(0, |bit| 1u32.wrapping_shl(bit)),
            }
        }
        self.sort();
    }
}

impl fmt::Debug for MailboxAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Which command a mailbox is the answer to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub enum ListKind {
    /// LIST.
    #[default]
    List,
    /// LSUB: the mailbox is subscribed to (RFC 3501).
    Lsub,
    /// XLIST: with special uses, before SPECIAL-USE (Gmail).
    Xlist,
}

/// A mailbox as LIST tells it.
///
/// ```
/// use mailwire::imap::{Delimiter, List, Mailbox, MailboxAttribute};
///
/// let sent = Mailbox::new("Archive/Sent").unwrap();
/// let list = List::new(sent).delimiter(Delimiter::SLASH).attributes([MailboxAttribute::Sent]);
/// assert!(list.attributes.is_selectable());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct List {
    /// Which command it answers.
    pub kind: ListKind,
    /// What the mailbox is.
    pub attributes: MailboxAttributes,
    /// What divides the levels of its name; `None` where names have no levels.
    pub delimiter: Option<Delimiter>,
    /// The mailbox.
    pub mailbox: Mailbox,
    /// What else is told of it (RFC 5258).
    pub extended: Vec<ListItem>,
}

/// More of a mailbox in a LIST response (RFC 5258).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ListItem {
    /// `CHILDINFO`: there are mailboxes below it that meet these selection options.
    ChildInfo(Vec<Keyword>),
    /// `OLDNAME`: what the mailbox was called before (RFC 9051).
    OldName(Mailbox),
    /// What is not known here.
    Other {
        /// What it is called.
        tag: Keyword,
        /// What it is.
        value: ExtensionValue,
    },
}

impl List {
    /// A mailbox without attributes and levels.
    pub fn new(mailbox: Mailbox) -> Self {
        Self {
            kind: ListKind::List,
            attributes: MailboxAttributes::new(),
            delimiter: None,
            mailbox,
            extended: Vec::new(),
        }
    }

    /// The same as the answer of another command.
    #[must_use]
    pub fn kind(self, kind: ListKind) -> Self {
        Self { kind, ..self }
    }

    /// The same with these attributes.
    #[must_use]
    pub fn attributes(self, attributes: impl Into<MailboxAttributes>) -> Self {
        Self { attributes: attributes.into(), ..self }
    }

    /// The same with levels that this divides.
    #[must_use]
    pub fn delimiter(self, delimiter: Delimiter) -> Self {
        Self { delimiter: Some(delimiter), ..self }
    }

    /// The same with more that is told of it.
    #[must_use]
    pub fn extended(self, extended: impl IntoIterator<Item = ListItem>) -> Self {
        Self { extended: extended.into_iter().collect(), ..self }
    }

    /// A whole LIST without more that is told of it, from its attributes to the line end.
    #[inline(always)]
    pub(crate) fn glance(octets: &[u8], utf8: bool) -> Option<(Self, &[u8])> {
        let (bits, rest) = MailboxAttributes::glance(octets)?;
        let (delimiter, rest) = Delimiter::glance(rest.strip_prefix(b" ")?)?;
        let (name, rest) = GlancedName::of(rest.strip_prefix(b" ")?)?;
        let list = Self {
            kind: ListKind::List,
            attributes: MailboxAttributes { bits, others: None },
            delimiter,
            mailbox: name.mailbox(utf8)?,
            extended: Vec::new(),
        };
        Some((list, rest))
    }

    /// What stands behind LIST, LSUB or XLIST.
    #[inline]
    pub(crate) fn parse(cursor: &mut Cursor<'_>, kind: ListKind) -> Parsed<Self> {
        cursor.sp()?;
        let attributes = MailboxAttributes::parse(cursor)?;
        cursor.sp()?;
        let delimiter = Delimiter::parse(cursor)?;
        cursor.sp()?;
        let mailbox = Mailbox::parse_before_items(cursor)?;
        let mut extended = Vec::new();
        if matches!(cursor.rest().trim_ascii_start(), [b'(', ..]) {
            cursor.sp()?;
            cursor.each(|cursor, index| {
                cursor.charge_item(index, size_of::<ListItem>())?;
                extended.push(ListItem::parse(cursor)?);
                Ok(())
            })?;
        }
        Ok(Self { kind, attributes, delimiter, mailbox, extended })
    }

    /// The response from its keyword.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(match self.kind {
            ListKind::List => b"LIST ",
            ListKind::Lsub => b"LSUB ",
            ListKind::Xlist => b"XLIST ",
        });
        self.attributes.encode(encoder)?;
        encoder.sp();
        Delimiter::encode(self.delimiter, encoder)?;
        encoder.sp();
        self.mailbox.encode(encoder)?;
        if !self.extended.is_empty() {
            encoder.sp();
            encoder.list(&self.extended, |encoder, item| item.encode(encoder))?;
        }
        Ok(())
    }
}

impl ListItem {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let tag = cursor.astring()?;
        let end = cursor.position();
        if tag.escaped || tag.octets.is_empty() || !tag.octets.iter().all(|octet| is_in(&ATOM, *octet)) {
            return cursor.syntax_at(start, "the tag of an item");
        }
        cursor.sp()?;
        let value = cursor.position();
        if tag.octets.eq_ignore_ascii_case(b"CHILDINFO") {
            let options = cursor.list_of_some(|cursor| {
                let start = cursor.position();
                let option = cursor.astring()?;
                if option.octets.is_empty() || !option.octets.iter().all(|octet| is_in(&ATOM, *octet)) {
                    return cursor.syntax_at(start, "a selection option");
                }
                cursor.text(option.octets).map(Keyword::from_checked)
            })?;
            return Ok(Self::ChildInfo(options));
        }
        if tag.octets.eq_ignore_ascii_case(b"OLDNAME") {
            cursor.expect(b'(', "a name in parentheses")?;
            let mailbox = Mailbox::parse(cursor)?;
            cursor.expect(b')', "a name in parentheses")?;
            return Ok(Self::OldName(mailbox));
        }
        cursor.set_position(end);
        let tag = cursor.text(tag.octets).map(Keyword::from_checked)?;
        cursor.set_position(value);
        Ok(Self::Other { tag, value: ExtensionValue::parse(cursor)? })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::ChildInfo(options) if options.is_empty() => {
                Err(InvalidValue { offset: 0, expected: "a selection option" })
            }
            Self::ChildInfo(options) => {
                encoder.raw(b"\"CHILDINFO\" ");
                encoder.list(options, |encoder, option| encoder.string(option.as_bytes()))
            }
            Self::OldName(mailbox) => {
                encoder.raw(b"\"OLDNAME\" (");
                mailbox.encode(encoder)?;
                encoder.raw(b")");
                Ok(())
            }
            Self::Other { tag, value } => {
                encoder.astring(tag.as_bytes())?;
                encoder.sp();
                value.encode(encoder)
            }
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for MailboxAttribute {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Text::from(self.as_bytes()).serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for MailboxAttribute {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Text::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for MailboxAttributes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for MailboxAttributes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<MailboxAttribute>::deserialize(deserializer).map(Self::from_iter)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for MailboxAttribute {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        if u.ratio(3, 4)? {
            return u.choose(Self::ALL).cloned();
        }
        let mut name = Vec::from(b"\\");
        name.extend_from_slice(u.arbitrary::<Keyword>()?.as_bytes());
        Ok(Self::new(name).unwrap_or(Self::Marked))
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for MailboxAttributes {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        (0..u.int_in_range(0..=4u8)?).map(|_| u.arbitrary::<MailboxAttribute>()).collect()
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for ListItem {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let tag: Keyword = u.arbitrary()?;
        Ok(match u.int_in_range(0..=2u8)? {
            0 => Self::ChildInfo(alloc::vec![tag]),
            1 => Self::OldName(u.arbitrary()?),
            _ if tag.is("CHILDINFO") || tag.is("OLDNAME") => Self::OldName(u.arbitrary()?),
            _ => Self::Other { tag, value: u.arbitrary()? },
        })
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for List {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self {
            kind: u.arbitrary()?,
            attributes: u.arbitrary()?,
            delimiter: u.arbitrary()?,
            mailbox: u.arbitrary()?,
            extended: (0..u.int_in_range(0..=2u8)?)
                .map(|_| u.arbitrary())
                .collect::<arbitrary::Result<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::quirk::Quirks;
    use crate::imap::round_trip::{quirky, read, round_trip, strict, written};

    /// The response from its keyword.
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<List> {
        match cursor.atom()? {
            b"LIST" => List::parse(cursor, ListKind::List),
            b"LSUB" => List::parse(cursor, ListKind::Lsub),
            b"XLIST" => List::parse(cursor, ListKind::Xlist),
            _ => cursor.syntax("LIST"),
        }
    }

    #[test]
    fn round_trips() {
        round_trip(parse, List::encode);
    }

    #[test]
    fn each_attribute_has_a_bit() {
        for (place, attribute) in MailboxAttribute::ALL.iter().enumerate() {
            assert_eq!(attribute.bit(), u32::try_from(place).ok());
            assert_eq!(
                MailboxAttribute::new(attribute.as_bytes().to_ascii_lowercase()),
                Ok(attribute.clone())
            );
        }
    }

    #[test]
    fn known_answers() {
        let list = strict(b"LIST (\\Noselect \\HASCHILDREN \\X) \"/\" ~/Mail/foo", parse).unwrap();
        assert_eq!((list.kind, list.delimiter), (ListKind::List, Delimiter::new('/').ok()));
        assert_eq!((list.attributes.len(), list.attributes.is_selectable()), (3, false));
        assert_eq!(
            written(|encoder| list.encode(encoder)),
            "LIST (\\Noselect \\HasChildren \\X) \"/\" ~/Mail/foo"
        );
        for octets in [
            "LSUB () \".\" #news.comp.mail.misc",
            "XLIST (\\Inbox) \"/\" INBOX",
            "LIST () NIL INBOX",
            "LIST () \"\\\\\" a",
            "LIST () \"\\\"\" a",
            "LIST () \"/\" \"\"",
            "LIST () \"/\" \"a\tb\"",
            "LIST (\\Subscribed) \"/\" \"Foo 2\" (\"CHILDINFO\" (\"SUBSCRIBED\" \"X\") \"OLDNAME\" (\"Foo 1\") X-Y (1 2))",
        ] {
            let list = strict(octets.as_bytes(), parse).unwrap();
            assert_eq!(written(|encoder| list.encode(encoder)), octets);
        }
        for octets in [
            "LIST () NIL inbox ()",
            "LIST () NIL a (CHILDINFO (SUBSCRIBED))",
            "LIST () NIL a (\"K1\" (V1) K2 (V2))",
        ] {
            assert!(strict(octets.as_bytes(), parse).is_some());
        }
        for octets in [
            &b"LIST () \"//\" a"[..],
            b"LIST () / a",
            b"LIST () \"/\"",
            b"LISTS () NIL a",
            b"LIST () \"/\" {3}\r\na\0b",
            b"LIST () NIL a (CHILDINFO ())",
        ] {
            assert!(read(octets, Quirks::lenient(), parse).is_none(), "{}", octets.escape_ascii());
        }
    }

    #[test]
    fn quirks() {
        let list = quirky(b"LIST (\\Sent) \"/\" Sent Items", Quirk::UnquotedMailbox, parse);
        assert_eq!(list.mailbox.as_bytes(), b"Sent Items");
        let list = quirky(b"LIST () \"/\" a b (CHILDINFO (X))", Quirk::UnquotedMailbox, parse);
        assert_eq!((list.mailbox.as_bytes(), list.extended.len()), (&b"a b"[..], 1));
        quirky(b"LIST () \"/\" \"&Jjo\"", Quirk::BadMailboxEncoding, parse);
        quirky(b"LIST (\\A]b) \"/\" a", Quirk::StrangeFlag, parse);
        let list = quirky(b"LIST (\\Sent\\HasNoChildren) \"/\" Sent", Quirk::StrangeFlag, parse);
        let expected = MailboxAttributes::from([MailboxAttribute::Sent, MailboxAttribute::HasNoChildren]);
        assert_eq!(list.attributes, expected);
        assert_eq!(quirky(b"LIST () \"\" a", Quirk::EmptyDelimiter, parse).delimiter, None);
        assert!(quirky(b"LIST NIL \"/\" a", Quirk::EmptyList, parse).attributes.is_empty());
        assert_eq!(quirky(b"LIST (Marked) \"/\" a", Quirk::StrangeFlag, parse).attributes.len(), 1);
        for octets in [
            &b"LIST (\\Sent ) \"/\" a"[..],
            b"LIST (\\Sent  \\All) \"/\" a",
            b"LIST  () \"/\" a",
            b"LIST () \"/\"  a",
        ] {
            quirky(octets, Quirk::ExtraSpace, parse);
        }
        assert!(
            strict(b"LIST (\\NonExistent) \"/\" a", parse)
                .is_some_and(|list| !list.attributes.is_selectable())
        );
    }
}
