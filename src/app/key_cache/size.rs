//! How much memory a record takes, on the safe side.

use std::mem::size_of;

use super::table::Cached;
use crate::app::usage::Tally;
use crate::store::VerifyRecord;
use crate::store::keys::StoredSecret;

/// What an allocator adds to each piece, rounded up.
const PIECE: usize = 24;
/// What the key was used, its limits, and the two numbers of each `Arc`.
const BESIDE: usize = size_of::<Tally>() + 160;

/// The bytes of a record in the table.
pub(super) fn of(record: &VerifyRecord) -> usize {
    let facts = &record.facts;
    let text = |text: &str| text.len() + PIECE;
    let scopes: usize = facts.scopes.iter().map(|scope| text(scope.as_str()) + size_of::<String>()).sum();
    let account = facts.account.as_ref().map_or(0, |account| {
        let external = account.external_id.as_ref().map_or(0, |id| text(id.as_str()));
        text(account.id.as_str()) + text(account.name.as_str()) + external
    });
    let metadata = if facts.metadata.is_empty() { 0 } else { 4 * facts.metadata.to_text().len() };
    let addresses = facts.allowed_ips.len() * size_of::<ipnet::IpNet>();
    let secrets = record.secrets.len() * size_of::<StoredSecret>() + PIECE;
    let reason = facts.shown_reason.as_ref().map_or(0, |note| text(note.as_str()));
    let contact = facts.contact.as_ref().map_or(0, |contact| text(contact.as_str()));
    let texts = text(facts.project.as_str()) + text(facts.name.as_str()) + text(facts.prefix.as_str());
    let parts = texts + scopes + account + metadata + addresses + secrets + reason + contact;
    // What an edge tells of it is kept beside it, and is about as much again.
    size_of::<Cached>() + size_of::<VerifyRecord>() + BESIDE + 2 * parts
}
