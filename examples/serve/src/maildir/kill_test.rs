//! Kills a process at work in a Maildir, again and again, and looks if what it said was done is done.

use std::{
    collections::HashMap,
    io::{Read, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use super::{
    Maildir,
    store::tests::{Scratch, append, read},
};
use crate::embedded::store::{FlagMode, Flags, Store, Uid};

const DIRECTORY: &str = "MAILWIRE_KILL_DIRECTORY";
const SEED: &str = "MAILWIRE_KILL_SEED";

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// The octets of message `number`: different for each, often short, sometimes more than a block.
fn octets(number: u64) -> Vec<u8> {
    let mut random = Random(number | 1 << 40);
    let len = if number.is_multiple_of(17) { 150_000 } else { random.below(3000) };
    let mut text = format!("Subject: {number}\r\n\r\n").into_bytes();
    text.extend((0..len).map(|_| u8::try_from(random.below(256)).unwrap_or(0)));
    text
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    out.write_all(format!("\nsay {line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// The process that is killed. It says what it is about to do, and what is done.
#[test]
#[ignore = "run by survives_being_killed, which kills it"]
fn child() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let seed: u64 = std::env::var(SEED).unwrap().parse().unwrap();
    let mut random = Random(seed);
    let store = Maildir::open(Path::new(&directory)).unwrap();
    let inbox = store.open("INBOX").unwrap();
    let mut uids: Vec<Uid> = inbox.snapshot().messages.iter().map(|message| message.uid).collect();
    for number in seed.. {
        match random.below(5) {
            0 | 1 => {
                let uid = append(&inbox, &octets(number), Flags::default());
                uids.push(uid);
                say(&format!("appended {uid} {number}"));
            }
            2 | 3 if !uids.is_empty() => {
                let uid = uids[usize::try_from(random.below(uids.len() as u64)).unwrap()];
                let bits = u8::try_from(random.below(32)).unwrap();
                let mut flags = Flags::system(bits);
                if number.is_multiple_of(2) {
                    flags.add_keyword("even");
                }
                say(&format!("flagging {uid} {bits} {}", number % 2));
                inbox.set_flags(&[uid], FlagMode::Replace, &flags, None).unwrap();
                say(&format!("flagged {uid} {bits} {}", number % 2));
            }
            4 if uids.len() > 5 => {
                let uid = uids.swap_remove(usize::try_from(random.below(uids.len() as u64)).unwrap());
                say(&format!("expunging {uid} 0"));
                inbox.expunge(&[uid]).unwrap();
                say(&format!("expunged {uid} 0"));
            }
            _ => {}
        }
    }
}

#[derive(Default)]
struct Expected {
    number: Option<u64>,
    /// The flags it may have: those set last, and those that were being set.
    flags: Vec<Flags>,
    may_be_gone: bool,
}

#[test]
fn survives_being_killed() {
    let scratch = Scratch::new("kill");
    let mut random = Random(0x5eed_cafe);
    let mut expected: HashMap<Uid, Expected> = HashMap::new();
    let mut gone: Vec<Uid> = Vec::new();
    let mut validity = None;
    let mut appended = 0;
    let kills = 40;
    for round in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "maildir::kill_test::child", "--ignored", "--nocapture", "--test-threads=1"])
            .env(DIRECTORY, &scratch.0)
            .env(SEED, (round * 1_000_000 + 1).to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = child.stdout.take().unwrap();
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            out.read_to_string(&mut text).unwrap();
            text
        });
        std::thread::sleep(Duration::from_micros(20_000 + random.below(150_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let said = reader.join().unwrap();
        // A line cut off by the kill was not said.
        let whole = said.rfind('\n').map_or("", |end| &said[..end]);
        for line in whole.lines().filter_map(|line| line.strip_prefix("say ")) {
            let words: Vec<&str> = line.split(' ').collect();
            let uid: Uid = words[1].parse().unwrap();
            let number: u64 = words[2].parse().unwrap();
            let flags = || {
                let mut flags = Flags::system(u8::try_from(number).unwrap());
                if words[3] == "0" {
                    flags.add_keyword("even");
                }
                flags
            };
            let entry = expected.entry(uid).or_default();
            match words[0] {
                "appended" => {
                    assert!(entry.number.is_none() && !gone.contains(&uid), "UID {uid} was used twice");
                    *entry =
                        Expected { number: Some(number), flags: vec![Flags::default()], may_be_gone: false };
                    appended += 1;
                }
                "flagging" => entry.flags.push(flags()),
                "flagged" => entry.flags = vec![flags()],
                "expunging" => entry.may_be_gone = true,
                "expunged" => {
                    expected.remove(&uid);
                    gone.push(uid);
                }
                other => panic!("{other}"),
            }
        }
        let store = Maildir::open(&scratch.0).unwrap();
        let inbox = store.open("INBOX").unwrap();
        let snapshot = inbox.snapshot();
        assert_eq!(*validity.get_or_insert(snapshot.uid_validity), snapshot.uid_validity);
        let found: HashMap<Uid, Flags> = snapshot.messages.iter().map(|m| (m.uid, m.flags.clone())).collect();
        assert!(gone.iter().all(|uid| !found.contains_key(uid)), "an expunged message came back");
        assert!(found.keys().chain(&gone).all(|uid| *uid < snapshot.uid_next));
        expected.retain(|uid, message| {
            let Some(flags) = found.get(uid) else {
                assert!(message.may_be_gone, "UID {uid} is lost");
                gone.push(*uid);
                return false;
            };
            message.may_be_gone = false;
            // Of a change not yet said to be done, the system flags (file name) may be there without the keywords (row).
            let may = message.flags.iter().any(|may| may.bits() == flags.bits())
                && message.flags.iter().any(|may| may.keywords().eq(flags.keywords()));
            assert!(may, "UID {uid} has flags {flags:?}, not {:?}", message.flags);
            message.flags = vec![flags.clone()];
            if let Some(number) = message.number {
                assert!(read(&inbox, *uid) == octets(number), "UID {uid} has other octets");
            }
            true
        });
        // A message that was appended but not yet said to be is there whole, or not at all.
        for (uid, flags) in found {
            let message = expected.entry(uid).or_default();
            if message.number.is_none() {
                let text = read(&inbox, uid);
                let line =
                    String::from_utf8_lossy(text.split(|octet| *octet == b'\r').next().unwrap()).into_owned();
                let number = line.strip_prefix("Subject: ").unwrap().parse().unwrap();
                message.number = Some(number);
                message.flags = vec![flags];
                assert!(text == octets(number), "UID {uid} has other octets");
            }
        }
    }
    println!("{kills} kills, {appended} appended, {} expunged", gone.len());
    assert!(appended > kills, "the processes did too little");
}
