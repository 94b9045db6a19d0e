//! What is about the session: TLS, login, ENABLE, ID, languages, compression, limits, referrals.

use crate::dialogue::{Trace, Turn, code, dialogue, does, gives, greeted, known, selected, tells};
use crate::imap::{Scenario, strict};
use crate::trace::{Side, check};
use crate::values::{capabilities, entry, inbox, keyword, mailbox, nz, pattern, set};
use mailwire::imap::client::Config;
use mailwire::imap::{
    Capabilities, Capability, Command, Comparator, Data, Delimiter, Id, LanguageData, List, ListKind, Mailbox,
    ResponseCode, Search, SearchKey, SetMetadata, server,
};
use mailwire::wire::Tls;

fn asks_capabilities() -> Turn {
    does(Command::Capability, |imap| imap.capability())
}

fn can(words: &str) -> Turn {
    tells(Data::Capability(capabilities(words)))
}

fn login(user: &'static str, password: &'static str) -> Turn {
    does(Command::login(user, password), move |imap| imap.not_authenticated()?.login(user, password))
}

pub fn traces() -> Vec<Trace> {
    vec![
        start_tls(),
        login_disabled_of_a_client(),
        login_disabled_of_a_server(),
        enable(),
        id(),
        languages(),
        compress().only_data(),
        unauthenticate(),
        login_referrals(),
        mailbox_referrals(),
        jmap_access(),
        sieve(),
        limits(),
    ]
}

/// RFC 3501 section 6.2.1
fn start_tls() -> Trace {
    dialogue(
        &["STARTTLS"],
        greeted("STARTTLS LOGINDISABLED").in_the_clear(),
        "
        C: a1 CAPABILITY
        S: * CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED
        S: a1 OK CAPABILITY completed
        C: a2 STARTTLS
        S: a2 OK Begin TLS negotiation now
        C: a3 CAPABILITY
        S: * CAPABILITY IMAP4rev1 AUTH=PLAIN
        S: a3 OK CAPABILITY completed
        C: a4 LOGIN joe password
        S: a4 OK [CAPABILITY IMAP4rev1 MOVE] LOGIN completed
        ",
        [
            asks_capabilities(),
            can("IMAP4rev1 STARTTLS LOGINDISABLED"),
            does(Command::StartTls, |imap| imap.not_authenticated()?.starttls()),
            asks_capabilities(),
            can("IMAP4rev1 AUTH=PLAIN"),
            login("joe", "password"),
            code(ResponseCode::Capability(capabilities("IMAP4rev1 MOVE"))),
        ],
    )
}

fn login_disabled_of_a_client() -> Trace {
    let trace = "
        do: login u p
        > Refused PrivacyRequired
        do: starttls
        C: a1 STARTTLS
        S: a1 NO [UNAVAILABLE] Not now
        > Completed a1 NO [UNAVAILABLE] Not now
        do: login u p
        > Refused PrivacyRequired";
    let config = || Config { tls: Tls::Optional, ..strict() };
    Trace::new(&["LOGINDISABLED", "STARTTLS"], &format!("{trace}\nLOGINDISABLED"), move || {
        check(Side::Client, trace, || Scenario::client_offered(config(), "STARTTLS LOGINDISABLED"));
    })
    .of_client()
}

fn login_disabled_of_a_server() -> Trace {
    let trace = "
        C: a LOGIN u p
        > Malformed a PrivacyRequired at 0
        do: reject
        S: a NO [PRIVACYREQUIRED] TLS is required first
        C: b AUTHENTICATE PLAIN
        > Malformed b PrivacyRequired at 0
        do: reject
        S: b NO [PRIVACYREQUIRED] TLS is required first";
    Trace::new(&["LOGINDISABLED", "PRIVACYREQUIRED"], &format!("{trace}\nLOGINDISABLED"), move || {
        let config = server::Config { tls: Tls::Required, ..server::Config::default() };
        let subject = || Scenario::server(config);
        check(Side::Server, trace, subject);
        let offered = |capability| subject().server.may_offer(&capability);
        assert!(offered(Capability::LoginDisabled) && offered(Capability::StartTls));
        assert!(!offered(Capability::Auth(keyword("PLAIN"))));
    })
    .of_server()
}

/// RFC 5161 section 3
fn enable() -> Trace {
    dialogue(
        &["ENABLE"],
        known("ENABLE"),
        "
        C: a1 ENABLE CONDSTORE X-GOOD-IDEA
        S: * ENABLED X-GOOD-IDEA
        S: a1 OK ENABLE completed
        C: a2 ENABLE CONDSTORE
        S: * ENABLED
        S: a2 OK ENABLE completed
        C: a3 ENABLE CONDSTORE
        S: a3 BAD Not now
        ",
        [
            does(Command::Enable(capabilities("CONDSTORE X-GOOD-IDEA")), |imap| {
                imap.authenticated()?.enable(capabilities("CONDSTORE X-GOOD-IDEA"))
            }),
            tells(Data::Enabled(capabilities("X-GOOD-IDEA"))),
            does(Command::Enable([Capability::CondStore].into()), |imap| {
                imap.authenticated()?.enable([Capability::CondStore])
            }),
            tells(Data::Enabled(Capabilities::new())),
            does(Command::Enable([Capability::CondStore].into()), |imap| {
                imap.authenticated()?.enable([Capability::CondStore])
            }),
        ],
    )
}

/// RFC 2971 section 3
fn id() -> Trace {
    let fields = Id { fields: vec![("name".into(), Some("Cyrus".into())), ("os".into(), None)] };
    dialogue(
        &["ID"],
        greeted("ID"),
        r#"
        C: a1 ID ("name" "sodr" "version" "19.34" "vendor" "Pink Floyd Music Limited")
        S: * ID NIL
        S: a1 OK ID completed
        C: a2 ID NIL
        S: * ID ("name" "Cyrus" "os" NIL)
        S: a2 OK ID completed
        "#,
        [
            gives(
                [("name", "sodr"), ("version", "19.34"), ("vendor", "Pink Floyd Music Limited")]
                    .into_iter()
                    .collect::<Id>(),
                |imap, id| imap.id(id),
            ),
            tells(Id::default()),
            gives(Id::default(), |imap, id| imap.id(id)),
            tells(fields),
        ],
    )
}

/// RFC 5255 sections 3 and 4
fn languages() -> Trace {
    let language = |ranges: &'static [&str]| {
        let words = move || ranges.iter().map(|range| (*range).into());
        does(Command::Language(words().collect()), move |imap| imap.language(words()))
    };
    let comparator = |names: &'static [&str]| {
        let words = move || names.iter().map(|name| (*name).into());
        does(Command::Comparator(words().collect()), move |imap| imap.authenticated()?.comparator(words()))
    };
    let tags = |tags: &[&str]| tells(LanguageData { tags: tags.iter().map(|tag| (*tag).into()).collect() });
    dialogue(
        &["LANGUAGE", "COMPARATOR", "I18NLEVEL="],
        known("LANGUAGE I18NLEVEL=2"),
        r#"
        C: a1 LANGUAGE
        S: * LANGUAGE (EN DE IT i-default)
        S: a1 OK Supported languages have been enumerated
        C: a2 LANGUAGE FR-CA DE
        S: * LANGUAGE (DE)
        S: a2 OK Sprachwechsel durch LANGUAGE-Befehl ausgef\xc3\xbchrt
        C: a3 LANGUAGE FR
        S: a3 NO Diese Sprache wird nicht unterst\xc3\xbctzt
        C: a4 COMPARATOR
        S: * COMPARATOR i;unicode-casemap
        S: a4 OK Will use i;unicode-casemap for collation
        C: a5 COMPARATOR "cz;*" i;basic
        S: * COMPARATOR i;basic (i;basic "cz;x y")
        S: a5 OK Will use i;basic for collation
        C: a6 COMPARATOR x
        S: a6 NO [BADCOMPARATOR] None
        "#,
        [
            language(&[]),
            tags(&["EN", "DE", "IT", "i-default"]),
            language(&["FR-CA", "DE"]),
            tags(&["DE"]),
            language(&["FR"]),
            comparator(&[]),
            tells(Comparator { active: "i;unicode-casemap".into(), matching: vec![] }),
            comparator(&["cz;*", "i;basic"]),
            tells(Comparator { active: "i;basic".into(), matching: vec!["i;basic".into(), "cz;x y".into()] }),
            comparator(&["x"]),
            code(ResponseCode::BadComparator),
        ],
    )
}

/// RFC 4978 section 3
fn compress() -> Trace {
    let deflate = || {
        does(Command::Compress(keyword("DEFLATE")), |imap| imap.enqueue(&Command::Compress(keyword("DEFLATE"))))
    };
    dialogue(
        &["COMPRESS=DEFLATE"],
        known("COMPRESS=DEFLATE"),
        "
        C: a1 COMPRESS DEFLATE
        S: a1 NO [COMPRESSIONACTIVE] DEFLATE active via TLS
        C: a2 COMPRESS DEFLATE
        S: a2 OK DEFLATE active
        ",
        [deflate(), code(ResponseCode::CompressionActive), deflate()],
    )
}

/// RFC 8437 section 2
fn unauthenticate() -> Trace {
    dialogue(
        &["UNAUTHENTICATE"],
        known("UNAUTHENTICATE ENABLE UTF8=ACCEPT"),
        r#"
        C: a1 ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: a1 OK ENABLE completed
        C: a2 UNAUTHENTICATE
        S: a2 OK [CAPABILITY IMAP4rev1 UNAUTHENTICATE] Nobody is logged in
        C: a3 LOGIN fred secret
        S: a3 OK Logged in
        C: a4 LSUB "" Entw&APw-rfe
        S: * LSUB () "/" Entw&APw-rfe
        S: a4 OK done
        C: a5 UNAUTHENTICATE
        S: a5 NO [CANNOT] Not here
        "#,
        [
            does(Command::Enable([Capability::Utf8Accept].into()), |imap| {
                imap.authenticated()?.enable([Capability::Utf8Accept])
            }),
            tells(Data::Enabled([Capability::Utf8Accept].into())),
            does(Command::Unauthenticate, |imap| imap.authenticated()?.unauthenticate()),
            code(ResponseCode::Capability(capabilities("IMAP4rev1 UNAUTHENTICATE"))),
            login("fred", "secret"),
            does(
                Command::Lsub { reference: Mailbox::root(), pattern: pattern("Entw\u{fc}rfe") },
                |imap| imap.authenticated()?.lsub(Mailbox::root(), pattern("Entw\u{fc}rfe")),
            ),
            tells(List::new(mailbox("Entw\u{fc}rfe")).kind(ListKind::Lsub).delimiter(Delimiter::SLASH)),
            does(Command::Unauthenticate, |imap| imap.authenticated()?.unauthenticate()),
            code(ResponseCode::Cannot),
        ],
    )
}

/// RFC 2221 section 4
fn login_referrals() -> Trace {
    let referral = |url: &str| code(ResponseCode::Referral(vec![url.into()]));
    dialogue(
        &["LOGIN-REFERRALS"],
        greeted("LOGIN-REFERRALS"),
        "
        C: a1 LOGIN MIKE PASSWORD
        S: a1 NO [REFERRAL IMAP://MIKE@SERVER2/] Specified user is invalid on this server. Try SERVER2.
        C: a2 LOGIN MATTHEW PASSWORD
        S: a2 OK [REFERRAL IMAP://MATTHEW@SERVER2/] Specified user's personal mailboxes located on Server2
        S: * BYE [REFERRAL IMAP://MATTHEW@SERVER2/] Server2 is better
        ",
        [
            login("MIKE", "PASSWORD"),
            referral("IMAP://MIKE@SERVER2/"),
            login("MATTHEW", "PASSWORD"),
            referral("IMAP://MATTHEW@SERVER2/"),
            referral("IMAP://MATTHEW@SERVER2/"),
        ],
    )
}

/// RFC 2193 sections 4 and 5
fn mailbox_referrals() -> Trace {
    let url = "IMAP://user;AUTH=*@SERVER2/SHARED/FOO";
    dialogue(
        &["MAILBOX-REFERRALS"],
        known("MAILBOX-REFERRALS"),
        r#"
        C: a1 RLIST "" *
        S: * LIST () "/" INBOX
        S: * LIST () "/" SHARED/FOO
        S: a1 OK RLIST completed
        C: a2 RLSUB "" SHARED/%
        S: * LSUB () "/" SHARED/FOO
        S: a2 OK RLSUB completed
        C: a3 SELECT SHARED/FOO
        S: a3 NO [REFERRAL IMAP://user;AUTH=*@SERVER2/SHARED/FOO IMAP://user;AUTH=*@SERVER3/SHARED/FOO] Remote mailbox. Try SERVER2 or SERVER3.
        C: a4 DELETE SHARED/FOO
        S: a4 NO [REFERRAL IMAP://user;AUTH=*@SERVER2/SHARED/FOO] Remote mailbox. Try SERVER2.
        "#,
        [
            does(Command::Rlist { reference: Mailbox::root(), pattern: pattern("*") }, |imap| {
                imap.authenticated()?.rlist(Mailbox::root(), pattern("*"))
            }),
            tells(List::new(inbox()).delimiter(Delimiter::SLASH)),
            tells(List::new(mailbox("SHARED/FOO")).delimiter(Delimiter::SLASH)),
            does(Command::Rlsub { reference: Mailbox::root(), pattern: pattern("SHARED/%") }, |imap| {
                imap.authenticated()?.rlsub(Mailbox::root(), pattern("SHARED/%"))
            }),
            tells(List::new(mailbox("SHARED/FOO")).kind(ListKind::Lsub).delimiter(Delimiter::SLASH)),
            does(
                Command::Select { mailbox: mailbox("SHARED/FOO"), read_only: false, parameters: vec![] },
                |imap| imap.authenticated()?.select(mailbox("SHARED/FOO")),
            ),
            code(ResponseCode::Referral(vec![url.into(), "IMAP://user;AUTH=*@SERVER3/SHARED/FOO".into()])),
            does(Command::Delete(mailbox("SHARED/FOO")), |imap| {
                imap.authenticated()?.delete(mailbox("SHARED/FOO"))
            }),
            code(ResponseCode::Referral(vec![url.into()])),
        ],
    )
}

/// RFC 9698 section 3
fn jmap_access() -> Trace {
    dialogue(
        &["JMAPACCESS"],
        known("JMAPACCESS"),
        r#"
        C: a1 GETJMAPACCESS
        S: * JMAPACCESS "https://example.com/.well-known/jmap"
        S: a1 OK done
        C: a2 GETJMAPACCESS
        S: a2 NO [UNAVAILABLE] Not now
        "#,
        [
            does(Command::GetJmapAccess, |imap| imap.authenticated()?.jmap_access()),
            tells(Data::JmapAccess("https://example.com/.well-known/jmap".into())),
            does(Command::GetJmapAccess, |imap| imap.authenticated()?.jmap_access()),
            code(ResponseCode::Unavailable),
        ],
    )
}

/// RFC 6785 section 3
fn sieve() -> Trace {
    dialogue(
        &["IMAPSIEVE="],
        known(""),
        r#"
        C: a1 CAPABILITY
        S: * CAPABILITY IMAP4rev1 METADATA IMAPSIEVE=sieve://sieve.example.com
        S: a1 OK done
        C: a2 SETMETADATA INBOX (/shared/imapsieve/script "fileinto")
        S: a2 OK done
        C: a3 CAPABILITY
        S: * CAPABILITY IMAP4rev1 IMAPSIEVE=
        S: a3 OK done
        "#,
        [
            asks_capabilities(),
            tells(Data::Capability(
                [
                    Capability::Imap4rev1,
                    Capability::Metadata,
                    Capability::ImapSieve("sieve://sieve.example.com".into()),
                ]
                .into(),
            )),
            gives(
                SetMetadata {
                    mailbox: inbox(),
                    values: vec![(entry("/shared/imapsieve/script"), Some("fileinto".into()))],
                },
                |imap, set| imap.authenticated()?.set_metadata(set),
            ),
            asks_capabilities(),
            tells(Data::Capability([Capability::Imap4rev1, Capability::ImapSieve("".into())].into())),
        ],
    )
}

/// RFC 9738 section 3
fn limits() -> Trace {
    let limit = |limit, last: Option<u32>| {
        code(ResponseCode::MessageLimit { limit: nz(limit), last: last.map(nz) })
    };
    dialogue(
        &["MESSAGELIMIT=", "SAVELIMIT="],
        selected(""),
        "
        C: a2 CAPABILITY
        S: * CAPABILITY IMAP4rev1 MESSAGELIMIT=1000 SAVELIMIT=2000
        S: a2 OK done
        C: a3 UID SEARCH UNDELETED
        S: a3 OK [MESSAGELIMIT 1000 23221] SEARCH completed with 1000 partial results
        C: a4 COPY 1:* Archive
        S: a4 NO [MESSAGELIMIT 1000] Too many messages to copy
        ",
        [
            asks_capabilities(),
            tells(Data::Capability(
                [Capability::Imap4rev1, Capability::MessageLimit(nz(1000)), Capability::SaveLimit(nz(2000))]
                    .into(),
            )),
            gives(Search::uid(SearchKey::Undeleted), |imap, search| imap.selected()?.search_for(search)),
            limit(1000, Some(23221)),
            does(Command::Copy { set: set("1:*"), uid: false, mailbox: mailbox("Archive") }, |imap| {
                imap.selected()?.copy(set("1:*"), mailbox("Archive"))
            }),
            limit(1000, None),
        ],
    )
}
