//! ACL (RFC 4314), LIST-MYRIGHTS (RFC 8440).

use crate::dialogue::{Trace, code, dialogue, does, gives, known, tells};
use crate::values::{inbox, mailbox, pattern, rights};
use mailwire::imap::{
    Acl, AclIdentifier, Command, Delimiter, List, ListCommand, ListReturn, ListRights, MailboxAttribute, MyRights,
    ResponseCode, RightsChange, SetAcl,
};

pub fn traces() -> Vec<Trace> {
    let identifier = |mailbox, identifier: &str| AclIdentifier { mailbox, identifier: identifier.into() };
    let change = |mailbox, identifier: &str, rights| SetAcl { mailbox, identifier: identifier.into(), rights };
    vec![
        // RFC 4314 sections 3.1 to 3.5
        dialogue(
            &["ACL", "RIGHTS=", "NOPERM"],
            known("ACL RIGHTS=texk"),
            r#"
            C: a1 SETACL INBOX/Drafts John lrswikte
            S: a1 OK Setacl complete
            C: a2 SETACL INBOX Chris +acd
            C: a3 SETACL INBOX David -lr
            S: a2 OK Setacl complete
            S: a3 NO [NOPERM] Not yours
            C: a4 GETACL INBOX
            S: * ACL INBOX Fred lrswipxtead -Fred wtd "David Smith" ""
            S: a4 OK Getacl complete
            C: a5 DELETEACL INBOX Fred
            S: a5 OK Deleteacl complete
            C: a6 LISTRIGHTS ~/Mail/saved smith
            S: * LISTRIGHTS ~/Mail/saved smith la r swikxtecd
            S: a6 OK Listrights completed
            C: a7 MYRIGHTS INBOX
            S: * MYRIGHTS INBOX lrswipxtead
            S: a7 OK Myrights complete
            C: a8 SETACL INBOX Fred ""
            S: a8 BAD Uppercase rights are not allowed
            "#,
            [
                gives(change(mailbox("INBOX/Drafts"), "John", RightsChange::Replace(rights("lrswikte"))), |imap, set| {
                    imap.authenticated()?.set_acl(set)
                }),
                gives(change(inbox(), "Chris", RightsChange::Add(rights("cda"))), |imap, set| {
                    imap.authenticated()?.set_acl(set)
                }),
                gives(change(inbox(), "David", RightsChange::Remove(rights("lr"))), |imap, set| {
                    imap.authenticated()?.set_acl(set)
                }),
                code(ResponseCode::NoPerm),
                does(Command::GetAcl(inbox()), |imap| imap.authenticated()?.acl(inbox())),
                tells(Acl {
                    mailbox: inbox(),
                    rights: vec![
                        ("Fred".into(), rights("rwipsldexta")),
                        ("-Fred".into(), rights("wtd")),
                        ("David Smith".into(), rights("")),
                    ],
                }),
                does(Command::DeleteAcl(identifier(inbox(), "Fred").into()), move |imap| {
                    imap.authenticated()?.delete_acl(identifier(inbox(), "Fred"))
                }),
                does(Command::ListRights(identifier(mailbox("~/Mail/saved"), "smith").into()), move |imap| {
                    imap.authenticated()?.list_rights(identifier(mailbox("~/Mail/saved"), "smith"))
                }),
                tells(ListRights {
                    mailbox: mailbox("~/Mail/saved"),
                    identifier: "smith".into(),
                    required: rights("la"),
                    optional: vec![rights("r"), rights("swicdkxte")],
                }),
                does(Command::MyRights(inbox()), |imap| imap.authenticated()?.my_rights(inbox())),
                tells(MyRights { mailbox: inbox(), rights: rights("rwiptsldaex") }),
                gives(change(inbox(), "Fred", RightsChange::Replace(rights(""))), |imap, set| {
                    imap.authenticated()?.set_acl(set)
                }),
            ],
        ),
        // RFC 8440 section 4
        dialogue(
            &["LIST-MYRIGHTS"],
            known("LIST-EXTENDED ACL LIST-MYRIGHTS"),
            r#"
            C: a1 LIST "" % RETURN (MYRIGHTS)
            S: * LIST () "/" INBOX
            S: * MYRIGHTS INBOX lrswipkxteacd
            S: * LIST (\\NonExistent) "/" bar
            S: a1 OK List completed.
            "#,
            [
                gives(
                    ListCommand::new(pattern("%")).returning([ListReturn::MyRights]),
                    |imap, list| imap.authenticated()?.list(list),
                ),
                tells(List::new(inbox()).delimiter(Delimiter::SLASH)),
                tells(MyRights { mailbox: inbox(), rights: rights("lrswipkxtecda") }),
                tells(
                    List::new(mailbox("bar"))
                        .delimiter(Delimiter::SLASH)
                        .attributes([MailboxAttribute::NonExistent]),
                ),
            ],
        ),
    ]
}
