//! Commands of extensions that stand before no conversation of their own: how they are read and written.
//!
//! ```abnf
//! command-any    =/ "ID" SP id-params-list                       ; RFC 2971
//! command-any    =/ "LANGUAGE" *(SP lang-range-quoted)           ; RFC 5255
//! command-auth   =/ "ENABLE" 1*(SP capability)                   ; RFC 5161
//! command-auth   =/ "NAMESPACE"                                  ; RFC 2342
//! command-auth   =/ "COMPARATOR" *(SP comp-order-quoted)         ; RFC 5255
//! command-auth   =/ "COMPRESS" SP algorithm                      ; RFC 4978
//! command-auth   =/ "UNAUTHENTICATE"                             ; RFC 8437
//! command-auth   =/ "GETJMAPACCESS"                              ; RFC 9698
//! command-auth   =/ ("RLIST" / "RLSUB") SP mailbox SP list-mailbox ; RFC 2193
//! command-select =/ "CANCELUPDATE" 1*(SP quoted)                 ; RFC 5267
//! ```
//!
//! The others stand in the file of their own: ACL, QUOTA, METADATA, NOTIFY, URLAUTH, CONVERT.

use crate::imap::acl::{AclIdentifier, SetAcl};
use crate::imap::append::Append;
use crate::imap::capability::Capabilities;
use crate::imap::command::Command;
use crate::imap::convert::{Conversions, Convert};
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::id::Id;
use crate::imap::keyword::Keyword;
use crate::imap::list_command::ListCommand;
use crate::imap::mailbox::{ListPattern, Mailbox};
use crate::imap::metadata::{GetMetadata, SetMetadata};
use crate::imap::notify::Notify;
use crate::imap::quota::SetQuota;
use crate::imap::search::{MultimailboxSearch, Search};
use crate::imap::sort::Sort;
use crate::imap::store::Store;
use crate::imap::thread::Thread;
use crate::imap::urlauth::{GenUrlAuth, ResetKey, UrlFetch};
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};
use alloc::boxed::Box;

/// Declares the commands that a value of their own stands for.
macro_rules! from_values {
    ($($type:ident => $variant:ident,)*) => {$(
        impl From<$type> for Command {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from_values! {
    ListCommand => List,
    Append => Append,
    Store => Store,
    Search => Search,
    MultimailboxSearch => MultimailboxSearch,
    Sort => Sort,
    Thread => Thread,
    Id => Id,
    SetQuota => SetQuota,
    SetAcl => SetAcl,
    GetMetadata => GetMetadata,
    SetMetadata => SetMetadata,
    Notify => Notify,
    GenUrlAuth => GenUrlAuth,
    ResetKey => ResetKey,
    UrlFetch => UrlFetch,
    Convert => Convert,
    Conversions => Conversions,
}

fn reference_and_pattern(cursor: &mut Cursor<'_>) -> Parsed<(Mailbox, ListPattern)> {
    cursor.sp()?;
    let reference = Mailbox::parse(cursor)?;
    cursor.sp()?;
    Ok((reference, ListPattern::parse(cursor)?))
}

impl Command {
    /// The command of this name in upper case, if it is one of these; the cursor stands behind the name.
    pub(crate) fn parse_extension(cursor: &mut Cursor<'_>, name: &[u8]) -> Parsed<Option<Self>> {
        Ok(Some(match name {
            b"ID" => Self::Id(cursor.behind_sp(Id::parse)?),
            b"NAMESPACE" => Self::Namespace,
            b"UNAUTHENTICATE" => Self::Unauthenticate,
            b"GETJMAPACCESS" => Self::GetJmapAccess,
            b"ENABLE" => {
                let capabilities = Capabilities::parse(cursor)?;
                if capabilities.is_empty() {
                    return cursor.syntax("a capability");
                }
                Self::Enable(capabilities)
            }
            b"COMPRESS" => Self::Compress(cursor.behind_sp(Keyword::parse)?),
            b"LANGUAGE" => Self::Language(cursor.items_to_end(Cursor::astring_text)?),
            b"COMPARATOR" => Self::Comparator(cursor.items_to_end(Cursor::astring_text)?),
            b"RLIST" => {
                let (reference, pattern) = reference_and_pattern(cursor)?;
                Self::Rlist { reference, pattern }
            }
            b"RLSUB" => {
                let (reference, pattern) = reference_and_pattern(cursor)?;
                Self::Rlsub { reference, pattern }
            }
            b"XLIST" => {
                let (reference, pattern) = reference_and_pattern(cursor)?;
                Self::Xlist { reference, pattern }
            }
            b"GETACL" => Self::GetAcl(cursor.behind_sp(Mailbox::parse)?),
            b"SETACL" => Self::SetAcl(Box::new(cursor.behind_sp(SetAcl::parse)?)),
            b"DELETEACL" => Self::DeleteAcl(Box::new(cursor.behind_sp(AclIdentifier::parse)?)),
            b"LISTRIGHTS" => Self::ListRights(Box::new(cursor.behind_sp(AclIdentifier::parse)?)),
            b"MYRIGHTS" => Self::MyRights(cursor.behind_sp(Mailbox::parse)?),
            b"GETQUOTA" => Self::GetQuota(cursor.behind_sp(Cursor::astring_text)?),
            b"GETQUOTAROOT" => Self::GetQuotaRoot(cursor.behind_sp(Mailbox::parse)?),
            b"SETQUOTA" => Self::SetQuota(Box::new(cursor.behind_sp(SetQuota::parse)?)),
            b"GETMETADATA" => Self::GetMetadata(Box::new(cursor.behind_sp(GetMetadata::parse)?)),
            b"SETMETADATA" => Self::SetMetadata(Box::new(cursor.behind_sp(SetMetadata::parse)?)),
            b"CANCELUPDATE" => {
                let tags = cursor.items_to_end(Cursor::string_text)?;
                if tags.is_empty() {
                    return cursor.syntax("a tag in quotes");
                }
                Self::CancelUpdate(tags)
            }
            b"NOTIFY" => Self::Notify(cursor.behind_sp(Notify::parse)?),
            b"GENURLAUTH" => Self::GenUrlAuth(GenUrlAuth::parse(cursor)?),
            b"RESETKEY" => Self::ResetKey(Box::new(ResetKey::parse(cursor)?)),
            b"URLFETCH" => Self::UrlFetch(UrlFetch::parse(cursor)?),
            b"CONVERSIONS" => Self::Conversions(Box::new(cursor.behind_sp(Conversions::parse)?)),
            _ => return Ok(None),
        }))
    }

    /// The name and the arguments of the commands that [`Command::parse_extension`] reads.
    pub(crate) fn encode_extension(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::Id(id) => {
                encoder.raw(b"ID ");
                id.encode(encoder)
            }
            Self::Namespace => word(encoder, b"NAMESPACE"),
            Self::Unauthenticate => word(encoder, b"UNAUTHENTICATE"),
            Self::GetJmapAccess => word(encoder, b"GETJMAPACCESS"),
            Self::Enable(capabilities) => {
                encoder.raw(b"ENABLE");
                if capabilities.is_empty() {
                    return Err(InvalidValue { offset: 0, expected: "at least one capability" });
                }
                capabilities.encode(encoder)
            }
            Self::Compress(algorithm) => {
                encoder.raw(b"COMPRESS ");
                algorithm.encode(encoder)
            }
            Self::Language(ranges) => astrings(encoder, b"LANGUAGE", ranges),
            Self::Comparator(comparators) => astrings(encoder, b"COMPARATOR", comparators),
            Self::Rlist { reference, pattern } => list(encoder, b"RLIST ", reference, pattern),
            Self::Rlsub { reference, pattern } => list(encoder, b"RLSUB ", reference, pattern),
            Self::Xlist { reference, pattern } => list(encoder, b"XLIST ", reference, pattern),
            Self::GetAcl(mailbox) => named(encoder, b"GETACL ", mailbox),
            Self::SetAcl(set) => {
                encoder.raw(b"SETACL ");
                set.encode(encoder)
            }
            Self::DeleteAcl(identifier) => {
                encoder.raw(b"DELETEACL ");
                identifier.encode(encoder)
            }
            Self::ListRights(identifier) => {
                encoder.raw(b"LISTRIGHTS ");
                identifier.encode(encoder)
            }
            Self::MyRights(mailbox) => named(encoder, b"MYRIGHTS ", mailbox),
            Self::GetQuota(root) => {
                encoder.raw(b"GETQUOTA ");
                encoder.astring(root.as_bytes())
            }
            Self::GetQuotaRoot(mailbox) => named(encoder, b"GETQUOTAROOT ", mailbox),
            Self::SetQuota(set) => {
                encoder.raw(b"SETQUOTA ");
                set.encode(encoder)
            }
            Self::GetMetadata(get) => {
                encoder.raw(b"GETMETADATA ");
                get.encode(encoder)
            }
            Self::SetMetadata(set) => {
                encoder.raw(b"SETMETADATA ");
                set.encode(encoder)
            }
            Self::MultimailboxSearch(search) => search.encode(encoder),
            Self::CancelUpdate(tags) => {
                encoder.raw(b"CANCELUPDATE");
                if tags.is_empty() {
                    return Err(InvalidValue { offset: 0, expected: "at least one tag" });
                }
                tags.iter().try_for_each(|tag| {
                    encoder.sp();
                    encoder.string(tag.as_bytes())
                })
            }
            Self::Notify(notify) => {
                encoder.raw(b"NOTIFY ");
                notify.encode(encoder)
            }
            Self::GenUrlAuth(urls) => {
                encoder.raw(b"GENURLAUTH");
                urls.encode(encoder)
            }
            Self::ResetKey(reset) => {
                encoder.raw(b"RESETKEY");
                reset.encode(encoder)
            }
            Self::UrlFetch(urls) => {
                encoder.raw(b"URLFETCH");
                urls.encode(encoder)
            }
            Self::Conversions(conversions) => {
                encoder.raw(b"CONVERSIONS ");
                conversions.encode(encoder)
            }
            // Every other command is written where it is read.
            _ => Err(InvalidValue { offset: 0, expected: "a command of an extension" }),
        }
    }
}

fn word(encoder: &mut Encoder<'_>, word: &[u8]) -> Encoded {
    encoder.raw(word);
    Ok(())
}

fn named(encoder: &mut Encoder<'_>, name: &[u8], mailbox: &Mailbox) -> Encoded {
    encoder.raw(name);
    mailbox.encode(encoder)
}

fn list(encoder: &mut Encoder<'_>, name: &[u8], reference: &Mailbox, pattern: &ListPattern) -> Encoded {
    encoder.raw(name);
    reference.encode(encoder)?;
    encoder.sp();
    pattern.encode(encoder)
}

fn astrings(encoder: &mut Encoder<'_>, name: &[u8], words: &[Text]) -> Encoded {
    encoder.raw(name);
    words.iter().try_for_each(|word| {
        encoder.sp();
        encoder.astring(word.as_bytes())
    })
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::capability::Capability;
    use crate::imap::parameter::FetchModifier;
    use crate::imap::value::{arbitrary_label, arbitrary_some, arbitrary_text};
    use crate::wire::Secret;
    use alloc::vec::Vec;
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for Command {
        /// Any command that is known; APPEND and REPLACE without their messages.
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let extension = u.arbitrary()?;
            if extension { extension_command(u) } else { base_command(u) }
        }
    }

    fn secret(u: &mut Unstructured<'_>) -> Result<Secret<Vec<u8>>> {
        Ok(Secret::new(arbitrary_text(u)?.as_bytes().to_vec()))
    }

    fn base_command(u: &mut Unstructured<'_>) -> Result<Command> {
        Ok(match u.int_in_range(0..=28u8)? {
            0 => Command::Capability,
            1 => Command::Noop,
            2 => Command::Logout,
            3 => Command::StartTls,
            4 => Command::Login { user: arbitrary_text(u)?, password: secret(u)? },
            5 => {
                let initial_response = if u.arbitrary()? { Some(secret(u)?) } else { None };
                Command::Authenticate { mechanism: u.arbitrary()?, initial_response }
            }
            6 => Command::Select {
                mailbox: u.arbitrary()?,
                read_only: u.arbitrary()?,
                parameters: arbitrary_some(u, 0, |u| u.arbitrary())?,
            },
            7 => Command::Create {
                mailbox: u.arbitrary()?,
                parameters: arbitrary_some(u, 0, |u| u.arbitrary())?,
            },
            8 => Command::Delete(u.arbitrary()?),
            9 => Command::Rename {
                from: u.arbitrary()?,
                to: u.arbitrary()?,
                parameters: arbitrary_some(u, 0, |u| u.arbitrary())?,
            },
            10 => Command::Subscribe(u.arbitrary()?),
            11 => Command::Unsubscribe(u.arbitrary()?),
            12 => Command::List(u.arbitrary()?),
            13 => Command::Lsub { reference: u.arbitrary()?, pattern: u.arbitrary()? },
            14 => Command::Status {
                mailbox: u.arbitrary()?,
                attributes: arbitrary_some(u, 1, |u| u.arbitrary())?,
            },
            15 => Command::Append(u.arbitrary()?),
            16 => Command::Idle,
            17 => Command::Check,
            18 => Command::Close,
            19 => Command::Unselect,
            20 => Command::Expunge(u.arbitrary()?),
            21 => {
                let uid = u.arbitrary()?;
                Command::Fetch {
                    set: u.arbitrary()?,
                    uid,
                    attributes: u.arbitrary()?,
                    modifiers: FetchModifier::arbitrary_all(u, uid)?,
                }
            }
            22 => Command::Store(u.arbitrary()?),
            23 => Command::Copy { set: u.arbitrary()?, uid: u.arbitrary()?, mailbox: u.arbitrary()? },
            24 => Command::Move { set: u.arbitrary()?, uid: u.arbitrary()?, mailbox: u.arbitrary()? },
            25 => Command::Search(u.arbitrary()?),
            26 => Command::Sort(u.arbitrary()?),
            27 => Command::Thread(u.arbitrary()?),
            _ => Command::Convert(u.arbitrary()?),
        })
    }

    fn extension_command(u: &mut Unstructured<'_>) -> Result<Command> {
        Ok(match u.int_in_range(0..=28u8)? {
            0 => Command::Id(u.arbitrary()?),
            1 => Command::Enable(match u.arbitrary()? {
                capabilities if Capabilities::is_empty(&capabilities) => {
                    [Capability::CondStore].into_iter().collect()
                }
                capabilities => capabilities,
            }),
            2 => Command::Namespace,
            3 => Command::Unauthenticate,
            4 => Command::Compress(arbitrary_label(u)?),
            5 => Command::GetJmapAccess,
            6 => Command::Language(arbitrary_some(u, 0, |u| arbitrary_text(u))?),
            7 => Command::Comparator(arbitrary_some(u, 0, |u| arbitrary_text(u))?),
            8 => Command::Rlist { reference: u.arbitrary()?, pattern: u.arbitrary()? },
            9 => Command::Rlsub { reference: u.arbitrary()?, pattern: u.arbitrary()? },
            10 => Command::Xlist { reference: u.arbitrary()?, pattern: u.arbitrary()? },
            11 => Command::GetAcl(u.arbitrary()?),
            12 => Command::SetAcl(u.arbitrary()?),
            13 => Command::DeleteAcl(u.arbitrary()?),
            14 => Command::ListRights(u.arbitrary()?),
            15 => Command::MyRights(u.arbitrary()?),
            16 => Command::GetQuota(arbitrary_text(u)?),
            17 => Command::GetQuotaRoot(u.arbitrary()?),
            18 => Command::SetQuota(u.arbitrary()?),
            19 => Command::GetMetadata(u.arbitrary()?),
            20 => Command::SetMetadata(u.arbitrary()?),
            21 => Command::MultimailboxSearch(u.arbitrary()?),
            22 => Command::CancelUpdate(arbitrary_some(u, 1, |u| arbitrary_text(u))?),
            23 => Command::Notify(u.arbitrary()?),
            24 => Command::GenUrlAuth(u.arbitrary()?),
            25 => Command::ResetKey(u.arbitrary()?),
            26 => Command::UrlFetch(u.arbitrary()?),
            27 => Command::Conversions(u.arbitrary()?),
            _ => {
                let name = arbitrary_label(u)?.as_bytes().into();
                let arguments =
                    if u.arbitrary()? { Some(Text::from(b"(a 1:2) \"b\"".as_slice())) } else { None };
                Command::Other { name, arguments }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{octets_round_trip, strict, written};

    #[test]
    fn round_trips() {
        octets_round_trip(Command::parse, Command::encode);
    }

    #[test]
    fn literals_of_a_command_that_is_not_known_wait() {
        let read = strict(b"XFOO (a {3+}\r\nx y) ~{1+}\r\n\0", Command::parse).unwrap();
        let mut out = bytes::BytesMut::new();
        let tag = crate::imap::Tag::new("a").unwrap();
        let waits = read.write(&tag, &mut out, crate::imap::Encoding::default()).unwrap();
        assert_eq!((&out[..], &waits[..]), (&b"a XFOO (a {3}\r\nx y) ~{1}\r\n\0\r\n"[..], &[15, 26][..]));
        assert_eq!(strict(&out[2..out.len() - 2], Command::parse), Some(read));
    }

    #[test]
    fn known_answers() {
        for octets in [
            "ID NIL",
            "ID (\"name\" \"x\")",
            "ENABLE CONDSTORE UTF8=ACCEPT X-GOOD-IDEA",
            "NAMESPACE",
            "UNAUTHENTICATE",
            "COMPRESS DEFLATE",
            "GETJMAPACCESS",
            "LANGUAGE",
            "LANGUAGE FR-CA EN-CA",
            "COMPARATOR \"cz;*\" i;basic",
            "RLIST \"\" *",
            "RLSUB a %",
            "XLIST \"\" *",
            "GETACL INBOX/Drafts",
            "SETACL INBOX/Drafts John lrswikxted",
            "DELETEACL INBOX Fred",
            "LISTRIGHTS ~/Mail/saved smith",
            "MYRIGHTS INBOX",
            "GETQUOTA \"\"",
            "GETQUOTAROOT INBOX",
            "SETQUOTA \"\" (STORAGE 512)",
            "GETMETADATA \"\" /shared/comment",
            "SETMETADATA INBOX (/private/comment NIL)",
            "SEARCH 1:4 ALL",
            "UID SEARCH RETURN () UID 7",
            "ESEARCH IN (PERSONAL) ALL",
            "SORT (SUBJECT) UTF-8 ALL",
            "UID SORT RETURN (COUNT) (DATE) UTF-8 ALL",
            "THREAD REFERENCES UTF-8 ALL",
            "UID THREAD ORDEREDSUBJECT US-ASCII SEEN",
            "CANCELUPDATE \"B02\" \"B03\"",
            "NOTIFY NONE",
            "GENURLAUTH \"imap://a\" INTERNAL",
            "RESETKEY",
            "URLFETCH \"imap://a\"",
            "UID CONVERT 100 (\"IMAGE/JPEG\" (\"PIX-X\" \"128\" \"PIX-Y\" \"96\")) BINARY[2]",
            "CONVERSIONS \"image/*\" \"text/*\"",
            "SELECT INBOX (CONDSTORE QRESYNC (1 2))",
            "CREATE Sent (USE (\\Sent))",
            "UID FETCH 1:* FLAGS (CHANGEDSINCE 12345 VANISHED)",
            "UID FETCH 1:* FLAGS (PARTIAL -1:-100)",
            "FETCH 1:* FLAGS (CHANGEDSINCE 12345)",
            "STORE 7 (UNCHANGEDSINCE 96) FLAGS.SILENT (\\Seen)",
            "REPLACE 4 Drafts",
            "UID REPLACE * Drafts",
            "FETCH 1 FLAGS (PARTIAL 1:5)",
            "FETCH 1 FLAGS (CHANGEDSINCE 1 PARTIAL -1:-5)",
            "XFOO (a b) 1:2",
        ] {
            let read = strict(octets.as_bytes(), Command::parse).unwrap_or_else(|| panic!("{octets}"));
            let known = octets == "XFOO (a b) 1:2" || !matches!(read, Command::Other { .. });
            assert!(known, "{octets}");
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in [
            "ID",
            "ENABLE",
            "ENABLE ",
            "COMPRESS",
            "CANCELUPDATE",
            "CANCELUPDATE a",
            "NOTIFY",
            "SEARCH",
            "UID ID NIL x(",
            "NAMESPACE x",
            "GETQUOTA",
            "LANGUAGE ",
            "FETCH 1 (FLAGS) (VANISHED)",
            "FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)",
            "UID FETCH 1 FLAGS (VANISHED)",
            "SORT",
            "THREAD REFERENCES ALL",
            "RLIST a",
        ] {
            assert_eq!(strict(octets.as_bytes(), Command::parse), None, "{octets}");
        }
    }
}
