//! ACL: who may do what with a mailbox.
//!
//! ```abnf
//! ; RFC 4314 section 7
//! setacl          = "SETACL" SP mailbox SP identifier SP mod-rights
//! deleteacl       = "DELETEACL" SP mailbox SP identifier
//! getacl          = "GETACL" SP mailbox
//! listrights      = "LISTRIGHTS" SP mailbox SP identifier
//! myrights        = "MYRIGHTS" SP mailbox
//! acl-data        = "ACL" SP mailbox *(SP identifier SP rights)
//! listrights-data = "LISTRIGHTS" SP mailbox SP identifier SP rights *(SP rights)
//! myrights-data   = "MYRIGHTS" SP mailbox SP rights
//! mod-rights      = astring     ; "+" adds, "-" removes, else these are the rights
//! rights          = astring     ; only lowercase ASCII letters and digits
//! identifier      = astring
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::mailbox::Mailbox;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

/// A set of rights (RFC 4314 section 2): lowercase letters and digits.
///
/// ```
/// use mailwire::imap::Rights;
///
/// let rights: Rights = "rswl".parse().unwrap();
/// assert!(rights.contains(Rights::SEEN | Rights::READ));
/// assert_eq!(rights.to_string(), "lrsw");
/// assert!("rW".parse::<Rights>().is_err());
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "String", into = "String")
)]
pub struct Rights(u64);

/// The order in which rights are written: that of the RFC, then those it does not name.
const ORDER: &[u8] = b"lrswipkxteacdbfghjmnoquvyz0123456789";

macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident = $octet:literal,)*) => {
        $($(#[$doc])* pub const $name: Self = Self(bit($octet));)*
    };
}

const fn bit(octet: u8) -> u64 {
    match octet {
        b'a'..=b'z' => 1u64.wrapping_shl(octet_index(octet, b'a')),
        b'0'..=b'9' => 1u64.wrapping_shl(octet_index(octet, b'0').wrapping_add(26)),
        _ => 0,
    }
}

const fn octet_index(octet: u8, first: u8) -> u32 {
    let mut index = 0u32;
    let mut at = first;
    while at != octet {
        at = at.wrapping_add(1);
        index = index.wrapping_add(1);
    }
    index
}

impl Rights {
    /// None.
    pub const NONE: Self = Self(0);
    rights! {
        /// The mailbox is visible to LIST, and can be subscribed.
        LOOKUP = b'l',
        /// The mailbox can be selected, and its status asked.
        READ = b'r',
        /// `\Seen` can be set and cleared, and is kept across sessions.
        SEEN = b's',
        /// Flags other than `\Seen` and `\Deleted` can be set and cleared.
        WRITE = b'w',
        /// Messages can be appended and copied into the mailbox.
        INSERT = b'i',
        /// Mail can be sent to the mailbox's submission address.
        POST = b'p',
        /// Mailboxes can be made below it, and renamed to there.
        CREATE_MAILBOXES = b'k',
        /// The mailbox can be deleted and renamed.
        DELETE_MAILBOX = b'x',
        /// `\Deleted` can be set and cleared.
        DELETE_MESSAGES = b't',
        /// EXPUNGE can be done, also as a part of CLOSE.
        EXPUNGE = b'e',
        /// The ACL can be read and changed.
        ADMINISTER = b'a',
        /// Shared annotations can be written (RFC 5257).
        WRITE_SHARED_ANNOTATION = b'n',
        /// The obsolete right to create (RFC 2086).
        OBSOLETE_CREATE = b'c',
        /// The obsolete right to delete (RFC 2086).
        OBSOLETE_DELETE = b'd',
    }

    /// The rights of these letters and digits.
    ///
    /// # Errors
    /// Tells the first octet that is neither a lowercase letter nor a digit.
    pub fn new(rights: impl AsRef<[u8]>) -> Result<Self, InvalidValue> {
        let rights = rights.as_ref();
        match rights.iter().position(|right| bit(*right) == 0) {
            Some(offset) => Err(InvalidValue { offset, expected: "a lowercase letter or a digit" }),
            None => Ok(Self(rights.iter().fold(0, |rights, right| rights | bit(*right)))),
        }
    }

    /// Whether all of these are in the set.
    pub const fn contains(self, rights: Self) -> bool {
        self.0 & rights.0 == rights.0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The rights as letters and digits.
    pub fn iter(self) -> impl Iterator<Item = char> {
        ORDER.iter().filter(move |right| self.0 & bit(**right) != 0).map(|right| char::from(*right))
    }

    fn read(cursor: &mut Cursor<'_>, start: usize, octets: &[u8]) -> Parsed<Self> {
        match Self::new(octets) {
            Ok(rights) => Ok(rights),
            Err(error) => cursor.syntax_at(start, error.expected),
        }
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let rights = cursor.astring()?;
        Self::read(cursor, start, rights.octets)
    }

    pub(crate) fn encode(self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.is_empty() {
            encoder.raw(b"\"\"");
        }
        self.encode_letters(encoder);
        Ok(())
    }

    fn encode_letters(self, encoder: &mut Encoder<'_>) {
        for right in ORDER.iter().filter(|right| self.0 & bit(**right) != 0) {
            encoder.raw(core::slice::from_ref(right));
        }
    }
}

impl core::ops::BitOr for Rights {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl core::ops::BitAnd for Rights {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl core::ops::Sub for Rights {
    type Output = Self;
    /// Those that are not in the other set.
    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl FromStr for Rights {
    type Err = InvalidValue;
    fn from_str(rights: &str) -> Result<Self, InvalidValue> {
        Self::new(rights)
    }
}

impl TryFrom<String> for Rights {
    type Error = InvalidValue;
    fn try_from(rights: String) -> Result<Self, InvalidValue> {
        Self::new(rights)
    }
}

impl From<Rights> for String {
    fn from(rights: Rights) -> Self {
        rights.iter().collect()
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|right| fmt::Write::write_char(f, right))
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rights({self})")
    }
}

/// What SETACL does with rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub enum RightsChange {
    /// These are the rights.
    Replace(Rights),
    /// These are rights too: `+`.
    Add(Rights),
    /// These are rights no more: `-`.
    Remove(Rights),
}

impl RightsChange {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let rights = cursor.astring()?;
        Ok(match rights.octets {
            [b'+', rights @ ..] => Self::Add(Rights::read(cursor, start, rights)?),
            [b'-', rights @ ..] => Self::Remove(Rights::read(cursor, start, rights)?),
            rights => Self::Replace(Rights::read(cursor, start, rights)?),
        })
    }

    fn encode(self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::Replace(rights) => return rights.encode(encoder),
            Self::Add(rights) => {
                encoder.raw(b"+");
                rights.encode_letters(encoder);
            }
            Self::Remove(rights) => {
                encoder.raw(b"-");
                rights.encode_letters(encoder);
            }
        }
        Ok(())
    }
}

/// SETACL: the rights of an identifier change (RFC 4314 section 3.1).
///
/// ```
/// use mailwire::imap::{Command, Encoding, Mailbox, Rights, RightsChange, SetAcl, Tag};
///
/// let change = SetAcl {
///     mailbox: Mailbox::new("INBOX/Drafts")?,
///     identifier: "Byron".into(),
///     rights: RightsChange::Add(Rights::new("lrswi")?),
/// };
/// let command = Command::from(change).to_segments(&Tag::new("1")?, Encoding::default())?;
/// assert_eq!(command[0], "1 SETACL INBOX/Drafts Byron +lrswi\r\n");
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SetAcl {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// Whose rights: a user, `anyone`, a group; `-` before it makes them negative rights.
    pub identifier: Text,
    /// How they change.
    pub rights: RightsChange,
}

/// A mailbox and an identifier: DELETEACL, or LISTRIGHTS asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AclIdentifier {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// The identifier.
    pub identifier: Text,
}

/// The answer ACL: the rights of each identifier (RFC 4314 section 3.6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Acl {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// The identifiers and their rights.
    pub rights: Vec<(Text, Rights)>,
}

/// The answer LISTRIGHTS: which rights an identifier can have (RFC 4314 section 3.7).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ListRights {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// The identifier.
    pub identifier: Text,
    /// The rights it always has.
    pub required: Rights,
    /// The rights it can be given; those of one set come together.
    pub optional: Vec<Rights>,
}

/// The answer MYRIGHTS: the rights of the user (RFC 4314 section 3.8).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub struct MyRights {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// The rights.
    pub rights: Rights,
}

impl AclIdentifier {
    /// The arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mailbox = Mailbox::parse(cursor)?;
        cursor.sp()?;
        Ok(Self { mailbox, identifier: cursor.astring_text()? })
    }

    /// The arguments.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.mailbox.encode(encoder)?;
        encoder.sp();
        encoder.astring(self.identifier.as_bytes())
    }
}

impl SetAcl {
    /// The arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let AclIdentifier { mailbox, identifier } = AclIdentifier::parse(cursor)?;
        cursor.sp()?;
        Ok(Self { mailbox, identifier, rights: RightsChange::parse(cursor)? })
    }

    /// The arguments.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.mailbox.encode(encoder)?;
        encoder.sp();
        encoder.astring(self.identifier.as_bytes())?;
        encoder.sp();
        self.rights.encode(encoder)
    }
}

impl Acl {
    /// What stands behind the name and its SP, up to the end of the message.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mailbox = Mailbox::parse(cursor)?;
        let rights = cursor.items_to_end(|cursor| {
            let identifier = cursor.astring_text()?;
            cursor.sp()?;
            Ok((identifier, Rights::parse(cursor)?))
        })?;
        Ok(Self { mailbox, rights })
    }

    /// What stands behind the name and its SP.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.mailbox.encode(encoder)?;
        for (identifier, rights) in &self.rights {
            encoder.sp();
            encoder.astring(identifier.as_bytes())?;
            encoder.sp();
            rights.encode(encoder)?;
        }
        Ok(())
    }
}

impl ListRights {
    /// What stands behind the name and its SP, up to the end of the message.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let AclIdentifier { mailbox, identifier } = AclIdentifier::parse(cursor)?;
        cursor.sp()?;
        let required = Rights::parse(cursor)?;
        Ok(Self { mailbox, identifier, required, optional: cursor.items_to_end(Rights::parse)? })
    }

    /// What stands behind the name and its SP.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.mailbox.encode(encoder)?;
        encoder.sp();
        encoder.astring(self.identifier.as_bytes())?;
        encoder.sp();
        self.required.encode(encoder)?;
        for rights in &self.optional {
            encoder.sp();
            rights.encode(encoder)?;
        }
        Ok(())
    }
}

impl MyRights {
    /// What stands behind the name and its SP.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mailbox = Mailbox::parse(cursor)?;
        cursor.sp()?;
        Ok(Self { mailbox, rights: Rights::parse(cursor)? })
    }

    /// What stands behind the name and its SP.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.mailbox.encode(encoder)?;
        encoder.sp();
        self.rights.encode(encoder)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::value::{arbitrary_some, arbitrary_text};
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for Rights {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            u.int_in_range(0..=(1u64 << 36).wrapping_sub(1)).map(Self)
        }
    }

    impl<'a> Arbitrary<'a> for AclIdentifier {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { mailbox: u.arbitrary()?, identifier: arbitrary_text(u)? })
        }
    }

    impl<'a> Arbitrary<'a> for SetAcl {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { mailbox: u.arbitrary()?, identifier: arbitrary_text(u)?, rights: u.arbitrary()? })
        }
    }

    impl<'a> Arbitrary<'a> for Acl {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let rights = arbitrary_some(u, 0, |u| Ok((arbitrary_text(u)?, u.arbitrary()?)))?;
            Ok(Self { mailbox: u.arbitrary()?, rights })
        }
    }

    impl<'a> Arbitrary<'a> for ListRights {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self {
                mailbox: u.arbitrary()?,
                identifier: arbitrary_text(u)?,
                required: u.arbitrary()?,
                optional: arbitrary_some(u, 0, |u| u.arbitrary())?,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict, written};
    use alloc::string::ToString;

    #[test]
    fn round_trips() {
        round_trip(SetAcl::parse, SetAcl::encode);
        round_trip(AclIdentifier::parse, AclIdentifier::encode);
        round_trip(Acl::parse, Acl::encode);
        round_trip(ListRights::parse, ListRights::encode);
        round_trip(MyRights::parse, MyRights::encode);
    }

    #[test]
    fn known_answers() {
        for octets in
            ["INBOX/Drafts Byron lrswikda", "INBOX/Drafts David lrswida", "INBOX/Drafts John lrQswicda"]
        {
            let read = strict(octets.as_bytes(), |cursor| {
                Mailbox::parse(cursor)?;
                cursor.sp()?;
                cursor.astring_text()?;
                cursor.sp()?;
                Rights::parse(cursor)
            });
            assert_eq!(read.is_some(), !octets.contains('Q'));
        }
        for octets in ["INBOX Fred rwipslxetad Chris lrswi", "INBOX", "INBOX -anyone \"\""] {
            let read = strict(octets.as_bytes(), Acl::parse).unwrap();
            let canonical = octets.replace("rwipslxetad", "lrswipxtead");
            assert_eq!(written(|encoder| read.encode(encoder)), canonical);
        }
        for octets in
            ["~/Mail/saved smith la r swicdkxte", "archive/imap anyone \"\" l r s w i p k x t e c d a 0 1 2"]
        {
            let read = strict(octets.as_bytes(), ListRights::parse).unwrap();
            let canonical = octets.replace("swicdkxte", "swikxtecd");
            assert_eq!(written(|encoder| read.encode(encoder)), canonical);
        }
        let read = strict(b"INBOX rwiptsldaex", MyRights::parse).unwrap();
        assert_eq!(read.rights.to_string(), "lrswipxtead");
        let read = strict(b"INBOX/Drafts David \"+cda\"", SetAcl::parse).unwrap();
        assert_eq!(read.rights, RightsChange::Add("acd".parse().unwrap()));
        for octets in ["INBOX a +", "INBOX a -lr", "INBOX a \"\""] {
            let read = strict(octets.as_bytes(), SetAcl::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
    }

    #[test]
    fn sets_of_rights() {
        let all = Rights::new("abcdefghijklmnopqrstuvwxyz0123456789").unwrap();
        assert_eq!(all.iter().count(), 36);
        assert_eq!((all - Rights::READ).iter().count(), 35);
        assert!(!(all - Rights::READ).contains(Rights::READ));
        assert_eq!((Rights::READ | Rights::SEEN) & Rights::SEEN, Rights::SEEN);
        assert_eq!(Rights::new("ab C").unwrap_err().offset, 2);
    }
}
