//! The JSON shape of a key's secrets, side by side while a rotation overlaps.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::key::{Key, Overlap, SecretInfo};

/// One live secret.
#[derive(Debug, Serialize)]
pub(super) struct SecretView<'a> {
    created_at: Timestamp,
    ends_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    last_seen_at: Option<Timestamp>,
    last_seen_ip: Option<&'a str>,
    /// Only while two are live, since only then it is counted.
    seen_since_rotation: Option<u64>,
    /// Only of the old one.
    safe_to_end: Option<bool>,
    ends_when_quiet_for_seconds: Option<i64>,
}

/// The live secrets, the newest first.
pub(super) fn views(key: &Key, now: Timestamp) -> Vec<SecretView<'_>> {
    let overlap = key.overlap();
    key.secrets.iter().map(|secret| SecretView::new(secret, overlap, now)).collect()
}

impl<'a> SecretView<'a> {
    fn new(secret: &'a SecretInfo, overlap: Option<Overlap<'a>>, now: Timestamp) -> Self {
        let as_old = overlap.filter(|overlap| overlap.old == secret);
        Self {
            created_at: secret.created_at,
            ends_at: secret.ends_at,
            last_used_at: secret.last_used_at,
            last_seen_at: secret.last_seen_at,
            last_seen_ip: secret.last_seen_ip.as_deref(),
            seen_since_rotation: overlap.map(|_| secret.n_seen),
            safe_to_end: as_old.map(|overlap| overlap.is_safe_to_end(now)),
            ends_when_quiet_for_seconds: as_old
                .and_then(|overlap| overlap.old.quiet)
                .map(|quiet| quiet.duration().as_secs()),
        }
    }
}
