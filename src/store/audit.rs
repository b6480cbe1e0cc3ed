//! Audit events at the boundary: appended, never changed.

use jiff::Timestamp;

use super::Result;
use crate::model::audit::{AuditEvent, AuditFilter};
use crate::model::page::{Page, PageAfter};

/// The order of events in a cursor.
pub const AUDIT_ORDER: char = 'e';

/// The newest event, which the next one follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// Its number.
    pub n: i64,
    /// When it happened.
    pub at: Timestamp,
    /// The chain's hash up to it.
    pub hash: [u8; 32],
}

/// Reading events.
pub trait AuditReads {
    /// The newest event's place in the chain; `None` before the first.
    ///
    /// # Errors
    /// When it cannot be read.
    fn audit_head(&self) -> Result<Option<AuditHead>>;

    /// The events that the filter lets through, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_audit(&self, filter: &AuditFilter, page: &PageAfter) -> Result<Page<AuditEvent>>;

    /// Events in the order of their numbers, at most `n` after number `after`.
    ///
    /// # Errors
    /// When they cannot be read.
    fn scan_audit(&self, after: i64, n: usize) -> Result<Vec<AuditEvent>>;
}

/// Appending events.
pub trait AuditWrites {
    /// Keeps the event that follows the newest one.
    ///
    /// # Errors
    /// When it cannot be written.
    fn append_audit(&mut self, event: &AuditEvent) -> Result<()>;
}
