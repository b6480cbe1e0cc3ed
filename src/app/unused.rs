//! Disabling keys that nobody uses, where a project says so; never deleting them.
//!
//! A key is announced first, and stays so for 14 days at least, however far the clock jumps meanwhile:
//! the announcement is kept, not worked out. Whoever uses the key takes it back.

use serde_json::json;

use super::audit::Entry;
use super::keys::{find_project, reason_detail, target};
use super::projects;
use super::{App, Result};
use crate::model::expiry::Span;
use crate::model::key::{KeyRef, KeyStatus, Note};
use crate::model::principal::Principal;
use crate::model::project::{ANNOUNCED_AHEAD, ProjectName};
use crate::store::keys::{KeySeq, Switch};
use crate::store::projects::ProjectSeq;
use crate::store::unused::Announcement;

/// The most keys that one run announces, and disables, in a project.
const STEP: usize = 500;

impl App {
    /// Disables the unused keys whose announced time has come and announces others; answers with how
    /// many of both. A server does this all the time, in steps.
    ///
    /// # Errors
    /// When the database does not answer; what is not done then is due the next time.
    pub fn disable_unused_keys(&self) -> Result<(usize, usize)> {
        let rules = self.read()?.list_unused_rules()?;
        if !rules.is_empty() {
            self.flush_all_usage()?;
        }
        let (mut n_disabled, mut n_announced) = (0, 0);
        for (seq, project, after) in rules {
            n_disabled += self.disable_due(seq, &project, after)?;
            n_announced += self.announce(&project, after)?;
        }
        Ok((n_disabled, n_announced))
    }

    fn disable_due(&self, seq: ProjectSeq, project: &ProjectName, after: Span) -> Result<usize> {
        let who = Principal::server();
        let reason = Note::parse("reason", &format!("it was not used for {after}"))?;
        let due = self.read()?.list_unused_due(seq, self.now(), STEP)?;
        let mut n_disabled = 0;
        for id in due {
            let Some(change) = self.find_change(&who, project, &KeyRef::from(id))? else { continue };
            let (mut tx, key, at) = (change.tx, change.key, change.at);
            // Asked again in the transaction: a use may have taken it back.
            if key.unused_off_at.is_none_or(|off_at| off_at > at) {
                continue;
            }
            if key.facts.status(at) == KeyStatus::Active {
                tx.switch_key(KeySeq(key.seq), &Switch::Off { reason: reason.as_ref() })?;
                let entry = Entry { who: &who, at, project: Some(project) };
                entry.append(&mut *tx, "key.disabled", target(&key), reason_detail(reason.as_ref()))?;
                n_disabled += 1;
            } else {
                // It could not be used meanwhile, and is announced anew when it can.
                tx.withdraw_unused(KeySeq(key.seq))?;
            }
            tx.commit()?;
        }
        Ok(n_disabled)
    }

    fn announce(&self, project: &ProjectName, after: Span) -> Result<usize> {
        let who = Principal::server();
        let mut tx = self.write()?;
        let (seq, now) = (find_project(&*tx, project)?, self.now());
        let announcement = Announcement { after, by: ANNOUNCED_AHEAD.after(now), now };
        let n = tx.announce_unused(seq, &announcement, STEP)?;
        if n > 0 {
            let entry = Entry { who: &who, at: now, project: Some(project) };
            let detail = json!({ "keys": n, "disabled_at": announcement.by });
            entry.append(&mut *tx, "project.unused_announced", projects::target(project), detail)?;
            tx.commit()?;
        }
        Ok(n)
    }
}
