//! Where messages are saved: a Maildir, or a folder of `.eml` files.
//!
//! A message is written to a temporary file, synced, and renamed; the folder is synced by [`Target::commit`]. A file that has its name is whole.
//! The name is made from the account and the message's identity on the server by a digest: nothing that the server chose stands in a path,
//! and the same message never gets two names.

use crate::failure::Failure;
use crate::options::Layout;
use ring::digest;
use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Which message of which account: 128 bits of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(u128);

impl Key {
    pub fn new(account: &str, identity: &[u8]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(account.as_bytes());
        context.update(b"\0");
        context.update(identity);
        let digest = context.finish();
        Self(digest.as_ref().iter().take(16).fold(0, |key, octet| key << 8 | u128::from(*octet)))
    }

    fn parse(text: &str) -> Option<Self> {
        (text.len() == 32).then(|| u128::from_str_radix(text, 16).ok().map(Self)).flatten()
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// What is known of a message beside its octets.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    /// The letters of a Maildir, in order: `FRS`.
    pub letters: String,
    /// The UID of IMAP, for a name that sorts.
    pub uid: Option<u32>,
    /// When the server received it, in seconds since 1970.
    pub received: Option<u64>,
}

pub struct Target {
    layout: Layout,
    directory: PathBuf,
    /// What was saved by an earlier run and is still where it was saved.
    present: HashSet<Key>,
    /// Folders with new names that are not synced yet.
    unsynced: HashSet<PathBuf>,
}

impl Target {
    pub fn open(layout: Layout, directory: &Path) -> Result<Self, Failure> {
        let mut target = Self {
            layout,
            directory: directory.to_owned(),
            present: HashSet::new(),
            unsynced: HashSet::new(),
        };
        make_directory(directory)?;
        let folders: &[&str] = match layout {
            Layout::Maildir => &["tmp", "new", "cur"],
            Layout::Eml => &[""],
        };
        for folder in folders {
            let folder = directory.join(folder);
            make_directory(&folder)?;
            for entry in fs::read_dir(&folder).map_err(Failure::disk(&folder))? {
                let name = entry.map_err(Failure::disk(&folder))?.file_name();
                target.present.extend(name.to_str().and_then(|name| target.key_of(name)));
            }
        }
        Ok(target)
    }

    fn key_of(&self, name: &str) -> Option<Key> {
        match self.layout {
            // 1700000000.mw<key>.host:2,S
            Layout::Maildir => Key::parse(name.split('.').nth(1)?.strip_prefix("mw")?),
            // 0000000042-<key>.eml
            Layout::Eml => {
                let name = name.strip_suffix(".eml")?;
                Key::parse(name.rsplit_once('-').map_or(name, |(_, key)| key))
            }
        }
    }

    /// Whether a message is saved already.
    pub fn holds(&self, key: Key) -> bool {
        self.present.contains(&key)
    }

    /// Starts a message. What an earlier run left of it is thrown away.
    pub fn begin(&self, key: Key) -> Result<Incoming, Failure> {
        let path = match self.layout {
            Layout::Maildir => self.directory.join("tmp").join(format!("mw{key}.part")),
            Layout::Eml => self.directory.join(format!(".{key}.part")),
        };
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(Failure::disk(&path))?;
        let file = BufWriter::with_capacity(64 * 1024, file);
        Ok(Incoming { key, file, path, octets: 0, lines: 0, tail: [0; 2], saved: false })
    }

    /// Gives a whole message its name. It is safe after the next [`commit`](Self::commit).
    pub fn save(&mut self, mut message: Incoming, attributes: &Attributes) -> Result<(), Failure> {
        let (folder, name) = self.name(message.key, attributes);
        message.file.flush().map_err(Failure::disk(&message.path))?;
        let file = message.file.get_ref();
        if let Some(received) = attributes.received {
            // For a person to sort by; a filesystem that cannot is no reason to fail.
            let _ = file.set_modified(UNIX_EPOCH + std::time::Duration::from_secs(received));
        }
        file.sync_all().map_err(Failure::disk(&message.path))?;
        let path = folder.join(name);
        fs::rename(&message.path, &path).map_err(Failure::disk(&path))?;
        message.saved = true;
        self.present.insert(message.key);
        self.unsynced.insert(folder);
        Ok(())
    }

    fn name(&self, key: Key, attributes: &Attributes) -> (PathBuf, String) {
        match self.layout {
            Layout::Maildir => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
                let name = format!("{}.mw{key}.mailwire", attributes.received.unwrap_or(now));
                match attributes.letters.as_str() {
                    "" => (self.directory.join("new"), name),
                    letters => (self.directory.join("cur"), format!("{name}:2,{letters}")),
                }
            }
            Layout::Eml => {
                let name = match attributes.uid {
                    Some(uid) => format!("{uid:010}-{key}.eml"),
                    None => format!("{key}.eml"),
                };
                (self.directory.clone(), name)
            }
        }
    }

    /// Makes every name that was given durable.
    pub fn commit(&mut self) -> Result<(), Failure> {
        for folder in self.unsynced.drain() {
            sync_directory(&folder)?;
        }
        Ok(())
    }
}

/// A message that is not whole yet. Dropped, it leaves nothing behind.
pub struct Incoming {
    key: Key,
    file: BufWriter<File>,
    path: PathBuf,
    octets: u64,
    lines: u64,
    /// The last two octets.
    tail: [u8; 2],
    saved: bool,
}

impl Incoming {
    pub fn write(&mut self, octets: &[u8]) -> Result<(), Failure> {
        self.octets = self.octets.saturating_add(octets.len().try_into().unwrap_or(u64::MAX));
        self.lines = self
            .lines
            .saturating_add(memchr::memchr_iter(b'\n', octets).count().try_into().unwrap_or(u64::MAX));
        match octets {
            [.., before, last] => self.tail = [*before, *last],
            [last] => self.tail = [self.tail[1], *last],
            [] => {}
        }
        self.file.write_all(octets).map_err(Failure::disk(&self.path))
    }

    /// Takes off the line end that POP3 puts behind a message without one, where the server says that the message has two octets less.
    ///
    /// A server that counts a line end as one octet says so of a message of two lines: that one stays as it is.
    pub fn fit(&mut self, announced: u64) -> Result<(), Failure> {
        if self.tail == *b"\r\n" && announced.checked_add(2) == Some(self.octets) && self.lines != 2 {
            self.file
                .flush()
                .and_then(|()| self.file.get_ref().set_len(announced))
                .map_err(Failure::disk(&self.path))?;
            self.octets = announced;
        }
        Ok(())
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.saved {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn make_directory(path: &Path) -> Result<(), Failure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(Failure::disk(path))
}

/// Makes the names in a folder durable.
pub fn sync_directory(path: &Path) -> Result<(), Failure> {
    if cfg!(unix) {
        File::open(path).and_then(|folder| folder.sync_all()).map_err(Failure::disk(path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_its_name_once_it_is_whole_and_is_found_again() {
        let directory = std::env::temp_dir().join(format!("fetch-target-{}", std::process::id()));
        for layout in [Layout::Maildir, Layout::Eml] {
            let folder = directory.join(format!("{layout:?}"));
            let mut target = Target::open(layout, &folder).unwrap();
            let hostile = Key::new("pop3 a@h", b"../../etc/passwd");
            let half = target.begin(hostile).unwrap();
            drop(half);
            for (identity, letters) in [(&b"../../etc/passwd"[..], ""), (b"x", "S")] {
                let key = Key::new("pop3 a@h", identity);
                let mut message = target.begin(key).unwrap();
                message.write(b"Subject: x\r\n\r\n").unwrap();
                target
                    .save(message, &Attributes { letters: letters.into(), ..Attributes::default() })
                    .unwrap();
            }
            target.commit().unwrap();
            let target = Target::open(layout, &folder).unwrap();
            assert!(target.holds(hostile) && target.holds(Key::new("pop3 a@h", b"x")));
            assert!(!target.holds(Key::new("pop3 b@h", b"x")));
        }
        fs::remove_dir_all(directory).unwrap();
    }
}
