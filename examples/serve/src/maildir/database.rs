//! The tables beside a Maildir.

use std::{num::NonZeroU32, path::Path, time::Duration};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::embedded::store::{Flags, Index, InternalDate, Message, Result, StoreError, Uid};

/// What `PRAGMA user_version` says of a database of this layout.
const VERSION: i64 = 1;

const SCHEMA: &str = "
CREATE TABLE mailbox (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    uid_validity INTEGER NOT NULL UNIQUE,
    uid_next INTEGER NOT NULL,
    mod_seq INTEGER NOT NULL,
    recent INTEGER NOT NULL
);
CREATE TABLE message (
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    uid INTEGER NOT NULL,
    base BLOB NOT NULL,      -- the file name up to its flags
    system INTEGER NOT NULL, -- the flags that the file name has too
    keywords TEXT NOT NULL,
    mod_seq INTEGER NOT NULL,
    date INTEGER NOT NULL,
    zone INTEGER NOT NULL,
    size INTEGER NOT NULL,
    bare INTEGER NOT NULL,   -- its line ends are LF alone, and size counts them as two
    PRIMARY KEY (mailbox, uid)
) WITHOUT ROWID;
CREATE TABLE vanished (
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    uid INTEGER NOT NULL,
    mod_seq INTEGER NOT NULL,
    PRIMARY KEY (mailbox, uid)
) WITHOUT ROWID;
CREATE TABLE subscription (name TEXT PRIMARY KEY) WITHOUT ROWID;
-- Renames of directories that may be half done.
CREATE TABLE renaming (old TEXT NOT NULL, new TEXT NOT NULL);
-- The last UIDVALIDITY given: never given again, to any mailbox.
CREATE TABLE uid_validity (last INTEGER NOT NULL);
INSERT INTO uid_validity VALUES (0);
";

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Io(std::io::Error::other(error))
    }
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Io(std::io::Error::new(
        std::io::ErrorKind::InvalidData,
        format!("the database has a bad {what}"),
    ))
}

fn signed(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| corrupt("number"))
}

/// A message's file, as its row has it.
#[derive(Debug, Clone)]
pub struct Row {
    pub message: Message,
    pub base: Vec<u8>,
    pub bare: bool,
}

pub struct Database {
    connection: Connection,
}

impl Database {
    /// Opens the database, for this process alone.
    ///
    /// # Errors
    /// It cannot be read, another process has it, or its layout is of another version.
    pub fn open(path: &Path) -> Result<Self> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        match transaction.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))? {
            0 => {
                transaction.execute_batch(SCHEMA)?;
                transaction.pragma_update(None, "user_version", VERSION)?;
            }
            VERSION => {}
            _ => return Err(StoreError::Cannot("the mailwire.sqlite beside the mail is of another version")),
        }
        transaction.commit()?;
        Ok(Self { connection })
    }

    pub fn begin(&mut self) -> Result<Transaction<'_>> {
        Ok(self.connection.transaction()?)
    }

    pub fn mailboxes(&self) -> Result<Vec<(String, i64)>> {
        let mut query = self.connection.prepare_cached("SELECT name, id FROM mailbox")?;
        Ok(query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?)
    }

    pub fn subscriptions(&self) -> Result<Vec<String>> {
        let mut query = self.connection.prepare_cached("SELECT name FROM subscription")?;
        Ok(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    pub fn subscribe(&self, name: &str, subscribed: bool) -> Result<()> {
        let statement = if subscribed {
            "INSERT OR IGNORE INTO subscription VALUES (?1)"
        } else {
            "DELETE FROM subscription WHERE name = ?1"
        };
        self.connection.execute(statement, [name])?;
        Ok(())
    }

    /// Adds a mailbox with a UIDVALIDITY of its own, and gives its id.
    pub fn add_mailbox(&mut self, name: &str) -> Result<i64> {
        let now = InternalDate::now().seconds;
        let transaction = self.connection.transaction()?;
        let last: i64 = transaction.query_row("SELECT last FROM uid_validity", [], |row| row.get(0))?;
        let next = u32::try_from(now.max(last + 1))
            .map_err(|_| StoreError::Cannot("no UIDVALIDITY is left for a new mailbox"))?;
        transaction.execute("UPDATE uid_validity SET last = ?1", [next])?;
        transaction.execute(
            "INSERT INTO mailbox (name, uid_validity, uid_next, mod_seq, recent) VALUES (?1, ?2, 1, 1, 1)",
            params![name, next],
        )?;
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(id)
    }

    pub fn remove_mailbox(&self, id: i64) -> Result<()> {
        self.connection.execute("DELETE FROM mailbox WHERE id = ?1", [id])?;
        Ok(())
    }

    /// Notes renames before the directories are touched.
    pub fn begin_renaming(&mut self, pairs: &[(String, String)]) -> Result<()> {
        let transaction = self.connection.transaction()?;
        for (old, new) in pairs {
            transaction.execute("INSERT INTO renaming VALUES (?1, ?2)", [old, new])?;
        }
        Ok(transaction.commit()?)
    }

    pub fn renaming(&self) -> Result<Vec<(String, String)>> {
        let mut query = self.connection.prepare("SELECT old, new FROM renaming")?;
        Ok(query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?)
    }

    /// The directories have their new names (`done`), or their old ones again.
    pub fn end_renaming(&mut self, pairs: &[(String, String)], done: bool) -> Result<()> {
        let transaction = self.connection.transaction()?;
        for (old, new) in pairs.iter().filter(|_| done) {
            transaction.execute("UPDATE mailbox SET name = ?2 WHERE name = ?1", [old, new])?;
        }
        transaction.execute("DELETE FROM renaming", [])?;
        Ok(transaction.commit()?)
    }

    /// A mailbox's numbers, and its messages' rows in order of UID.
    pub fn load(&self, id: i64) -> Result<(Index, Vec<Row>)> {
        let numbers = self
            .connection
            .query_row(
                "SELECT uid_validity, uid_next, mod_seq, recent FROM mailbox WHERE id = ?1",
                [id],
                |row| {
                    Ok((
                        row.get::<_, u32>(0)?,
                        row.get::<_, u32>(1)?,
                        row.get::<_, i64>(2)?,
                        row.get::<_, u32>(3)?,
                    ))
                },
            )
            .optional()?;
        let (uid_validity, uid_next, mod_seq, recent) = numbers.ok_or(StoreError::NoSuchMailbox)?;
        let mut index = Index::new(NonZeroU32::new(uid_validity).ok_or_else(|| corrupt("UIDVALIDITY"))?);
        index.uid_next = uid(uid_next)?;
        index.mod_seq = u64::try_from(mod_seq).map_err(|_| corrupt("mod-sequence"))?;
        index.recent = recent;
        let mut query = self
            .connection
            .prepare_cached("SELECT mod_seq, uid FROM vanished WHERE mailbox = ?1 ORDER BY mod_seq, uid")?;
        let mut rows = query.query([id])?;
        while let Some(row) = rows.next()? {
            let mod_seq = u64::try_from(row.get::<_, i64>(0)?).map_err(|_| corrupt("mod-sequence"))?;
            index.vanished.push((mod_seq, uid(row.get(1)?)?));
        }
        let mut messages = Vec::new();
        let mut query = self.connection.prepare_cached(
            "SELECT uid, base, system, keywords, mod_seq, date, zone, size, bare FROM message
             WHERE mailbox = ?1 ORDER BY uid",
        )?;
        let mut rows = query.query([id])?;
        while let Some(row) = rows.next()? {
            let mut flags = Flags::system(row.get(2)?);
            row.get_ref(3)?
                .as_str()
                .map_err(|_| corrupt("keyword"))?
                .split_ascii_whitespace()
                .for_each(|keyword| flags.add_keyword(keyword));
            let message = Message {
                uid: uid(row.get(0)?)?,
                flags,
                mod_seq: u64::try_from(row.get::<_, i64>(4)?).map_err(|_| corrupt("mod-sequence"))?,
                internal_date: InternalDate { seconds: row.get(5)?, zone: row.get(6)? },
                size: u64::try_from(row.get::<_, i64>(7)?).map_err(|_| corrupt("size"))?,
            };
            messages.push(Row { message, base: row.get(1)?, bare: row.get(8)? });
        }
        Ok((index, messages))
    }
}

fn uid(number: u32) -> Result<Uid> {
    NonZeroU32::new(number).ok_or_else(|| corrupt("UID"))
}

fn keywords(flags: &Flags) -> String {
    flags.keywords().collect::<Vec<_>>().join(" ")
}

/// Writes new messages' rows.
pub fn insert(transaction: &Transaction<'_>, mailbox: i64, rows: &[Row]) -> Result<()> {
    let mut statement =
        transaction.prepare_cached("INSERT INTO message VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?;
    for Row { message, base, bare } in rows {
        statement.execute(params![
            mailbox,
            message.uid.get(),
            base,
            message.flags.bits(),
            keywords(&message.flags),
            signed(message.mod_seq)?,
            message.internal_date.seconds,
            message.internal_date.zone,
            signed(message.size)?,
            bare,
        ])?;
    }
    Ok(())
}

pub fn set_flags(transaction: &Transaction<'_>, mailbox: i64, changed: &[Message]) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "UPDATE message SET system = ?3, keywords = ?4, mod_seq = ?5 WHERE mailbox = ?1 AND uid = ?2",
    )?;
    for message in changed {
        statement.execute(params![
            mailbox,
            message.uid.get(),
            message.flags.bits(),
            keywords(&message.flags),
            signed(message.mod_seq)?
        ])?;
    }
    Ok(())
}

pub fn vanish(transaction: &Transaction<'_>, mailbox: i64, uids: &[Uid], mod_seq: u64) -> Result<()> {
    let mut delete = transaction.prepare_cached("DELETE FROM message WHERE mailbox = ?1 AND uid = ?2")?;
    let mut note = transaction.prepare_cached("INSERT OR REPLACE INTO vanished VALUES (?1, ?2, ?3)")?;
    for uid in uids {
        delete.execute(params![mailbox, uid.get()])?;
        note.execute(params![mailbox, uid.get(), signed(mod_seq)?])?;
    }
    Ok(())
}

pub fn set_numbers(transaction: &Transaction<'_>, mailbox: i64, uid_next: Uid, mod_seq: u64) -> Result<()> {
    transaction
        .prepare_cached("UPDATE mailbox SET uid_next = ?2, mod_seq = ?3 WHERE id = ?1")?
        .execute(params![mailbox, uid_next.get(), signed(mod_seq)?])?;
    Ok(())
}

pub fn set_recent(transaction: &Transaction<'_>, mailbox: i64, recent: u32) -> Result<()> {
    transaction
        .prepare_cached("UPDATE mailbox SET recent = ?2 WHERE id = ?1")?
        .execute(params![mailbox, recent])?;
    Ok(())
}
