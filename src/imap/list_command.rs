//! LIST, plain and extended.
//!
//! ```abnf
//! ; RFC 5258 section 6, RFC 9051 section 9
//! list             = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]
//! list-select-opts = "(" [(*(list-select-opt SP) list-select-base-opt *(SP list-select-opt)) /
//!                    (list-select-independent-opt *(SP list-select-independent-opt))] ")"
//! list-select-base-opt = "SUBSCRIBED" / option-extension
//! list-select-independent-opt = "REMOTE" / "SPECIAL-USE" / option-extension    ; RFC 6154
//! list-select-mod-opt = "RECURSIVEMATCH" / option-extension
//! mbox-or-pat      = list-mailbox / patterns
//! patterns         = "(" list-mailbox *(SP list-mailbox) ")"
//! list-return-opts = "RETURN" SP "(" [return-option *(SP return-option)] ")"
//! return-option    = "SUBSCRIBED" / "CHILDREN" / "SPECIAL-USE" / "MYRIGHTS" / status-option / option-extension
//! status-option    = "STATUS" SP "(" status-att *(SP status-att) ")"    ; RFC 5819
//! return-option    =/ "METADATA" SP "(" entry *(SP entry) ")"           ; RFC 9590
//! option-extension = (option-standard-tag / option-vendor-tag) [SP option-value]
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::keyword::{Keyword, upper};
use crate::imap::mailbox::{ListPattern, Mailbox};
use crate::imap::status::StatusAttribute;
use crate::imap::value::ExtensionValue;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};
use alloc::vec::Vec;

/// Which mailboxes LIST shall tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ListSelection {
    /// `SUBSCRIBED`: those that the user has subscribed to, whether they exist or not.
    Subscribed,
    /// `REMOTE`: those on other servers, too.
    Remote,
    /// `RECURSIVEMATCH`: also those that have some below them that meet the other options; not without one of these, such as `SUBSCRIBED`.
    RecursiveMatch,
    /// `SPECIAL-USE`: those with a special use (RFC 6154).
    SpecialUse,
    /// What is not known here.
    Other {
        /// What it is called.
        name: Keyword,
        /// Its value, in parentheses.
        value: Option<ExtensionValue>,
    },
}

/// What LIST shall tell of each mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ListReturn {
    /// `SUBSCRIBED`: whether the user has subscribed to it.
    Subscribed,
    /// `CHILDREN`: whether there are some below it.
    Children,
    /// `SPECIAL-USE`: what it is for (RFC 6154).
    SpecialUse,
    /// `MYRIGHTS`: what the user may do, in a MYRIGHTS response (RFC 8440).
    MyRights,
    /// `STATUS`: these, in a STATUS response (RFC 5819).
    Status(Vec<StatusAttribute>),
    /// `METADATA`: the annotations of these names, in a METADATA response (RFC 9590).
    Metadata(Vec<Text>),
    /// What is not known here.
    Other {
        /// What it is called.
        name: Keyword,
        /// Its value, in parentheses.
        value: Option<ExtensionValue>,
    },
}

/// LIST: which mailboxes are there?
///
/// ```
/// use mailwire::imap::{Command, Encoding, ListCommand, ListPattern, ListReturn, StatusAttribute, Tag};
///
/// let list = ListCommand::new(ListPattern::new("%")?)
///     .returning([ListReturn::Children, ListReturn::Status(vec![StatusAttribute::Unseen])]);
/// let line = Command::from(list).to_segments(&Tag::new("1")?, Encoding::default())?;
/// assert_eq!(line[0], "1 LIST \"\" % RETURN (CHILDREN STATUS (UNSEEN))\r\n");
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ListCommand {
    /// Which mailboxes; `None` is another command than no options in parentheses.
    pub selection: Option<Vec<ListSelection>>,
    /// What the patterns stand below; empty for the root.
    pub reference: Mailbox,
    /// The patterns, at least one. Several need LIST-EXTENDED.
    pub patterns: Vec<ListPattern>,
    /// What is told of each.
    pub returns: Option<Vec<ListReturn>>,
}

impl ListCommand {
    /// The mailboxes of this pattern, from the root.
    pub fn new(pattern: ListPattern) -> Self {
        Self { selection: None, reference: Mailbox::root(), patterns: alloc::vec![pattern], returns: None }
    }

    /// The same below another name than the root.
    #[must_use]
    pub fn reference(self, reference: Mailbox) -> Self {
        Self { reference, ..self }
    }

    /// The same with these patterns in place of the one (RFC 5258).
    #[must_use]
    pub fn patterns(self, patterns: impl IntoIterator<Item = ListPattern>) -> Self {
        Self { patterns: patterns.into_iter().collect(), ..self }
    }

    /// Of these mailboxes only those that meet all options (RFC 5258).
    #[must_use]
    pub fn selecting(self, options: impl IntoIterator<Item = ListSelection>) -> Self {
        Self { selection: Some(options.into_iter().collect()), ..self }
    }

    /// The same, and of each mailbox is told what these options ask for (RFC 5258).
    #[must_use]
    pub fn returning(self, options: impl IntoIterator<Item = ListReturn>) -> Self {
        Self { returns: Some(options.into_iter().collect()), ..self }
    }

    /// Whether this needs LIST-EXTENDED or IMAP4rev2 (RFC 5258 section 3).
    pub fn is_extended(&self) -> bool {
        self.selection.is_some() || self.returns.is_some() || self.patterns.len() > 1
    }

    /// The arguments, behind `LIST SP`.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let selection = match cursor.peek() {
            Some(b'(') => {
                let start = cursor.position();
                let options = cursor.list(ListSelection::parse)?;
                if !is_complete(&options) {
                    return cursor.syntax_at(start, "an option beside RECURSIVEMATCH");
                }
                cursor.sp()?;
                Some(options)
            }
            _ => None,
        };
        let reference = Mailbox::parse(cursor)?;
        cursor.sp()?;
        let patterns = match cursor.peek() {
            Some(b'(') => cursor.list_of_some(ListPattern::parse)?,
            _ => alloc::vec![ListPattern::parse(cursor)?],
        };
        let mut returns = None;
        if cursor.eat_keyword(b" RETURN") {
            cursor.sp()?;
            returns = Some(cursor.list(ListReturn::parse)?);
        }
        Ok(Self { selection, reference, patterns, returns })
    }

    /// The arguments, behind `LIST SP`.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if let Some(selection) = &self.selection {
            if !is_complete(selection) {
                return Err(InvalidValue { offset: 0, expected: "an option beside RECURSIVEMATCH" });
            }
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

/// RECURSIVEMATCH needs an option that says what is to be matched (RFC 5258 section 3.1); SPECIAL-USE is none of these (RFC 6154 section 6).
fn is_complete(options: &[ListSelection]) -> bool {
    let is_base =
        |option: &ListSelection| matches!(option, ListSelection::Subscribed | ListSelection::Other { .. });
    !options.contains(&ListSelection::RecursiveMatch) || options.iter().any(is_base)
}

impl ListSelection {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let word = cursor.atom()?;
        Ok(match upper(word, &mut [0; 16]) {
            b"SUBSCRIBED" => Self::Subscribed,
            b"REMOTE" => Self::Remote,
            b"RECURSIVEMATCH" => Self::RecursiveMatch,
            b"SPECIAL-USE" => Self::SpecialUse,
            _ => Self::Other {
                name: cursor.text(word).map(Keyword::from_checked)?,
                value: parse_value(cursor)?,
            },
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::Subscribed => encoder.raw(b"SUBSCRIBED"),
            Self::Remote => encoder.raw(b"REMOTE"),
            Self::RecursiveMatch => encoder.raw(b"RECURSIVEMATCH"),
            Self::SpecialUse => encoder.raw(b"SPECIAL-USE"),
            Self::Other { name, value } => return encode_other(name, value.as_ref(), encoder),
        }
        Ok(())
    }
}

impl ListReturn {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let word = cursor.atom()?;
        Ok(match upper(word, &mut [0; 16]) {
            b"SUBSCRIBED" => Self::Subscribed,
            b"CHILDREN" => Self::Children,
            b"SPECIAL-USE" => Self::SpecialUse,
            b"MYRIGHTS" => Self::MyRights,
            b"STATUS" => {
                cursor.sp()?;
                Self::Status(StatusAttribute::parse_all(cursor)?)
            }
            b"METADATA" => {
                cursor.sp()?;
                Self::Metadata(cursor.list_of_some(|cursor| cursor.astring_text())?)
            }
            _ => Self::Other {
                name: cursor.text(word).map(Keyword::from_checked)?,
                value: parse_value(cursor)?,
            },
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
                return StatusAttribute::encode_all(attributes, encoder);
            }
            Self::Metadata(entries) => {
                entries.first().ok_or(InvalidValue { offset: 0, expected: "an entry" })?;
                encoder.raw(b"METADATA ");
                return encoder.list(entries, |encoder, entry| encoder.astring(entry.as_bytes()));
            }
            Self::Other { name, value } => return encode_other(name, value.as_ref(), encoder),
        }
        Ok(())
    }
}

/// `[SP option-value]`, which stands in parentheses.
fn parse_value(cursor: &mut Cursor<'_>) -> Parsed<Option<ExtensionValue>> {
    match cursor.rest() {
        [b' ', b'(', ..] => ExtensionValue::parse_optional(cursor),
        _ => Ok(None),
    }
}

fn encode_other(name: &Keyword, value: Option<&ExtensionValue>, encoder: &mut Encoder<'_>) -> Encoded {
    if value.is_some_and(|value| value.as_bytes().first() != Some(&b'(')) {
        return Err(InvalidValue { offset: 0, expected: "a value in parentheses" });
    }
    name.encode(encoder)?;
    ExtensionValue::encode_optional(value, encoder)
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitrary_impl {
    use super::*;
    use arbitrary::{Arbitrary, Result, Unstructured};

    fn value(u: &mut Unstructured<'_>) -> Result<Option<ExtensionValue>> {
        Ok(u.arbitrary::<Option<ExtensionValue>>()?.filter(|value| value.as_bytes().starts_with(b"(")))
    }

    fn items<T>(
        u: &mut Unstructured<'_>,
        least: u8,
        mut item: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        (0..u.int_in_range(least..=3)?).map(|_| item(u)).collect()
    }

    impl<'a> Arbitrary<'a> for ListSelection {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=4u8)? {
                0 => Self::Subscribed,
                1 => Self::Remote,
                2 => Self::RecursiveMatch,
                3 => Self::SpecialUse,
                _ => Self::Other { name: Keyword::from_checked("X-OPTION".into()), value: value(u)? },
            })
        }
    }

    impl<'a> Arbitrary<'a> for ListReturn {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=6u8)? {
                0 => Self::Subscribed,
                1 => Self::Children,
                2 => Self::SpecialUse,
                3 => Self::MyRights,
                4 => Self::Status(items(u, 1, |u| u.arbitrary())?),
                5 => Self::Metadata(items(u, 1, |u| Ok(u.arbitrary::<Keyword>()?.as_bytes().into()))?),
                _ => Self::Other { name: Keyword::from_checked("X-OPTION".into()), value: value(u)? },
            })
        }
    }

    impl<'a> Arbitrary<'a> for ListCommand {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let selection = if u.arbitrary()? { Some(items(u, 0, |u| u.arbitrary())?) } else { None };
            Ok(Self {
                selection: selection.filter(|options| is_complete(options)),
                reference: u.arbitrary()?,
                patterns: items(u, 1, |u| u.arbitrary())?,
                returns: if u.arbitrary()? { Some(items(u, 0, |u| u.arbitrary())?) } else { None },
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict, written};

    #[test]
    fn round_trips() {
        round_trip(ListCommand::parse, ListCommand::encode);
    }

    #[test]
    fn known_answers() {
        for octets in [
            "\"\" \"\"",
            "\"\" *",
            "() \"\" %",
            "(SUBSCRIBED RECURSIVEMATCH) \"\" *",
            "(RECURSIVEMATCH SPECIAL-USE SUBSCRIBED) \"\" *",
            "(X-A RECURSIVEMATCH) \"\" *",
            "(REMOTE) \"\" (INBOX Drafts Sent/%)",
            "(SPECIAL-USE X-A (b (c))) INBOX \"a *\" RETURN ()",
            "\"\" % RETURN (SUBSCRIBED CHILDREN SPECIAL-USE MYRIGHTS STATUS (MESSAGES UNSEEN) METADATA (/shared/comment) X-B)",
        ] {
            let list = strict(octets.as_bytes(), ListCommand::parse).unwrap();
            assert_eq!(written(|encoder| list.encode(encoder)), octets);
        }
        let list = strict(b"~/Mail/ %", ListCommand::parse).unwrap();
        assert!(!list.is_extended() && list.reference.as_bytes() == b"~/Mail/");
        for octets in [
            &b"(RECURSIVEMATCH) \"\" *"[..],
            b"(REMOTE RECURSIVEMATCH) \"\" *",
            b"(SPECIAL-USE RECURSIVEMATCH) \"\" *",
            b"\"\"",
            b"\"\" ()",
            b"\"\" * RETURN",
            b"\"\" * RETURN (STATUS ())",
            b"\"\" * RETURN (STATUS)",
            b"\"\" * (CHILDREN)",
            b"((x)) \"\" *",
        ] {
            assert_eq!(strict(octets, ListCommand::parse), None, "{}", octets.escape_ascii());
        }
    }
}
