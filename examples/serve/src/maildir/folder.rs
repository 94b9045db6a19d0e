//! One mailbox: its files in `cur` and its rows in the database.

use std::{
    any::Any,
    collections::{HashMap, HashSet},
    ffi::{OsStr, OsString},
    fs::{self, File},
    io,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::{
    database::{self, Row},
    file::{Bare, FileDraft, Plain, measure, sync_directory},
    store::Shared,
};
use crate::embedded::store::{Backing, Content, Draft, Flags, Index, Message, Result, StoreError, Uid, lock};

/// The keyword that a Maildir has a letter for.
const FORWARDED: &str = "$Forwarded";

/// The letters of flags in a file name.
const LETTERS: [(u8, u8); 5] = [
    (b'D', Flags::DRAFT),
    (b'F', Flags::FLAGGED),
    (b'R', Flags::ANSWERED),
    (b'S', Flags::SEEN),
    (b'T', Flags::DELETED),
];

/// One message's file.
struct Place {
    /// The name up to `:2,`.
    base: Vec<u8>,
    /// The letters after it.
    letters: Vec<u8>,
    bare: bool,
}

/// The backing of one mailbox.
pub struct Folder {
    store: Arc<Shared>,
    mailbox: i64,
    places: HashMap<Uid, Place>,
    /// When `new` and `cur` had last changed when they were last read.
    read: Option<[SystemTime; 2]>,
}

/// The flags that the letters of a file name say.
fn flags_of(letters: &[u8]) -> Flags {
    let mut flags = Flags::default();
    for (letter, bit) in LETTERS {
        flags.set(bit, letters.contains(&letter));
    }
    if letters.contains(&b'P') {
        flags.add_keyword(FORWARDED);
    }
    flags
}

/// The letters for `flags`, with those of `before` that mean nothing here.
fn letters_of(flags: &Flags, before: &[u8]) -> Vec<u8> {
    let known = |letter: &u8| *letter == b'P' || LETTERS.iter().any(|(known, _)| known == letter);
    let mut letters: Vec<u8> = before.iter().copied().filter(|letter| !known(letter)).collect();
    letters.extend(LETTERS.iter().filter(|(_, bit)| flags.has(*bit)).map(|(letter, _)| *letter));
    if flags.has_keyword(FORWARDED) {
        letters.push(b'P');
    }
    letters.sort_unstable();
    letters
}

fn file_name(base: &[u8], letters: &[u8]) -> OsString {
    OsString::from_vec([base, b":2,", letters].concat())
}

/// A file name as base and letters.
fn split(name: &OsStr) -> (&[u8], &[u8]) {
    let name = name.as_bytes();
    match name.windows(3).position(|window| window == b":2,") {
        Some(at) => (name.get(..at).unwrap_or_default(), name.get(at + 3..).unwrap_or_default()),
        None => (name.split(|octet| *octet == b':').next().unwrap_or_default(), b""),
    }
}

/// The files of a directory that are messages.
fn messages(directory: &Path) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if !name.as_bytes().starts_with(b".") && !entry.file_type()?.is_dir() {
            names.push(name);
        }
    }
    Ok(names)
}

fn missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

impl Folder {
    /// Loads a mailbox from its rows, without a look at its files.
    pub fn load(store: &Arc<Shared>, mailbox: i64) -> Result<(Self, Index)> {
        let (mut index, rows) = lock(&store.database).load(mailbox)?;
        let mut folder = Self { store: Arc::clone(store), mailbox, places: HashMap::new(), read: None };
        for Row { message, base, bare } in rows {
            let letters = letters_of(&message.flags, b"");
            folder.places.insert(message.uid, Place { base, letters, bare });
            index.messages.push(message);
        }
        Ok((folder, index))
    }

    fn directory<T>(&self, with: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
        self.store.directories.with(self.mailbox, with).unwrap_or(Err(StoreError::NoSuchMailbox))
    }

    /// The path of a message's file, found again where another program changed its flags.
    fn find(place: &mut Place, cur: &Path) -> Result<PathBuf> {
        let path = cur.join(file_name(&place.base, &place.letters));
        if path.symlink_metadata().is_ok() {
            return Ok(path);
        }
        for name in messages(cur)? {
            let (base, letters) = split(&name);
            if base == place.base {
                place.letters = letters.to_vec();
                return Ok(cur.join(&name));
            }
        }
        Err(StoreError::Expunged)
    }

    fn save(
        &self,
        write: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<()>,
        uid_next: Uid,
        mod_seq: u64,
    ) -> Result<()> {
        let mut database = lock(&self.store.database);
        let transaction = database.begin()?;
        write(&transaction)?;
        database::set_numbers(&transaction, self.mailbox, uid_next, mod_seq)?;
        Ok(transaction.commit()?)
    }
}

impl Backing for Folder {
    fn draft(&mut self) -> Result<Box<dyn Draft>> {
        self.directory(|directory| {
            Ok(Box::new(FileDraft::create(&self.store.directories, self.mailbox, directory)?)
                as Box<dyn Draft>)
        })
    }

    fn insert(&mut self, index: &Index, new: Vec<(Message, Box<dyn Draft>)>) -> Result<()> {
        let mut drafts = Vec::with_capacity(new.len());
        let mut rows = Vec::with_capacity(new.len());
        for (message, draft) in new {
            let draft: Box<dyn Any> = draft;
            let draft = draft
                .downcast::<FileDraft>()
                .map_err(|_| StoreError::Cannot("the draft is of another store"))?;
            rows.push(Row { message, base: draft.base(), bare: false });
            drafts.push(draft);
        }
        let mod_seq = rows.iter().map(|row| row.message.mod_seq).fold(index.mod_seq, u64::max);
        let mut moved: Vec<PathBuf> = Vec::new();
        let result = self.directory(|directory| {
            let cur = directory.join("cur");
            for (draft, row) in drafts.iter_mut().zip(&rows) {
                let from = draft.path(directory);
                let seconds = u64::try_from(row.message.internal_date.seconds).unwrap_or(0);
                let date = UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
                // The file's own date is a courtesy to other programs.
                let _ = date.map(|date| File::open(&from).and_then(|file| file.set_modified(date)));
                let to = cur.join(file_name(&row.base, &letters_of(&row.message.flags, b"")));
                fs::rename(from, &to)?;
                draft.keep();
                moved.push(to);
            }
            sync_directory(&cur)?;
            self.save(
                |transaction| database::insert(transaction, self.mailbox, &rows),
                index.uid_next,
                mod_seq,
            )
        });
        if let Err(error) = result {
            for path in moved {
                let _ = fs::remove_file(path);
            }
            return Err(error);
        }
        for Row { message, base, bare } in rows {
            let letters = letters_of(&message.flags, b"");
            self.places.insert(message.uid, Place { base, letters, bare });
        }
        Ok(())
    }

    fn set_flags(&mut self, index: &Index, changed: &[Message]) -> Result<()> {
        let mut places = std::mem::take(&mut self.places);
        let result = self.directory(|directory| {
            let cur = directory.join("cur");
            let mut renamed = false;
            for message in changed {
                let Some(place) = places.get_mut(&message.uid) else { continue };
                let letters = letters_of(&message.flags, &place.letters);
                if letters == place.letters {
                    continue;
                }
                let from = match Self::find(place, &cur) {
                    // Another program removed it; the next look at the files will tell.
                    Err(StoreError::Expunged) => continue,
                    from => from?,
                };
                fs::rename(from, cur.join(file_name(&place.base, &letters)))?;
                place.letters = letters;
                renamed = true;
            }
            if renamed { Ok(sync_directory(&cur)?) } else { Ok(()) }
        });
        self.places = places;
        result?;
        let mod_seq = changed.iter().map(|message| message.mod_seq).fold(index.mod_seq, u64::max);
        self.save(
            |transaction| database::set_flags(transaction, self.mailbox, changed),
            index.uid_next,
            mod_seq,
        )
    }

    fn remove(&mut self, index: &Index, uids: &[Uid], mod_seq: u64) -> Result<()> {
        let mut places = std::mem::take(&mut self.places);
        let result = self.directory(|directory| {
            let cur = directory.join("cur");
            for uid in uids {
                let Some(place) = places.get_mut(uid) else { continue };
                match Self::find(place, &cur) {
                    Ok(path) => match fs::remove_file(path) {
                        Err(error) if !missing(&error) => return Err(error.into()),
                        _ => {}
                    },
                    Err(StoreError::Expunged) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(sync_directory(&cur)?)
        });
        self.places = places;
        result?;
        self.save(
            |transaction| database::vanish(transaction, self.mailbox, uids, mod_seq),
            index.uid_next,
            mod_seq,
        )?;
        for uid in uids {
            self.places.remove(uid);
        }
        Ok(())
    }

    fn set_recent(&mut self, _: &Index, recent: u32) -> Result<()> {
        let mut database = lock(&self.store.database);
        let transaction = database.begin()?;
        database::set_recent(&transaction, self.mailbox, recent)?;
        Ok(transaction.commit()?)
    }

    fn content(&mut self, message: &Message) -> Result<Box<dyn Content>> {
        let mut places = std::mem::take(&mut self.places);
        let result = self.directory(|directory| {
            let cur = directory.join("cur");
            let place = places.get_mut(&message.uid).ok_or(StoreError::Expunged)?;
            let known = cur.join(file_name(&place.base, &place.letters));
            let file = match File::open(known) {
                Err(error) if missing(&error) => File::open(Self::find(place, &cur)?)?,
                file => file?,
            };
            Ok(if place.bare {
                Box::new(Bare::new(file, message.size)) as Box<dyn Content>
            } else {
                Box::new(Plain::new(file, message.size))
            })
        });
        self.places = places;
        result
    }

    fn refresh(&mut self, index: &mut Index) -> Result<bool> {
        let mut read = self.read;
        let found = self.directory(|directory| {
            let (new, cur) = (directory.join("new"), directory.join("cur"));
            let times = [fs::metadata(&new)?.modified()?, fs::metadata(&cur)?.modified()?];
            // A change within the clock's grain of the last look would show no other time.
            let settled =
                times.iter().all(|time| time.elapsed().is_ok_and(|age| age > Duration::from_secs(1)));
            if read == Some(times) {
                return Ok(None);
            }
            read = settled.then_some(times);
            let arrived = messages(&new)?;
            for name in &arrived {
                let (base, letters) = split(name);
                match fs::rename(new.join(name), cur.join(file_name(base, letters))) {
                    Err(error) if !missing(&error) => return Err(error.into()),
                    _ => {}
                }
            }
            if !arrived.is_empty() {
                sync_directory(&cur)?;
                sync_directory(&new)?;
                read = None;
            }
            Ok(Some((messages(&cur)?, cur)))
        })?;
        let Some((names, cur)) = found else { return Ok(false) };

        let mod_seq = index.mod_seq + 1;
        let mut files: HashMap<&[u8], (&OsStr, &[u8])> = HashMap::with_capacity(names.len());
        for name in &names {
            let (base, letters) = split(name);
            files.insert(base, (name, letters));
        }
        let mut vanished = Vec::new();
        let mut changed = Vec::new();
        let mut known: HashSet<&[u8]> = HashSet::with_capacity(names.len());
        for message in &index.messages {
            let Some(place) = self.places.get_mut(&message.uid) else { continue };
            let Some((base, (_, letters))) = files.get_key_value(place.base.as_slice()) else {
                vanished.push(message.uid);
                continue;
            };
            known.insert(base);
            place.letters = letters.to_vec();
            let said = flags_of(letters);
            let mut flags = Flags::system(said.bits());
            message.flags.keywords().for_each(|keyword| flags.add_keyword(keyword));
            if said.has_keyword(FORWARDED) {
                flags.add_keyword(FORWARDED);
            } else {
                flags.remove_keyword(FORWARDED);
            }
            if flags != message.flags {
                changed.push(Message { flags, mod_seq, ..message.clone() });
            }
        }
        let mut arrived: Vec<(&[u8], &OsStr, &[u8])> = files
            .iter()
            .filter(|(base, _)| !known.contains(*base))
            .map(|(base, (name, letters))| (*base, *name, *letters))
            .collect();
        // A name begins with the second of its delivery.
        arrived.sort_unstable_by_key(|(base, ..)| {
            let second = base.split(|octet| *octet == b'.').next().unwrap_or_default();
            (std::str::from_utf8(second).ok().and_then(|second| second.parse::<u64>().ok()), *base)
        });
        let mut rows = Vec::with_capacity(arrived.len());
        let before = index.uid_next;
        for (base, name, letters) in arrived {
            let file = File::open(cur.join(name)).and_then(|mut file| {
                let (size, bare) = measure(&mut file, base)?;
                Ok((size, bare, file.metadata()?.modified()?))
            });
            let (size, bare, date) = match file {
                Err(error) if missing(&error) => continue,
                file => file.inspect_err(|_| index.uid_next = before)?,
            };
            let uid = index.take_uid().inspect_err(|_| index.uid_next = before)?;
            let message =
                Message { uid, flags: flags_of(letters), mod_seq, internal_date: date.into(), size };
            rows.push(Row { message, base: base.to_vec(), bare });
        }
        if rows.is_empty() && vanished.is_empty() && changed.is_empty() {
            self.read = read;
            return Ok(false);
        }
        let saved = self.save(
            |transaction| {
                database::vanish(transaction, self.mailbox, &vanished, mod_seq)?;
                database::set_flags(transaction, self.mailbox, &changed)?;
                database::insert(transaction, self.mailbox, &rows)
            },
            index.uid_next,
            mod_seq,
        );
        saved.inspect_err(|_| index.uid_next = before)?;
        self.read = read;
        index.vanish(&vanished, mod_seq);
        for uid in &vanished {
            self.places.remove(uid);
        }
        for message in changed {
            if let Some(at) = index.position(message.uid)
                && let Some(old) = index.messages.get_mut(at)
            {
                *old = message;
            }
        }
        for Row { message, base, bare } in rows {
            let letters = files.get(base.as_slice()).map(|(_, letters)| letters.to_vec()).unwrap_or_default();
            self.places.insert(message.uid, Place { base, letters, bare });
            index.messages.push(message);
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters() {
        let mut flags = flags_of(b"FPSa");
        assert!(flags.has(Flags::FLAGGED) && flags.has(Flags::SEEN) && flags.has_keyword("$forwarded"));
        assert_eq!(letters_of(&flags, b"FPSa"), b"FPSa");
        flags.set(Flags::SEEN, false);
        flags.set(Flags::DELETED, true);
        assert_eq!(letters_of(&flags, b"FPSa"), b"FPTa");
        assert_eq!(split(OsStr::new("1.x,S=3:2,FS")), (&b"1.x,S=3"[..], &b"FS"[..]));
        assert_eq!(split(OsStr::new("1.x")), (&b"1.x"[..], &b""[..]));
    }
}
