//! What is remembered of the time at the boundary, so that it does not run backwards over a restart.
//!
//! The newest time of a counted use is remembered with it ([`super::Store::write_usage`]).

use jiff::Timestamp;

use super::Result;

/// What is remembered of the time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClockMarks {
    /// The newest time that anything was decided by.
    pub seen: Option<Timestamp>,
    /// The time that deletions by age go by, which no jump of the clock moves.
    pub settled: Option<Timestamp>,
    /// Up to where a wrong clock had set the time ahead before it was reset: audit events, whose times
    /// never go back, say nothing about the time until they are past this.
    pub wrong_until: Option<Timestamp>,
}

/// Reading it.
pub trait ClockReads {
    /// What is remembered; nothing is when no server ran yet.
    ///
    /// # Errors
    /// When it cannot be read.
    fn clock_marks(&self) -> Result<ClockMarks>;
}

/// Setting it.
pub trait ClockWrites {
    /// Puts this in place of what is remembered, even if it is older; `None` leaves a mark as it is.
    ///
    /// # Errors
    /// When it cannot be written.
    fn reset_clock_marks(&mut self, marks: &ClockMarks) -> Result<()>;
}
