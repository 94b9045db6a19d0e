//! Clients that people use, against `serve`: Python's imaplib and poplib, curl, fetchmail, mbsync.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "that is how a test fails")]

#[path = "../../../tests/peers/mod.rs"]
mod peers;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use peers::{
    mail::{assert_same_messages, files, messages, over_pop3},
    process::{describe, output, program, run},
    scratch::Scratch,
    serve::{PASSWORD, Serve, Store, USER},
};

/// How TLS comes about.
#[derive(Debug, Clone, Copy)]
enum Mode {
    Plain,
    Upgrade,
    Tls,
}

impl Serve {
    fn new(store: Store) -> Self {
        Self::start(Path::new(env!("CARGO_BIN_EXE_serve")), store, |_| {})
    }

    /// With these messages, which come in the order given.
    fn with(store: Store, messages: &[Vec<u8>]) -> Self {
        match store {
            Store::Memory => {
                let serve = Self::new(store);
                let file = Scratch::new("append");
                for message in messages {
                    fs::write(file.join("message"), message).unwrap();
                    run(curl(&serve, "imap", Mode::Plain, "INBOX").arg("-T").arg(file.join("message")));
                }
                serve
            }
            Store::Maildir => Self::start(Path::new(env!("CARGO_BIN_EXE_serve")), store, |maildir| {
                for (number, message) in messages.iter().enumerate() {
                    fs::write(
                        maildir.join(format!("new/{}.M0P{number}.host", 1_600_000_000 + number)),
                        message,
                    )
                    .unwrap();
                }
            }),
        }
    }

    fn port(&self, protocol: &str, mode: Mode) -> u16 {
        match (protocol, mode) {
            ("pop3", Mode::Tls) => self.pop3s,
            ("pop3", _) => self.pop3,
            (_, Mode::Tls) => self.imaps,
            _ => self.imap,
        }
    }
}

/// Writes each message to a file, the names in their order.
fn folder_of(messages: &[Vec<u8>]) -> Scratch {
    let folder = Scratch::new("messages");
    for (number, message) in messages.iter().enumerate() {
        fs::write(folder.join(format!("{number:04}.eml")), message).unwrap();
    }
    folder
}

fn python(script: &str, serve: &Serve, port: u16, mode: &str, folder: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
    let mut command = Command::new(program("python3", "python3"));
    command.arg(script).arg(port.to_string()).arg(mode).arg(serve.certificate());
    run(command.args([USER, PASSWORD]).arg(folder));
}

/// imaplib fills the mailbox, poplib takes it.
fn python_sessions(store: Store, mode: Mode) {
    let serve = Serve::new(store);
    let folder = folder_of(&messages());
    let (starttls, stls) = match mode {
        Mode::Plain => ("plain", "plain"),
        Mode::Upgrade => ("starttls", "stls"),
        Mode::Tls => ("tls", "tls"),
    };
    python("imap_session.py", &serve, serve.port("imap", mode), starttls, folder.path());
    python("pop3_session.py", &serve, serve.port("pop3", mode), stls, folder.path());
}

#[test]
#[ignore = "needs python3"]
fn python_plain() {
    python_sessions(Store::Memory, Mode::Plain);
}

#[test]
#[ignore = "needs python3"]
fn python_upgrade() {
    python_sessions(Store::Memory, Mode::Upgrade);
}

#[test]
#[ignore = "needs python3"]
fn python_tls() {
    python_sessions(Store::Memory, Mode::Tls);
}

#[test]
#[ignore = "needs python3"]
fn python_maildir_plain() {
    python_sessions(Store::Maildir, Mode::Plain);
}

#[test]
#[ignore = "needs python3"]
fn python_maildir_upgrade() {
    python_sessions(Store::Maildir, Mode::Upgrade);
}

#[test]
#[ignore = "needs python3"]
fn python_maildir_tls() {
    python_sessions(Store::Maildir, Mode::Tls);
}

/// curl, on a URL of this server.
fn curl(serve: &Serve, protocol: &str, mode: Mode, path: &str) -> Command {
    let mut command = Command::new(program("curl", "curl"));
    let tls = if matches!(mode, Mode::Tls) { "s" } else { "" };
    command
        .args(["--silent", "--show-error", "--max-time", "300", "--user"])
        .arg(format!("{USER}:{PASSWORD}"));
    command.arg("--cacert").arg(serve.certificate());
    if matches!(mode, Mode::Upgrade) {
        command.arg("--ssl-reqd");
    }
    command.arg(format!("{protocol}{tls}://localhost:{}/{path}", serve.port(protocol, mode)));
    command
}

fn text(octets: Vec<u8>) -> String {
    String::from_utf8(octets).unwrap()
}

/// Appends by curl, takes over IMAP and POP3 by curl, flags, lists, deletes.
fn curl_sessions(store: Store, mode: Mode) {
    let serve = Serve::new(store);
    // A process and a handshake for each: every fourth message, and the one that has no line end at its end.
    let messages: Vec<_> =
        messages().into_iter().enumerate().filter(|(at, _)| at % 4 == 1).map(|(_, m)| m).collect();
    let folder = folder_of(&messages);
    let count = messages.len();
    let imap = |path: &str| curl(&serve, "imap", mode, path);
    let pop3 = |path: &str| curl(&serve, "pop3", mode, path);

    for at in 0..count {
        run(imap("INBOX").arg("-T").arg(folder.join(format!("{at:04}.eml"))));
    }
    let listed = text(run(&mut imap("")));
    assert!(listed.starts_with("* LIST (") && listed.contains("INBOX"), "{listed}");
    let status = text(run(imap("").args(["-X", "STATUS INBOX (MESSAGES UIDNEXT)"])));
    assert!(status.contains(&format!("MESSAGES {count}")), "{status}");
    let examined = text(run(imap("").args(["-X", "EXAMINE INBOX"])));
    assert!(examined.contains(&format!("* {count} EXISTS")), "{examined}");
    let fetched = text(run(imap("INBOX").args(["-X", "FETCH 1:* (UID RFC822.SIZE)"])));
    assert_eq!(fetched.matches("RFC822.SIZE").count(), count, "{fetched}");
    for (at, message) in messages.iter().enumerate() {
        let number = at + 1;
        let found = run(&mut imap(&format!("INBOX;MAILINDEX={number}")));
        assert!(found == *message, "message {number} over IMAP by its number");
        let found = run(&mut imap(&format!("INBOX;UID={number}")));
        assert!(found == *message, "message {number} over IMAP by its UID");
        let found = run(&mut pop3(&number.to_string()));
        assert!(found == over_pop3(message), "message {number} over POP3");
    }
    let header = text(run(&mut imap("INBOX;MAILINDEX=1;SECTION=HEADER")));
    assert!(
        header.ends_with("\r\n\r\n") && messages[0].starts_with(header.trim_end().as_bytes()),
        "{header}"
    );

    let listed = text(run(&mut pop3("")));
    assert_eq!(listed.lines().count(), count, "{listed}");
    let listed = text(run(pop3("").args(["-X", "UIDL"])));
    assert_eq!(listed.lines().count(), count, "{listed}");
    let top = run(pop3("").args(["-X", "TOP 1 0"]));
    assert!(messages[0].starts_with(&top), "{}", text(top));

    // The first goes over POP3; the one that is the first then goes over IMAP.
    run(pop3("").args(["-I", "-X", "DELE 1"]));
    let stored = text(run(imap("INBOX").args(["-X", r"STORE 1 +FLAGS (\Deleted)"])));
    assert!(stored.contains(r"\Deleted"), "{stored}");
    let expunged = text(run(imap("INBOX").args(["-X", "EXPUNGE"])));
    assert!(expunged.starts_with("* 1 EXPUNGE"), "{expunged}");
    let status = text(run(imap("").args(["-X", "STATUS INBOX (MESSAGES)"])));
    assert!(status.contains(&format!("MESSAGES {}", count - 2)), "{status}");
    assert!(run(&mut imap("INBOX;MAILINDEX=1")) == messages[2], "others went than should have");

    // What is wrong is said, and does no harm: 67 is curl's status for a login that was refused.
    for protocol in ["imap", "pop3"] {
        let mut command = curl(&serve, protocol, mode, "");
        let refused = output(command.arg("--user").arg(format!("{USER}:wrong")));
        assert_eq!(refused.status.code(), Some(67), "{}", describe(&command, &refused));
    }
    let mut command = imap("Nowhere;MAILINDEX=1");
    let refused = output(&mut command);
    assert!(!refused.status.success(), "{}", describe(&command, &refused));
}

#[test]
#[ignore = "needs curl"]
fn curl_plain() {
    curl_sessions(Store::Memory, Mode::Plain);
}

#[test]
#[ignore = "needs curl"]
fn curl_upgrade() {
    curl_sessions(Store::Maildir, Mode::Upgrade);
}

#[test]
#[ignore = "needs curl"]
fn curl_tls() {
    curl_sessions(Store::Maildir, Mode::Tls);
}

/// fetchmail, which hands each message to a script that writes it to a file.
struct Fetchmail {
    folder: Scratch,
}

impl Fetchmail {
    fn new(serve: &Serve, mode: Mode) -> Self {
        let folder = Scratch::new("fetchmail");
        fs::create_dir(folder.join("mail")).unwrap();
        let write = |name: &str, text: String, mode: u32| -> PathBuf {
            let path = folder.join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            path
        };
        let deliver = write(
            "deliver",
            format!("#!/bin/sh\nexec cat >\"$(mktemp '{}/XXXXXXXX')\"\n", folder.join("mail").display()),
            0o700,
        );
        // STLS is its own choice where the server has it: "sslproto ''" keeps it from that.
        let tls = match mode {
            Mode::Plain => "sslproto ''".to_owned(),
            Mode::Upgrade => {
                format!("sslproto 'tls1.2+' sslcertck sslcertfile '{}'", serve.certificate().display())
            }
            Mode::Tls => format!("ssl sslcertck sslcertfile '{}'", serve.certificate().display()),
        };
        // Nothing is to be rewritten or added, so that what comes can be compared.
        write(
            "rc",
            format!(
                "set invisible\nset no bouncemail\nset idfile '{}'\nset pidfile '{}'\n\
                 poll localhost protocol pop3 port {} uidl no dns timeout 60\n\
                 user '{USER}' password '{PASSWORD}' no rewrite no mimedecode pass8bits no dropstatus\n\
                 {tls} mda '{}'\n",
                folder.join("ids").display(),
                folder.join("pid").display(),
                serve.port("pop3", mode),
                deliver.display(),
            ),
            0o600,
        );
        Self { folder }
    }

    /// How it ended: 0 with mail, 1 without any.
    fn run(&self, option: &str) -> Option<i32> {
        let mut command = Command::new(program("fetchmail", "fetchmail"));
        command
            .env("FETCHMAILHOME", self.folder.path())
            .env("HOME", self.folder.path())
            .env_remove("LOGNAME");
        command.arg("--fetchmailrc").arg(self.folder.join("rc")).args(["--nosyslog", "--nodetach", option]);
        let output = output(&mut command);
        let status = output.status.code();
        assert!(matches!(status, Some(0 | 1)), "{}", describe(&command, &output));
        status
    }

    fn mail(&self) -> Vec<Vec<u8>> {
        files(&self.folder.join("mail"))
    }
}

/// What fetchmail hands on of a message: it has LF for CRLF, and writes the header anew in places, so the text
/// is what remains the same, but for empty lines at its end.
fn text_of(message: &[u8]) -> Vec<u8> {
    let message: Vec<u8> = message.iter().copied().filter(|&octet| octet != b'\r').collect();
    let text = message.windows(2).position(|two| two == b"\n\n").map_or(&[][..], |at| &message[at..]);
    text.trim_ascii_end().to_vec()
}

fn fetchmail_sessions(store: Store, mode: Mode) {
    // Not those that are no proper messages, of which fetchmail has its own opinion, and not those with lines
    // that its buffer of 8 KiB does not hold: it writes two octets of its own where it cuts them.
    let messages: Vec<_> = messages()
        .into_iter()
        .skip(20)
        .filter(|message| message.split(|&octet| octet == b'\n').all(|line| line.len() < 8000))
        .collect();
    assert!(messages.len() > 150, "{} messages are too few", messages.len());
    let serve = Serve::with(store, &messages);
    let fetchmail = Fetchmail::new(&serve, mode);
    let texts = |messages: &[Vec<u8>]| messages.iter().map(|message| text_of(message)).collect::<Vec<_>>();

    assert_eq!(fetchmail.run("--keep"), Some(0), "the first time");
    assert_same_messages(texts(&fetchmail.mail()), texts(&messages));
    assert_eq!(fetchmail.run("--keep"), Some(1), "nothing is new");
    assert_eq!(fetchmail.mail().len(), messages.len());
    // Everything again, whatever it knows, and gone from the server.
    fs::remove_file(fetchmail.folder.join("ids")).unwrap();
    assert_eq!(fetchmail.run("--nokeep"), Some(0));
    assert_eq!(fetchmail.mail().len(), 2 * messages.len());
    let left = text(run(&mut curl(&serve, "pop3", mode, "")));
    assert_eq!(left.trim_end(), "", "what is left on the server");
    assert_eq!(fetchmail.run("--nokeep"), Some(1), "nothing is left");
}

#[test]
#[ignore = "needs fetchmail"]
fn fetchmail_plain() {
    fetchmail_sessions(Store::Memory, Mode::Plain);
}

#[test]
#[ignore = "needs fetchmail"]
fn fetchmail_stls() {
    fetchmail_sessions(Store::Maildir, Mode::Upgrade);
}

#[test]
#[ignore = "needs fetchmail"]
fn fetchmail_tls() {
    fetchmail_sessions(Store::Maildir, Mode::Tls);
}

/// mbsync, between the server and a Maildir of its own.
struct Mbsync {
    folder: Scratch,
}

impl Mbsync {
    fn new(serve: &Serve, mode: Mode) -> Self {
        let folder = Scratch::new("mbsync");
        let tls = match mode {
            Mode::Plain => "SSLType None\nAuthMechs LOGIN".to_owned(),
            Mode::Upgrade => format!("SSLType STARTTLS\nCertificateFile {}", serve.certificate().display()),
            Mode::Tls => format!("SSLType IMAPS\nCertificateFile {}", serve.certificate().display()),
        };
        let near = folder.join("near");
        fs::create_dir(&near).unwrap();
        let rc = format!(
            "IMAPStore far\nHost localhost\nPort {}\nUser {USER}\nPass \"{PASSWORD}\"\n{tls}\n\n\
             MaildirStore near\nPath {near}/\nInbox {near}/INBOX\nSubFolders Verbatim\n\n\
             Channel all\nFar :far:\nNear :near:\nPatterns *\nCreate Both\nRemove Both\nExpunge Both\nSyncState *\n",
            serve.port("imap", mode),
            near = near.display(),
        );
        fs::write(folder.join("rc"), rc).unwrap();
        Self { folder }
    }

    fn near(&self, mailbox: &str) -> PathBuf {
        self.folder.join("near").join(mailbox)
    }

    /// A mailbox of its own with these messages, every second one seen and flagged.
    fn fill(&self, mailbox: &str, messages: &[Vec<u8>]) {
        for sub in ["tmp", "new", "cur"] {
            fs::create_dir_all(self.near(mailbox).join(sub)).unwrap();
        }
        for (number, message) in messages.iter().enumerate() {
            let name = format!("{}.M0P{number}.host", 1_600_000_000 + number);
            let name = if number % 2 == 0 { format!("new/{name}") } else { format!("cur/{name}:2,FS") };
            fs::write(self.near(mailbox).join(name), message).unwrap();
        }
    }

    fn run(&self) {
        let mut command = Command::new(program("mbsync", "isync"));
        run(command.env("HOME", self.folder.path()).arg("-c").arg(self.folder.join("rc")).arg("-a"));
    }

    /// The messages of a mailbox with their flags, without the field that mbsync finds them again by.
    fn messages(&self, mailbox: &str) -> Vec<(String, Vec<u8>)> {
        let mut messages: Vec<_> = ["new", "cur"]
            .into_iter()
            .flat_map(|sub| fs::read_dir(self.near(mailbox).join(sub)).unwrap())
            .map(|entry| entry.unwrap())
            .map(|entry| {
                let name = entry.file_name().into_string().unwrap();
                let flags = name.split_once(":2,").map_or("", |(_, flags)| flags);
                (flags.to_owned(), without_field(&fs::read(entry.path()).unwrap(), b"X-TUID:"))
            })
            .collect();
        messages.sort();
        messages
    }
}

fn without_field(message: &[u8], name: &[u8]) -> Vec<u8> {
    message
        .split_inclusive(|&octet| octet == b'\n')
        .filter(|line| !line.starts_with(name))
        .flatten()
        .copied()
        .collect()
}

fn mbsync_sessions(store: Store, mode: Mode) {
    // A Maildir of mbsync's has LF for CRLF, and of a message without an empty line it wants to know nothing.
    let messages: Vec<Vec<u8>> = messages()
        .iter()
        .skip(20)
        .step_by(3)
        .map(|message| message.iter().copied().filter(|&octet| octet != b'\r').collect())
        .filter(|message: &Vec<u8>| message.windows(2).any(|two| two == b"\n\n"))
        .collect();
    let serve = Serve::new(store);
    let (one, other) = messages.split_at(messages.len() / 2);
    let mbsync = Mbsync::new(&serve, mode);
    mbsync.fill("INBOX", one);
    mbsync.fill("Work", other);
    let imap =
        |mailbox: &str, command: &str| text(run(curl(&serve, "imap", mode, mailbox).args(["-X", command])));
    let status = |mailbox: &str| imap("", &format!("STATUS {mailbox} (MESSAGES UIDNEXT UNSEEN)"));

    mbsync.run();
    let (near, far) = (mbsync.messages("INBOX"), status("INBOX"));
    let unseen = one.len().div_ceil(2);
    let expected = format!("(MESSAGES {0} UIDNEXT {1} UNSEEN {unseen})", one.len(), one.len() + 1);
    assert!(far.contains(&expected), "{far} where {expected} was expected");
    mbsync.run();
    assert_eq!((mbsync.messages("INBOX"), status("INBOX")), (near, far), "nothing was new");

    // One goes and one is answered here; one is flagged and one is new there.
    let mut names: Vec<_> =
        fs::read_dir(mbsync.near("INBOX/cur")).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    fs::remove_file(&names[0]).unwrap();
    fs::rename(&names[1], names[1].to_str().unwrap().replace(":2,FS", ":2,FRS")).unwrap();
    imap("Work", r"STORE 1 +FLAGS.SILENT (\Draft)");
    let new = b"Subject: new\r\n\r\n.\r\n";
    fs::write(mbsync.folder.join("new"), new).unwrap();
    run(curl(&serve, "imap", mode, "Work").arg("-T").arg(mbsync.folder.join("new")));
    mbsync.run();
    let answered = imap("INBOX", "SEARCH ANSWERED");
    assert_eq!(answered.split_whitespace().count(), 3, "{answered}");
    assert!(status("INBOX").contains(&format!("MESSAGES {}", one.len() - 1)), "{}", status("INBOX"));
    assert!(mbsync.messages("Work").iter().any(|(_, message)| message == b"Subject: new\n\n.\n"));
    assert!(mbsync.messages("Work").iter().any(|(flags, _)| flags.starts_with('D')));

    // Somebody else takes it all.
    let another = Mbsync::new(&serve, mode);
    another.run();
    for mailbox in ["INBOX", "Work"] {
        assert!(another.messages(mailbox) == mbsync.messages(mailbox), "{mailbox} differs");
    }
}

#[test]
#[ignore = "needs mbsync"]
fn mbsync_plain() {
    mbsync_sessions(Store::Memory, Mode::Plain);
}

#[test]
#[ignore = "needs mbsync"]
fn mbsync_upgrade() {
    mbsync_sessions(Store::Maildir, Mode::Upgrade);
}

#[test]
#[ignore = "needs mbsync"]
fn mbsync_tls() {
    mbsync_sessions(Store::Maildir, Mode::Tls);
}
