//! `fetch` takes a mailbox from Debian's Dovecot, over each protocol with and without TLS: what is on disk then
//! is what was in the mailbox, octet for octet.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "that is how a test fails")]

#[path = "../../../tests/peers/mod.rs"]
mod peers;

use std::{path::Path, process::Command};

use peers::{
    dovecot::{Dovecot, PASSWORD},
    mail::{assert_same_messages, files, messages},
    process::run,
    scratch::Scratch,
};

/// What the files in `folder` hold, whose names end with `.eml`.
fn eml(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn fetch(dovecot: &Dovecot, scheme: &str, options: &[&str], target: &Path) -> String {
    let port = match scheme {
        "pop3" => dovecot.pop3,
        "pop3s" => dovecot.pop3s,
        "imap" => dovecot.imap,
        _ => dovecot.imaps,
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_fetch"));
    command.arg(format!("{scheme}://user@127.0.0.1:{port}")).args(options).arg(target);
    // The tests of plain connections do without, so that a handshake would fail.
    if !options.contains(&"--plaintext") {
        command.arg("--ca-file").arg(dovecot.certificate());
    }
    String::from_utf8(run(command.env("MAILWIRE_PASSWORD", PASSWORD))).unwrap()
}

/// Takes everything into a folder of files; a second time takes nothing; a Maildir gets the same. Over POP3 the
/// third time deletes from the server.
fn takes_everything(scheme: &str, options: &[&str]) {
    let expected = messages();
    let count = expected.len();
    let dovecot = Dovecot::start(&[("user", &expected)]);
    let target = Scratch::new("fetch");
    let pop3 = scheme.starts_with("pop3");

    let folder = target.join("files");
    let said = fetch(&dovecot, scheme, &[options, &["--eml"]].concat(), &folder);
    assert!(said.contains(&format!("{count} taken")), "{said}");
    assert_same_messages(eml(&folder), expected.clone());
    let said = fetch(&dovecot, scheme, &[options, &["--eml"]].concat(), &folder);
    assert!(said.contains("0 taken") && said.contains(&format!("{count} taken before")), "{said}");
    assert_same_messages(eml(&folder), expected.clone());

    let delete: &[&str] = if pop3 { &["--delete"] } else { &[] };
    let folder = target.join("maildir");
    let said = fetch(&dovecot, scheme, &[options, delete, &["--maildir"]].concat(), &folder);
    assert!(said.contains(&format!("{count} taken")), "{said}");
    let found = [files(&folder.join("new")), files(&folder.join("cur"))].concat();
    assert_same_messages(found, expected);
    assert_eq!(dovecot.count("user"), if pop3 { 0 } else { count }, "what is left on the server");
}

#[test]
#[ignore = "needs Debian's dovecot-pop3d"]
fn pop3() {
    takes_everything("pop3", &["--plaintext"]);
}

#[test]
#[ignore = "needs Debian's dovecot-pop3d"]
fn pop3_stls() {
    takes_everything("pop3", &[]);
}

#[test]
#[ignore = "needs Debian's dovecot-pop3d"]
fn pop3s() {
    takes_everything("pop3s", &[]);
}

#[test]
#[ignore = "needs Debian's dovecot-imapd"]
fn imap() {
    takes_everything("imap", &["--plaintext"]);
}

#[test]
#[ignore = "needs Debian's dovecot-imapd"]
fn imap_starttls() {
    takes_everything("imap", &[]);
}

#[test]
#[ignore = "needs Debian's dovecot-imapd"]
fn imaps() {
    takes_everything("imaps", &[]);
}
