//! LIST, LSUB and XLIST: which mailboxes there are.
//!
//! ```abnf
//! ; RFC 3501 section 9, RFC 5258 section 6
//! list             = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]
//! list-select-opts = "(" [list-select-opt *(SP list-select-opt)] ")"
//! mbox-or-pat      = list-mailbox / "(" list-mailbox *(SP list-mailbox) ")"
//! list-return-opts = "RETURN" SP "(" [return-option *(SP return-option)] ")"
//! list-select-opt  = "SUBSCRIBED" / "REMOTE" / "RECURSIVEMATCH" / "SPECIAL-USE" / option-extension   ; RFC 6154
//! return-option    = "SUBSCRIBED" / "CHILDREN" / "SPECIAL-USE" / "MYRIGHTS"                        ; RFC 8440
//!                  / "STATUS" SP "(" status-att *(SP status-att) ")"                               ; RFC 5819
//!                  / "METADATA" SP "(" entry *(SP entry) ")"                                       ; RFC 9590
//!                  / option-extension
//! mailbox-list     = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox [SP mbox-list-extended]
//! mbox-list-extended = "(" [mbox-list-extended-item *(SP mbox-list-extended-item)] ")"
//! mbox-list-extended-item = astring SP tagged-ext-val   ; CHILDINFO, OLDNAME (RFC 5465) among them
//! ```

use crate::imap::core::{RawString, is_in};
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::mailbox::{ListPattern, Mailbox};
use crate::imap::quirk::Quirk;
use crate::imap::status::StatusAttribute;
use crate::imap::value::{ExtensionValue, TaggedExtension};
use crate::wire::cursor::{Class, Cursor, Parsed, class};
use crate::wire::{InvalidValue, Text};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Which response it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub enum ListKind {
    /// LIST.
    #[default]
    List,
    /// LSUB: a name that is subscribed.
    Lsub,
    /// XLIST: LIST as Gmail had it before SPECIAL-USE.
    Xlist,
}

/// Declares the attributes once: name and word.
macro_rules! attributes {
    ($($(#[$doc:meta])* $name:ident $word:literal,)*) => {
        /// An attribute of a mailbox (RFC 3501 section 7.2.2 and the IANA registry).
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[non_exhaustive]
        pub enum MailboxAttribute {
            $($(#[$doc])* $name,)*
            /// One that is not known here, with its backslash.
            Other(Text),
        }

        impl MailboxAttribute {
            const KNOWN: &'static [(Self, &'static [u8])] = &[$((Self::$name, $word),)*];

            /// The attribute as it is written, with its backslash.
            pub fn as_bytes(&self) -> &[u8] {
                match self {
                    $(Self::$name => $word,)*
                    Self::Other(word) => word.as_bytes(),
                }
            }
        }
    };
}

attributes! {
    /// No mailboxes below it, and none can be made.
    NoInferiors b"\\Noinferiors",
    /// It cannot be selected.
    NoSelect b"\\Noselect",
    /// It may hold news.
    Marked b"\\Marked",
    /// It holds no news.
    Unmarked b"\\Unmarked",
    /// It does not exist.
    NonExistent b"\\NonExistent",
    /// It is subscribed.
    Subscribed b"\\Subscribed",
    /// It is on another server.
    Remote b"\\Remote",
    /// There are mailboxes below it (RFC 3348).
    HasChildren b"\\HasChildren",
    /// There are no mailboxes below it (RFC 3348).
    HasNoChildren b"\\HasNoChildren",
    /// It shows all messages (RFC 6154).
    All b"\\All",
    /// It archives messages (RFC 6154).
    Archive b"\\Archive",
    /// It holds drafts (RFC 6154).
    Drafts b"\\Drafts",
    /// It shows flagged messages (RFC 6154).
    Flagged b"\\Flagged",
    /// It holds junk (RFC 6154).
    Junk b"\\Junk",
    /// It holds copies of sent messages (RFC 6154).
    Sent b"\\Sent",
    /// It holds deleted messages (RFC 6154).
    Trash b"\\Trash",
    /// It shows important messages (RFC 8457).
    Important b"\\Important",
    /// It holds memos.
    Memos b"\\Memos",
    /// It holds messages that are to be sent later.
    Scheduled b"\\Scheduled",
    /// It holds messages that come back later.
    Snoozed b"\\Snoozed",
}

/// What may stand in an attribute behind its backslash; some servers are not strict about it.
const ATTRIBUTE: Class =
    class!(octet => octet > 0x20 && octet != 0x7f && !matches!(octet, b'(' | b')' | b'"' | b'{' | b'\\'));

impl MailboxAttribute {
    /// An attribute by its name, with its backslash.
    ///
    /// # Errors
    /// When the name is no atom behind a backslash.
    pub fn new(name: &str) -> Result<Self, InvalidValue> {
        let octets = name.as_bytes();
        let word = octets.strip_prefix(b"\\").unwrap_or_default();
        match word.iter().position(|octet| !is_in(&crate::imap::core::ATOM, *octet)) {
            None if !word.is_empty() => Ok(Self::from_octets(octets)),
            at => Err(InvalidValue {
                offset: at.map_or(0, |at| at.saturating_add(1)),
                expected: "a backslash and an atom",
            }),
        }
    }

    fn from_octets(octets: &[u8]) -> Self {
        let known = Self::KNOWN.iter().find(|(_, word)| word.eq_ignore_ascii_case(octets));
        known.map_or_else(|| Self::Other(octets.into()), |(attribute, _)| attribute.clone())
    }

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let backslash = cursor.eat(b'\\');
        let word = cursor.take_some(&ATTRIBUTE, "an attribute of a mailbox")?;
        let plain = word.iter().all(|octet| is_in(&crate::imap::core::ATOM, *octet));
        if (!backslash || !plain) && !cursor.forgives(Quirk::StrangeFlag) {
            return cursor.syntax_at(start, "a backslash and an atom");
        }
        let octets = cursor.since(start);
        match Self::KNOWN.iter().find(|(_, word)| word.eq_ignore_ascii_case(octets)) {
            Some((attribute, _)) => Ok(attribute.clone()),
            None => cursor.text(octets).map(Self::Other),
        }
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for MailboxAttribute {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        if u.ratio(1, 8)? {
            return Ok(Self::Other("\\X-Other".into()));
        }
        Ok(u.choose(Self::KNOWN)?.0.clone())
    }
}

/// A mailbox that the server tells of (RFC 3501 section 7.2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub struct List {
    /// LIST, LSUB or XLIST.
    pub kind: ListKind,
    /// What is known of it.
    pub attributes: Vec<MailboxAttribute>,
    /// What stands between the levels of its name; `None`: there are no levels.
    pub delimiter: Option<Delimiter>,
    /// Its name.
    pub mailbox: Mailbox,
    /// More of it (RFC 5258): CHILDINFO, OLDNAME and what else is defined.
    pub extended: Option<Box<Vec<ListItem>>>,
}

/// The one character that stands between the levels of a name (RFC 3501 section 5.1.1): any but NUL, CR and LF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "char", into = "char")
)]
pub struct Delimiter(char);

impl Delimiter {
    /// A delimiter.
    ///
    /// # Errors
    /// For NUL, CR and LF.
    pub const fn new(character: char) -> Result<Self, InvalidValue> {
        match character {
            '\0' | '\r' | '\n' => Err(InvalidValue { offset: 0, expected: "a character but NUL, CR and LF" }),
            character => Ok(Self(character)),
        }
    }

    /// The character.
    pub const fn as_char(self) -> char {
        self.0
    }
}

impl TryFrom<char> for Delimiter {
    type Error = InvalidValue;
    fn try_from(character: char) -> Result<Self, InvalidValue> {
        Self::new(character)
    }
}

impl From<Delimiter> for char {
    fn from(delimiter: Delimiter) -> Self {
        delimiter.0
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Delimiter {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self(*u.choose(&['/', '.', '\\', '"', '^'])?))
    }
}

/// An extended data item of a LIST response (RFC 5258 `mbox-list-extended-item`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ListItem {
    /// What it is called: `CHILDINFO`, `OLDNAME`.
    pub tag: Text,
    /// What it is, as its octets stand.
    pub value: ExtensionValue,
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for ListItem {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self { tag: (*u.choose(&["CHILDINFO", "OLDNAME", "X tag"])?).into(), value: u.arbitrary()? })
    }
}

impl List {
    /// A mailbox for a LIST response.
    pub fn new(mailbox: Mailbox, delimiter: Option<Delimiter>, attributes: Vec<MailboxAttribute>) -> Self {
        Self { kind: ListKind::List, attributes, delimiter, mailbox, extended: None }
    }

    /// Whether the mailbox has the attribute.
    pub fn has(&self, attribute: &MailboxAttribute) -> bool {
        self.attributes.contains(attribute)
    }

    /// The response, its name included.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let kind = match cursor.atom()? {
            name if name.eq_ignore_ascii_case(b"LIST") => ListKind::List,
            name if name.eq_ignore_ascii_case(b"LSUB") => ListKind::Lsub,
            _ => ListKind::Xlist,
        };
        cursor.sp()?;
        let attributes = if cursor.peek() != Some(b'(') && cursor.nil() {
            if !cursor.forgives(Quirk::EmptyList) {
                return cursor.syntax("a list of attributes");
            }
            Vec::new()
        } else {
            cursor.list(MailboxAttribute::parse)?
        };
        cursor.sp()?;
        let delimiter = Self::parse_delimiter(cursor)?;
        cursor.sp()?;
        let mailbox = Mailbox::parse_before_list(cursor)?;
        let mut extended = None;
        if cursor.peek() == Some(b' ') && cursor.peek_at(1) == Some(b'(') {
            cursor.advance(1);
            let items = cursor.list(|cursor| {
                let tag = cursor.astring_text()?;
                cursor.sp()?;
                Ok(ListItem { tag, value: ExtensionValue::parse(cursor)? })
            })?;
            extended = Some(Box::new(items));
        }
        Ok(Self { kind, attributes, delimiter, mailbox, extended })
    }

    fn parse_delimiter(cursor: &mut Cursor<'_>) -> Parsed<Option<Delimiter>> {
        let start = cursor.position();
        if cursor.peek() != Some(b'"') {
            return if cursor.nil() {
                Ok(None)
            } else {
                cursor.syntax("a hierarchy delimiter in quotes, or NIL")
            };
        }
        let RawString { octets, escaped } = cursor.quoted()?;
        let octets = if escaped { octets.get(1..).unwrap_or_default() } else { octets };
        let mut characters = core::str::from_utf8(octets).unwrap_or_default().chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => Ok(Delimiter::new(character).ok()),
            (None, None) if cursor.forgives(Quirk::EmptyDelimiter) => Ok(None),
            _ => cursor.syntax_at(start, "one character as hierarchy delimiter"),
        }
    }

    /// The response, its name included.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(match self.kind {
            ListKind::List => b"LIST ",
            ListKind::Lsub => b"LSUB ",
            ListKind::Xlist => b"XLIST ",
        });
        encoder.list(&self.attributes, |encoder, attribute| {
            encoder.raw(attribute.as_bytes());
            Ok(())
        })?;
        encoder.sp();
        match self.delimiter {
            None => encoder.nil(),
            Some(Delimiter(character)) => {
                encoder.raw(if matches!(character, '"' | '\\') { b"\"\\" } else { b"\"" });
                encoder.raw(character.encode_utf8(&mut [0; 4]).as_bytes());
                encoder.raw(b"\"");
            }
        }
        encoder.sp();
        self.mailbox.encode(encoder)?;
        if let Some(extended) = &self.extended {
            encoder.sp();
            encoder.list(extended.iter(), |encoder, item| {
                encoder.astring(item.tag.as_bytes())?;
                encoder.sp();
                item.value.encode(encoder)
            })?;
        }
        Ok(())
    }
}

/// Which mailboxes a LIST selects (RFC 5258 section 3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
#[non_exhaustive]
pub enum ListSelection {
    /// Those that are subscribed.
    Subscribed,
    /// Those on other servers too.
    Remote,
    /// Those too that have such below them.
    RecursiveMatch,
    /// Those with a special use (RFC 6154).
    SpecialUse,
    /// An option that is not known here.
    Other(TaggedExtension),
}

/// What a LIST tells of each mailbox (RFC 5258 section 3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
#[non_exhaustive]
pub enum ListReturn {
    /// Whether it is subscribed.
    Subscribed,
    /// Whether there are mailboxes below it.
    Children,
    /// Its special use (RFC 6154).
    SpecialUse,
    /// The rights of the user (RFC 8440).
    MyRights,
    /// Its figures (RFC 5819).
    Status(Vec<StatusAttribute>),
    /// Entries of its metadata (RFC 9590).
    Metadata(Vec<Text>),
    /// An option that is not known here.
    Other(TaggedExtension),
}

/// LIST, with the options of LIST-EXTENDED (RFC 5258).
///
/// ```
/// use mailwire::imap::{Command, ListCommand, Tag};
///
/// let list = Command::List(ListCommand::all());
/// let segments = list.to_segments(&Tag::new("a1").unwrap(), Default::default()).unwrap();
/// assert_eq!(segments[0], "a1 LIST \"\" *\r\n");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ListCommand {
    /// Which mailboxes; `None`: no list of options was given.
    pub selection: Option<Vec<ListSelection>>,
    /// The name before the patterns.
    pub reference: Mailbox,
    /// The patterns: one, or several in parentheses.
    pub patterns: Vec<ListPattern>,
    /// What of each; `None`: no list of options was given.
    pub returns: Option<Vec<ListReturn>>,
}

impl ListCommand {
    /// LIST of the mailboxes that match a pattern.
    pub fn new(reference: Mailbox, pattern: ListPattern) -> Self {
        Self { selection: None, reference, patterns: [pattern].into(), returns: None }
    }

    /// LIST of all mailboxes.
    pub fn all() -> Self {
        let reference = Mailbox::root();
        Self {
            selection: None,
            reference,
            patterns: ListPattern::new("*").into_iter().collect(),
            returns: None,
        }
    }

    /// The arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut selection = None;
        if cursor.peek() == Some(b'(') {
            selection = Some(cursor.list(ListSelection::parse)?);
            cursor.sp()?;
        }
        let reference = Mailbox::parse(cursor)?;
        cursor.sp()?;
        let patterns = if cursor.peek() == Some(b'(') {
            let patterns = cursor.list(ListPattern::parse)?;
            if patterns.is_empty() {
                return cursor.syntax("a pattern");
            }
            patterns
        } else {
            [ListPattern::parse(cursor)?].into()
        };
        let mut returns = None;
        if cursor.eat_keyword(b" RETURN ") {
            returns = Some(cursor.list(ListReturn::parse)?);
        }
        Ok(Self { selection, reference, patterns, returns })
    }

    /// The arguments.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if let Some(selection) = &self.selection {
            encoder.list(selection, |encoder, option| option.encode(encoder))?;
            encoder.sp();
        }
        self.reference.encode(encoder)?;
        encoder.sp();
        match self.patterns.as_slice() {
            [] => return Err(InvalidValue { offset: 0, expected: "a pattern" }),
            [pattern] => pattern.encode(encoder)?,
            patterns => encoder.list(patterns, |encoder, pattern| pattern.encode(encoder))?,
        }
        if let Some(returns) = &self.returns {
            encoder.raw(b" RETURN ");
            encoder.list(returns, |encoder, option| option.encode(encoder))?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for ListCommand {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut list = Self::new(u.arbitrary()?, u.arbitrary()?);
        list.selection = u.arbitrary()?;
        list.patterns.extend(u.arbitrary::<Option<ListPattern>>()?);
        list.returns = u.arbitrary()?;
        for option in list.returns.iter_mut().flatten() {
            match option {
                ListReturn::Status(attributes) if attributes.is_empty() => {
                    attributes.push(StatusAttribute::Size)
                }
                ListReturn::Metadata(entries) => *entries = [Text::from("/shared/comment")].into(),
                _ => {}
            }
        }
        Ok(list)
    }
}

impl ListSelection {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let name = cursor.atom()?;
        let is = |keyword: &[u8]| name.eq_ignore_ascii_case(keyword);
        Ok(if is(b"SUBSCRIBED") {
            Self::Subscribed
        } else if is(b"REMOTE") {
            Self::Remote
        } else if is(b"RECURSIVEMATCH") {
            Self::RecursiveMatch
        } else if is(b"SPECIAL-USE") {
            Self::SpecialUse
        } else {
            Self::Other(TaggedExtension::parse_value(cursor, name)?)
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::Subscribed => encoder.raw(b"SUBSCRIBED"),
            Self::Remote => encoder.raw(b"REMOTE"),
            Self::RecursiveMatch => encoder.raw(b"RECURSIVEMATCH"),
            Self::SpecialUse => encoder.raw(b"SPECIAL-USE"),
            Self::Other(option) => option.encode(encoder)?,
        }
        Ok(())
    }
}

impl ListReturn {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let name = cursor.atom()?;
        let is = |keyword: &[u8]| name.eq_ignore_ascii_case(keyword);
        Ok(if is(b"SUBSCRIBED") {
            Self::Subscribed
        } else if is(b"CHILDREN") {
            Self::Children
        } else if is(b"SPECIAL-USE") {
            Self::SpecialUse
        } else if is(b"MYRIGHTS") {
            Self::MyRights
        } else if is(b"STATUS") {
            cursor.sp()?;
            Self::Status(StatusAttribute::parse_all(cursor)?)
        } else if is(b"METADATA") {
            cursor.sp()?;
            let entries = cursor.list(|cursor| cursor.astring_text())?;
            if entries.is_empty() {
                return cursor.syntax("an entry");
            }
            Self::Metadata(entries)
        } else {
            Self::Other(TaggedExtension::parse_value(cursor, name)?)
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::Subscribed => encoder.raw(b"SUBSCRIBED"),
            Self::Children => encoder.raw(b"CHILDREN"),
            Self::SpecialUse => encoder.raw(b"SPECIAL-USE"),
            Self::MyRights => encoder.raw(b"MYRIGHTS"),
            Self::Status(attributes) => {
                encoder.raw(b"STATUS ");
                StatusAttribute::encode_all(attributes, encoder)?;
            }
            Self::Metadata(entries) => {
                if entries.is_empty() {
                    return Err(InvalidValue { offset: 0, expected: "an entry" });
                }
                encoder.raw(b"METADATA ");
                encoder.list(entries, |encoder, entry| encoder.astring(entry.as_bytes()))?;
            }
            Self::Other(option) => option.encode(encoder)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{quirky, round_trip, strict, written};

    #[test]
    fn values_survive() {
        round_trip(List::parse, List::encode);
        round_trip(ListCommand::parse, ListCommand::encode);
    }

    #[test]
    fn known_answers() {
        for octets in [
            &b"LIST (\\Noselect \\HasChildren) \"/\" ~/Mail/foo"[..],
            b"LSUB () NIL INBOX",
            b"LIST (\\Sent \\X-Odd) \"\\\\\" \"a b\"",
            b"LIST () \"/\" Fruit (CHILDINFO (\"SUBSCRIBED\") OLDNAME (\"old\"))",
        ] {
            let list = strict(octets, List::parse).unwrap();
            assert_eq!(written(|encoder| list.encode(encoder)).as_bytes(), octets);
        }
        for octets in [
            &b"\"\" *"[..],
            b"(SUBSCRIBED RECURSIVEMATCH) \"\" % RETURN (CHILDREN)",
            b"() \"\" (INBOX Work/*) RETURN (STATUS (MESSAGES UNSEEN) METADATA (/private/comment))",
        ] {
            let list = strict(octets, ListCommand::parse).unwrap();
            assert_eq!(written(|encoder| list.encode(encoder)).as_bytes(), octets);
        }
        assert!(strict(b"\"\" ()", ListCommand::parse).is_none());
    }

    #[test]
    fn quirks() {
        quirky(b"LIST (\\A]b) \"/\" a", Quirk::StrangeFlag, List::parse);
        quirky(b"LIST NIL \"/\" a", Quirk::EmptyList, List::parse);
        quirky(b"LIST () \"\" a", Quirk::EmptyDelimiter, List::parse);
        quirky(b"LIST () \"/\" Sent Items", Quirk::UnquotedMailbox, List::parse);
    }
}
