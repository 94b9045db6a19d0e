//! One user's mailboxes: the directories of a Maildir++ and their rows.

use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock, Weak},
};

use super::{
    database::Database,
    file::{SUFFIX, sync_directory},
    folder::Folder,
    names,
};
use crate::embedded::store::{
    DELIMITER, Entry, Mailbox, Result, Store, StoreError, canonical, entries, lock, rename_inbox, renamed,
};

/// What begins the name of a directory that is about to be removed.
const DELETED: &str = "deleted-";

/// A user's Maildir, shared by all sessions.
#[derive(Clone)]
pub struct Maildir(Arc<Shared>);

/// What the mailboxes of one Maildir share. Locks are taken in the order names, mailbox, directories, database.
pub struct Shared {
    root: PathBuf,
    pub directories: Arc<Directories>,
    pub database: Mutex<Database>,
    names: Mutex<BTreeMap<String, Known>>,
}

struct Known {
    id: i64,
    open: Weak<Mailbox>,
}

/// Where each mailbox lies now; a rename waits until nobody is at work in one.
#[derive(Default)]
pub struct Directories(RwLock<HashMap<i64, PathBuf>>);

impl Directories {
    /// Gives the directory of a mailbox, which keeps its name meanwhile.
    pub fn with<T>(&self, mailbox: i64, work: impl FnOnce(&Path) -> T) -> Option<T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&mailbox).map(|path| work(path))
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<i64, PathBuf>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the three directories of a Maildir; `cur` last, since it makes the directory a mailbox.
fn make(directory: &Path) -> io::Result<()> {
    for part in ["tmp", "new", "cur"] {
        fs::create_dir_all(directory.join(part))?;
    }
    sync_directory(directory)
}

fn path_of(root: &Path, name: &str) -> Result<PathBuf> {
    let directory = names::directory(name)?;
    Ok(if directory.is_empty() { root.to_owned() } else { root.join(directory) })
}

impl Maildir {
    /// Opens a Maildir, which is made where there is none, and puts right what a kill left half done.
    ///
    /// # Errors
    /// It cannot be read or written, or another process has it.
    pub fn open(root: &Path) -> Result<Self> {
        make(root)?;
        let mut database = Database::open(&root.join("mailwire.sqlite"))?;
        let pairs = database.renaming()?;
        for (old, new) in &pairs {
            let (old, new) = (path_of(root, old)?, path_of(root, new)?);
            if old.exists() && !new.exists() {
                fs::rename(old, new)?;
            }
        }
        if !pairs.is_empty() {
            sync_directory(root)?;
            database.end_renaming(&pairs, true)?;
        }
        let mut found = vec!["INBOX".to_owned()];
        for entry in fs::read_dir(root)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.starts_with(DELETED) {
                fs::remove_dir_all(entry.path())?;
            } else if let Some(mailbox) = names::mailbox(name)
                && entry.path().join("cur").is_dir()
            {
                make(&entry.path())?;
                found.push(mailbox);
            }
        }
        let mut rows: BTreeMap<String, i64> = database.mailboxes()?.into_iter().collect();
        let mut known = BTreeMap::new();
        let directories = Directories::default();
        for name in found {
            let id = match rows.remove(&name) {
                Some(id) => id,
                None => database.add_mailbox(&name)?,
            };
            let path = path_of(root, &name)?;
            for entry in fs::read_dir(path.join("tmp"))? {
                let entry = entry?;
                if entry.file_name().to_str().is_some_and(|name| name.ends_with(SUFFIX)) {
                    fs::remove_file(entry.path())?;
                }
            }
            directories.write().insert(id, path);
            known.insert(name, Known { id, open: Weak::new() });
        }
        for id in rows.into_values() {
            database.remove_mailbox(id)?;
        }
        Ok(Self(Arc::new(Shared {
            root: root.to_owned(),
            directories: Arc::new(directories),
            database: Mutex::new(database),
            names: Mutex::new(known),
        })))
    }

    pub fn downgrade(&self) -> Weak<Shared> {
        Arc::downgrade(&self.0)
    }

    pub fn upgrade(weak: &Weak<Shared>) -> Option<Self> {
        weak.upgrade().map(Self)
    }
}

impl Shared {
    fn add(&self, names: &mut BTreeMap<String, Known>, name: &str) -> Result<()> {
        let path = path_of(&self.root, name)?;
        make(&path)?;
        fs::write(path.join("maildirfolder"), b"")?;
        sync_directory(&self.root)?;
        let id = lock(&self.database).add_mailbox(name)?;
        self.directories.write().insert(id, path);
        names.insert(name.to_owned(), Known { id, open: Weak::new() });
        Ok(())
    }

    /// Makes `name` and the levels above it, where they are not there.
    fn add_with_parents(&self, names: &mut BTreeMap<String, Known>, name: &str) -> Result<()> {
        path_of(&self.root, name)?;
        for (at, _) in name.match_indices(DELIMITER).chain([(name.len(), "")]) {
            let level = name.get(..at).unwrap_or(name);
            if !names.contains_key(level) {
                self.add(names, level)?;
            }
        }
        Ok(())
    }

    /// Renames the directories of `pairs`, all or none.
    fn rename_directories(&self, pairs: &[(String, String)]) -> Result<()> {
        let mut done: Vec<(PathBuf, PathBuf)> = Vec::new();
        let mut all = || -> Result<()> {
            for (old, new) in pairs {
                let (old, new) = (path_of(&self.root, old)?, path_of(&self.root, new)?);
                fs::rename(&old, &new)?;
                done.push((old, new));
            }
            Ok(sync_directory(&self.root)?)
        };
        let result = all();
        if result.is_err() {
            for (old, new) in done.into_iter().rev() {
                fs::rename(new, old)?;
            }
        }
        result
    }
}

impl Store for Maildir {
    fn list(&self) -> Result<Vec<Entry>> {
        let names = lock(&self.0.names);
        let subscribed = lock(&self.0.database).subscriptions()?;
        Ok(entries(names.keys().map(String::as_str), subscribed.iter().map(String::as_str)))
    }

    fn create(&self, name: &str) -> Result<()> {
        let name = canonical(name)?;
        let mut names = lock(&self.0.names);
        if names.contains_key(&name) {
            return Err(StoreError::AlreadyExists);
        }
        self.0.add_with_parents(&mut names, &name)
    }

    fn delete(&self, name: &str) -> Result<()> {
        let name = canonical(name)?;
        if name == "INBOX" {
            return Err(StoreError::Cannot("INBOX cannot be deleted"));
        }
        let mut names = lock(&self.0.names);
        let known = names.get(&name).ok_or(StoreError::NoSuchMailbox)?;
        let id = known.id;
        let gone = self.0.root.join(format!("{DELETED}{id}"));
        fs::rename(path_of(&self.0.root, &name)?, &gone)?;
        sync_directory(&self.0.root)?;
        if let Some(mailbox) = known.open.upgrade() {
            mailbox.close();
        }
        self.0.directories.write().remove(&id);
        names.remove(&name);
        lock(&self.0.database).remove_mailbox(id)?;
        Ok(fs::remove_dir_all(gone)?)
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let (from, to) = (canonical(from)?, canonical(to)?);
        if from == "INBOX" {
            return rename_inbox(self, &to);
        }
        let mut names = lock(&self.0.names);
        let all: Vec<String> = names.keys().cloned().collect();
        let pairs = renamed(&all, &from, &to)?;
        for (_, new) in &pairs {
            path_of(&self.0.root, new)?;
        }
        if let Some((parent, _)) = to.rsplit_once(DELIMITER) {
            self.0.add_with_parents(&mut names, parent)?;
        }
        let mut directories = self.0.directories.write();
        let mut database = lock(&self.0.database);
        database.begin_renaming(&pairs)?;
        let result = self.0.rename_directories(&pairs);
        database.end_renaming(&pairs, result.is_ok())?;
        result?;
        for (old, new) in pairs {
            if let Some(known) = names.remove(&old) {
                directories.insert(known.id, path_of(&self.0.root, &new)?);
                names.insert(new, known);
            }
        }
        Ok(())
    }

    fn subscribe(&self, name: &str, subscribed: bool) -> Result<()> {
        lock(&self.0.database).subscribe(&canonical(name)?, subscribed)
    }

    fn open(&self, name: &str) -> Result<Arc<Mailbox>> {
        let name = canonical(name)?;
        let mut names = lock(&self.0.names);
        let known = names.get_mut(&name).ok_or(StoreError::NoSuchMailbox)?;
        if let Some(mailbox) = known.open.upgrade() {
            drop(names);
            mailbox.refresh()?;
            return Ok(mailbox);
        }
        let (folder, index) = Folder::load(&self.0, known.id)?;
        let mailbox = Arc::new(Mailbox::new(index, Box::new(folder)));
        mailbox.refresh()?;
        known.open = Arc::downgrade(&mailbox);
        Ok(mailbox)
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::embedded::store::{FlagMode, Flags, InternalDate, NewMessage, Uid};

    /// A directory that is removed when dropped.
    pub struct Scratch(pub PathBuf);

    impl Scratch {
        pub fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("mailwire-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    pub fn append(mailbox: &Mailbox, octets: &[u8], flags: Flags) -> Uid {
        let mut draft = mailbox.draft().unwrap();
        for chunk in octets.chunks(1000) {
            draft.write(chunk).unwrap();
        }
        let internal_date = InternalDate { seconds: 1_000_000_000, zone: 120 };
        mailbox.append(vec![NewMessage { draft, flags, internal_date }]).unwrap()[0]
    }

    pub fn read(mailbox: &Mailbox, uid: Uid) -> Vec<u8> {
        let mut content = mailbox.content(uid).unwrap();
        let mut octets = vec![0; usize::try_from(content.size()).unwrap() + 1];
        let mut len = 0;
        loop {
            match content.read(len as u64, &mut octets[len..]).unwrap() {
                0 => break,
                read => len += read,
            }
        }
        octets.truncate(len);
        octets
    }

    #[test]
    fn everything_is_there_after_reopening() {
        let scratch = Scratch::new("reopen");
        let store = Maildir::open(&scratch.0).unwrap();
        store.create("a/b.c").unwrap();
        store.subscribe("a", true).unwrap();
        let mailbox = store.open("a/b.c").unwrap();
        let mut flags = Flags::system(Flags::SEEN | Flags::FLAGGED);
        flags.add_keyword("$Junk");
        flags.add_keyword("$Forwarded");
        let one = append(&mailbox, b"bare\nkept\n", flags.clone());
        let two = append(&mailbox, &b"x".repeat(5000), Flags::default());
        let three = append(&mailbox, b"", Flags::default());
        mailbox.set_flags(&[two], FlagMode::Add, &Flags::system(Flags::DELETED), None).unwrap();
        mailbox.expunge(&[three]).unwrap();
        assert_eq!(mailbox.claim_recent().unwrap(), 1);
        let before = mailbox.snapshot();
        drop(mailbox.draft().unwrap());
        drop((mailbox, store));

        let store = Maildir::open(&scratch.0).unwrap();
        let list = store.list().unwrap();
        let shown: Vec<_> = list.iter().map(|e| (e.name.as_str(), e.exists, e.subscribed)).collect();
        assert_eq!(shown, [("INBOX", true, false), ("a", true, true), ("a/b.c", true, false)]);
        let mailbox = store.open("a/b.c").unwrap();
        let after = mailbox.snapshot();
        assert_eq!(after.messages, before.messages);
        assert_eq!(
            (after.uid_validity, after.uid_next, after.mod_seq),
            (before.uid_validity, before.uid_next, before.mod_seq)
        );
        assert_eq!(after.messages[0].flags, flags);
        assert_eq!(read(&mailbox, one), b"bare\nkept\n");
        assert_eq!(read(&mailbox, two), b"x".repeat(5000));
        assert_eq!(mailbox.changes(1).vanished, [three]);
        assert_eq!(mailbox.summary().recent, 0);
        assert_eq!(append(&mailbox, b"4", Flags::default()).get(), 4);
        assert!(Arc::ptr_eq(&mailbox, &store.open("a/b.c").unwrap()));
    }

    #[test]
    fn other_programs_may_change_it() {
        let scratch = Scratch::new("others");
        let store = Maildir::open(&scratch.0).unwrap();
        let inbox = store.open("inbox").unwrap();
        let one = append(&inbox, b"one", Flags::default());
        let two = append(&inbox, b"two", Flags::default());
        let start = inbox.snapshot().mod_seq;
        fs::write(scratch.0.join("new/2000000000.q.host"), b"A: b\n\nlf\n").unwrap();
        for name in super::super::folder_files(&scratch.0.join("cur")) {
            let path = scratch.0.join("cur").join(&name);
            match fs::read(&path).unwrap().as_slice() {
                b"one" => fs::rename(&path, scratch.0.join("cur").join(format!("{name}S"))).unwrap(),
                b"two" => fs::remove_file(&path).unwrap(),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(read(&inbox, one), b"one");
        inbox.refresh().unwrap();
        let changes = inbox.changes(start);
        assert_eq!(changes.vanished, [two]);
        let uids: Vec<_> = changes.changed.iter().map(|m| (m.uid.get(), m.flags.bits(), m.size)).collect();
        assert_eq!(uids, [(1, Flags::SEEN, 3), (3, 0, 12)]);
        assert_eq!(read(&inbox, changes.changed[1].uid), b"A: b\r\n\r\nlf\r\n");
        inbox.refresh().unwrap();
        assert_eq!(inbox.snapshot().mod_seq, changes.mod_seq);
    }

    #[test]
    fn mailboxes_move_while_open() {
        let scratch = Scratch::new("move");
        let store = Maildir::open(&scratch.0).unwrap();
        store.create("a/b").unwrap();
        let open = store.open("a/b").unwrap();
        let uid = append(&open, b"m", Flags::default());
        let mut draft = open.draft().unwrap();
        store.rename("a", "x/y").unwrap();
        assert_eq!(read(&open, uid), b"m");
        draft.write(b"n").unwrap();
        let new = NewMessage { draft, flags: Flags::default(), internal_date: InternalDate::now() };
        open.append(vec![new]).unwrap();
        assert!(Arc::ptr_eq(&open, &store.open("x/y/b").unwrap()));
        assert!(matches!(store.open("a"), Err(StoreError::NoSuchMailbox)));
        append(&store.open("INBOX").unwrap(), b"i", Flags::default());
        store.rename("INBOX", "old").unwrap();
        assert_eq!(store.open("old").unwrap().summary().messages, 1);
        let left = open.draft().unwrap();
        store.delete("x/y/b").unwrap();
        assert!(open.is_gone());
        drop(left);
        store.create("x/y/b").unwrap();
        let again = store.open("x/y/b").unwrap().snapshot();
        assert!(again.messages.is_empty() && again.uid_validity != open.snapshot().uid_validity);
    }

    #[test]
    fn a_half_done_rename_is_finished() {
        let scratch = Scratch::new("half");
        let store = Maildir::open(&scratch.0).unwrap();
        store.create("a/b").unwrap();
        append(&store.open("a/b").unwrap(), b"m", Flags::default());
        let pairs = [("a", "z"), ("a/b", "z/b")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        lock(&store.0.database).begin_renaming(&pairs).unwrap();
        fs::rename(scratch.0.join(".a"), scratch.0.join(".z")).unwrap();
        let validity = store.open("a/b").unwrap().snapshot().uid_validity;
        drop(store);
        let store = Maildir::open(&scratch.0).unwrap();
        let moved = store.open("z/b").unwrap().snapshot();
        assert_eq!((moved.uid_validity, moved.messages.len()), (validity, 1));
        assert_eq!(store.list().unwrap().len(), 3);
    }
}
