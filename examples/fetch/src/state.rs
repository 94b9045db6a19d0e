//! What was taken already: a file to which lines are added, and that is written anew at the end.
//!
//! ```text
//! mailwire-fetch 1
//! account imap alice@mail.example/INBOX
//! uidvalidity 17        IMAP: the UIDs below belong to it
//! uid 1:40
//! uid 44
//! want 6b2f2f           POP3: a unique-id, in hexadecimal, whose message is being taken
//! uidl 6b2f2f           POP3: one whose message is taken
//! ```
//!
//! A line counts once its line end is written. A message is noted only after it is safely on disk, so a run that is killed takes
//! at most a few messages again, and never one too few.
//!
//! A unique-id that is neither wanted nor taken belongs to a message that was never seen, whatever is on disk: there are servers
//! that give those of deleted messages again.

use crate::failure::{Failure, Kind};
use crate::target::sync_directory;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const HEADER: &str = "mailwire-fetch 1";

pub struct State {
    file: File,
    path: PathBuf,
    account: String,
    /// Noted, and not written yet.
    pending: String,
    /// There was none before this run.
    new: bool,
    wanted: HashSet<Box<[u8]>>,
    uidls: HashSet<Box<[u8]>>,
    uid_validity: Option<u32>,
    uids: Ranges,
}

impl State {
    /// Reads the file, or makes it. Only one program at a time has it.
    pub fn open(path: &Path, account: &str) -> Result<Self, Failure> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(Failure::disk(path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::new(
                    Kind::Disk,
                    format!("{}: another fetch is at work here", path.display()),
                ));
            }
            Err(TryLockError::Error(error)) => return Err(Failure::disk(path)(error)),
        }
        let mut octets = Vec::new();
        file.read_to_end(&mut octets).map_err(Failure::disk(path))?;
        // A line that was cut off never counted.
        let whole = octets.iter().rposition(|octet| *octet == b'\n').map_or(0, |end| end + 1);
        octets.truncate(whole);
        let length = u64::try_from(whole).unwrap_or(u64::MAX);
        file.set_len(length)
            .and_then(|()| file.seek(SeekFrom::Start(length)))
            .map_err(Failure::disk(path))?;
        let mut state = Self {
            file,
            path: path.to_owned(),
            account: account.to_owned(),
            pending: String::new(),
            new: false,
            wanted: HashSet::new(),
            uidls: HashSet::new(),
            uid_validity: None,
            uids: Ranges::default(),
        };
        let wrong = |what: &str| Failure::new(Kind::Disk, format!("{}: {what}", path.display()));
        let text = String::from_utf8(octets).map_err(|_| wrong("this is not a state of fetch"))?;
        let mut lines = text.lines();
        match (lines.next(), lines.next()) {
            (None, _) => (state.new, state.pending) = (true, state.head()),
            (Some(HEADER), None) => (state.new, state.pending) = (true, format!("account {account}\n")),
            (Some(HEADER), Some(line)) if line.strip_prefix("account ") == Some(account) => {
                for line in lines {
                    state.read(line).ok_or_else(|| wrong(&format!("`{line}` is not understood")))?;
                }
            }
            (Some(HEADER), Some(_)) => {
                return Err(wrong("this is the state of another account or mailbox; name one with --state"));
            }
            _ => return Err(wrong("this is not a state of fetch")),
        }
        Ok(state)
    }

    fn read(&mut self, line: &str) -> Option<()> {
        match line.split_once(' ')? {
            ("uidvalidity", number) => self.set_validity(number.parse().ok()?),
            ("uid", range) => {
                let (first, last) = range.split_once(':').unwrap_or((range, range));
                self.uids.insert(first.parse().ok()?, last.parse().ok()?);
            }
            ("want", digits) => {
                self.wanted.insert(from_hex(digits)?);
            }
            ("uidl", digits) => {
                self.uidls.insert(from_hex(digits)?);
            }
            _ => return None,
        }
        Some(())
    }

    fn set_validity(&mut self, uid_validity: u32) {
        if self.uid_validity != Some(uid_validity) {
            self.uid_validity = Some(uid_validity);
            self.uids = Ranges::default();
        }
    }

    pub fn has_uidl(&self, uidl: &[u8]) -> bool {
        self.uidls.contains(uidl)
    }

    /// Whether a message on disk with this unique-id is the one that the server has. Where nothing is known it is taken for that.
    pub fn knows_uidl(&self, uidl: &[u8]) -> bool {
        self.new || self.wanted.contains(uidl) || self.uidls.contains(uidl)
    }

    /// The message will be taken, under the name that its unique-id gives it.
    pub fn want_uidl(&mut self, uidl: &[u8]) {
        if !self.uidls.contains(uidl) && self.wanted.insert(uidl.into()) {
            let _ = writeln!(self.pending, "want {}", Hex(uidl));
        }
    }

    /// The message is safely on disk.
    pub fn note_uidl(&mut self, uidl: &[u8]) {
        if self.uidls.insert(uidl.into()) {
            let _ = writeln!(self.pending, "uidl {}", Hex(uidl));
        }
    }

    /// Forgets what the server no longer has.
    pub fn retain_uidls(&mut self, keep: impl Fn(&[u8]) -> bool) {
        self.uidls.retain(|uidl| keep(uidl));
    }

    /// What the UIDs that are noted belong to.
    pub fn uid_validity(&self) -> Option<u32> {
        self.uid_validity
    }

    /// UIDs of another UIDVALIDITY mean nothing any more.
    pub fn begin_mailbox(&mut self, uid_validity: u32) {
        if self.uid_validity != Some(uid_validity) {
            self.set_validity(uid_validity);
            let _ = writeln!(self.pending, "uidvalidity {uid_validity}");
        }
    }

    pub fn has_uid(&self, uid: u32) -> bool {
        self.uids.contains(uid)
    }

    /// The message is safely on disk.
    pub fn note_uid(&mut self, uid: u32) {
        if !self.uids.contains(uid) {
            self.uids.insert(uid, uid);
            let _ = writeln!(self.pending, "uid {uid}");
        }
    }

    /// Every UID up to this one is either here or never was, and never will be.
    pub fn note_all_up_to(&mut self, uid: u32) {
        self.uids.insert(1, uid);
    }

    /// The first UID that is not noted.
    pub fn first_missing(&self) -> u32 {
        match self.uids.0.first() {
            Some((..=1, last)) => last.saturating_add(1),
            _ => 1,
        }
    }

    /// Writes what was noted, durably.
    pub fn commit(&mut self) -> Result<(), Failure> {
        if !self.pending.is_empty() {
            self.file
                .write_all(self.pending.as_bytes())
                .and_then(|()| self.file.sync_data())
                .map_err(Failure::disk(&self.path))?;
            self.pending.clear();
        }
        Ok(())
    }

    fn head(&self) -> String {
        format!("{HEADER}\naccount {}\n", self.account)
    }

    /// Writes the file anew, without what is no longer needed. The lock ends with it.
    pub fn finish(mut self) -> Result<(), Failure> {
        self.commit()?;
        let mut text = self.head();
        if let Some(uid_validity) = self.uid_validity {
            let _ = writeln!(text, "uidvalidity {uid_validity}");
        }
        for (first, last) in &self.uids.0 {
            let _ = if first == last {
                writeln!(text, "uid {first}")
            } else {
                writeln!(text, "uid {first}:{last}")
            };
        }
        let mut uidls: Vec<_> = self.uidls.iter().collect();
        uidls.sort_unstable();
        for uidl in uidls {
            let _ = writeln!(text, "uidl {}", Hex(uidl));
        }
        let mut temporary = self.path.clone().into_os_string();
        temporary.push(".new");
        let temporary = PathBuf::from(temporary);
        let write = || {
            let mut file = File::create(&temporary)?;
            #[cfg(unix)]
            file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&temporary, &self.path)
        };
        write().map_err(Failure::disk(&self.path))?;
        sync_directory(
            self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")),
        )
    }
}

/// Numbers as ranges, in order, with gaps between them.
#[derive(Debug, Default)]
struct Ranges(Vec<(u32, u32)>);

impl Ranges {
    fn contains(&self, number: u32) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= number);
        after.checked_sub(1).and_then(|index| self.0.get(index)).is_some_and(|(_, last)| number <= *last)
    }

    fn insert(&mut self, first: u32, last: u32) {
        let (mut first, mut last) = (first.min(last), first.max(last));
        let start = self.0.partition_point(|(_, end)| end.saturating_add(1) < first);
        let end = self.0.partition_point(|(begin, _)| *begin <= last.saturating_add(1));
        if let Some(touched) = self.0.get(start..end) {
            for (begin, end) in touched {
                (first, last) = (first.min(*begin), last.max(*end));
            }
        }
        self.0.splice(start..end, [(first, last)]);
    }
}

struct Hex<'a>(&'a [u8]);

impl std::fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

fn from_hex(digits: &str) -> Option<Box<[u8]>> {
    let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.len().is_multiple_of(2).then(|| digits.as_bytes().chunks(2).map(octet).collect()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_survives_a_kill_and_a_rewrite() {
        let path = std::env::temp_dir().join(format!("fetch-state-{}", std::process::id()));
        let mut state = State::open(&path, "imap a@h/INBOX").unwrap();
        assert!(State::open(&path, "imap a@h/INBOX").is_err(), "locked");
        state.begin_mailbox(7);
        for uid in [5, 1, 2, 3, 9] {
            state.note_uid(uid);
        }
        state.note_uidl(b"x/\xff y");
        state.commit().unwrap();
        state.note_uid(100);
        drop(state); // killed: 100 was not safe yet
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"uid 7").unwrap();
        let state = State::open(&path, "imap a@h/INBOX").unwrap();
        assert!([1, 2, 3, 5, 9].into_iter().all(|uid| state.has_uid(uid)));
        assert!(![4, 7, 100].into_iter().any(|uid| state.has_uid(uid)));
        state.finish().unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains("uid 1:3\nuid 5\nuid 9\nuidl 782fff2079\n"));
        let mut state = State::open(&path, "imap a@h/INBOX").unwrap();
        assert!(state.has_uid(3) && state.has_uidl(b"x/\xff y"));
        assert!(state.knows_uidl(b"x/\xff y") && !state.knows_uidl(b"z"));
        state.want_uidl(b"z");
        assert!(state.knows_uidl(b"z") && !state.has_uidl(b"z"));
        state.begin_mailbox(8);
        assert!(!state.has_uid(3));
        drop(state);
        assert!(State::open(&path, "imap b@h/INBOX").is_err());
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn ranges_join() {
        let mut ranges = Ranges::default();
        for number in [10, 12, 11, 1, u32::MAX, 2, 0] {
            ranges.insert(number, number);
        }
        assert_eq!(ranges.0, [(0, 2), (10, 12), (u32::MAX, u32::MAX)]);
        ranges.insert(2, 10);
        assert_eq!(ranges.0, [(0, 12), (u32::MAX, u32::MAX)]);
    }
}
