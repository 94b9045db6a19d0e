//! `fetch` against servers that misbehave: cut connections, hostile names, no TLS, refusals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "that is how a test fails")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};

/// A folder of its own, gone with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("fetch-scripted-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the server does with a line of the client: what it answers, and whether it hangs up then.
type Answer = (Vec<u8>, bool);

fn say(octets: impl AsRef<[u8]>) -> Answer {
    (octets.as_ref().to_vec(), false)
}

fn hang_up(octets: impl AsRef<[u8]>) -> Answer {
    (octets.as_ref().to_vec(), true)
}

/// An address that several connections can be made to, one after the other.
struct Server(TcpListener);

impl Server {
    fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// Serves one connection, and gives the lines that came.
    fn serve(
        &self,
        greeting: &str,
        mut answer: impl FnMut(&str) -> Answer + Send + 'static,
    ) -> JoinHandle<Vec<String>> {
        let listener = self.0.try_clone().unwrap();
        let greeting = greeting.to_owned();
        thread::spawn(move || {
            let (mut stream, _): (TcpStream, _) = listener.accept().unwrap();
            let mut lines = Vec::new();
            stream.write_all(greeting.as_bytes()).unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|octets| octets > 0) {
                let (octets, end) = answer(line.trim_end());
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                if stream.write_all(&octets).is_err() || end {
                    break;
                }
            }
            // What the client still sends is read, so that the end is no reset.
            let _ = stream.shutdown(Shutdown::Write);
            let _ = std::io::copy(&mut reader, &mut std::io::sink());
            lines
        })
    }
}

fn fetch(scheme: &str, server: &Server, folder: &Path, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fetch"))
        .arg(format!("{scheme}://alice@127.0.0.1:{}", server.port()))
        .args(["--eml".as_ref(), folder.as_os_str()])
        .args(["--timeout", "20"])
        .args(options)
        .env("MAILWIRE_PASSWORD", "open sesame")
        .output()
        .unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// The messages that are there, in the order of what they hold; and every other name but the state's.
fn found(folder: &Path) -> (Vec<Vec<u8>>, Vec<String>) {
    let (mut messages, mut others) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        match entry.file_name().into_string().unwrap() {
            name if name.ends_with(".eml") => messages.push(fs::read(entry.path()).unwrap()),
            name if name.ends_with(".state") => {}
            name => others.push(name),
        }
    }
    messages.sort();
    (messages, others)
}

const IDS: [&str; 3] = ["../../escape", "/etc/passwd", "a"];

/// A maildrop of three messages; `retr` answers RETR.
fn maildrop(line: &str, retr: impl FnOnce(&str) -> Answer) -> Answer {
    match line.split_once(' ').unwrap_or((line, "")) {
        ("CAPA", _) => say("+OK\r\nUIDL\r\nPIPELINING\r\n.\r\n"),
        ("USER" | "PASS" | "DELE", _) => say("+OK\r\n"),
        ("LIST", _) => say("+OK\r\n1 14\r\n2 14\r\n3 14\r\n.\r\n"),
        ("UIDL", _) => {
            let lines: String = (1..).zip(IDS).map(|(number, id)| format!("{number} {id}\r\n")).collect();
            say(format!("+OK\r\n{lines}.\r\n"))
        }
        ("RETR", number) => retr(number),
        ("QUIT", _) => hang_up("+OK\r\n"),
        _ => say("-ERR what?\r\n"),
    }
}

fn message(number: &str) -> Answer {
    say(format!("+OK\r\nSubject: {number}\r\n\r\n.\r\n"))
}

fn messages() -> Vec<Vec<u8>> {
    ["1", "2", "3"].map(|number| format!("Subject: {number}\r\n\r\n").into_bytes()).to_vec()
}

#[test]
fn a_name_that_the_server_chose_is_no_path_and_a_cut_is_made_good() {
    let scratch = Scratch::new();
    let folder = scratch.0.join("deep/er");
    let server = Server::new();
    let _cut = server.serve("+OK\r\n", |line| {
        maildrop(line, |number| match number {
            "2" => hang_up("+OK\r\nSubject: half of it\r\n"),
            number => message(number),
        })
    });
    let output = fetch("pop3", &server, &folder, &["--plaintext"]);
    assert_eq!(status(&output), 3, "{output:?}");
    assert_eq!(found(&folder), (messages()[..1].to_vec(), vec![]));
    let whole = server.serve("+OK\r\n", |line| maildrop(line, message));
    let output = fetch("pop3", &server, &folder, &["--plaintext"]);
    assert_eq!((status(&output), &output.stdout[..]), (0, &b"2 taken, 1 taken before\n"[..]), "{output:?}");
    assert!(!whole.join().unwrap().iter().any(|line| line == "RETR 1"));
    assert_eq!(found(&folder), (messages(), vec![]));
    assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 1);
}

#[test]
fn nothing_is_deleted_before_it_is_on_disk() {
    let (scratch, server) = (Scratch::new(), Server::new());
    let folder = scratch.0.clone();
    let lines = server.serve("+OK\r\n", move |line| {
        if line.starts_with("DELE") {
            let (messages, others) = found(&folder);
            assert!(!messages.is_empty() && others.is_empty(), "{others:?}");
        }
        maildrop(line, |number| match number {
            "2" => say("-ERR cannot be read\r\n"),
            number => message(number),
        })
    });
    let output = fetch("pop3", &server, &scratch.0, &["--plaintext", "--delete"]);
    assert_eq!(
        (status(&output), &output.stdout[..]),
        (1, &b"2 taken, 2 deleted from the server, 1 failed\n"[..])
    );
    assert!(String::from_utf8_lossy(&output.stderr).contains("message 2: cannot be read"));
    let lines = lines.join().unwrap();
    let deleted: Vec<_> = lines.iter().filter(|line| line.starts_with("DELE")).collect();
    assert_eq!(deleted, ["DELE 1", "DELE 3"]);
    assert_eq!(lines.last().unwrap(), "QUIT");
}

#[test]
fn a_unique_id_that_is_given_again_is_another_message() {
    for option in ["--delete", "--keep"] {
        let (scratch, server) = (Scratch::new(), Server::new());
        let run = |what: &'static str, cut: bool| {
            let lines = server.serve("+OK\r\n", move |line| {
                maildrop(line, |number| match number {
                    "3" if cut => hang_up("+OK\r\nSubject: half\r\n"),
                    number => say(format!("+OK\r\nSubject: {what} {number}\r\n\r\n.\r\n")),
                })
            });
            let output = fetch("pop3", &server, &scratch.0, &["--plaintext", option]);
            lines.join().unwrap();
            (status(&output), found(&scratch.0).0.len())
        };
        assert_eq!(run("old", false), (0, 3));
        let mut expected = 6;
        if option == "--keep" {
            assert_eq!(run("old", false), (0, 3));
            // Somebody else has deleted them.
            let lines = server.serve("+OK\r\n", |line| match line {
                "LIST" => say("+OK\r\n1 14\r\n.\r\n"),
                "UIDL" => say("+OK\r\n1 z\r\n.\r\n"),
                line => maildrop(line, message),
            });
            assert_eq!(status(&fetch("pop3", &server, &scratch.0, &["--plaintext", option])), 0);
            lines.join().unwrap();
            expected += 1;
        }
        // The next ones have the same unique-ids; a cut takes none for those that are on disk.
        assert_eq!(run("new", true).0, 3);
        assert_eq!(run("new", false), (0, expected), "{option}");
    }
}

#[test]
fn an_answer_without_an_end_is_no_answer() {
    let (scratch, server) = (Scratch::new(), Server::new());
    let listing = |prefix: &'static str| {
        (1..=200)
            .map(|number| format!("{prefix}{number} FETCH (UID {number} FLAGS ())\r\n"))
            .collect::<String>()
    };
    for command in ["LIST", "UIDL"] {
        let lines = server.serve("+OK\r\n", move |line| match line {
            line if line == command => say(format!(
                "+OK\r\n{}",
                (1..=200).map(|number| format!("{number} 7\r\n")).collect::<String>()
            )),
            line => maildrop(line, message),
        });
        let output = fetch("pop3", &server, &scratch.0, &["--plaintext", "--max-messages", "100"]);
        lines.join().unwrap();
        assert_eq!(status(&output), 5, "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("no end"), "{output:?}");
    }
    let lines = server.serve("* OK hello\r\n", move |line| match line.contains("UID FETCH 1:*") {
        true => say(listing("* ")),
        false => mailbox(line, b"", None),
    });
    let output = fetch("imap", &server, &scratch.0, &["--plaintext", "--max-messages", "100"]);
    lines.join().unwrap();
    assert_eq!(status(&output), 5, "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("no end"), "{output:?}");
}

#[test]
fn a_body_of_more_octets_than_any_message_has_is_not_begun() {
    let (scratch, server) = (Scratch::new(), Server::new());
    let lines = server.serve("* OK hello\r\n", |line| match line.contains("UID FETCH 4 ") {
        true => say("* 1 FETCH (UID 4 BODY[] {9223372036854775807}\r\nwithout an end"),
        false => mailbox(line, b"", None),
    });
    let output = fetch("imap", &server, &scratch.0, &["--plaintext"]);
    lines.join().unwrap();
    assert_eq!(status(&output), 5, "{output:?}");
    assert_eq!(found(&scratch.0), (vec![], vec![]));
}

#[test]
fn a_mailbox_that_does_not_tell_its_size_is_not_taken_for_an_empty_one() {
    let (scratch, server) = (Scratch::new(), Server::new());
    let lines = server.serve("* OK hello\r\n", |line| match line.split_once(' ').unwrap() {
        (tag, command) if command.starts_with("SELECT") => {
            say(format!("* 99999999999 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n{tag} OK done\r\n"))
        }
        _ => mailbox(line, b"", None),
    });
    let output = fetch("imap", &server, &scratch.0, &["--plaintext"]);
    lines.join().unwrap();
    assert_eq!(status(&output), 5, "{output:?}");
}

#[test]
fn no_password_goes_where_no_tls_is() {
    let (scratch, server) = (Scratch::new(), Server::new());
    let capa = |offer: &'static str, stls: &'static str| {
        move |line: &str| match line {
            "CAPA" => say(format!("+OK\r\nUSER\r\n{offer}.\r\n")),
            "STLS" => say(stls),
            _ => say("+OK\r\n"),
        }
    };
    for (offer, stls) in [
        ("", ""),
        ("STLS\r\n", "-ERR not today\r\n"),
        ("STLS\r\n", "+OK go\r\n+OK injected\r\n"),
        ("STLS\r\n", "+OK go\r\n"),
    ] {
        let lines = server.serve("+OK\r\n", capa(offer, stls));
        let output = fetch("pop3", &server, &scratch.0, &["--timeout", "1", "--insecure"]);
        assert_eq!(status(&output), 3, "{output:?}");
        assert!(!lines.join().unwrap().iter().any(|line| line.contains("sesame") || line.contains("alice")));
    }
    for greeting in ["* OK [CAPABILITY IMAP4rev1] hello\r\n", "* PREAUTH hello\r\n"] {
        let lines = server.serve(greeting, |line| match line.split_once(' ').unwrap() {
            (tag, "STARTTLS") => say(format!("{tag} BAD what?\r\n")),
            (tag, _) => say(format!("{tag} OK\r\n")),
        });
        let output = fetch("imap", &server, &scratch.0, &[]);
        assert!([3, 5].contains(&status(&output)), "{output:?}");
        assert!(!lines.join().unwrap().iter().any(|line| line.contains("sesame")));
    }
}

#[test]
fn refusals_have_their_own_status() {
    let (scratch, server) = (Scratch::new(), Server::new());
    let _lines = server.serve("+OK\r\n", |line| match line {
        "PASS open sesame" => say("-ERR [AUTH] \x1b[31mno\r\n"),
        line => maildrop(line, message),
    });
    let output = fetch("pop3", &server, &scratch.0, &["--plaintext"]);
    assert_eq!(status(&output), 4, "{output:?}");
    assert!(!output.stderr.contains(&0x1b), "a terminal is not the server's to steer");
    let _lines = server.serve("HTTP/1.1 400 Bad Request\r\n", |_| hang_up(""));
    assert_eq!(status(&fetch("pop3", &server, &scratch.0, &["--plaintext"])), 5);
    let _lines = server.serve("* OK hello\r\n", |line| match line.split_once(' ').unwrap() {
        (tag, command) if command.starts_with("LOGIN") => {
            say(format!("{tag} NO [AUTHENTICATIONFAILED] no\r\n"))
        }
        (tag, _) => say(format!("* CAPABILITY IMAP4rev1\r\n{tag} OK\r\n")),
    });
    assert_eq!(status(&fetch("imap", &server, &scratch.0, &["--plaintext"])), 4);
    fs::write(scratch.0.join("file"), "").unwrap();
    assert_eq!(status(&fetch("imap", &server, &scratch.0.join("file"), &["--plaintext"])), 6);
}

/// A mailbox with one small and one large message; the large one is cut after so many octets.
fn mailbox(line: &str, large: &[u8], cut: Option<usize>) -> Answer {
    let (tag, command) = line.split_once(' ').unwrap();
    let ok = |data: &str| say(format!("{data}{tag} OK done\r\n"));
    if command.starts_with("EXAMINE") || command.starts_with("SELECT") {
        return ok("* 2 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n");
    }
    if command.starts_with("LOGOUT") {
        return hang_up(format!("* BYE\r\n{tag} OK\r\n"));
    }
    if command.starts_with("UID FETCH 10:*") {
        return ok("* 2 FETCH (UID 9 FLAGS () RFC822.SIZE 1200000)\r\n");
    }
    if command.starts_with("UID FETCH 1:*") || command.starts_with("UID FETCH 5:*") {
        let size = large.len();
        return ok(&format!(
            "* 1 FETCH (UID 4 FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 4)\r\n* 2 FETCH (RFC822.SIZE {size} FLAGS () UID 9)\r\n"
        ));
    }
    if command.starts_with("UID FETCH 4 ") {
        // The UID may stand behind the body.
        return ok("* 1 FETCH (BODY[] {4}\r\nxy\r\n UID 4)\r\n");
    }
    if let Some(asked) = command.strip_prefix("UID FETCH 9 (UID BODY.PEEK[]") {
        let (origin, start) = match asked.strip_prefix('<') {
            Some(range) => {
                let start: usize = range.split_once('.').unwrap().0.parse().unwrap();
                (format!("<{start}>"), start)
            }
            None => (String::new(), 0),
        };
        let mut octets =
            format!("* 2 FETCH (UID 9 BODY[]{origin} {{{}}}\r\n", large.len() - start).into_bytes();
        return match cut {
            Some(cut) => {
                octets.extend_from_slice(&large[start..cut]);
                hang_up(octets)
            }
            None => {
                octets.extend_from_slice(&large[start..]);
                octets.extend_from_slice(format!(")\r\n{tag} OK done\r\n").as_bytes());
                say(octets)
            }
        };
    }
    ok("")
}

#[test]
fn a_large_body_goes_on_where_it_was_cut() {
    let (scratch, server) = (Scratch::new(), Server::new());
    let large: Vec<u8> = (0..100_000).flat_map(|line| format!("line {line:06}\r\n").into_bytes()).collect();
    let run = |cut: Option<usize>| {
        let served = large.clone();
        let lines = server.serve("* OK hello\r\n", move |line| mailbox(line, &served, cut));
        let output = fetch("imap", &server, &scratch.0, &["--plaintext"]);
        (status(&output), String::from_utf8(output.stdout).unwrap(), lines.join().unwrap())
    };
    let asked = |lines: &[String], what: &str| lines.iter().any(|line| line.ends_with(what));

    let (status, ..) = run(Some(600_000));
    assert_eq!(status, 3);
    let (messages, others) = found(&scratch.0);
    assert_eq!((messages, others.len()), (vec![b"xy\r\n".to_vec()], 1));
    assert_eq!(fs::read(scratch.0.join(&others[0])).unwrap(), large[..600_000]);

    // Cut again, further on.
    let (status, _, lines) = run(Some(900_000));
    assert!(asked(&lines, "(UID BODY.PEEK[]<600000.2146883647>)"), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("UID FETCH 4 ")));
    assert_eq!(status, 3);

    let (status, stdout, lines) = run(None);
    assert!(asked(&lines, "(UID BODY.PEEK[]<900000.2146583647>)"), "{lines:?}");
    assert_eq!((status, stdout.as_str()), (0, "1 taken, 1 taken before\n"));
    assert_eq!(found(&scratch.0), (vec![large.clone(), b"xy\r\n".to_vec()], vec![]));

    let (status, stdout, lines) = run(None);
    assert_eq!((status, stdout.as_str()), (0, "0 taken, 2 taken before\n"));
    assert!(asked(&lines, "UID FETCH 10:* (UID FLAGS INTERNALDATE RFC822.SIZE)"), "{lines:?}");
}

#[test]
fn uids_of_an_unknown_mailbox_are_written_down_by_a_select() {
    let (scratch, server) = (Scratch::new(), Server::new());
    // As Courier does: as long as nobody selected the mailbox, each EXAMINE has a UIDVALIDITY of its own.
    let run = |examined: u32, selected: u32| {
        let lines = server.serve("* OK hello\r\n", move |line| {
            let (tag, command) = line.split_once(' ').unwrap();
            match command.split(' ').next() {
                Some("EXAMINE") => {
                    say(format!("* 2 EXISTS\r\n* OK [UIDVALIDITY {examined}] ok\r\n{tag} OK done\r\n"))
                }
                Some("SELECT") => {
                    say(format!("* 2 EXISTS\r\n* OK [UIDVALIDITY {selected}] ok\r\n{tag} OK done\r\n"))
                }
                _ => mailbox(line, b"Subject: large\r\n\r\n", None),
            }
        });
        let output = fetch("imap", &server, &scratch.0, &["--plaintext"]);
        let opened: Vec<_> = lines.join().unwrap();
        let opened = opened.iter().filter(|line| line.contains("SELECT") || line.contains("EXAMINE")).count();
        (status(&output), String::from_utf8(output.stdout).unwrap(), opened)
    };
    assert_eq!(run(100, 1), (0, "2 taken\n".into(), 1));
    assert_eq!(run(1, 1), (0, "0 taken, 2 taken before\n".into(), 1));
    // Whatever was there is another mailbox now.
    assert_eq!(run(102, 2), (0, "2 taken\n".into(), 2));
}

#[test]
fn headers_in_utf8_are_asked_for_where_they_are_offered() {
    let (scratch, server) = (Scratch::new(), Server::new());
    let lines = server.serve("+OK\r\n", |line| match line {
        "CAPA" => say("+OK\r\nUIDL\r\nUTF8 USER\r\n.\r\n"),
        "UTF8" => say("+OK\r\n"),
        line => maildrop(line, message),
    });
    assert_eq!(status(&fetch("pop3", &server, &scratch.0, &["--plaintext"])), 0);
    let lines = lines.join().unwrap();
    let at = |what: &str| lines.iter().position(|line| line == what);
    assert!(at("UTF8").is_some() && at("UTF8") < at("USER alice"), "{lines:?}");

    let lines = server.serve("* OK hello\r\n", |line| match line.split_once(' ').unwrap() {
        (tag, "CAPABILITY") => say(format!("* CAPABILITY IMAP4rev1 ENABLE UTF8=ACCEPT\r\n{tag} OK done\r\n")),
        (tag, command) if command.starts_with("ENABLE") => {
            say(format!("* ENABLED UTF8=ACCEPT\r\n{tag} OK done\r\n"))
        }
        _ => mailbox(line, b"Subject: large\r\n\r\n", None),
    });
    assert_eq!(status(&fetch("imap", &server, &scratch.0, &["--plaintext"])), 0);
    let lines = lines.join().unwrap();
    let at = |what: &str| lines.iter().position(|line| line.contains(what));
    assert!(at("LOGIN") < at("ENABLE UTF8=ACCEPT") && at("ENABLE") < at("SELECT"), "{lines:?}");
}

#[test]
fn where_login_is_disabled_plain_is_taken() {
    let (scratch, server) = (Scratch::new(), Server::new());
    let lines = server.serve("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN] hello\r\n", |line| {
        match line.split_once(' ').unwrap_or((line, "")) {
            (_, "AUTHENTICATE PLAIN") => say("+ \r\n"),
            ("AGFsaWNlAG9wZW4gc2VzYW1l", "") => say("a1 OK welcome\r\n"),
            _ => mailbox(line, b"Subject: large\r\n\r\n", None),
        }
    });
    let output = fetch("imap", &server, &scratch.0, &["--plaintext"]);
    let lines = lines.join().unwrap();
    assert_eq!(status(&output), 0, "{output:?} {lines:?}");
}

/// What the server lists of five messages, and what is said of it: however it tells them, none is lost.
#[test]
fn a_message_is_taken_if_its_uid_is_told_however_and_else_it_counts_as_failed() {
    let usual = |number: u32| format!("* {number} FETCH (UID {number} FLAGS () RFC822.SIZE 4)\r\n");
    for (second, taken) in [
        ("* 2 FETCH (UID 2 FLAGS () RFC822.SIZE -1)\r\n", 3),
        ("* 2 FETCH (UID 2 FLAGS () RFC822.SIZE NIL)\r\n", 3),
        ("* 2 FETCH (UID 2 FLAGS () RFC822.SIZE 99999999999999999999999)\r\n", 3),
        ("* 2 FETCH (UID 2 FLAGS ())\r\n", 3),
        ("* 2 FETCH (UID 2 RFC822.SIZE 4)\r\n", 3),
        ("* 2 FETCH (UID 2 FLAGS ())\r\n* 2 FETCH (RFC822.SIZE 4)\r\n", 3),
        ("* 2 FETCH (FLAGS () RFC822.SIZE 4)\r\n* 2 FETCH (UID 2)\r\n", 3),
        ("* 2 FETCH (FLAGS () RFC822.SIZE 4)\r\n", 2),
        ("", 2),
    ] {
        let (scratch, server) = (Scratch::new(), Server::new());
        let lines = server.serve("* OK hello\r\n", move |line| {
            let (tag, command) = line.split_once(' ').unwrap();
            let data = if command.starts_with("SELECT") {
                "* 3 EXISTS\r\n".to_owned()
            } else if command.starts_with("UID FETCH 1:*") {
                [usual(1), second.to_owned(), usual(3)].concat()
            } else if let Some(asked) = command.strip_prefix("UID FETCH ") {
                let uid = &asked[..1];
                format!("* {uid} FETCH (UID {uid} BODY[] {{4}}\r\nm{uid}\r\n)\r\n")
            } else if command.starts_with("LOGOUT") {
                return hang_up(format!("* BYE\r\n{tag} OK\r\n"));
            } else {
                String::new()
            };
            // UIDVALIDITY may come with the completion alone.
            say(format!("{data}{tag} OK [UIDVALIDITY 7] done\r\n"))
        });
        let output = fetch("imap", &server, &scratch.0, &["--plaintext"]);
        lines.join().unwrap();
        let whole = taken == 3;
        assert_eq!(status(&output), if whole { 0 } else { 1 }, "{second} {output:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        let expected = if whole { "3 taken\n" } else { "2 taken, 1 failed\n" };
        assert_eq!((said.as_str(), found(&scratch.0).0.len()), (expected, taken), "{second}");
    }
}

#[test]
fn a_line_of_a_listing_that_is_garbled_or_missing_loses_no_message() {
    for listing in ["1 14\r\n2 -1\r\n3 14\r\n", "1 14\r\n2\r\n3 14\r\n", "1 14\r\n3 14\r\n", ""] {
        let (scratch, server) = (Scratch::new(), Server::new());
        let lines = server.serve("+OK\r\n", move |line| match line {
            "LIST" if listing.is_empty() => say("-ERR what?\r\n"),
            "LIST" => say(format!("+OK\r\n{listing}.\r\n")),
            line => maildrop(line, message),
        });
        let output = fetch("pop3", &server, &scratch.0, &["--plaintext"]);
        lines.join().unwrap();
        assert_eq!(status(&output), 0, "{listing} {output:?}");
        assert_eq!(found(&scratch.0).0, messages(), "{listing}");
    }
    // A number that nobody tells is a message that is lost, and is said to be.
    let (scratch, server) = (Scratch::new(), Server::new());
    let lines = server.serve("+OK\r\n", move |line| match line {
        "LIST" => say("+OK\r\n1 14\r\n-2 14\r\n3 14\r\n.\r\n"),
        "UIDL" => say("+OK\r\n1 a\r\n-2 y\r\n3 b\r\n.\r\n"),
        line => maildrop(line, message),
    });
    let output = fetch("pop3", &server, &scratch.0, &["--plaintext"]);
    lines.join().unwrap();
    assert_eq!(status(&output), 1, "{output:?}");
    assert_eq!(found(&scratch.0).0.len(), 2);
}

#[test]
fn a_mailbox_that_is_not_there_does_not_keep_the_others() {
    let (scratch, server) = (Scratch::new(), Server::new());
    let lines = server.serve("* OK hello\r\n", move |line| {
        let (tag, command) = line.split_once(' ').unwrap();
        match command.contains("NoSuch") {
            true => say(format!("{tag} NO not there\r\n")),
            false => mailbox(line, b"Subject: large\r\n\r\n", None),
        }
    });
    let options = ["--plaintext", "--mailbox", "NoSuch", "--mailbox", "INBOX"];
    let output = fetch("imap", &server, &scratch.0, &options);
    lines.join().unwrap();
    assert_eq!((status(&output), found(&scratch.0).0.len()), (1, 2), "{output:?}");
}
