//! QUOTA: how much may be stored, and how much is.
//!
//! ```abnf
//! ; RFC 9208 section 7; RFC 2087 allows an empty quota-list
//! getquota           = "GETQUOTA" SP quota-root-name
//! getquotaroot       = "GETQUOTAROOT" SP mailbox
//! setquota           = "SETQUOTA" SP quota-root-name SP setquota-list
//! setquota-list      = "(" [setquota-resource *(SP setquota-resource)] ")"
//! setquota-resource  = resource-name SP resource-limit
//! quota-response     = "QUOTA" SP quota-root-name SP quota-list
//! quota-list         = "(" quota-resource *(SP quota-resource) ")"
//! quota-resource     = resource-name SP resource-usage SP resource-limit
//! quotaroot-response = "QUOTAROOT" SP mailbox *(SP quota-root-name)
//! resource-name      = "STORAGE" / "MESSAGE" / "MAILBOX" / "ANNOTATION-STORAGE" / atom
//! resource-usage     = number64
//! resource-limit     = number64
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::mailbox::Mailbox;
use crate::imap::quirk::Quirk;
use crate::imap::value::keywords;
use crate::wire::Text;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::vec::Vec;

keywords! {
    /// What a quota limits (RFC 9208 section 5).
    QuotaResourceName, "the name of a resource",
    /// The space that messages take, in units of 1,024 octets.
    Storage = "STORAGE",
    /// The number of messages.
    Message = "MESSAGE",
    /// The number of mailboxes.
    Mailbox = "MAILBOX",
    /// The size of all annotations of the messages under the quota root, in units of 1,024 octets (RFC 9208 section 5.4).
    AnnotationStorage = "ANNOTATION-STORAGE",
}

/// The answer QUOTA: the resources of a quota root.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Quota {
    /// The name of the quota root, which is often empty.
    pub root: Text,
    /// Its resources.
    pub resources: Vec<QuotaResource>,
}

/// How much of a resource is used, and how much may be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct QuotaResource {
    /// Which resource.
    pub name: QuotaResourceName,
    /// How much is used, in the unit of the resource; 63 bits.
    pub usage: u64,
    /// How much may be used; 63 bits.
    pub limit: u64,
}

/// The answer QUOTAROOT: the quota roots of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct QuotaRoots {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// The names of the quota roots.
    pub roots: Vec<Text>,
}

/// SETQUOTA: the limits of a quota root; a resource that is not named has none.
///
/// ```
/// use mailwire::imap::{Command, Encoding, QuotaResourceName, SetQuota, Tag};
///
/// let quota = SetQuota { root: "#user/alice".into(), limits: vec![(QuotaResourceName::Storage, 510)] };
/// let command = Command::from(quota).to_segments(&Tag::new("1")?, Encoding::default())?;
/// assert_eq!(command[0], "1 SETQUOTA #user/alice (STORAGE 510)\r\n");
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SetQuota {
    /// The name of the quota root.
    pub root: Text,
    /// The limits; 63 bits.
    pub limits: Vec<(QuotaResourceName, u64)>,
}

impl Quota {
    /// What stands behind the name and its SP.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let root = cursor.astring_text()?;
        if cursor.is_at_end() && cursor.forgives(Quirk::MissingValue) {
            return Ok(Self { root, resources: Vec::new() });
        }
        cursor.sp()?;
        let resources = cursor.list(|cursor| {
            let name = QuotaResourceName::parse(cursor)?;
            cursor.sp()?;
            let usage = cursor.number64()?;
            cursor.sp()?;
            Ok(QuotaResource { name, usage, limit: cursor.number64()? })
        })?;
        Ok(Self { root, resources })
    }

    /// What stands behind the name and its SP.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.astring(self.root.as_bytes())?;
        encoder.sp();
        encoder.list(&self.resources, |encoder, resource| {
            resource.name.encode(encoder)?;
            encoder.sp();
            encoder.number64(resource.usage)?;
            encoder.sp();
            encoder.number64(resource.limit)
        })
    }
}

impl QuotaRoots {
    /// What stands behind the name and its SP, up to the end of the message.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mailbox = Mailbox::parse_before_words(cursor)?;
        Ok(Self { mailbox, roots: cursor.items_to_end(Cursor::astring_text)? })
    }

    /// What stands behind the name and its SP.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.mailbox.encode(encoder)?;
        for root in &self.roots {
            encoder.sp();
            encoder.astring(root.as_bytes())?;
        }
        Ok(())
    }
}

impl SetQuota {
    /// The arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let root = cursor.astring_text()?;
        cursor.sp()?;
        let limits = cursor.list(|cursor| {
            let name = QuotaResourceName::parse(cursor)?;
            cursor.sp()?;
            Ok((name, cursor.number64()?))
        })?;
        Ok(Self { root, limits })
    }

    /// The arguments.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.astring(self.root.as_bytes())?;
        encoder.sp();
        encoder.list(&self.limits, |encoder, (name, limit)| {
            name.encode(encoder)?;
            encoder.sp();
            encoder.number64(*limit)
        })
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::value::{arbitrary_some, arbitrary_text};
    use arbitrary::{Arbitrary, Result, Unstructured};

    fn number(u: &mut Unstructured<'_>) -> Result<u64> {
        u.int_in_range(0..=u64::MAX >> 1)
    }

    impl<'a> Arbitrary<'a> for QuotaResource {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { name: u.arbitrary()?, usage: number(u)?, limit: number(u)? })
        }
    }

    impl<'a> Arbitrary<'a> for Quota {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { root: arbitrary_text(u)?, resources: arbitrary_some(u, 0, |u| u.arbitrary())? })
        }
    }

    impl<'a> Arbitrary<'a> for QuotaRoots {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { mailbox: u.arbitrary()?, roots: arbitrary_some(u, 0, |u| arbitrary_text(u))? })
        }
    }

    impl<'a> Arbitrary<'a> for SetQuota {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let root = arbitrary_text(u)?;
            Ok(Self { root, limits: arbitrary_some(u, 0, |u| Ok((u.arbitrary()?, number(u)?)))? })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::quirk::Quirk;
    use crate::imap::round_trip::{quirky, round_trip, strict, written};

    #[test]
    fn round_trips() {
        round_trip(Quota::parse, Quota::encode);
        round_trip(QuotaRoots::parse, QuotaRoots::encode);
        round_trip(SetQuota::parse, SetQuota::encode);
    }

    #[test]
    fn known_answers() {
        for octets in
            ["\"\" (STORAGE 10 512)", "#user/alice (MESSAGE 42 1000 X-MAPS 9223372036854775807 0)", "a ()"]
        {
            let read = strict(octets.as_bytes(), Quota::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in ["INBOX", "INBOX \"\"", "INBOX #user/alice #partition/sda4"] {
            let read = strict(octets.as_bytes(), QuotaRoots::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in ["#user/alice (STORAGE 510)", "\"\" ()", "a (storage 1 MAILBOX 2)"] {
            let read = strict(octets.as_bytes(), SetQuota::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), octets.replace("storage", "STORAGE"));
        }
    }

    #[test]
    fn what_is_refused() {
        for octets in [
            "a (STORAGE BEANS)",
            "a (STORAGE 40M)",
            "a (STORAGE)",
            "a (",
            "a",
            "a (STORAGE 9223372036854775808)",
        ] {
            assert_eq!(strict(octets.as_bytes(), SetQuota::parse), None, "{octets}");
        }
        assert_eq!(strict(b"\"\" (STORAGE 10)", Quota::parse), None);
        assert_eq!(strict(b"\"\" (STORAGE -1 2)", Quota::parse), None);
        let octets = b"\"\" (STORAGE 0 2147483647 MESSAGE 0  2147483647)";
        assert_eq!(quirky(octets, Quirk::ExtraSpace, Quota::parse).resources.len(), 2);
    }
}
