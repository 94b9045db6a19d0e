//! The only transition table: which command in which state, and where its success leads.
//!
//! ```text
//!                 +OK                PASS, APOP or AUTH +OK              QUIT
//!   ┌──────────┐      ┌───────────────┐             ┌─────────────┐          ┌────────┐
//!   │ GREETING ├─────▶│ AUTHORIZATION ├────────────▶│ TRANSACTION ├─────────▶│ UPDATE │
//!   └──────────┘      └─┬─────────────┘             └─────────────┘          └───┬────┘
//!                       │ QUIT                                        its answer │
//!                       ▼                                                        ▼
//!                   ┌────────────────────────────────────────────────────────────────┐
//!                   │                             CLOSED                             │
//!                   └────────────────────────────────────────────────────────────────┘
//! ```
//!
//! Only a whole QUIT leads into UPDATE (RFC 1939 section 6): the end of the connection does not.

/// Where a session is (RFC 1939 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum State {
    /// The server's greeting is awaited.
    Greeting,
    /// The client must say who it is.
    Authorization,
    /// The client works with the maildrop.
    Transaction,
    /// The server removes what was marked as deleted.
    Update,
    /// The session is over.
    Closed,
}

/// The keyword of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is the command of its name")]
pub enum Keyword {
    User,
    Pass,
    Apop,
    Auth,
    Stls,
    Utf8,
    Capa,
    Lang,
    Stat,
    List,
    Retr,
    Dele,
    Noop,
    Rset,
    Top,
    Uidl,
    Quit,
    Other,
}

/// The state that success leads to, where the command is allowed.
type Next = Option<State>;

/// Keyword, in AUTHORIZATION, in TRANSACTION.
#[rustfmt::skip]
const TABLE: &[(Keyword, Next, Next)] = &[
    (Keyword::User,  Some(State::Authorization), None),
    (Keyword::Pass,  Some(State::Transaction),   None),
    (Keyword::Apop,  Some(State::Transaction),   None),
    (Keyword::Auth,  Some(State::Transaction),   None),
    (Keyword::Stls,  Some(State::Authorization), None),
    (Keyword::Utf8,  Some(State::Authorization), None),
    (Keyword::Capa,  Some(State::Authorization), Some(State::Transaction)),
    (Keyword::Lang,  Some(State::Authorization), Some(State::Transaction)),
    (Keyword::Stat,  None,                       Some(State::Transaction)),
    (Keyword::List,  None,                       Some(State::Transaction)),
    (Keyword::Retr,  None,                       Some(State::Transaction)),
    (Keyword::Dele,  None,                       Some(State::Transaction)),
    (Keyword::Noop,  None,                       Some(State::Transaction)),
    (Keyword::Rset,  None,                       Some(State::Transaction)),
    (Keyword::Top,   None,                       Some(State::Transaction)),
    (Keyword::Uidl,  None,                       Some(State::Transaction)),
    (Keyword::Quit,  Some(State::Closed),        Some(State::Update)),
    (Keyword::Other, Some(State::Authorization), Some(State::Transaction)),
];

impl Keyword {
    /// Its row of the table.
    const fn row(self) -> usize {
        match self {
            Self::User => 0,
            Self::Pass => 1,
            Self::Apop => 2,
            Self::Auth => 3,
            Self::Stls => 4,
            Self::Utf8 => 5,
            Self::Capa => 6,
            Self::Lang => 7,
            Self::Stat => 8,
            Self::List => 9,
            Self::Retr => 10,
            Self::Dele => 11,
            Self::Noop => 12,
            Self::Rset => 13,
            Self::Top => 14,
            Self::Uidl => 15,
            Self::Quit => 16,
            Self::Other => 17,
        }
    }
}

impl State {
    /// The state that success of the command leads to; `None` where it is not allowed.
    pub fn next(self, keyword: Keyword) -> Option<Self> {
        let (_, authorization, transaction) = TABLE.get(keyword.row())?;
        match self {
            Self::Authorization => *authorization,
            Self::Transaction => *transaction,
            Self::Greeting | Self::Update | Self::Closed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_has_one_row_and_update_one_way_in() {
        for (index, (keyword, authorization, transaction)) in TABLE.iter().enumerate() {
            assert_eq!(keyword.row(), index);
            assert_ne!(*authorization, Some(State::Update));
            assert_eq!(*transaction == Some(State::Update), *keyword == Keyword::Quit);
            for state in [State::Greeting, State::Update, State::Closed] {
                assert_eq!(state.next(*keyword), None);
            }
        }
        assert_eq!(TABLE.len(), 18);
    }
}
