//! QUOTA (RFC 9208, and RFC 2087 before it).

use crate::dialogue::{Trace, code, dialogue, does, gives, known, tells};
use crate::values::inbox;
use mailwire::imap::{
    Command, Quota, QuotaResource, QuotaResourceName as Name, QuotaRoots, ResponseCode, SetQuota,
    StatusAttribute, StatusData,
};

fn resource(name: Name, usage: u64, limit: u64) -> QuotaResource {
    QuotaResource { name, usage, limit }
}

pub fn traces() -> Vec<Trace> {
    let other = || Name::from(crate::values::keyword("V_NEAT"));
    let mut deleted = StatusData::new(inbox());
    (deleted.deleted, deleted.deleted_storage) = (Some(5), Some(212));
    vec![
        // RFC 9208 sections 4.1 to 4.3
        dialogue(
            &["QUOTA", "QUOTA=RES-", "QUOTASET", "OVERQUOTA"],
            known("QUOTA QUOTASET QUOTA=RES-STORAGE QUOTA=RES-MESSAGE"),
            r##"
            C: a1 GETQUOTAROOT INBOX
            S: * QUOTAROOT INBOX #user/alice ""
            S: * QUOTA #user/alice (MESSAGE 42 1000)
            S: * QUOTA "" (STORAGE 10 512 MAILBOX 1 4 ANNOTATION-STORAGE 0 9 V_NEAT 1 9223372036854775807)
            S: a1 OK Getquotaroot completed
            C: a2 GETQUOTA ""
            S: * QUOTA "" ()
            S: a2 OK Getquota completed
            C: a3 GETQUOTA !partition/sda4
            S: a3 NO [NONEXISTENT] No such quota root
            C: a4 SETQUOTA "" (STORAGE 512 MESSAGE 0)
            S: * QUOTA "" (STORAGE 10 512)
            S: a4 OK Setquota completed
            C: a5 SETQUOTA "" ()
            S: a5 NO [NOPERM] Not yours
            C: a6 CREATE INBOX
            S: * NO [OVERQUOTA] Soft quota has been exceeded
            S: a6 NO [OVERQUOTA] Too many mailboxes
            "##,
            [
                does(Command::GetQuotaRoot(inbox()), |imap| imap.authenticated()?.quota_root(inbox())),
                tells(QuotaRoots { mailbox: inbox(), roots: vec!["#user/alice".into(), "".into()] }),
                tells(Quota { root: "#user/alice".into(), resources: vec![resource(Name::Message, 42, 1000)] }),
                tells(Quota {
                    root: "".into(),
                    resources: vec![
                        resource(Name::Storage, 10, 512),
                        resource(Name::Mailbox, 1, 4),
                        resource(Name::AnnotationStorage, 0, 9),
                        resource(other(), 1, u64::MAX >> 1),
                    ],
                }),
                does(Command::GetQuota("".into()), |imap| imap.authenticated()?.quota("")),
                tells(Quota { root: "".into(), resources: vec![] }),
                does(Command::GetQuota("!partition/sda4".into()), |imap| {
                    imap.authenticated()?.quota("!partition/sda4")
                }),
                code(ResponseCode::Nonexistent),
                gives(
                    SetQuota { root: "".into(), limits: vec![(Name::Storage, 512), (Name::Message, 0)] },
                    |imap, quota| imap.authenticated()?.set_quota(quota),
                ),
                tells(Quota { root: "".into(), resources: vec![resource(Name::Storage, 10, 512)] }),
                gives(SetQuota { root: "".into(), limits: vec![] }, |imap, quota| {
                    imap.authenticated()?.set_quota(quota)
                }),
                code(ResponseCode::NoPerm),
                does(Command::Create { mailbox: inbox(), parameters: vec![] }, |imap| {
                    imap.authenticated()?.create(inbox())
                }),
                code(ResponseCode::OverQuota),
                code(ResponseCode::OverQuota),
            ],
        ),
        // RFC 9208 section 4.4
        dialogue(
            &["QUOTA"],
            known("QUOTA QUOTA=RES-STORAGE"),
            "
            C: a1 STATUS INBOX (DELETED DELETED-STORAGE)
            S: * STATUS INBOX (DELETED 5 DELETED-STORAGE 212)
            S: a1 OK STATUS complete
            ",
            [
                does(
                    Command::Status {
                        mailbox: inbox(),
                        attributes: vec![StatusAttribute::Deleted, StatusAttribute::DeletedStorage],
                    },
                    |imap| {
                        let asked = [StatusAttribute::Deleted, StatusAttribute::DeletedStorage];
                        imap.authenticated()?.status(inbox(), asked)
                    },
                ),
                tells(deleted),
            ],
        ),
    ]
}
