//! Who may log in.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{Arc, Mutex, Weak},
};

use subtle::ConstantTimeEq;

use crate::{
    embedded::{
        memory::Memory,
        store::{Accounts, Result, Store, lock},
    },
    maildir::{Maildir, store::Shared},
};

/// Users and their passwords.
#[derive(Default)]
pub struct Users(BTreeMap<String, String>);

impl Users {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds `NAME:PASSWORD`; the password may have colons.
    ///
    /// # Errors
    /// The text has no colon, or the name is empty, known already, or could not be a directory.
    pub fn add(&mut self, text: &str) -> std::result::Result<(), String> {
        let (name, password) = text.split_once(':').ok_or("a user is NAME:PASSWORD")?;
        let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"@._+-".contains(&octet);
        if name.is_empty() || name.len() > 128 || name.starts_with('.') || !name.bytes().all(plain) {
            return Err(format!(
                "the user name {name:?} is not of letters, digits and @ . _ + -, at most 128, no dot in front"
            ));
        }
        if password.is_empty() {
            return Err(format!("the user {name} has no password"));
        }
        if self.0.insert(name.to_owned(), password.to_owned()).is_some() {
            return Err(format!("the user {name} is there twice"));
        }
        Ok(())
    }

    /// Adds a line each; empty ones and those with `#` in front are comments.
    ///
    /// # Errors
    /// As [`Self::add`], with the number of the line.
    pub fn add_lines(&mut self, text: &str) -> std::result::Result<(), String> {
        for (number, line) in text.lines().enumerate() {
            if !line.trim().is_empty() && !line.starts_with('#') {
                self.add(line).map_err(|error| format!("line {}: {error}", number + 1))?;
            }
        }
        Ok(())
    }

    /// The user's name as it is kept, if the password is right. Takes as long for a wrong one, and for a wrong name.
    pub fn check(&self, user: &[u8], password: &[u8]) -> Option<&str> {
        let name = std::str::from_utf8(user).ok();
        let found = name.and_then(|name| self.0.get_key_value(name));
        let right = found.map_or("", |(_, right)| right.as_str()).as_bytes();
        // Comparing with as many octets as were given keeps the time apart from the length that is right.
        let padded: Vec<u8> = (0..password.len()).map(|at| right.get(at).copied().unwrap_or(0)).collect();
        let equal = padded.ct_eq(password) & right.len().ct_eq(&password.len());
        found.filter(|_| bool::from(equal)).map(|(name, _)| name.as_str())
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Users with mailboxes in memory.
pub struct InMemory {
    users: Users,
    stores: HashMap<String, Arc<Memory>>,
}

impl InMemory {
    pub fn new(users: Users) -> Self {
        let stores = users.names().map(|name| (name.to_owned(), Arc::default())).collect();
        Self { users, stores }
    }
}

impl Accounts for InMemory {
    fn login(&self, user: &[u8], password: &[u8]) -> Result<Option<Arc<dyn Store>>> {
        let store = self.users.check(user, password).and_then(|name| self.stores.get(name));
        Ok(store.map(|store| Arc::clone(store) as Arc<dyn Store>))
    }
}

/// Users with a Maildir each, in the directory of their name.
pub struct InMaildirs {
    users: Users,
    directory: PathBuf,
    open: Mutex<HashMap<String, Weak<Shared>>>,
}

impl InMaildirs {
    pub fn new(users: Users, directory: PathBuf) -> Self {
        Self { users, directory, open: Mutex::default() }
    }
}

impl Accounts for InMaildirs {
    fn login(&self, user: &[u8], password: &[u8]) -> Result<Option<Arc<dyn Store>>> {
        let Some(name) = self.users.check(user, password) else { return Ok(None) };
        let mut open = lock(&self.open);
        if let Some(store) = open.get(name).and_then(Maildir::upgrade) {
            return Ok(Some(Arc::new(store)));
        }
        let store = Maildir::open(&self.directory.join(name))?;
        open.insert(name.to_owned(), store.downgrade());
        Ok(Some(Arc::new(store)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords() {
        let mut users = Users::default();
        users.add_lines("# people\n\nalice:se:cret\nbob@x.org:b\n").unwrap();
        assert_eq!(users.check(b"alice", b"se:cret"), Some("alice"));
        assert_eq!(users.check(b"bob@x.org", b"b"), Some("bob@x.org"));
        for (user, password) in
            [("alice", "se:cre"), ("alice", "se:cret\0"), ("alice", ""), ("eve", ""), ("eve", "b"), ("", "")]
        {
            assert_eq!(users.check(user.as_bytes(), password.as_bytes()), None);
        }
        for bad in ["x", ":p", "../x:p", ".x:p", "a/b:p", "x:", "alice:again"] {
            assert!(users.add(bad).is_err(), "{bad}");
        }
        assert!(users.add_lines("carl:c\nq").unwrap_err().starts_with("line 2:"));
    }

    #[test]
    fn sessions_share_a_store() {
        let scratch = crate::maildir::store::tests::Scratch::new("users");
        let mut users = Users::default();
        users.add("a:b").unwrap();
        let accounts = InMaildirs::new(users, scratch.0.clone());
        let one = accounts.login(b"a", b"b").unwrap().unwrap();
        let two = accounts.login(b"a", b"b").unwrap().unwrap();
        assert!(Arc::ptr_eq(&one.open("INBOX").unwrap(), &two.open("INBOX").unwrap()));
        assert!(accounts.login(b"a", b"c").unwrap().is_none());
    }
}
