//! Messages on their way in: literals (RFC 7888), APPEND in each of its forms, REPLACE (RFC 8508), UIDPLUS (RFC 4315), UTF-8 (RFC 6855).

use crate::dialogue::{Trace, Turn, code, dialogue, does, gives, known, message, selected, selects, sends, tells};
use crate::subject::Heard;
use crate::values::{capability, flags, inbox, mailbox, nz, pattern, set};
use mailwire::imap::server::SelectData;
use mailwire::imap::{
    Append, AppendData, AppendLimit, AppendOptions, AppendUid, Capability, Command, CopyUid, Data, Delimiter,
    Flag, List, ListCommand, Replaces, ResponseCode, StatusAttribute, StatusData,
};

const HELLO: &str = "Subject: hi\r\n\r\nHello\r\n";

fn append(name: &'static str, options: AppendOptions, octets: &'static str) -> Turn {
    let sent = options.clone();
    sends(Append::to(mailbox(name)), message(options, octets), move |imap| {
        let length = octets.len() as u64;
        let mut appending = imap.authenticated()?.append(&Append::to(mailbox(name)), &sent, length)?;
        imap.append_octets(&mut appending, octets.into())?;
        Ok(appending)
    })
}

fn seen() -> AppendOptions {
    AppendOptions { flags: Some(Flag::Seen.into()), ..AppendOptions::default() }
}

fn appended(uid_validity: u32, uids: &str) -> Turn {
    code(ResponseCode::AppendUid(AppendUid { uid_validity: nz(uid_validity), uids: set(uids) }))
}

pub fn traces() -> Vec<Trace> {
    vec![
        literal_plus(),
        literal_minus(),
        uid_plus(),
        multi_append(),
        forms_in_one(),
        catenate(),
        catenate_errors(),
        binary(),
        replace(),
        limit(),
        utf8_accept(),
        utf8_only(),
    ]
}

/// RFC 7888 section 3
fn literal_plus() -> Trace {
    dialogue(
        &["LITERAL+"],
        known("LITERAL+"),
        r"
        C: a1 GETQUOTA {4+}
        C: a\r\nb
        S: a1 NO [NONEXISTENT] No such quota root
        C: a2 APPEND saved (\\Seen) {22+}
        C: Subject: hi
        C:
        C: Hello
        C:
        S: a2 OK APPEND completed
        ",
        [
            does(Command::GetQuota("a\r\nb".into()), |imap| imap.authenticated()?.quota("a\r\nb")),
            code(ResponseCode::Nonexistent),
            append("saved", seen(), HELLO),
        ],
    )
}

/// RFC 7888 section 5
fn literal_minus() -> Trace {
    dialogue(
        &["LITERAL-"],
        known("LITERAL-"),
        r"
        C: a1 GETQUOTA {4+}
        C: a\r\nb
        S: a1 OK done
        C: a2 APPEND saved {4097}
        S: a2 NO [TOOBIG] Not that much
        ",
        [
            does(Command::GetQuota("a\r\nb".into()), |imap| imap.authenticated()?.quota("a\r\nb")),
            Turn::Does(
                std::rc::Rc::new(|subject| {
                    let (append, options) = (Append::to(mailbox("saved")), AppendOptions::default());
                    subject.client.authenticated()?.append(&append, &options, 4097).map(drop)
                }),
                vec![
                    Heard::Literal {
                        options: Some(AppendOptions::default()),
                        length: 4097,
                        binary: false,
                        utf8: false,
                    },
                    Heard::Command(Append::to(mailbox("saved")).into()),
                ],
            ),
            code(ResponseCode::TooBig),
        ],
    )
}

/// RFC 4315 sections 2 and 3
fn uid_plus() -> Trace {
    let copied = |uid_validity, source: &str, destination: &str| {
        code(ResponseCode::CopyUid(Box::new(CopyUid {
            uid_validity: nz(uid_validity),
            source: set(source),
            destination: set(destination),
        })))
    };
    let dated = || AppendOptions {
        flags: Some(flags("\\Seen $Important")),
        internal_date: Some(" 7-Feb-1994 22:43:04 -0800".parse().unwrap()),
        ..AppendOptions::default()
    };
    dialogue(
        &["UIDPLUS"],
        selected("UIDPLUS LITERAL+"),
        r#"
        C: a2 UID EXPUNGE 3000:3002
        S: * 3 EXPUNGE
        S: * 3 EXPUNGE
        S: a2 OK UID EXPUNGE completed
        C: a3 APPEND saved-messages (\\Seen $Important) "07-Feb-1994 22:43:04 -0800" {3+}
        C= abc\r\n
        S: a3 OK [APPENDUID 38505 3955] APPEND completed
        C: a4 COPY 2:4 meeting
        S: a4 OK [COPYUID 38505 304,319:320 3956:3958] Done
        C: a5 UID COPY 304 meeting
        S: a5 NO [TRYCREATE] No such mailbox
        C: a6 SELECT meeting
        S: * OK [CLOSED] Previous mailbox closed
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * 2 EXISTS
        S: * 0 RECENT
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)] Flags permitted
        S: * OK [UIDVALIDITY 38505] UIDs valid
        S: * OK [UIDNEXT 3] Predicted next UID
        S: * NO [UIDNOTSTICKY] Non-persistent UIDs
        S: a6 OK [READ-WRITE] SELECT completed
        "#,
        [
            does(Command::Expunge(Some(set("3000:3002"))), |imap| {
                imap.selected()?.uid_expunge(set("3000:3002"))
            }),
            tells(Data::Expunge(nz(3))),
            tells(Data::Expunge(nz(3))),
            append("saved-messages", dated(), "abc"),
            appended(38505, "3955"),
            does(Command::Copy { set: set("2:4"), uid: false, mailbox: mailbox("meeting") }, |imap| {
                imap.selected()?.copy(set("2:4"), mailbox("meeting"))
            }),
            copied(38505, "304,319:320", "3956:3958"),
            does(Command::Copy { set: set("304"), uid: true, mailbox: mailbox("meeting") }, |imap| {
                imap.selected()?.uid_copy(nz(304), mailbox("meeting"))
            }),
            code(ResponseCode::TryCreate),
            does(
                Command::Select { mailbox: mailbox("meeting"), read_only: false, parameters: vec![] },
                |imap| imap.authenticated()?.select(mailbox("meeting")),
            ),
            code(ResponseCode::Closed),
            selects(SelectData::new(2, nz(38505), nz(3))),
            code(ResponseCode::UidNotSticky),
            code(ResponseCode::ReadWrite),
        ],
    )
}

/// RFC 3502 section 6.3.11
fn multi_append() -> Trace {
    let second = || AppendOptions {
        flags: Some(flags("\\Seen")),
        internal_date: Some(" 7-Feb-1994 22:43:04 -0800".parse().unwrap()),
        ..AppendOptions::default()
    };
    let heard = [message(seen(), "one"), message(second(), "second")].concat();
    dialogue(
        &["MULTIAPPEND"],
        known("MULTIAPPEND UIDPLUS"),
        r#"
        C: a1 APPEND saved-messages (\\Seen) {3}
        S: + OK
        C: one (\\Seen) "07-Feb-1994 22:43:04 -0800" {6}
        S: + OK
        C: second
        S: a1 OK [APPENDUID 38505 3955:3956] APPEND completed
        "#,
        [
            sends(Append::to(mailbox("saved-messages")), heard, move |imap| {
                let append = Append::to(mailbox("saved-messages"));
                let mut appending = imap.authenticated()?.append(&append, &seen(), 3)?;
                imap.append_octets(&mut appending, "one".into())?;
                imap.append_message(&mut appending, &second(), 6)?;
                imap.append_octets(&mut appending, "second".into())?;
                Ok(appending)
            }),
            appended(38505, "3955:3956"),
        ],
    )
}

/// RFC 3502, RFC 4469 section 3, RFC 6855 section 4: each message has its own form.
fn forms_in_one() -> Trace {
    let to = || Append::to(inbox());
    let none = AppendOptions::default;
    dialogue(
        &["MULTIAPPEND", "CATENATE", "UTF8=ACCEPT"],
        known("MULTIAPPEND CATENATE UTF8=ACCEPT LITERAL+"),
        r"
        C: a1 APPEND INBOX {1+}
        C= a (\\Seen) CATENATE (URL x TEXT {1+}\r\n
        C= b UTF8 (~{1+}\r\n
        C= d)) UTF8 (~{1+}\r\n
        C: c)
        S: a1 NO [CANNOT] Not all at once
        ",
        [
            sends(
                to(),
                [
                    Heard::offer(Some(none()), "a"),
                    Heard::Chunk("a".into()),
                    Heard::LiteralEnd,
                    Heard::Catenate(to(), seen()),
                    Heard::CatenateUrl("x".into()),
                    Heard::offer(None, "b"),
                    Heard::Chunk("b".into()),
                    Heard::LiteralEnd,
                    Heard::Literal { options: None, length: 1, binary: true, utf8: true },
                    Heard::Chunk("d".into()),
                    Heard::LiteralEnd,
                    Heard::CatenateEnd,
                    Heard::Literal { options: Some(none()), length: 1, binary: true, utf8: true },
                    Heard::Chunk("c".into()),
                    Heard::LiteralEnd,
                ],
                move |imap| {
                    let mut appending = imap.authenticated()?.append(&to(), &none(), 1)?;
                    imap.append_octets(&mut appending, "a".into())?;
                    imap.append_catenate(&mut appending, &seen())?;
                    imap.append_url(&mut appending, "x")?;
                    imap.append_text(&mut appending, 1)?;
                    imap.append_octets(&mut appending, "b".into())?;
                    imap.append_text(&mut appending, AppendData::Utf8(1))?;
                    imap.append_octets(&mut appending, "d".into())?;
                    imap.append_message(&mut appending, &none(), AppendData::Utf8(1))?;
                    imap.append_octets(&mut appending, "c".into())?;
                    Ok(appending)
                },
            ),
            code(ResponseCode::Cannot),
        ],
    )
}

/// RFC 4469 section 5
fn catenate() -> Trace {
    let draft = || Append::to(mailbox("Drafts"));
    let header = "Content-Type: multipart/mixed\r\n\r\n";
    let url = "/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER";
    dialogue(
        &["CATENATE"],
        known("CATENATE"),
        r#"
        C: a1 APPEND Drafts (\\Seen) CATENATE (URL /Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER TEXT {33}
        S: + OK
        C: Content-Type: multipart/mixed
        C:
        C=  URL /Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER TEXT {4}\r\n
        S: + OK
        C: --x-)
        S: a1 OK CATENATE append completed
        "#,
        [sends(
            draft(),
            [
                Heard::Catenate(draft(), seen()),
                Heard::CatenateUrl(url.into()),
                Heard::offer(None, header),
                Heard::Chunk(header.into()),
                Heard::LiteralEnd,
                Heard::CatenateUrl(url.into()),
                Heard::offer(None, "--x-"),
                Heard::Chunk("--x-".into()),
                Heard::LiteralEnd,
                Heard::CatenateEnd,
            ],
            move |imap| {
                let mut appending = imap.authenticated()?.catenate(&draft(), &seen())?;
                imap.append_url(&mut appending, url)?;
                imap.append_text(&mut appending, header.len() as u64)?;
                imap.append_octets(&mut appending, header.into())?;
                imap.append_url(&mut appending, url)?;
                imap.append_text(&mut appending, 4)?;
                imap.append_octets(&mut appending, "--x-".into())?;
                Ok(appending)
            },
        )],
    )
}

/// RFC 4469 section 4
fn catenate_errors() -> Trace {
    let by_url = |url: &'static str| {
        sends(
            Append::to(inbox()),
            [
                Heard::Catenate(Append::to(inbox()), AppendOptions::default()),
                Heard::CatenateUrl(url.into()),
                Heard::CatenateEnd,
            ],
            move |imap| {
                let mut appending =
                    imap.authenticated()?.catenate(&Append::to(inbox()), &AppendOptions::default())?;
                imap.append_url(&mut appending, url)?;
                Ok(appending)
            },
        )
    };
    dialogue(
        &["CATENATE"],
        known("CATENATE"),
        r#"
        C: a1 APPEND INBOX CATENATE (URL /Drafts/;UID=30/;section=HEADER)
        S: a1 NO [BADURL /Drafts/;UID=30/;section=HEADER] CATENATE append has failed, one message expunged
        C: a2 APPEND INBOX CATENATE (URL /Drafts/;UID=31)
        S: a2 NO [TOOBIG] CATENATE append has failed
        "#,
        [
            by_url("/Drafts/;UID=30/;section=HEADER"),
            code(ResponseCode::BadUrl("/Drafts/;UID=30/;section=HEADER".into())),
            by_url("/Drafts/;UID=31"),
            code(ResponseCode::TooBig),
        ],
    )
}

/// RFC 3516 section 4.4
fn binary() -> Trace {
    let octets = "\0\u{1}z";
    let none = AppendOptions::default;
    dialogue(
        &["BINARY"],
        known("BINARY LITERAL+"),
        r#"
        C: a1 APPEND INBOX ~{3+}
        C: \0\x01z
        S: a1 NO [UNKNOWN-CTE] Cannot be transcoded
        "#,
        [
            sends(
                Append::to(inbox()),
                [
                    Heard::Literal { options: Some(none()), length: 3, binary: true, utf8: false },
                    Heard::Chunk(octets.into()),
                    Heard::LiteralEnd,
                ],
                move |imap| {
                    let append = Append::to(inbox());
                    let mut appending =
                        imap.authenticated()?.append(&append, &none(), AppendData::Literal8(3))?;
                    imap.append_octets(&mut appending, octets.into())?;
                    Ok(appending)
                },
            ),
            code(ResponseCode::UnknownCte),
        ],
    )
}

/// RFC 8508 section 3
fn replace() -> Trace {
    let replacing = |replaces: Replaces, options: fn() -> AppendOptions| {
        let to = Append::replacing(replaces, mailbox("Drafts"));
        sends(to, message(options(), "new"), move |imap| {
            let mut appending = imap.selected()?.replace(replaces, mailbox("Drafts"), &options(), 3)?;
            imap.append_octets(&mut appending, "new".into())?;
            Ok(appending)
        })
    };
    dialogue(
        &["REPLACE"],
        selected("REPLACE UIDPLUS LITERAL+"),
        r"
        C: a2 REPLACE 4 Drafts (\\Seen) {3+}
        C: new
        S: * OK [APPENDUID 1 2000] Replacement Message ready
        S: * 5 EXISTS
        S: * 4 EXPUNGE
        S: a2 OK Replace completed
        C: a3 UID REPLACE 2000 Drafts {3+}
        C: new
        S: a3 NO [OVERQUOTA] Too much
        C: a4 REPLACE * Drafts {3+}
        C: new
        S: a4 NO [TRYCREATE] No such mailbox
        ",
        [
            replacing(Replaces::Sequence(Some(nz(4))), seen),
            appended(1, "2000"),
            tells(Data::Exists(5)),
            tells(Data::Expunge(nz(4))),
            replacing(Replaces::Uid(Some(nz(2000))), AppendOptions::default),
            code(ResponseCode::OverQuota),
            replacing(Replaces::Sequence(None), AppendOptions::default),
            code(ResponseCode::TryCreate),
        ],
    )
}

/// RFC 7889 sections 3 and 5
fn limit() -> Trace {
    let mut figures = StatusData::new(inbox());
    figures.append_limit = Some(AppendLimit::Octets(257_890));
    let mut unlimited = StatusData::new(mailbox("all"));
    unlimited.append_limit = Some(AppendLimit::None);
    let asks = |mailbox: fn() -> mailwire::imap::Mailbox| {
        let attributes = vec![StatusAttribute::AppendLimit];
        does(Command::Status { mailbox: mailbox(), attributes }, move |imap| {
            imap.authenticated()?.status(mailbox(), [StatusAttribute::AppendLimit])
        })
    };
    dialogue(
        &["APPENDLIMIT"],
        known("APPENDLIMIT"),
        "
        C: a1 CAPABILITY
        S: * CAPABILITY IMAP4rev1 ID APPENDLIMIT=257890
        S: a1 OK done
        C: a2 STATUS INBOX (APPENDLIMIT)
        S: * STATUS INBOX (APPENDLIMIT 257890)
        S: a2 OK STATUS completed
        C: a3 STATUS all (APPENDLIMIT)
        S: * STATUS all (APPENDLIMIT NIL)
        S: a3 OK STATUS completed
        C: a4 APPEND saved {3}
        S: a4 NO [TOOBIG] mail size is greater than the limit
        ",
        [
            does(Command::Capability, |imap| imap.capability()),
            tells(Data::Capability(
                [Capability::Imap4rev1, Capability::Id, Capability::AppendLimit(Some(257_890))].into(),
            )),
            asks(inbox),
            tells(figures),
            asks(|| mailbox("all")),
            tells(unlimited),
            append("saved", AppendOptions::default(), "abc"),
            code(ResponseCode::TooBig),
        ],
    )
}

/// RFC 6855 sections 3 and 4
fn utf8_accept() -> Trace {
    let name = "Entw\u{fc}rfe";
    let octets = "Subject: \u{fc}\r\n\r\n";
    let none = AppendOptions::default;
    dialogue(
        &["UTF8=ACCEPT"],
        known("ENABLE UTF8=ACCEPT LITERAL+"),
        r#"
        C: a1 LIST "" Entw&APw-rfe
        S: * LIST () "/" Entw&APw-rfe
        S: a1 OK done
        C: a2 ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: a2 OK ENABLE completed
        C: a3 LIST "" "Entw\xc3\xbcrfe"
        S: * LIST () "/" "Entw\xc3\xbcrfe"
        S: a3 OK done
        C: a4 APPEND "Entw\xc3\xbcrfe" UTF8 (~{15+}
        C: Subject: \xc3\xbc
        C:
        C: )
        S: a4 OK done
        "#,
        [
            gives(ListCommand::new(pattern(name)), |imap, list| imap.authenticated()?.list(list)),
            tells(List::new(mailbox(name)).delimiter(Delimiter::SLASH)),
            does(Command::Enable([Capability::Utf8Accept].into()), |imap| {
                imap.authenticated()?.enable([Capability::Utf8Accept])
            }),
            tells(Data::Enabled([Capability::Utf8Accept].into())),
            gives(ListCommand::new(pattern(name)), |imap, list| imap.authenticated()?.list(list)),
            tells(List::new(mailbox(name)).delimiter(Delimiter::SLASH)),
            sends(
                Append::to(mailbox(name)),
                [
                    Heard::Literal { options: Some(none()), length: 15, binary: true, utf8: true },
                    Heard::Chunk(octets.into()),
                    Heard::LiteralEnd,
                ],
                move |imap| {
                    let append = Append::to(mailbox(name));
                    let mut appending = imap.authenticated()?.append(&append, &none(), AppendData::Utf8(15))?;
                    imap.append_octets(&mut appending, octets.into())?;
                    Ok(appending)
                },
            ),
        ],
    )
}

/// RFC 6855 section 6
fn utf8_only() -> Trace {
    dialogue(
        &["UTF8=ONLY"],
        known("ENABLE UTF8=ONLY"),
        r#"
        C: a1 CAPABILITY
        S: * CAPABILITY IMAP4rev1 ENABLE UTF8=ONLY
        S: a1 OK done
        C: a2 SELECT INBOX
        S: a2 NO [CANNOT] ENABLE UTF8=ACCEPT first
        C: a3 ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: a3 OK ENABLE completed
        C: a4 SUBSCRIBE "\xc3\xbc"
        S: a4 OK done
        "#,
        [
            does(Command::Capability, |imap| imap.capability()),
            tells(Data::Capability(
                [Capability::Imap4rev1, Capability::Enable, capability("UTF8=ONLY")].into(),
            )),
            does(Command::Select { mailbox: inbox(), read_only: false, parameters: vec![] }, |imap| {
                imap.authenticated()?.select(inbox())
            }),
            code(ResponseCode::Cannot),
            does(Command::Enable([Capability::Utf8Accept].into()), |imap| {
                imap.authenticated()?.enable([Capability::Utf8Accept])
            }),
            tells(Data::Enabled([Capability::Utf8Accept].into())),
            does(Command::Subscribe(mailbox("\u{fc}")), |imap| {
                imap.authenticated()?.subscribe(mailbox("\u{fc}"))
            }),
        ],
    )
}
