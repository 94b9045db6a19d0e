//! Names of mailboxes: LIST, LSUB, STATUS.

use std::collections::BTreeMap;

use mailwire::{
    imap::{
        AppendLimit, Data, Delimiter, Keyword, List, ListCommand, ListItem, ListKind, ListPattern,
        ListReturn, ListSelection, Mailbox as Name, MailboxAttribute, MailboxAttributes, Namespace,
        Namespaces, Status, StatusAttribute, StatusData, server::Server,
    },
    wire::Error,
};

use super::{
    condstore::mod_sequence,
    values::{name_of, refusal},
};
use crate::embedded::store::{DELIMITER, Entry, Store};

/// What a mailbox of a usual name is for (RFC 6154).
const SPECIAL: [(&str, MailboxAttribute); 8] = [
    ("Drafts", MailboxAttribute::Drafts),
    ("Sent", MailboxAttribute::Sent),
    ("Sent Messages", MailboxAttribute::Sent),
    ("Trash", MailboxAttribute::Trash),
    ("Deleted Messages", MailboxAttribute::Trash),
    ("Junk", MailboxAttribute::Junk),
    ("Spam", MailboxAttribute::Junk),
    ("Archive", MailboxAttribute::Archive),
];

/// All names are the user's own.
pub fn namespaces() -> Namespaces {
    Namespaces { personal: vec![Namespace::new(Name::root(), delimiter())], ..Namespaces::default() }
}

fn delimiter() -> Option<Delimiter> {
    Delimiter::new(DELIMITER).ok()
}

/// The patterns, each behind the reference.
fn patterns(reference: &Name, patterns: &[ListPattern]) -> Result<Vec<ListPattern>, Status> {
    let reference = name_of(reference)?;
    let joined = patterns.iter().map(|pattern| {
        let pattern = pattern.name().ok()?;
        ListPattern::new(&format!("{reference}{pattern}")).ok()
    });
    joined.collect::<Option<_>>().ok_or_else(|| Status::no("The pattern is not in modified UTF-7"))
}

fn attributes(entry: &Entry) -> MailboxAttributes {
    let mut attributes = MailboxAttributes::new();
    attributes.insert(if entry.has_children {
        MailboxAttribute::HasChildren
    } else {
        MailboxAttribute::HasNoChildren
    });
    if let Some((_, special)) = SPECIAL.iter().find(|(name, _)| entry.exists && *name == entry.name) {
        attributes.insert(special.clone());
    }
    attributes
}

/// Those below a name; the list is in order of name.
fn below<'a>(entries: &'a [Entry], parent: &Entry) -> impl Iterator<Item = &'a Entry> {
    let prefix = format!("{}{DELIMITER}", parent.name);
    let from = entries.partition_point(|entry| entry.name < prefix);
    entries.iter().skip(from).take_while(move |entry| entry.name.starts_with(&prefix))
}

fn is_special(entry: &Entry) -> bool {
    entry.exists && SPECIAL.iter().any(|(name, _)| *name == entry.name)
}

/// Whether LIST can return it: what is not offered is refused (RFC 5258, section 3).
fn is_known_return(option: &ListReturn) -> bool {
    match option {
        ListReturn::Subscribed | ListReturn::Children | ListReturn::SpecialUse => true,
        ListReturn::Status(attributes) => attributes.iter().all(is_known_status),
        _ => false,
    }
}

fn is_known_status(attribute: &StatusAttribute) -> bool {
    matches!(
        attribute,
        StatusAttribute::Messages
            | StatusAttribute::Recent
            | StatusAttribute::UidNext
            | StatusAttribute::UidValidity
            | StatusAttribute::Unseen
            | StatusAttribute::Deleted
            | StatusAttribute::Size
            | StatusAttribute::HighestModSeq
            | StatusAttribute::AppendLimit
    )
}

/// LIST.
///
/// # Errors
/// The status for the client, or a machine that is closed.
pub fn list(
    machine: &mut Server,
    store: &dyn Store,
    command: &ListCommand,
    max_message: u64,
) -> Result<Result<(), Status>, Error> {
    if !command.is_extended() && command.patterns.iter().all(|pattern| pattern.as_bytes().is_empty()) {
        let mut root = List::new(Name::root());
        root.attributes.insert(MailboxAttribute::NoSelect);
        root.delimiter = delimiter();
        machine.data(&Data::List(root))?;
        return Ok(Ok(()));
    }
    let selection = command.selection.as_deref().unwrap_or_default();
    if selection.iter().any(|option| {
        !matches!(
            option,
            ListSelection::Subscribed
                | ListSelection::Remote
                | ListSelection::RecursiveMatch
                | ListSelection::SpecialUse
        )
    }) {
        return Ok(Err(Status::bad("This selection option is not known here")));
    }
    let subscribed = selection.contains(&ListSelection::Subscribed);
    let special = selection.contains(&ListSelection::SpecialUse);
    let recursive = selection.contains(&ListSelection::RecursiveMatch);
    if recursive && !subscribed {
        return Ok(Err(Status::bad("RECURSIVEMATCH needs another selection option")));
    }
    let returns = command.returns.as_deref().unwrap_or_default();
    if !returns.iter().all(is_known_return) {
        return Ok(Err(Status::bad("This return option is not known here")));
    }
    let found = patterns(&command.reference, &command.patterns)
        .and_then(|patterns| Ok((patterns, store.list().map_err(|error| refusal(&error))?)));
    let (patterns, entries) = match found {
        Ok(found) => found,
        Err(status) => return Ok(Err(status)),
    };
    let is_chosen = |entry: &Entry| {
        let is_there = if subscribed { entry.subscribed } else { entry.exists || entry.has_children };
        is_there && (!special || is_special(entry))
    };
    for entry in &entries {
        let Ok(name) = Name::new(&entry.name) else { continue };
        if !patterns.iter().any(|pattern| pattern.matches(&name, Some(DELIMITER))) {
            continue;
        }
        let has_below = recursive && below(&entries, entry).any(is_chosen);
        if !is_chosen(entry) && !has_below {
            continue;
        }
        let mut item = List::new(name.clone());
        if has_below {
            // Of the options only that which RECURSIVEMATCH modifies has a place here (RFC 5258, section 6).
            item.extended.push(ListItem::ChildInfo(Keyword::new("SUBSCRIBED").into_iter().collect()));
        }
        item.attributes = attributes(entry);
        item.delimiter = delimiter();
        let tells_subscribed = entry.subscribed && (subscribed || returns.contains(&ListReturn::Subscribed));
        if tells_subscribed {
            item.attributes.insert(MailboxAttribute::Subscribed);
        }
        if !entry.exists {
            // The first implies the second (RFC 5258, section 3).
            item.attributes.insert(if tells_subscribed || has_below {
                MailboxAttribute::NonExistent
            } else {
                MailboxAttribute::NoSelect
            });
        }
        machine.data(&Data::List(item))?;
        for option in returns {
            if let ListReturn::Status(attributes) = option
                && entry.exists
                && let Ok(status) = status(store, &name, attributes, max_message)
            {
                machine.data(&Data::Status(Box::new(status)))?;
            }
        }
    }
    Ok(Ok(()))
}

/// LSUB: a level that only leads to subscribed names is told as not selectable where `%` ends on it.
///
/// # Errors
/// As [`list`].
pub fn lsub(
    machine: &mut Server,
    store: &dyn Store,
    reference: &Name,
    pattern: &ListPattern,
) -> Result<Result<(), Status>, Error> {
    let found = patterns(reference, std::slice::from_ref(pattern))
        .and_then(|patterns| Ok((patterns, store.list().map_err(|error| refusal(&error))?)));
    let (patterns, entries) = match found {
        Ok(found) => found,
        Err(status) => return Ok(Err(status)),
    };
    let matching = |name: &str| {
        let name = Name::new(name).ok()?;
        patterns.iter().any(|pattern| pattern.matches(&name, Some(DELIMITER))).then_some(name)
    };
    let mut told: BTreeMap<String, (Name, bool)> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.subscribed) {
        if let Some(name) = matching(&entry.name) {
            told.insert(entry.name.clone(), (name, true));
            continue;
        }
        let mut rest = entry.name.as_str();
        while let Some((parent, _)) = rest.rsplit_once(DELIMITER) {
            if let Some(name) = matching(parent) {
                told.entry(parent.to_owned()).or_insert((name, false));
            }
            rest = parent;
        }
    }
    for (name, is_subscribed) in told.into_values() {
        let mut item = List::new(name);
        item.kind = ListKind::Lsub;
        item.delimiter = delimiter();
        if !is_subscribed {
            item.attributes.insert(MailboxAttribute::NoSelect);
        }
        machine.data(&Data::List(item))?;
    }
    Ok(Ok(()))
}

/// STATUS.
///
/// # Errors
/// The status for the client.
pub fn status(
    store: &dyn Store,
    name: &Name,
    attributes: &[StatusAttribute],
    max_message: u64,
) -> Result<StatusData, Status> {
    if !attributes.iter().all(is_known_status) {
        return Err(Status::bad("This item is not known here"));
    }
    let mailbox = store.open(&name_of(name)?).map_err(|error| refusal(&error))?;
    mailbox.refresh().map_err(|error| refusal(&error))?;
    let summary = mailbox.summary();
    let mut data = StatusData::new(name.clone());
    for attribute in attributes {
        match attribute {
            StatusAttribute::Messages => data.messages = Some(summary.messages),
            StatusAttribute::Recent => data.recent = Some(summary.recent),
            StatusAttribute::UidNext => data.uid_next = Some(summary.uid_next),
            StatusAttribute::UidValidity => data.uid_validity = Some(summary.uid_validity),
            StatusAttribute::Unseen => data.unseen = Some(summary.unseen),
            StatusAttribute::Deleted => data.deleted = Some(summary.deleted),
            StatusAttribute::Size => data.size = Some(summary.size),
            StatusAttribute::HighestModSeq => data.highest_mod_seq = mod_sequence(summary.mod_seq),
            StatusAttribute::AppendLimit => data.append_limit = Some(AppendLimit::Octets(max_message)),
            _ => {}
        }
    }
    Ok(data)
}
