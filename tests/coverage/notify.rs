//! News: IDLE (RFC 2177), NOTIFY (RFC 5465), INPROGRESS (RFC 9585).

use crate::dialogue::{Trace, Turn, code, dialogue, does, done, fetch, gives, selected, tells};
use crate::values::{atom, flags, inbox, mailbox, modseq, nz, set};
use mailwire::imap::{
    Command, Data, Delimiter, EventGroup, Fetch, FetchAttribute, List, ListItem, MailboxAttribute, MailboxFilter,
    Notify, NotifyEvent, Progress, ResponseCode, StatusData,
};

pub fn traces() -> Vec<Trace> {
    vec![idle(), notify().only_data(), in_progress()]
}

/// RFC 2177 section 3
fn idle() -> Trace {
    let idles = || does(Command::Idle, |imap| imap.authenticated()?.idle());
    dialogue(
        &["IDLE"],
        selected("IDLE"),
        "
        C: a2 IDLE
        S: * 4 EXISTS
        S: + idling
        S: * 2 EXPUNGE
        S: * 3 EXISTS
        C: DONE
        S: * 3 FETCH (FLAGS ())
        S: a2 OK IDLE terminated
        C: a3 IDLE
        S: a3 NO [LIMIT] Too many idle
        ",
        [
            idles(),
            tells(Data::Exists(4)),
            Turn::Idling,
            tells(Data::Expunge(nz(2))),
            tells(Data::Exists(3)),
            done(),
            fetch(Fetch { flags: Some(flags("")), ..Fetch::new(nz(3)) }),
            idles(),
            code(ResponseCode::Limit),
        ],
    )
}

/// RFC 5465 sections 3 and 5
fn notify() -> Trace {
    let figures = |name: &str, change: fn(&mut StatusData)| {
        let mut status = StatusData::new(mailbox(name));
        change(&mut status);
        tells(status)
    };
    let asks = |notify: Notify| gives(notify, |imap, notify| imap.authenticated()?.notify(notify));
    let new = || NotifyEvent::MessageNew(vec![FetchAttribute::Uid, FetchAttribute::Flags]);
    dialogue(
        &["NOTIFY"],
        selected("NOTIFY CONDSTORE"),
        r#"
        C: a2 NOTIFY SET STATUS (SELECTED (MessageNew (UID FLAGS) MessageExpunge FlagChange)) (SUBTREE (INBOX Lists) (MailboxName SubscriptionChange))
        S: * STATUS misc (UIDNEXT 999 UIDVALIDITY 1)
        S: a2 OK done
        S: * 173 EXISTS
        S: * 173 FETCH (UID 999 FLAGS (\\Seen))
        S: * STATUS INBOX (MESSAGES 4 UIDNEXT 1000 HIGHESTMODSEQ 20)
        S: * LIST (\\NonExistent) "." INBOX.DeletedMailbox
        S: * LIST () "." NewMailbox ("OLDNAME" (OldMailbox))
        S: * LIST (\\Subscribed) "." "misc a"
        S: * OK [NOTIFICATIONOVERFLOW] ...A comment can go here...
        C: a3 NOTIFY SET (PERSONAL (MessageNew MessageExpunge AnnotationChange))
        S: a3 NO [BADEVENT (MessageNew FlagChange)] AnnotationChange is not supported
        C: a4 NOTIFY SET (INBOXES (MailboxMetadataChange ServerMetadataChange)) (MAILBOXES misc NONE)
        S: a4 BAD No
        C: a5 NOTIFY NONE
        S: a5 OK done
        C: a6 NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge)) (SUBSCRIBED (X-Other))
        S: a6 NO [BADEVENT (MessageNew MessageExpunge)] X-Other is not supported
        "#,
        [
            asks(Notify::Set {
                status: true,
                groups: vec![
                    EventGroup::new(
                        MailboxFilter::Selected,
                        [new(), NotifyEvent::MessageExpunge, NotifyEvent::FlagChange],
                    ),
                    EventGroup::new(
                        MailboxFilter::Subtree(vec![inbox(), mailbox("Lists")]),
                        [NotifyEvent::MailboxName, NotifyEvent::SubscriptionChange],
                    ),
                ],
            }),
            figures("misc", |status| (status.uid_validity, status.uid_next) = (Some(nz(1)), Some(nz(999)))),
            tells(Data::Exists(173)),
            fetch(Fetch { uid: Some(nz(999)), flags: Some(flags("\\Seen")), ..Fetch::new(nz(173)) }),
            figures("INBOX", |status| {
                (status.messages, status.uid_next) = (Some(4), Some(nz(1000)));
                status.highest_mod_seq = Some(modseq(20));
            }),
            tells(
                List::new(mailbox("INBOX.DeletedMailbox"))
                    .delimiter(Delimiter::DOT)
                    .attributes([MailboxAttribute::NonExistent]),
            ),
            tells(
                List::new(mailbox("NewMailbox"))
                    .delimiter(Delimiter::DOT)
                    .extended([ListItem::OldName(mailbox("OldMailbox"))]),
            ),
            tells(
                List::new(mailbox("misc a"))
                    .delimiter(Delimiter::DOT)
                    .attributes([MailboxAttribute::Subscribed]),
            ),
            code(ResponseCode::NotificationOverflow),
            asks(Notify::set([EventGroup::new(
                MailboxFilter::Personal,
                [
                    NotifyEvent::MessageNew(vec![]),
                    NotifyEvent::MessageExpunge,
                    NotifyEvent::AnnotationChange,
                ],
            )])),
            code(ResponseCode::BadEvent(vec![atom("MessageNew"), atom("FlagChange")])),
            asks(Notify::set([
                EventGroup::new(
                    MailboxFilter::Inboxes,
                    [NotifyEvent::MailboxMetadataChange, NotifyEvent::ServerMetadataChange],
                ),
                EventGroup::new(MailboxFilter::Mailboxes(vec![mailbox("misc")]), []),
            ])),
            asks(Notify::None),
            asks(Notify::set([
                EventGroup::new(
                    MailboxFilter::SelectedDelayed,
                    [NotifyEvent::MessageNew(vec![]), NotifyEvent::MessageExpunge],
                ),
                EventGroup::new(
                    MailboxFilter::Subscribed,
                    [NotifyEvent::Other(crate::values::keyword("X-Other"))],
                ),
            ])),
            code(ResponseCode::BadEvent(vec![atom("MessageNew"), atom("MessageExpunge")])),
        ],
    )
}

/// RFC 9585 section 4
fn in_progress() -> Trace {
    let progress = |tag: Option<&str>, done, goal: Option<u32>| {
        let progress = Progress { tag: tag.map(Into::into), done, goal: goal.map(nz) };
        code(ResponseCode::InProgress(Some(Box::new(progress))))
    };
    dialogue(
        &["INPROGRESS"],
        selected("INPROGRESS"),
        r#"
        C: a2 COPY 1:* Archive
        S: * OK [INPROGRESS] Hang in there...
        S: * OK [INPROGRESS ("a2" 454 1000)] Still copying
        S: * OK [INPROGRESS ("a2" 999 NIL)] Processed 999 messages
        S: * OK [INPROGRESS (NIL NIL NIL)] Still here
        S: a2 OK Done
        "#,
        [
            does(Command::Copy { set: set("1:*"), uid: false, mailbox: mailbox("Archive") }, |imap| {
                imap.selected()?.copy(set("1:*"), mailbox("Archive"))
            }),
            code(ResponseCode::InProgress(None)),
            progress(Some("a2"), Some(454), Some(1000)),
            progress(Some("a2"), Some(999), None),
            progress(None, None, None),
        ],
    )
}
