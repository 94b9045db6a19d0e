//! LIST and what extends it: RFC 3348, RFC 5258, RFC 5819, RFC 6154, XLIST, NAMESPACE (RFC 2342).

use crate::dialogue::{Trace, code, dialogue, does, gives, known, tells};
use crate::values::{inbox, keyword, mailbox, pattern};
use mailwire::imap::{
    Command, CreateParameter, Delimiter, List, ListCommand, ListItem, ListKind, ListReturn, ListSelection,
    Mailbox, MailboxAttribute as Attribute, Namespace, NamespaceExtension, Namespaces, ResponseCode,
    StatusAttribute, StatusData,
};

fn list(name: &str) -> List {
    List::new(mailbox(name)).delimiter(Delimiter::SLASH)
}

pub fn traces() -> Vec<Trace> {
    vec![children(), extended(), status(), special_use(), xlist(), namespaces(), every_attribute()]
}

/// RFC 3348 section 3
fn children() -> Trace {
    dialogue(
        &["CHILDREN"],
        known("CHILDREN"),
        r#"
        C: a1 LIST "" *
        S: * LIST (\\HasNoChildren) "/" INBOX
        S: * LIST (\\Noselect \\HasChildren) "/" "Foo Bar"
        S: a1 OK LIST Completed
        "#,
        [
            gives(ListCommand::new(pattern("*")), |imap, list| imap.authenticated()?.list(list)),
            tells(list("INBOX").attributes([Attribute::HasNoChildren])),
            tells(list("Foo Bar").attributes([Attribute::NoSelect, Attribute::HasChildren])),
        ],
    )
}

/// RFC 5258 section 5
fn extended() -> Trace {
    let child_info = |words: &[&str]| ListItem::ChildInfo(words.iter().map(|word| keyword(word)).collect());
    dialogue(
        &["LIST-EXTENDED"],
        known("LIST-EXTENDED"),
        r#"
        C: a1 LIST (SUBSCRIBED RECURSIVEMATCH REMOTE) "" (INBOX Drafts Sent/%) RETURN (CHILDREN SUBSCRIBED)
        S: * LIST (\\Marked \\Subscribed) "/" INBOX
        S: * LIST (\\NonExistent \\Subscribed) "/" Sent/March2004 ("CHILDINFO" ("SUBSCRIBED"))
        S: * LIST (\\Remote) NIL ~other
        S: a1 OK done
        C: a2 LIST "" (INBOX foo)
        S: a2 NO [LIMIT] Too many patterns
        "#,
        [
            gives(
                ListCommand::new(pattern("INBOX"))
                    .selecting([
                        ListSelection::Subscribed,
                        ListSelection::RecursiveMatch,
                        ListSelection::Remote,
                    ])
                    .patterns([pattern("INBOX"), pattern("Drafts"), pattern("Sent/%")])
                    .returning([ListReturn::Children, ListReturn::Subscribed]),
                |imap, list| imap.authenticated()?.list(list),
            ),
            tells(list("INBOX").attributes([Attribute::Marked, Attribute::Subscribed])),
            tells(
                list("Sent/March2004")
                    .attributes([Attribute::NonExistent, Attribute::Subscribed])
                    .extended([child_info(&["SUBSCRIBED"])]),
            ),
            tells(List::new(mailbox("~other")).attributes([Attribute::Remote])),
            gives(ListCommand::new(pattern("x")).patterns([pattern("INBOX"), pattern("foo")]), |imap, list| {
                imap.authenticated()?.list(list)
            }),
            code(ResponseCode::Limit),
        ],
    )
}

/// RFC 5819 section 4
fn status() -> Trace {
    let figures = |name: &str, messages, unseen| {
        let mut status = StatusData::new(mailbox(name));
        (status.messages, status.unseen) = (Some(messages), Some(unseen));
        status
    };
    dialogue(
        &["LIST-STATUS"],
        known("LIST-EXTENDED LIST-STATUS"),
        r#"
        C: a1 LIST "" % RETURN (STATUS (MESSAGES UNSEEN))
        S: * LIST () "/" INBOX
        S: * STATUS INBOX (MESSAGES 17 UNSEEN 16)
        S: * LIST () "/" foo
        S: * STATUS foo (MESSAGES 30 UNSEEN 29)
        S: * LIST (\\Noselect) "/" bar
        S: a1 OK List completed.
        "#,
        [
            gives(
                ListCommand::new(pattern("%")).returning([ListReturn::Status(vec![
                    StatusAttribute::Messages,
                    StatusAttribute::Unseen,
                ])]),
                |imap, list| imap.authenticated()?.list(list),
            ),
            tells(list("INBOX")),
            tells(figures("INBOX", 17, 16)),
            tells(list("foo")),
            tells(figures("foo", 30, 29)),
            tells(list("bar").attributes([Attribute::NoSelect])),
        ],
    )
}

/// RFC 6154 section 5
fn special_use() -> Trace {
    let create = |name: &str, attribute: Attribute| Command::Create {
        mailbox: mailbox(name),
        parameters: vec![CreateParameter::Use([attribute].into())],
    };
    dialogue(
        &["SPECIAL-USE", "CREATE-SPECIAL-USE"],
        known("LIST-EXTENDED SPECIAL-USE CREATE-SPECIAL-USE"),
        r#"
        C: a1 LIST (SPECIAL-USE) "" % RETURN (SPECIAL-USE)
        S: * LIST (\\Marked \\Drafts) "/" MyDrafts
        S: a1 OK done
        C: a2 CREATE MySpecial (USE (\\Drafts))
        S: a2 OK MySpecial created
        C: a3 CREATE Everything (USE (\\All))
        S: a3 NO [USEATTR] \\All not supported
        "#,
        [
            gives(
                ListCommand::new(pattern("%"))
                    .selecting([ListSelection::SpecialUse])
                    .returning([ListReturn::SpecialUse]),
                |imap, list| imap.authenticated()?.list(list),
            ),
            tells(list("MyDrafts").attributes([Attribute::Marked, Attribute::Drafts])),
            does(create("MySpecial", Attribute::Drafts), |imap| {
                let parameters = [CreateParameter::Use([Attribute::Drafts].into())];
                imap.authenticated()?.create_with(mailbox("MySpecial"), parameters)
            }),
            does(create("Everything", Attribute::All), |imap| {
                let parameters = [CreateParameter::Use([Attribute::All].into())];
                imap.authenticated()?.create_with(mailbox("Everything"), parameters)
            }),
            code(ResponseCode::UseAttr),
        ],
    )
}

fn xlist() -> Trace {
    let told = |name, attributes: [Attribute; 2]| tells(list(name).kind(ListKind::Xlist).attributes(attributes));
    dialogue(
        &["XLIST"],
        known("XLIST"),
        r#"
        C: a1 XLIST "" *
        S: * XLIST (\\HasNoChildren \\Inbox) "/" Posteingang
        S: * XLIST (\\HasNoChildren \\AllMail) "/" "[Gmail]/Alle Nachrichten"
        S: * XLIST (\\HasNoChildren \\Starred) "/" [Gmail]/Markiert
        S: * XLIST (\\HasNoChildren \\Spam) "/" [Gmail]/Spam
        S: a1 OK Success
        C: a2 XLIST "" %
        S: a2 BAD Unknown command
        "#,
        [
            does(Command::Xlist { reference: Mailbox::root(), pattern: pattern("*") }, |imap| {
                imap.authenticated()?.xlist(Mailbox::root(), pattern("*"))
            }),
            told("Posteingang", [Attribute::HasNoChildren, Attribute::XListInbox]),
            told("[Gmail]/Alle Nachrichten", [Attribute::HasNoChildren, Attribute::XListAllMail]),
            told("[Gmail]/Markiert", [Attribute::HasNoChildren, Attribute::XListStarred]),
            told("[Gmail]/Spam", [Attribute::HasNoChildren, Attribute::XListSpam]),
            does(Command::Xlist { reference: Mailbox::root(), pattern: pattern("%") }, |imap| {
                imap.authenticated()?.xlist(Mailbox::root(), pattern("%"))
            }),
        ],
    )
}

/// RFC 2342 section 5, RFC 5255 section 3.4
fn namespaces() -> Trace {
    let namespace = |prefix: &str| Namespace::new(mailbox(prefix), Some(Delimiter::SLASH));
    let translated = NamespaceExtension { name: "TRANSLATION".into(), values: vec!["Andere Ben&APw-tzer/".into()] };
    dialogue(
        &["NAMESPACE"],
        known("NAMESPACE"),
        r##"
        C: a1 NAMESPACE
        S: * NAMESPACE (("" "/")("#mh/" "/" "X-PARAM" ("FLAG1" "FLAG2"))) (("Other Users/" "/" "TRANSLATION" ("Andere Ben&APw-tzer/"))) NIL
        S: a1 OK NAMESPACE command completed
        "##,
        [
            does(Command::Namespace, |imap| imap.authenticated()?.namespace()),
            tells(Namespaces {
                personal: vec![
                    namespace(""),
                    Namespace {
                        extensions: vec![NamespaceExtension {
                            name: "X-PARAM".into(),
                            values: vec!["FLAG1".into(), "FLAG2".into()],
                        }],
                        ..namespace("#mh/")
                    },
                ],
                other_users: vec![Namespace { extensions: vec![translated], ..namespace("Other Users/") }],
                shared: vec![],
            }),
        ],
    )
}

/// Each attribute in the registry, and one that is not in it.
fn every_attribute() -> Trace {
    use Attribute::{
        All, Archive, Drafts, Flagged, HasChildren, HasNoChildren, Important, Junk, Marked, Memos, NoInferiors,
        NoSelect, NonExistent, Remote, Scheduled, Sent, Snoozed, Subscribed, Trash, Unmarked,
    };
    dialogue(
        &[
            r"\NonExistent", r"\Noselect", r"\Noinferiors", r"\HasChildren", r"\HasNoChildren", r"\Marked",
            r"\Unmarked", r"\Subscribed", r"\Remote", r"\All", r"\Archive", r"\Drafts", r"\Flagged",
            r"\Important", r"\Junk", r"\Sent", r"\Trash", r"\Memos", r"\Scheduled", r"\Snoozed",
        ],
        known("LIST-EXTENDED SPECIAL-USE"),
        r#"
        C: a1 LIST "" *
        S: * LIST (\\NonExistent \\Noselect \\Noinferiors \\HasNoChildren \\Unmarked \\Subscribed \\Remote) "/" gone
        S: * LIST (\\HasChildren \\Marked \\All \\Archive \\Drafts \\Flagged \\Important \\Junk \\Sent \\Trash) "/" uses
        S: * LIST (\\Memos \\Scheduled \\Snoozed \\X-Other) "/" INBOX
        S: a1 OK done
        "#,
        [
            gives(ListCommand::new(pattern("*")), |imap, list| imap.authenticated()?.list(list)),
            tells(list("gone").attributes([
                NonExistent, NoSelect, NoInferiors, HasNoChildren, Unmarked, Subscribed, Remote,
            ])),
            tells(list("uses").attributes([
                HasChildren, Marked, All, Archive, Drafts, Flagged, Important, Junk, Sent, Trash,
            ])),
            tells(List::new(inbox()).delimiter(Delimiter::SLASH).attributes([
                Memos,
                Scheduled,
                Snoozed,
                Attribute::new("\\X-Other").unwrap(),
            ])),
        ],
    )
}
