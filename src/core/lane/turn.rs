//! The answer to a waiter that asks for its turn, and why its turn has not come.

/// The answer to a waiter that asks for its turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Turn {
    /// The slot is taken for the waiter, who starts its request now.
    Go,
    /// Not yet: ask again.
    AskAgain {
        /// When.
        at: f64,
        /// What there is to wait for.
        why: Wait,
    },
}

/// Why a turn has not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The claim itself wants no slot yet.
    NotDue,
    /// The server asked everyone to stay away.
    Paused,
    /// So many others go first.
    Behind(u32),
    /// A request is under way.
    InFlight,
    /// The last request is less than a gap ago.
    Spacing,
}

impl Wait {
    /// The reason's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotDue => "notDue",
            Self::Paused => "paused",
            Self::Behind(_) => "behindOthers",
            Self::InFlight => "inFlight",
            Self::Spacing => "floor",
        }
    }
}
