//! What a mail store is to a session.
//!
//! A [`Store`] is one user's mailboxes. Opening one gives a [`Mailbox`], shared by all sessions that have it open: it keeps
//! the numbers (UID, UIDVALIDITY, mod-sequence) and the flags, and tells every session what changed. Where the octets lie and
//! what makes them durable is the [`Backing`]'s affair.
//!
//! Octets go both ways in pieces: in through a [`Draft`], out through a [`Content`]. No message is ever whole in memory
//! on its way.

use std::{
    any::Any,
    fmt, io,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

pub type Result<T> = std::result::Result<T, StoreError>;

/// A message's unique identifier in its mailbox.
pub type Uid = NonZeroU32;

/// The hierarchy delimiter in mailbox names.
pub const DELIMITER: char = '/';

/// The most keywords one message can have.
pub const KEYWORDS: usize = 64;

/// Why a store refused or failed.
#[derive(Debug)]
pub enum StoreError {
    /// There is no mailbox of that name, or it was deleted while open.
    NoSuchMailbox,
    /// There is a mailbox of that name already.
    AlreadyExists,
    /// The name, or the operation on this name, is not possible. The text says why.
    Cannot(&'static str),
    /// The message was expunged.
    Expunged,
    /// The store itself failed.
    Io(io::Error),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchMailbox => f.write_str("no such mailbox"),
            Self::AlreadyExists => f.write_str("the mailbox exists already"),
            Self::Cannot(why) => f.write_str(why),
            Self::Expunged => f.write_str("the message was expunged"),
            Self::Io(error) => write!(f, "the mail store failed: {error}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Who may log in, and to which store.
pub trait Accounts: Send + Sync {
    /// The store of `user` if `password` is right, `None` if either is wrong.
    ///
    /// # Errors
    /// The account is right but its store cannot be opened.
    fn login(&self, user: &[u8], password: &[u8]) -> Result<Option<Arc<dyn Store>>>;
}

/// One user's mailboxes. Names are UTF-8, levels joined by [`DELIMITER`]; INBOX always exists, in any case of letters.
pub trait Store: Send + Sync {
    /// Every mailbox and every subscribed name, in order of name; a level that is only a parent is there as not existing.
    fn list(&self) -> Result<Vec<Entry>>;
    /// Creates a mailbox and the levels above it.
    fn create(&self, name: &str) -> Result<()>;
    /// Deletes a mailbox and its messages. Those below it stay.
    fn delete(&self, name: &str) -> Result<()>;
    /// Renames a mailbox and those below it. Renaming INBOX moves its messages.
    fn rename(&self, from: &str, to: &str) -> Result<()>;
    /// Adds or removes a name from the subscriptions; the name need not exist.
    fn subscribe(&self, name: &str, subscribed: bool) -> Result<()>;
    /// The mailbox, the same for all who have it open.
    fn open(&self, name: &str) -> Result<Arc<Mailbox>>;
}

/// One name in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub exists: bool,
    pub subscribed: bool,
    pub has_children: bool,
}

/// Joins existing and subscribed names to a list, with the parents they imply.
pub fn entries<'a>(
    existing: impl Iterator<Item = &'a str>,
    subscribed: impl Iterator<Item = &'a str>,
) -> Vec<Entry> {
    use std::collections::BTreeMap;
    fn at<'m>(map: &'m mut BTreeMap<String, Entry>, name: &str) -> &'m mut Entry {
        map.entry(name.to_owned()).or_insert_with(|| Entry {
            name: name.to_owned(),
            exists: false,
            subscribed: false,
            has_children: false,
        })
    }
    let mut map = BTreeMap::new();
    for name in existing {
        at(&mut map, name).exists = true;
        let mut rest = name;
        while let Some((parent, _)) = rest.rsplit_once(DELIMITER) {
            at(&mut map, parent).has_children = true;
            rest = parent;
        }
    }
    for name in subscribed {
        at(&mut map, name).subscribed = true;
    }
    map.into_values().collect()
}

/// The name as the store keeps it: INBOX in capitals, no delimiter at the end.
///
/// # Errors
/// The name is empty, too long or too deep, or has an empty level or a control character.
pub fn canonical(name: &str) -> Result<String> {
    let name = name.strip_suffix(DELIMITER).unwrap_or(name);
    if name.len() > 200 {
        return Err(StoreError::Cannot("a mailbox name has at most 200 octets"));
    }
    if name.chars().any(char::is_control) {
        return Err(StoreError::Cannot("a mailbox name has no control characters"));
    }
    if name.split(DELIMITER).any(str::is_empty) {
        return Err(StoreError::Cannot("no level of a mailbox name is empty"));
    }
    let first = name.split(DELIMITER).next().unwrap_or(name);
    if first.eq_ignore_ascii_case("INBOX") {
        return Ok(format!("INBOX{}", name.get(first.len()..).unwrap_or_default()));
    }
    Ok(name.to_owned())
}

/// The flags of a message: system flags as bits, keywords in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flags {
    system: u8,
    keywords: Vec<Box<str>>,
}

impl Flags {
    pub const SEEN: u8 = 1;
    pub const ANSWERED: u8 = 2;
    pub const FLAGGED: u8 = 4;
    pub const DELETED: u8 = 8;
    pub const DRAFT: u8 = 16;

    /// Flags of the given system bits and no keyword.
    pub const fn system(bits: u8) -> Self {
        Self { system: bits, keywords: Vec::new() }
    }

    pub const fn bits(&self) -> u8 {
        self.system
    }

    pub const fn has(&self, bit: u8) -> bool {
        self.system & bit != 0
    }

    pub fn set(&mut self, bit: u8, on: bool) {
        if on { self.system |= bit } else { self.system &= !bit }
    }

    pub fn keywords(&self) -> impl Iterator<Item = &str> {
        self.keywords.iter().map(|keyword| &**keyword)
    }

    pub fn has_keyword(&self, keyword: &str) -> bool {
        self.find(keyword).is_ok()
    }

    fn find(&self, keyword: &str) -> std::result::Result<usize, usize> {
        let key = |k: &str| k.bytes().map(|b| b.to_ascii_lowercase()).collect::<Vec<_>>();
        let wanted = key(keyword);
        self.keywords.binary_search_by(|known| key(known).cmp(&wanted))
    }

    /// Adds a keyword; keywords that differ only in case are the same.
    pub fn add_keyword(&mut self, keyword: &str) {
        if let Err(at) = self.find(keyword) {
            self.keywords.insert(at, keyword.into());
        }
    }

    pub fn remove_keyword(&mut self, keyword: &str) {
        if let Ok(at) = self.find(keyword) {
            self.keywords.remove(at);
        }
    }

    /// These flags after `change`.
    pub fn changed(&self, mode: FlagMode, change: &Self) -> Self {
        let mut flags = self.clone();
        match mode {
            FlagMode::Replace => flags = change.clone(),
            FlagMode::Add => {
                flags.system |= change.system;
                change.keywords().for_each(|keyword| flags.add_keyword(keyword));
            }
            FlagMode::Remove => {
                flags.system &= !change.system;
                change.keywords().for_each(|keyword| flags.remove_keyword(keyword));
            }
        }
        flags
    }
}

/// What a change of flags does with those a message has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagMode {
    Replace,
    Add,
    Remove,
}

/// When a message arrived: seconds since 1970-01-01T00:00:00Z, and the zone it was told in, in minutes east of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InternalDate {
    pub seconds: i64,
    pub zone: i16,
}

impl InternalDate {
    /// This moment, in UTC.
    pub fn now() -> Self {
        SystemTime::now().into()
    }
}

impl From<SystemTime> for InternalDate {
    fn from(time: SystemTime) -> Self {
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |seconds| -seconds),
        };
        Self { seconds, zone: 0 }
    }
}

/// A message without its octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub uid: Uid,
    pub flags: Flags,
    pub mod_seq: u64,
    pub internal_date: InternalDate,
    pub size: u64,
}

/// The octets of one message, readable at any place.
pub trait Content: Send {
    /// The length in octets: the message's size.
    fn size(&self) -> u64;
    /// Reads from `offset` on, as `Read::read`: fewer octets than asked are possible, none only at the end.
    fn read(&mut self, offset: u64, into: &mut [u8]) -> io::Result<usize>;
}

/// A message on its way in. Dropped before it is appended it leaves nothing behind.
pub trait Draft: Any + Send {
    fn write(&mut self, octets: &[u8]) -> io::Result<()>;
    /// All octets are there: makes them durable and lets go of what costs something to keep open.
    fn finish(&mut self) -> io::Result<()>;
    /// The octets written so far.
    fn size(&self) -> u64;
}

/// A draft with what it needs to become a message.
pub struct NewMessage {
    pub draft: Box<dyn Draft>,
    pub flags: Flags,
    pub internal_date: InternalDate,
}

/// The numbers and messages of a mailbox.
#[derive(Debug)]
pub struct Index {
    pub uid_validity: NonZeroU32,
    pub uid_next: Uid,
    /// The highest mod-sequence given so far.
    pub mod_seq: u64,
    /// The first UID that no session was told as recent.
    pub recent: u32,
    /// In ascending order of UID.
    pub messages: Vec<Message>,
    /// What was expunged and at which mod-sequence, in that order.
    pub vanished: Vec<(u64, Uid)>,
}

impl Index {
    pub fn new(uid_validity: NonZeroU32) -> Self {
        Self {
            uid_validity,
            uid_next: NonZeroU32::MIN,
            mod_seq: 1,
            recent: 1,
            messages: Vec::new(),
            vanished: Vec::new(),
        }
    }

    pub fn find(&self, uid: Uid) -> Option<&Message> {
        self.messages.get(self.position(uid)?)
    }

    pub fn position(&self, uid: Uid) -> Option<usize> {
        self.messages.binary_search_by_key(&uid, |message| message.uid).ok()
    }

    /// Takes the next UID.
    ///
    /// # Errors
    /// All of them were used.
    pub fn take_uid(&mut self) -> Result<Uid> {
        let uid = self.uid_next;
        self.uid_next = uid
            .checked_add(1)
            .ok_or(StoreError::Cannot("the mailbox has used all its unique identifiers"))?;
        Ok(uid)
    }

    /// Removes the messages that `uids` (ascending) names, as expunged at `mod_seq`.
    pub fn vanish(&mut self, uids: &[Uid], mod_seq: u64) {
        self.messages.retain(|message| uids.binary_search(&message.uid).is_err());
        self.vanished.extend(uids.iter().map(|uid| (mod_seq, *uid)));
        self.mod_seq = self.mod_seq.max(mod_seq);
    }
}

/// Where a mailbox's messages lie. Each call that changes something returns after it is durable, and changes nothing where it fails.
/// The [`Index`] it is given is the one before the change.
pub trait Backing: Send {
    fn draft(&mut self) -> Result<Box<dyn Draft>>;
    /// Takes in finished drafts as the messages beside them; UIDs ascend and are the next ones.
    fn insert(&mut self, index: &Index, new: Vec<(Message, Box<dyn Draft>)>) -> Result<()>;
    /// The messages have these flags and mod-sequences now.
    fn set_flags(&mut self, index: &Index, changed: &[Message]) -> Result<()>;
    /// The messages are gone for good.
    fn remove(&mut self, index: &Index, uids: &[Uid], mod_seq: u64) -> Result<()>;
    /// [`Index::recent`] is this now.
    fn set_recent(&mut self, index: &Index, recent: u32) -> Result<()>;
    fn content(&mut self, message: &Message) -> Result<Box<dyn Content>>;
    /// Takes in what others did to the messages, and says if that was anything.
    fn refresh(&mut self, index: &mut Index) -> Result<bool>;
}

/// What a session sees when it opens a mailbox.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub uid_validity: NonZeroU32,
    pub uid_next: Uid,
    pub mod_seq: u64,
    pub messages: Vec<Message>,
}

/// The counts of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    pub uid_validity: NonZeroU32,
    pub uid_next: Uid,
    pub mod_seq: u64,
    pub messages: u32,
    pub recent: u32,
    pub unseen: u32,
    pub deleted: u32,
    pub size: u64,
}

/// What happened in a mailbox after a mod-sequence.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The mod-sequence that the next question starts from.
    pub mod_seq: u64,
    /// Expunged, ascending.
    pub vanished: Vec<Uid>,
    /// New messages and those with other flags, ascending.
    pub changed: Vec<Message>,
}

/// What became of a change of flags.
#[derive(Debug, Clone, Default)]
pub struct FlagsSet {
    /// The messages as they are now, in the order asked for; those that had these flags already are among them.
    pub messages: Vec<Message>,
    /// Those left alone since they changed after `unchanged_since`.
    pub modified: Vec<Uid>,
}

type Callback = Arc<dyn Fn() + Send + Sync>;

/// An open mailbox, shared by all sessions that have it open.
pub struct Mailbox {
    inner: Mutex<Inner>,
    watchers: Mutex<Vec<(u64, Callback)>>,
    maildrop: AtomicBool,
}

struct Inner {
    index: Index,
    /// `None` after the mailbox was deleted.
    backing: Option<Box<dyn Backing>>,
}

impl Inner {
    fn parts(&mut self) -> Result<(&mut Index, &mut dyn Backing)> {
        match &mut self.backing {
            Some(backing) => Ok((&mut self.index, &mut **backing)),
            None => Err(StoreError::NoSuchMailbox),
        }
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Mailbox {
    pub fn new(index: Index, backing: Box<dyn Backing>) -> Self {
        Self {
            inner: Mutex::new(Inner { index, backing: Some(backing) }),
            watchers: Mutex::new(Vec::new()),
            maildrop: AtomicBool::new(false),
        }
    }

    pub fn snapshot(&self) -> Snapshot {
        let inner = lock(&self.inner);
        let index = &inner.index;
        Snapshot {
            uid_validity: index.uid_validity,
            uid_next: index.uid_next,
            mod_seq: index.mod_seq,
            messages: index.messages.clone(),
        }
    }

    pub fn summary(&self) -> Summary {
        let inner = lock(&self.inner);
        let index = &inner.index;
        let mut summary = Summary {
            uid_validity: index.uid_validity,
            uid_next: index.uid_next,
            mod_seq: index.mod_seq,
            messages: 0,
            recent: 0,
            unseen: 0,
            deleted: 0,
            size: 0,
        };
        for message in &index.messages {
            summary.messages += 1;
            summary.recent += u32::from(message.uid.get() >= index.recent);
            summary.unseen += u32::from(!message.flags.has(Flags::SEEN));
            summary.deleted += u32::from(message.flags.has(Flags::DELETED));
            summary.size = summary.size.saturating_add(message.size);
        }
        summary
    }

    pub fn message(&self, uid: Uid) -> Option<Message> {
        lock(&self.inner).index.find(uid).cloned()
    }

    /// Claims the recent messages for one session: those from the returned UID on were told to nobody before.
    pub fn claim_recent(&self) -> Result<u32> {
        let mut inner = lock(&self.inner);
        let (index, backing) = inner.parts()?;
        let (recent, next) = (index.recent, index.uid_next.get());
        if recent != next {
            backing.set_recent(index, next)?;
            index.recent = next;
        }
        Ok(recent)
    }

    /// A new, empty draft in this mailbox.
    pub fn draft(&self) -> Result<Box<dyn Draft>> {
        lock(&self.inner).parts()?.1.draft()
    }

    /// Appends all of the messages or, where it fails, none. They are durable when it returns.
    pub fn append(&self, new: Vec<NewMessage>) -> Result<Vec<Uid>> {
        let mut new = new;
        for message in &mut new {
            message.draft.finish()?;
            if message.flags.keywords.len() > KEYWORDS {
                return Err(StoreError::Cannot("too many keywords"));
            }
        }
        let mut inner = lock(&self.inner);
        let (index, backing) = inner.parts()?;
        let mod_seq = index.mod_seq + 1;
        let before = index.uid_next;
        let mut messages = Vec::with_capacity(new.len());
        for NewMessage { draft, flags, internal_date } in new {
            let uid = index.take_uid().inspect_err(|_| index.uid_next = before)?;
            messages.push((Message { uid, flags, mod_seq, internal_date, size: draft.size() }, draft));
        }
        let added: Vec<Message> = messages.iter().map(|(message, _)| message.clone()).collect();
        if let Err(error) = backing.insert(index, messages) {
            index.uid_next = before;
            return Err(error);
        }
        let uids = added.iter().map(|message| message.uid).collect();
        index.mod_seq = mod_seq;
        index.messages.extend(added);
        drop(inner);
        self.notify();
        Ok(uids)
    }

    /// Changes the flags of those of `uids` that are still there.
    pub fn set_flags(
        &self,
        uids: &[Uid],
        mode: FlagMode,
        flags: &Flags,
        unchanged_since: Option<u64>,
    ) -> Result<FlagsSet> {
        let mut inner = lock(&self.inner);
        let (index, backing) = inner.parts()?;
        let mod_seq = index.mod_seq + 1;
        let mut set = FlagsSet::default();
        let mut changed = Vec::new();
        for uid in uids {
            let Some(message) = index.find(*uid) else { continue };
            if unchanged_since.is_some_and(|since| message.mod_seq > since) {
                set.modified.push(*uid);
                continue;
            }
            let now = message.flags.changed(mode, flags);
            if now == message.flags {
                set.messages.push(message.clone());
                continue;
            }
            if now.keywords.len() > KEYWORDS {
                return Err(StoreError::Cannot("too many keywords"));
            }
            let message = Message { flags: now, mod_seq, ..message.clone() };
            changed.push(message.clone());
            set.messages.push(message);
        }
        if changed.is_empty() {
            return Ok(set);
        }
        backing.set_flags(index, &changed)?;
        for message in changed {
            if let Some(at) = index.position(message.uid) {
                index.messages[at] = message;
            }
        }
        index.mod_seq = mod_seq;
        drop(inner);
        self.notify();
        Ok(set)
    }

    /// Removes those of `uids` that are still there, and says which they were, ascending.
    pub fn expunge(&self, uids: &[Uid]) -> Result<Vec<Uid>> {
        let mut inner = lock(&self.inner);
        let (index, backing) = inner.parts()?;
        let mut gone: Vec<Uid> = uids.iter().copied().filter(|uid| index.find(*uid).is_some()).collect();
        gone.sort_unstable();
        gone.dedup();
        if gone.is_empty() {
            return Ok(gone);
        }
        let mod_seq = index.mod_seq + 1;
        backing.remove(index, &gone, mod_seq)?;
        index.vanish(&gone, mod_seq);
        drop(inner);
        self.notify();
        Ok(gone)
    }

    /// The octets of a message.
    pub fn content(&self, uid: Uid) -> Result<Box<dyn Content>> {
        let mut inner = lock(&self.inner);
        let (index, backing) = inner.parts()?;
        let message = index.find(uid).ok_or(StoreError::Expunged)?;
        backing.content(message)
    }

    /// What happened after `mod_seq`. Nothing, quickly, where nothing did.
    pub fn changes(&self, mod_seq: u64) -> Changes {
        let inner = lock(&self.inner);
        let index = &inner.index;
        let mut changes = Changes { mod_seq: index.mod_seq, ..Changes::default() };
        if index.mod_seq > mod_seq {
            let from = index.vanished.partition_point(|(at, _)| *at <= mod_seq);
            changes.vanished = index.vanished.iter().skip(from).map(|(_, uid)| *uid).collect();
            changes.vanished.sort_unstable();
            changes.changed =
                index.messages.iter().filter(|message| message.mod_seq > mod_seq).cloned().collect();
        }
        changes
    }

    /// Takes in what other programs did to the messages.
    pub fn refresh(&self) -> Result<()> {
        let mut inner = lock(&self.inner);
        let (index, backing) = inner.parts()?;
        let changed = backing.refresh(index)?;
        drop(inner);
        if changed {
            self.notify();
        }
        Ok(())
    }

    /// Ends the mailbox for all who have it open: it was deleted.
    pub fn close(&self) {
        lock(&self.inner).backing = None;
        self.notify();
    }

    /// If the mailbox was deleted.
    pub fn is_gone(&self) -> bool {
        lock(&self.inner).backing.is_none()
    }

    /// Calls `callback` after each change, on the thread that made it, until the guard is dropped. It should only wake somebody.
    pub fn watch(self: &Arc<Self>, callback: impl Fn() + Send + Sync + 'static) -> Watch {
        let mut watchers = lock(&self.watchers);
        let id = watchers.last().map_or(0, |(id, _)| id + 1);
        watchers.push((id, Arc::new(callback)));
        Watch { mailbox: Arc::clone(self), id }
    }

    fn notify(&self) {
        let callbacks: Vec<Callback> =
            lock(&self.watchers).iter().map(|(_, call)| Arc::clone(call)).collect();
        callbacks.iter().for_each(|call| call());
    }

    /// The maildrop lock of POP3 (RFC 1939, section 3), or `None` if a session has it.
    pub fn lock_maildrop(self: &Arc<Self>) -> Option<Maildrop> {
        (!self.maildrop.swap(true, Ordering::AcqRel)).then(|| Maildrop { mailbox: Arc::clone(self) })
    }
}

/// Keeps a callback of [`Mailbox::watch`] registered.
#[must_use]
pub struct Watch {
    mailbox: Arc<Mailbox>,
    id: u64,
}

impl Drop for Watch {
    fn drop(&mut self) {
        lock(&self.mailbox.watchers).retain(|(id, _)| *id != self.id);
    }
}

/// The maildrop lock, let go when dropped.
#[must_use]
pub struct Maildrop {
    mailbox: Arc<Mailbox>,
}

impl std::ops::Deref for Maildrop {
    type Target = Arc<Mailbox>;
    fn deref(&self) -> &Arc<Mailbox> {
        &self.mailbox
    }
}

impl Drop for Maildrop {
    fn drop(&mut self) {
        self.mailbox.maildrop.store(false, Ordering::Release);
    }
}

/// Copies messages with their flags and dates: all of them or none. Gives each UID with that of its copy.
pub fn copy(from: &Mailbox, uids: &[Uid], to: &Mailbox) -> Result<Vec<(Uid, Uid)>> {
    let mut new = Vec::new();
    let mut sources = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    for uid in uids {
        let Some(message) = from.message(*uid) else { continue };
        let mut content = from.content(*uid)?;
        let mut draft = to.draft()?;
        let mut offset = 0;
        loop {
            let read = content.read(offset, &mut chunk)?;
            if read == 0 {
                break;
            }
            draft.write(chunk.get(..read).unwrap_or_default())?;
            offset += read as u64;
        }
        draft.finish()?;
        sources.push(*uid);
        new.push(NewMessage { draft, flags: message.flags, internal_date: message.internal_date });
    }
    Ok(sources.into_iter().zip(to.append(new)?).collect())
}

/// Renames INBOX: its messages go to a new mailbox, it stays (RFC 9051, section 6.3.6).
pub fn rename_inbox(store: &dyn Store, to: &str) -> Result<()> {
    store.create(to)?;
    let (inbox, new) = (store.open("INBOX")?, store.open(to)?);
    let uids: Vec<Uid> = inbox.snapshot().messages.iter().map(|message| message.uid).collect();
    copy(&inbox, &uids, &new)?;
    inbox.expunge(&uids)?;
    Ok(())
}

/// Each of `names` that is `from` or below it, with its name after `from` becomes `to`.
///
/// # Errors
/// One of the new names exists or is no name, or `to` lies below `from`.
pub fn renamed(names: &[String], from: &str, to: &str) -> Result<Vec<(String, String)>> {
    let below = |name: &str, parent: &str| {
        name.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with(DELIMITER))
    };
    if below(to, from) {
        return Err(if from == to {
            StoreError::AlreadyExists
        } else {
            StoreError::Cannot("a mailbox cannot go below itself")
        });
    }
    let mut pairs = Vec::new();
    for name in names.iter().filter(|name| below(name, from)) {
        let new = canonical(&format!("{to}{}", name.get(from.len()..).unwrap_or_default()))?;
        if names.contains(&new) {
            return Err(StoreError::AlreadyExists);
        }
        pairs.push((name.clone(), new));
    }
    if pairs.is_empty() { Err(StoreError::NoSuchMailbox) } else { Ok(pairs) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(canonical("inbox").unwrap(), "INBOX");
        assert_eq!(canonical("Inbox/Sub/").unwrap(), "INBOX/Sub");
        assert_eq!(canonical("inboxes").unwrap(), "inboxes");
        for bad in ["", "/", "a//b", "/a", "a\0b", "a\nb"] {
            assert!(canonical(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn renames_take_those_below() {
        let names = ["a", "a/b", "ab", "c"].map(String::from);
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(renamed(&names, "a", "x/y").unwrap(), [pair("a", "x/y"), pair("a/b", "x/y/b")]);
        assert!(matches!(renamed(&names, "a", "c"), Err(StoreError::AlreadyExists)));
        assert!(matches!(renamed(&names, "a", "a/z"), Err(StoreError::Cannot(_))));
        assert!(matches!(renamed(&names, "q", "z"), Err(StoreError::NoSuchMailbox)));
    }

    #[test]
    fn keywords_ignore_case() {
        let mut flags = Flags::system(Flags::SEEN);
        flags.add_keyword("$Junk");
        flags.add_keyword("$junk");
        assert_eq!(flags.keywords().collect::<Vec<_>>(), ["$Junk"]);
        flags.remove_keyword("$JUNK");
        assert_eq!(flags, Flags::system(Flags::SEEN));
    }

    #[test]
    fn entries_show_parents() {
        let list = entries(["INBOX", "a/b/c"].into_iter(), ["a", "old"].into_iter());
        let shown: Vec<_> =
            list.iter().map(|e| (e.name.as_str(), e.exists, e.subscribed, e.has_children)).collect();
        assert_eq!(
            shown,
            [
                ("INBOX", true, false, false),
                ("a", false, true, true),
                ("a/b", false, false, true),
                ("a/b/c", true, false, false),
                ("old", false, true, false)
            ]
        );
    }
}
