//! A store that lives as long as the process.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
    num::NonZeroU32,
    sync::{Arc, Mutex},
};

use super::store::{
    Backing, Content, DELIMITER, Draft, Entry, Index, InternalDate, Mailbox, Message, NewMessage, Result,
    Store, StoreError, Uid, canonical, entries, lock, rename_inbox, renamed,
};

/// Octets in blocks of one size, so that a place is found by division and growing copies nothing.
const BLOCK: usize = 64 * 1024;

/// One user's mailboxes, in memory.
pub struct Memory {
    inner: Mutex<Names>,
}

struct Names {
    mailboxes: BTreeMap<String, Arc<Mailbox>>,
    subscribed: BTreeSet<String>,
    uid_validity: NonZeroU32,
}

impl Names {
    fn add(&mut self, name: String) -> Arc<Mailbox> {
        let index = Index::new(self.uid_validity);
        self.uid_validity = self.uid_validity.saturating_add(1);
        let mailbox = Arc::new(Mailbox::new(index, Box::<Blocks>::default()));
        self.mailboxes.insert(name, Arc::clone(&mailbox));
        mailbox
    }

    fn add_with_parents(&mut self, name: &str) {
        for (at, _) in name.match_indices(DELIMITER).chain([(name.len(), "")]) {
            let level = name.get(..at).unwrap_or(name);
            if !self.mailboxes.contains_key(level) {
                self.add(level.to_owned());
            }
        }
    }
}

impl Memory {
    /// A store with an empty INBOX.
    pub fn new() -> Self {
        let now = u32::try_from(InternalDate::now().seconds).ok().and_then(NonZeroU32::new);
        let mut names = Names {
            mailboxes: BTreeMap::new(),
            subscribed: BTreeSet::new(),
            uid_validity: now.unwrap_or(NonZeroU32::MIN),
        };
        names.add("INBOX".to_owned());
        Self { inner: Mutex::new(names) }
    }

    /// Puts a message into a mailbox, which is created where it does not exist.
    pub fn seed(&self, mailbox: &str, octets: &[u8]) -> Result<Uid> {
        let name = canonical(mailbox)?;
        let mailbox = {
            let mut names = lock(&self.inner);
            names.add_with_parents(&name);
            names.mailboxes.get(&name).cloned().ok_or(StoreError::NoSuchMailbox)?
        };
        let mut draft = mailbox.draft()?;
        draft.write(octets)?;
        let new = NewMessage { draft, flags: Default::default(), internal_date: InternalDate::now() };
        mailbox.append(vec![new])?.first().copied().ok_or(StoreError::Expunged)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for Memory {
    fn list(&self) -> Result<Vec<Entry>> {
        let names = lock(&self.inner);
        Ok(entries(names.mailboxes.keys().map(String::as_str), names.subscribed.iter().map(String::as_str)))
    }

    fn create(&self, name: &str) -> Result<()> {
        let name = canonical(name)?;
        let mut names = lock(&self.inner);
        if names.mailboxes.contains_key(&name) {
            return Err(StoreError::AlreadyExists);
        }
        names.add_with_parents(&name);
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<()> {
        let name = canonical(name)?;
        if name == "INBOX" {
            return Err(StoreError::Cannot("INBOX cannot be deleted"));
        }
        let mailbox = lock(&self.inner).mailboxes.remove(&name).ok_or(StoreError::NoSuchMailbox)?;
        mailbox.close();
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let (from, to) = (canonical(from)?, canonical(to)?);
        if from == "INBOX" {
            return rename_inbox(self, &to);
        }
        let mut names = lock(&self.inner);
        let all: Vec<String> = names.mailboxes.keys().cloned().collect();
        let pairs = renamed(&all, &from, &to)?;
        if let Some((parent, _)) = to.rsplit_once(DELIMITER) {
            names.add_with_parents(parent);
        }
        for (old, new) in pairs {
            if let Some(mailbox) = names.mailboxes.remove(&old) {
                names.mailboxes.insert(new, mailbox);
            }
        }
        Ok(())
    }

    fn subscribe(&self, name: &str, subscribed: bool) -> Result<()> {
        let name = canonical(name)?;
        let mut names = lock(&self.inner);
        if subscribed {
            names.subscribed.insert(name);
        } else {
            names.subscribed.remove(&name);
        }
        Ok(())
    }

    fn open(&self, name: &str) -> Result<Arc<Mailbox>> {
        lock(&self.inner).mailboxes.get(&canonical(name)?).cloned().ok_or(StoreError::NoSuchMailbox)
    }
}

/// Octets in memory, as draft and as content.
#[derive(Clone, Default)]
struct Octets {
    blocks: Arc<Vec<Vec<u8>>>,
    size: u64,
}

impl Draft for Octets {
    fn write(&mut self, mut octets: &[u8]) -> io::Result<()> {
        // A draft has one owner, so this clones nothing.
        let blocks = Arc::make_mut(&mut self.blocks);
        while !octets.is_empty() {
            if blocks.last().is_none_or(|last| last.len() == BLOCK) {
                blocks.push(Vec::new());
            }
            let Some(last) = blocks.last_mut() else { break };
            let (now, later) = octets.split_at(octets.len().min(BLOCK - last.len()));
            last.extend_from_slice(now);
            self.size += now.len() as u64;
            octets = later;
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn size(&self) -> u64 {
        self.size
    }
}

impl Content for Octets {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&mut self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let Ok(offset) = usize::try_from(offset) else { return Ok(0) };
        let rest =
            self.blocks.get(offset / BLOCK).and_then(|block| block.get(offset % BLOCK..)).unwrap_or_default();
        let len = rest.len().min(into.len());
        for (to, from) in into.iter_mut().zip(rest) {
            *to = *from;
        }
        Ok(len)
    }
}

#[derive(Default)]
struct Blocks {
    contents: HashMap<Uid, Octets>,
}

impl Backing for Blocks {
    fn draft(&mut self) -> Result<Box<dyn Draft>> {
        Ok(Box::<Octets>::default())
    }

    fn insert(&mut self, _: &Index, new: Vec<(Message, Box<dyn Draft>)>) -> Result<()> {
        for (message, draft) in new {
            let draft: Box<dyn Any> = draft;
            let octets = draft
                .downcast::<Octets>()
                .map_err(|_| StoreError::Cannot("the draft is of another store"))?;
            self.contents.insert(message.uid, *octets);
        }
        Ok(())
    }

    fn set_flags(&mut self, _: &Index, _: &[Message]) -> Result<()> {
        Ok(())
    }

    fn remove(&mut self, _: &Index, uids: &[Uid], _: u64) -> Result<()> {
        for uid in uids {
            self.contents.remove(uid);
        }
        Ok(())
    }

    fn set_recent(&mut self, _: &Index, _: u32) -> Result<()> {
        Ok(())
    }

    fn content(&mut self, message: &Message) -> Result<Box<dyn Content>> {
        let octets = self.contents.get(&message.uid).ok_or(StoreError::Expunged)?;
        Ok(Box::new(octets.clone()))
    }

    fn refresh(&mut self, _: &mut Index) -> Result<bool> {
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{
        super::store::{FlagMode, Flags},
        *,
    };

    fn read(mailbox: &Mailbox, uid: Uid) -> Vec<u8> {
        let mut content = mailbox.content(uid).unwrap();
        let mut octets = Vec::new();
        let mut chunk = [0; 1000];
        loop {
            match content.read(octets.len() as u64, &mut chunk).unwrap() {
                0 => return octets,
                read => octets.extend_from_slice(&chunk[..read]),
            }
        }
    }

    #[test]
    fn messages_come_back() {
        let store = Memory::new();
        let big: Vec<u8> = (0..200_000u32).map(|n| n as u8).collect();
        let a = store.seed("INBOX", b"a\r\n").unwrap();
        let b = store.seed("inbox", &big).unwrap();
        let inbox = store.open("Inbox").unwrap();
        assert_eq!(read(&inbox, a), b"a\r\n");
        assert_eq!(read(&inbox, b), big);
        assert_eq!(inbox.summary().messages, 2);
        assert_eq!(inbox.expunge(&[a, a]).unwrap(), [a]);
        assert!(matches!(inbox.content(a), Err(StoreError::Expunged)));
        assert_eq!(store.seed("INBOX", b"").unwrap().get(), 3);
    }

    #[test]
    fn changes_are_told() {
        let store = Memory::new();
        let inbox = store.open("INBOX").unwrap();
        let told = Arc::new(AtomicUsize::new(0));
        let watch = {
            let told = Arc::clone(&told);
            inbox.watch(move || {
                told.fetch_add(1, Ordering::Relaxed);
            })
        };
        let start = inbox.snapshot().mod_seq;
        let a = store.seed("INBOX", b"a").unwrap();
        let b = store.seed("INBOX", b"b").unwrap();
        let after = inbox.changes(start);
        assert_eq!(after.changed.iter().map(|m| m.uid).collect::<Vec<_>>(), [a, b]);
        let seen = Flags::system(Flags::SEEN);
        let set = inbox.set_flags(&[a], FlagMode::Add, &seen, None).unwrap();
        assert_eq!(set.messages[0].flags, seen);
        let stale =
            inbox.set_flags(&[a], FlagMode::Add, &Flags::system(Flags::DRAFT), Some(after.mod_seq)).unwrap();
        assert_eq!(stale.modified, [a]);
        inbox.expunge(&[b]).unwrap();
        let last = inbox.changes(after.mod_seq);
        assert_eq!((last.vanished.as_slice(), last.changed.len()), (&[b][..], 1));
        assert_eq!(told.load(Ordering::Relaxed), 4);
        drop(watch);
        inbox.expunge(&[a]).unwrap();
        assert_eq!(told.load(Ordering::Relaxed), 4);
        assert!(inbox.changes(inbox.snapshot().mod_seq).changed.is_empty());
    }

    #[test]
    fn mailboxes() {
        let store = Memory::new();
        store.create("a/b").unwrap();
        assert!(matches!(store.create("a"), Err(StoreError::AlreadyExists)));
        let validity = store.open("a/b").unwrap().snapshot().uid_validity;
        store.seed("INBOX", b"x").unwrap();
        store.rename("INBOX", "old").unwrap();
        assert_eq!(store.open("old").unwrap().summary().messages, 1);
        assert_eq!(store.open("INBOX").unwrap().summary().messages, 0);
        store.rename("a", "z").unwrap();
        assert_eq!(store.open("z/b").unwrap().snapshot().uid_validity, validity);
        let open = store.open("z").unwrap();
        store.delete("z").unwrap();
        assert!(open.is_gone() && matches!(open.draft(), Err(StoreError::NoSuchMailbox)));
        store.create("z").unwrap();
        assert_ne!(store.open("z").unwrap().snapshot().uid_validity, open.snapshot().uid_validity);
    }

    #[test]
    fn one_maildrop_lock() {
        let store = Memory::new();
        let inbox = store.open("INBOX").unwrap();
        let first = inbox.lock_maildrop();
        assert!(first.is_some() && inbox.lock_maildrop().is_none());
        drop(first);
        assert!(inbox.lock_maildrop().is_some());
    }
}
