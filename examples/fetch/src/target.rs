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
                let entry = entry.map_err(Failure::disk(&folder))?;
                let name = entry.file_name();
                let Some(name) = name.to_str() else { continue };
                target.present.extend(target.key_of(name));
                if is_temporary(name) && is_stale(&entry) {
                    let _ = fs::remove_file(entry.path());
                }
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

    /// Starts a message. What an earlier run left of it unfinished is thrown away.
    pub fn begin(&self, key: Key) -> Result<Incoming, Failure> {
        let path = self.temporary(key, "part");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(Failure::disk(&path))?;
        Ok(self.incoming(key, file, path, 0))
    }

    /// How many octets of a message [`Incoming::keep`] has kept.
    pub fn kept(&self, key: Key) -> u64 {
        fs::metadata(self.temporary(key, "kept")).map_or(0, |metadata| metadata.len())
    }

    /// Goes on behind the octets that were kept.
    pub fn resume(&self, key: Key) -> Result<Incoming, Failure> {
        let (kept, path) = (self.temporary(key, "kept"), self.temporary(key, "part"));
        fs::rename(&kept, &path).map_err(Failure::disk(&kept))?;
        let open = || {
            let file = OpenOptions::new().append(true).open(&path)?;
            let octets = file.metadata()?.len();
            Ok((file, octets))
        };
        let (file, octets) = open().map_err(Failure::disk(&path))?;
        Ok(self.incoming(key, file, path.clone(), octets))
    }

    /// Throws away what was kept.
    pub fn forget(&self, key: Key) {
        let _ = fs::remove_file(self.temporary(key, "kept"));
    }

    fn incoming(&self, key: Key, file: File, path: PathBuf, octets: u64) -> Incoming {
        let kept = self.temporary(key, "kept");
        let file = BufWriter::with_capacity(64 * 1024, file);
        Incoming { key, file, path, kept, octets, tail: [0; 2], saved: false }
    }

    fn temporary(&self, key: Key, suffix: &str) -> PathBuf {
        match self.layout {
            Layout::Maildir => self.directory.join("tmp").join(format!("mw{key}.{suffix}")),
            Layout::Eml => self.directory.join(format!(".{key}.{suffix}")),
        }
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
    /// Its name where it is kept to be resumed.
    kept: PathBuf,
    octets: u64,
    /// The last two octets.
    tail: [u8; 2],
    saved: bool,
}

impl Incoming {
    pub fn write(&mut self, octets: &[u8]) -> Result<(), Failure> {
        self.octets = self.octets.saturating_add(octets.len().try_into().unwrap_or(u64::MAX));
        match octets {
            [.., before, last] => self.tail = [*before, *last],
            [last] => self.tail = [self.tail[1], *last],
            [] => {}
        }
        self.file.write_all(octets).map_err(Failure::disk(&self.path))
    }

    /// How many octets there are.
    pub fn octets(&self) -> u64 {
        self.octets
    }

    /// Keeps what is there, so that a later run goes on behind it.
    pub fn keep(mut self) -> Result<(), Failure> {
        self.file
            .flush()
            .and_then(|()| self.file.get_ref().sync_all())
            .and_then(|()| fs::rename(&self.path, &self.kept))
            .map_err(Failure::disk(&self.path))?;
        self.saved = true;
        Ok(())
    }

    /// Takes off the line end that POP3 puts behind a message without one, where the server says that the message has two octets less.
    pub fn fit(&mut self, announced: u64) -> Result<(), Failure> {
        if self.tail == *b"\r\n" && announced.checked_add(2) == Some(self.octets) {
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

/// `mw<key>.part` of a Maildir, `.<key>.kept` of a folder of files.
fn is_temporary(name: &str) -> bool {
    let stem = name.strip_suffix(".part").or_else(|| name.strip_suffix(".kept"));
    let key = stem.and_then(|stem| stem.strip_prefix("mw").or_else(|| stem.strip_prefix('.')));
    key.is_some_and(|key| Key::parse(key).is_some())
}

/// Whether nobody can be at work on a temporary file any more: the 36 hours of a Maildir.
fn is_stale(entry: &fs::DirEntry) -> bool {
    let modified = entry.metadata().and_then(|metadata| metadata.modified());
    modified.is_ok_and(|then| then.elapsed().is_ok_and(|age| age.as_secs() > 36 * 60 * 60))
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
        let target = Target::open(Layout::Eml, &directory).unwrap();
        let key = Key::new("imap a@h/INBOX", b"1 1");
        assert_eq!(target.kept(key), 0);
        for part in ["Subject: ", "x\r\n"] {
            let mut message =
                if target.kept(key) > 0 { target.resume(key) } else { target.begin(key) }.unwrap();
            message.write(part.as_bytes()).unwrap();
            message.keep().unwrap();
        }
        assert_eq!(target.kept(key), 12);
        target.forget(key);
        assert_eq!(target.kept(key), 0);
        fs::remove_dir_all(directory).unwrap();
    }
}
