//! The generators make every variant there is: one that is never made would never be tested.

use crate::imap::round_trip::noise;
use crate::imap::*;
use ::core::fmt::Debug;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use arbitrary::{Arbitrary, Unstructured};

/// The names of the variants, from the declaration.
fn declared(source: &str, name: &str) -> BTreeSet<String> {
    let (_, body) = source.split_once(&format!("pub enum {name} {{\n")).unwrap();
    let (body, _) = body.split_once("\n}\n").unwrap();
    let indented = |line: &&str| line.starts_with("    ") && line.as_bytes()[4].is_ascii_uppercase();
    let variant =
        |line: &str| line[4..].split(|letter: char| !letter.is_alphanumeric()).next().map(String::from);
    body.lines().filter(indented).filter_map(variant).collect()
}

/// The names of the variants that are made, and of the values in them if `deep`.
fn made<T: for<'a> Arbitrary<'a> + Debug>(deep: bool) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for seed in 0..3_000 {
        let value = T::arbitrary(&mut Unstructured::new(&noise(seed, 300))).unwrap();
        let shown = format!("{value:?}");
        let mut words = shown.split(|letter: char| !letter.is_alphanumeric()).map(String::from);
        if deep { names.extend(words) } else { names.extend(words.next()) }
    }
    names
}

macro_rules! every_variant {
    ($($file:literal: $($name:ident)*; $($inner:ident of $outer:ident)*)*) => {
        #[test]
        fn every_variant_is_made() {
            let mut missing = Vec::new();
            $($(
                let names = &declared(include_str!($file), stringify!($name)) - &made::<$name>(false);
                missing.extend(names.into_iter().map(|variant| (stringify!($name), variant)));
            )*
            $(
                let names = &declared(include_str!($file), stringify!($inner)) - &made::<$outer>(true);
                missing.extend(names.into_iter().map(|variant| (stringify!($inner), variant)));
            )*)*
            // What is read by a quirk alone is never written.
            assert_eq!(missing, [("Response", "Untagged".into())]);
        }
    };
}

every_variant! {
    "command.rs": Command;
    "append.rs": Replaces;
    "response.rs": Response Data;
    "condition.rs": Condition;
    "fetch.rs": FetchItem BodyItem;
    "fetch_attribute.rs": FetchAttribute FetchAttributes;
    "section.rs": Section;
    "status.rs": StatusAttribute AppendLimit;
    "search.rs": SearchReturnOption;
    "search_key.rs": SearchKey EntryType;
    "esearch.rs": SearchReturnData;
    "sort.rs": SortKey;
    "store.rs": StoreAction StoreChange;
    "list.rs": ListItem;
    "list_command.rs": ListSelection ListReturn;
    "parameter.rs": SelectParameter CreateParameter FetchModifier StoreModifier;
    "metadata.rs": MetadataOption MetadataDepth; MetadataEntries of Metadata
    "mailbox_filter.rs": MailboxFilter;
    "notify.rs": Notify NotifyEvent;
    "annotate.rs": Annotations;
    "acl.rs": RightsChange;
    "urlauth.rs": UrlItem; UrlData of UrlFetchData
    "url_authorization.rs": ; UrlAccess of UrlAuthorization
    "url_path.rs": ImapUrlPath;
    "url.rs": ; ImapUrlAuth of ImapUrl
    "convert.rs": ConvertAttribute ConvertedItem; ConvertErrorCode of ConvertError
    "code.rs": AnnotationSize;
}

/// Where the macros of a registry declare them, the words come from its list, and the others are these.
#[test]
fn every_variant_of_a_registry_is_made() {
    let codes = made::<ResponseCode>(false);
    for name in [
        "AppendUid",
        "CopyUid",
        "BadCharset",
        "BadEvent",
        "BadUrl",
        "Capability",
        "HighestModSeq",
        "InProgress",
        "MailboxId",
        "MaxConvertMessages",
        "MaxConvertParts",
        "MessageLimit",
        "MetadataLongEntries",
        "MetadataMaxSize",
        "Annotations",
        "Modified",
        "NoUpdate",
        "PermanentFlags",
        "Referral",
        "UidNext",
        "UidValidity",
        "UndefinedFilter",
        "Unseen",
        "UrlMechanisms",
        "Other",
        "Alert",
        "UnknownCte",
    ] {
        assert!(codes.contains(name), "{name}");
    }
}
