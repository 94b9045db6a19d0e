//! The only transition table: not authenticated, authenticated, selected, logout (RFC 3501 section 3).
//!
//! ```text
//!                    ┌──────────┐
//!                    │ Greeting │
//!                    └────┬─────┘
//!        OK ┌─────────────┼───────────────┐ BYE
//!           ▼             │ PREAUTH       ▼
//!  ┌──────────────────┐   │           ┌────────┐
//!  │ NotAuthenticated │   │           │ Logout │◀── LOGOUT, BYE, the end of the connection: from everywhere
//!  └────────┬─────────┘   │           └────────┘
//!   LOGIN,  │ ▲ UNAUTHENTICATE
//!   AUTHENTICATE ▼ │      ▼
//!         ┌───────────────────┐
//!         │   Authenticated   │◀─┐ CLOSE, UNSELECT; a SELECT or EXAMINE that failed
//!         └─────────┬─────────┘  │
//!    SELECT, EXAMINE▼            │
//!             ┌──────────┐       │
//!             │ Selected │───────┘
//!             └──────────┘
//! ```
//!
//! Everything that decides what may come next lives here.

/// Where a connection stands (RFC 3501 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum State {
    /// The server has not yet said its first line.
    Greeting,
    /// Nobody is known yet.
    NotAuthenticated,
    /// The user is known; no mailbox is selected.
    Authenticated,
    /// A mailbox is selected.
    Selected,
    /// The connection is ending.
    Logout,
}

/// What a command means for the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Effect {
    /// Allowed everywhere, changes nothing: CAPABILITY, NOOP, ID.
    Any,
    /// STARTTLS.
    StartTls,
    /// LOGIN and AUTHENTICATE.
    Authenticate,
    /// UNAUTHENTICATE.
    Unauthenticate,
    /// COMPRESS.
    Compress,
    /// ENABLE: what follows may be read in another way.
    Enable,
    /// Allowed once the user is known, changes nothing.
    Mail,
    /// SELECT and EXAMINE.
    Select,
    /// Allowed while a mailbox is selected, changes nothing.
    Mailbox,
    /// CLOSE and UNSELECT.
    Close,
    /// LOGOUT.
    Logout,
    /// A command this crate does not know: it may mean anything.
    Unknown,
}

#[cfg(test)]
impl Effect {
    pub(crate) const ALL: [Self; 12] = [
        Self::Any,
        Self::StartTls,
        Self::Authenticate,
        Self::Unauthenticate,
        Self::Compress,
        Self::Enable,
        Self::Mail,
        Self::Select,
        Self::Mailbox,
        Self::Close,
        Self::Logout,
        Self::Unknown,
    ];
}

impl State {
    /// Whether a command of this effect may be given.
    pub(crate) const fn allows(self, effect: Effect) -> bool {
        match effect {
            Effect::Any | Effect::Logout | Effect::Unknown => {
                matches!(self, Self::NotAuthenticated | Self::Authenticated | Self::Selected)
            }
            Effect::StartTls | Effect::Authenticate => matches!(self, Self::NotAuthenticated),
            Effect::Unauthenticate | Effect::Mail | Effect::Select | Effect::Compress | Effect::Enable => {
                matches!(self, Self::Authenticated | Self::Selected)
            }
            Effect::Mailbox | Effect::Close => matches!(self, Self::Selected),
        }
    }

    /// The state once a command of this effect was completed.
    pub(crate) const fn completed(self, effect: Effect, ok: bool) -> Self {
        match (self, effect, ok) {
            (Self::Logout | Self::Greeting, _, _) => self,
            (_, Effect::Authenticate, true) => Self::Authenticated,
            (_, Effect::Unauthenticate, true) => Self::NotAuthenticated,
            (_, Effect::Select, true) => Self::Selected,
            (Self::Selected, Effect::Select, false) | (_, Effect::Close, true) => Self::Authenticated,
            (_, Effect::Logout, true) => Self::Logout,
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row an effect, one column a state: `-` not allowed, else the states after OK and after NO.
    const TABLE: &str = "
        Any            -  NN AA SS -
        StartTls       -  NN -  -  -
        Authenticate   -  AN -  -  -
        Unauthenticate -  -  NA NS -
        Compress       -  -  AA SS -
        Enable         -  -  AA SS -
        Mail           -  -  AA SS -
        Select         -  -  SA SA -
        Mailbox        -  -  -  SS -
        Close          -  -  -  AS -
        Logout         -  LN LA LS -
        Unknown        -  NN AA SS -";

    #[test]
    fn every_state_and_effect() {
        let states =
            [State::Greeting, State::NotAuthenticated, State::Authenticated, State::Selected, State::Logout];
        let letter = |state: State| alloc::format!("{state:?}").remove(0);
        for (row, effect) in TABLE.trim().lines().zip(Effect::ALL) {
            let mut cells = row.split_whitespace();
            assert_eq!(cells.next().unwrap(), alloc::format!("{effect:?}"));
            for (state, cell) in states.into_iter().zip(cells) {
                let expected = if state.allows(effect) {
                    alloc::format!(
                        "{}{}",
                        letter(state.completed(effect, true)),
                        letter(state.completed(effect, false))
                    )
                } else {
                    "-".into()
                };
                assert_eq!(cell, expected, "{effect:?} in {state:?}");
            }
        }
    }
}
