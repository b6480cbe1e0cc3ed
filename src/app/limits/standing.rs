//! How the limits of a key stand after a request, for its answer.

use crate::model::limit::Watched;

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Which limit.
    pub of: Watched,
    /// How much fits in all.
    pub limit: u64,
    /// In how many seconds; `None` for a month.
    pub window_seconds: Option<u32>,
    /// How much still fits now.
    pub remaining: u64,
    /// After how many seconds all of it does again.
    pub reset_seconds: u64,
}

/// The limits of a key that are enforced, in the order in which they are checked; none for most keys, whose
/// verdicts have no room for them that would be moved about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standings {
    all: Vec<Standing>,
    refused_by: Option<(Watched, u64)>,
}

impl Standings {
    /// These.
    pub(super) fn new(standings: impl Iterator<Item = Standing>) -> Self {
        Self { all: standings.collect(), refused_by: None }
    }

    pub(super) fn refused_by(&mut self, by: Watched, wait_seconds: u64) {
        self.refused_by = Some((by, wait_seconds));
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Standing> {
        self.all.iter()
    }

    /// The one that counts most for whoever asks: the one that refused, else the one of which the
    /// least is left.
    pub fn tightest(&self) -> Option<&Standing> {
        match self.refused_by {
            Some((by, _)) => self.iter().find(|standing| standing.of == by),
            None => self.iter().min_by_key(|standing| standing.remaining),
        }
    }

    /// After how many seconds the limit that refused lets the same request through.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.refused_by.map(|(_, seconds)| seconds)
    }
}
