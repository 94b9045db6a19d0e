//! What ENABLE changes, and what VANISHED does: both sides.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod imap;
mod trace;

use imap::{ClientSubject, Scenario, ServerSubject, protected, strict};
use mailwire::imap::{FetchAttribute, FetchModifier, ModSequence, PartialRange};
use mailwire::wire::{ErrorKind, Machine};
use std::num::NonZeroU32;
use trace::{Side, check};

fn client(trace: &str, subject: impl Fn() -> ClientSubject) {
    check(Side::Client, trace, subject);
}

fn server(trace: &str, subject: impl Fn() -> ServerSubject) {
    check(Side::Server, trace, subject);
}

/// RFC 9051: LIST in the answer to SELECT, CLOSED between two mailboxes, no RECENT, names in UTF-8.
#[test]
fn imap4rev2_holds_from_the_next_line_on() {
    server(
        r#"
        C: a1 SELECT INBOX
        > Command a1 SELECT INBOX
        do: select
        S: * FLAGS (\\Seen)
        S: * 2 EXISTS
        S: * 1 RECENT
        S: * OK [PERMANENTFLAGS (\\Seen)] Flags permitted
        S: * OK [UIDVALIDITY 1] UIDs valid
        S: a1 OK [READ-WRITE] SELECT completed
        C: a2 ENABLE IMAP4rev2
        C: a3 SELECT "\xc3\xa4"
        > Command a2 ENABLE IMAP4rev2
        do: data ENABLED IMAP4rev2
        do: ok enabled
        S: * ENABLED IMAP4rev2
        S: a2 OK enabled
        > Command a3 SELECT &AOQ-
        do: select
        S: * OK [CLOSED] Previous mailbox closed
        S: * FLAGS (\\Seen)
        S: * 2 EXISTS
        S: * LIST () "/" INBOX
        S: * OK [PERMANENTFLAGS (\\Seen)] Flags permitted
        S: * OK [UIDVALIDITY 1] UIDs valid
        S: a3 OK [READ-WRITE] SELECT completed
        C: a4 NOOP
        > Command a4 NOOP
        do: data 3 RECENT
        do: ok no news
        S: a4 OK no news
        C: a5 SELECT none
        > Command a5 SELECT none
        do: no there is none
        S: * OK [CLOSED] Previous mailbox closed
        S: a5 NO there is none
        C: a6 CLOSE
        > Malformed a6 InvalidState at 0
        do: reject
        S: a6 BAD Command not allowed in this state
        "#,
        || Scenario::server_authenticated(protected()),
    );
}

/// RFC 9051 section 6.4.4: what is asked as ever is answered in another form.
#[test]
fn search_is_answered_as_the_client_has_enabled_it() {
    server(
        r#"
        C: a1 UID SEARCH ALL
        > Command a1 UID SEARCH ALL
        do: search 5 2 3
        S: * SEARCH 5 2 3
        S: a1 OK done
        C: a2 ENABLE IMAP4rev2
        > Command a2 ENABLE IMAP4rev2
        do: data ENABLED IMAP4rev2
        do: ok enabled
        S: * ENABLED IMAP4rev2
        S: a2 OK enabled
        C: a3 UID SEARCH ALL
        > Command a3 UID SEARCH ALL
        do: search 5 2 3 (MODSEQ 7)
        S: * ESEARCH (TAG "a3") UID ALL 2:3,5 MODSEQ 7
        S: a3 OK done
        C: a4 UID SEARCH UNSEEN
        > Command a4 UID SEARCH UNSEEN
        do: search
        S: * ESEARCH (TAG "a4") UID
        S: a4 OK done
        "#,
        || Scenario::server_selected(protected()),
    );
}

/// RFC 9586: UIDs alone name messages, whichever side would do otherwise.
#[test]
fn with_uidonly_no_message_has_a_sequence_number() {
    server(
        r#"
        C: a1 ENABLE UIDONLY
        C: a2 SELECT INBOX
        > Command a1 ENABLE UIDONLY
        do: data ENABLED UIDONLY
        do: ok enabled
        S: * ENABLED UIDONLY
        S: a1 OK enabled
        > Command a2 SELECT INBOX
        do: no there is none
        S: a2 NO there is none
        "#,
        || Scenario::server_authenticated(protected()),
    );
    for line in [
        "FETCH 1 FLAGS",
        "STORE 1 FLAGS ()",
        "SEARCH ALL",
        "UID SEARCH NOT (UID 3 1:2)",
        "ESEARCH IN (INBOXES) OR SEEN 1:2",
        "COPY 1 a",
        "MOVE 1 a",
        "SELECT a (QRESYNC (1 2 3:4 (1:2 3:4)))",
    ] {
        server(
            &format!(
                r#"
                C: a1 ENABLE UIDONLY
                > Command a1 ENABLE UIDONLY
                do: data ENABLED UIDONLY
                do: ok enabled
                S: * ENABLED UIDONLY
                S: a1 OK enabled
                C: a2 {line}
                > Malformed a2 UidRequired at 0
                do: reject
                S: a2 BAD [UIDREQUIRED] UIDONLY is enabled
                "#
            ),
            || Scenario::server_selected(protected()),
        );
        client(
            &format!(
                r#"
                do: enqueue ENABLE UIDONLY
                C: a3 ENABLE UIDONLY
                S: * ENABLED UIDONLY
                S: a3 OK enabled
                > Data ENABLED UIDONLY
                > Completed a3 OK enabled
                do: enqueue {line}
                > Refused UidRequired
                "#
            ),
            || Scenario::client_selected(strict()),
        );
    }
}

/// RFC 9586: the message that is replaced is named by its UID too; no octet of the new one is asked for otherwise.
#[test]
fn with_uidonly_no_message_is_replaced_by_its_number() {
    server(
        r#"
        C: a1 ENABLE UIDONLY
        > Command a1 ENABLE UIDONLY
        do: data ENABLED UIDONLY
        do: ok enabled
        S: * ENABLED UIDONLY
        S: a1 OK enabled
        C: a2 REPLACE 1 a {3}
        > Malformed a2 UidRequired at 0
        do: reject
        S: a2 BAD [UIDREQUIRED] UIDONLY is enabled
        C: a3 REPLACE 1 a {3+}
        C= abc
        C:
        > Malformed a3 UidRequired at 0
        do: reject
        S: a3 BAD [UIDREQUIRED] UIDONLY is enabled
        C: a4 REPLACE * a CATENATE (URL "/a/;UID=1")
        > Malformed a4 UidRequired at 0
        do: reject
        S: a4 BAD [UIDREQUIRED] UIDONLY is enabled
        C: a5 UID REPLACE 1 a {3}
        > Literal a5 UID REPLACE 1 a 3 waits
        do: refuse too large
        S: a5 NO [TOOBIG] too large
        "#,
        || Scenario::server_selected(protected()),
    );
    client(
        r#"
        do: enqueue ENABLE UIDONLY
        C: a3 ENABLE UIDONLY
        S: * ENABLED UIDONLY
        S: a3 OK enabled
        > Data ENABLED UIDONLY
        > Completed a3 OK enabled
        do: replace 1 a 3
        > Refused UidRequired
        do: replace uid:1 a 3
        C: a4 UID REPLACE 1 a {3}
        "#,
        || Scenario::client_selected(strict()),
    );
}

#[test]
fn messages_that_vanished_are_not_missed_twice() {
    client(
        r#"
        S: * 5 EXISTS
        S: * VANISHED 7,9:10
        S: * 2 EXISTS
        S: * VANISHED (EARLIER) 1:3
        S: * 1 EXISTS
        > Data 5 EXISTS
        > Data VANISHED 7,9:10
        > Data 2 EXISTS
        > Data VANISHED (EARLIER) 1:3
        > Data 1 EXISTS
        > Violation ExistsDecreased
        "#,
        || Scenario::client_selected(strict()),
    );
}

/// RFC 7162 section 3.2.6: VANISHED is of UID FETCH, beside CHANGEDSINCE.
#[test]
fn modifiers_of_uid_fetch_are_refused_elsewhere() {
    for fetch in ["FETCH 1 (FLAGS) (VANISHED)", "UID FETCH 1 FLAGS (VANISHED)"] {
        let at = fetch.rfind(" (").unwrap() + "a1 ".len();
        server(
            &format!("C: a1 {fetch}\n> Malformed a1 Syntax at {at}\ndo: reject\nS: a1 BAD Syntax error"),
            || Scenario::server_selected(protected()),
        );
    }
    let mut subject = Scenario::client_selected(strict());
    let since = || FetchModifier::ChangedSince(ModSequence::from(1));
    let partial = || FetchModifier::Partial(PartialRange::First(NonZeroU32::MIN, NonZeroU32::MAX));
    let (one, flags) = (NonZeroU32::MIN, FetchAttribute::Flags);
    let mut selected = subject.client.selected().unwrap();
    for modifiers in [vec![FetchModifier::Vanished], vec![since(), FetchModifier::Vanished]] {
        let refused = selected.fetch_with(one, flags.clone(), modifiers).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidValue);
    }
    let zero = FetchModifier::ChangedSince(ModSequence::ZERO);
    for modifiers in [vec![FetchModifier::Vanished], vec![FetchModifier::Vanished, partial()], vec![zero]] {
        let refused = selected.uid_fetch_with(one, flags.clone(), modifiers).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidValue);
    }
    selected.uid_fetch_with(one, flags, [FetchModifier::Vanished, since(), partial()]).unwrap();
    let expected = "a3 UID FETCH 1 FLAGS (VANISHED CHANGEDSINCE 1 PARTIAL 1:4294967295)\r\n";
    assert_eq!(subject.client.poll_transmit().unwrap(), expected);
}

/// RFC 5161 section 3.1: "Clients MUST NOT issue ENABLE once they SELECT/EXAMINE a mailbox"; a server need not mind.
#[test]
fn nothing_is_enabled_once_a_mailbox_is_selected() {
    let enable = "do: enable CONDSTORE";
    let refused = "> Refused InvalidState";
    client(
        &format!(
            r"
            do: select nowhere
            {enable}
            {refused}
            C: a2 SELECT nowhere
            S: a2 NO none
            > Completed a2 NO none
            {enable}
            C: a3 ENABLE CONDSTORE
            S: * ENABLED CONDSTORE
            S: a3 OK enabled
            > Data ENABLED CONDSTORE
            > Completed a3 OK enabled
            do: select INBOX
            C: a4 SELECT INBOX
            S: a4 OK done
            > Completed a4 OK done
            {enable}
            {refused}
            do: close
            C: a5 CLOSE
            S: a5 OK done
            > Completed a5 OK done
            {enable}
            {refused}
            do: enqueue UNAUTHENTICATE
            do: enqueue LOGIN u p
            C: a6 UNAUTHENTICATE
            C: a7 LOGIN u p
            S: a6 OK done
            S: a7 OK done
            > Completed a6 OK done
            > Completed a7 OK done
            {enable}
            C: a8 ENABLE CONDSTORE
            "
        ),
        || Scenario::client_authenticated(strict()),
    );
    server(
        r"
        C: a1 ENABLE CONDSTORE
        > Command a1 ENABLE CONDSTORE
        do: ok enabled
        S: a1 OK enabled
        ",
        || Scenario::server_selected(protected()),
    );
}

/// RFC 3501 section 6.4.4: what is not ASCII needs a charset. RFC 6855 section 3: where UTF8=ACCEPT is enabled, none may be said.
#[test]
fn strings_of_a_search_have_their_charset() {
    client(
        r#"
        do: search Gruss
        C: a3 UID SEARCH SUBJECT Gruss
        do: search Gr\xc3\xbc\xc3\x9fe
        C: a4 UID SEARCH CHARSET UTF-8 SUBJECT {7}
        do: search Gr\xfc\xdfe
        > Refused InvalidValue
        S: * SEARCH
        S: a3 OK searched
        > Data SEARCH
        > Completed a3 OK searched
        S: + go on
        C: Gr\xc3\xbc\xc3\x9fe
        S: a4 OK searched
        > Completed a4 OK searched
        do: search Gr\xfc\xdfe ISO-8859-1
        C: a5 UID SEARCH CHARSET ISO-8859-1 SUBJECT {5}
        S: + go on
        C: Gr\xfc\xdfe
        S: a5 NO [BADCHARSET (UTF-8)] another one
        > Completed a5 NO [BADCHARSET (UTF-8)] another one
        do: enqueue ENABLE UTF8=ACCEPT
        C: a6 ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: a6 OK enabled
        > Data ENABLED UTF8=ACCEPT
        > Completed a6 OK enabled
        do: search Gr\xc3\xbc\xc3\x9fe
        C: a7 UID SEARCH SUBJECT "Gr\xc3\xbc\xc3\x9fe"
        do: search Gruss UTF-8
        > Refused InvalidValue
        do: enqueue SEARCH CHARSET US-ASCII SUBJECT Gruss
        > Refused InvalidValue
        do: search Gr\xfc\xdfe
        > Refused InvalidValue
        "#,
        || Scenario::client_selected(strict()),
    );
    client(
        r#"
        do: enqueue ENABLE IMAP4rev2
        C: a3 ENABLE IMAP4rev2
        S: * ENABLED IMAP4rev2
        S: a3 OK enabled
        > Data ENABLED IMAP4rev2
        > Completed a3 OK enabled
        do: search Gr\xc3\xbc\xc3\x9fe
        C: a4 UID SEARCH SUBJECT "Gr\xc3\xbc\xc3\x9fe"
        do: search Gruss UTF-8
        C: a5 UID SEARCH CHARSET UTF-8 SUBJECT Gruss
        "#,
        || Scenario::client_selected(strict()),
    );
}
