//! One key's page: what is known about it, its scopes in words, its secrets, its history.

use askama::Template;
use jiff::{SignedDuration, Timestamp};

use super::back::Back;
use super::narrow::NarrowWords;
use super::row::KeyRow;
use super::toast::toast;
use super::used::used;
use crate::app::narrow::Asked;
use crate::app::noted::NotedKey;
use crate::model::audit::{AuditEvent, AuditFilter};
use crate::model::key::{Key, KeyRef, SecretInfo};
use crate::model::noted::Refusal;
use crate::model::page::{Limit, PageRequest};
use crate::model::scope::Catalogue;
use crate::model::usage::UsageRange;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::audit::change::Change;
use crate::web::admin::audit::words::by;
use crate::web::admin::chart::UsagePanel;
use crate::web::admin::limits::KeyLimits;
use crate::web::admin::page::{Frame, Place, with_query};
use crate::web::admin::visit::Visit;
use crate::web::admin::when::{When, counted};
use crate::web::problem::Problem;
use crate::web::routes;

/// The page, in words.
#[derive(Template)]
#[template(path = "keys/show.html")]
pub(crate) struct KeyPage {
    frame: Frame,
    row: KeyRow,
    /// The page of its account.
    account_page: String,
    expires: Option<When>,
    created: When,
    created_by: String,
    note: String,
    /// Why it is disabled; empty where nobody said.
    reason: String,
    /// The form for a new key that is like this one.
    like: String,
    /// Since when the key is unused.
    used: String,
    limits: KeyLimits,
    usage: UsagePanel,
    secrets: Vec<SecretWords>,
    /// How far the change to a new secret is, while two are live.
    overlap: Option<OverlapWords>,
    /// The newest refusals, newest first.
    refused: Vec<Refused>,
    narrow: NarrowWords,
    history: Vec<Change>,
    /// Where a change on this page comes back to.
    back: String,
}

/// What belongs to a key besides its own record.
struct Found<'a> {
    catalogue: &'a Catalogue,
    limits: KeyLimits,
    usage: UsagePanel,
    watched: NotedKey,
    /// Its newest audit events.
    history: &'a [AuditEvent],
}

/// One secret of the key.
struct SecretWords {
    created: When,
    last_used: Option<When>,
    ends: Option<When>,
    last_seen: Option<When>,
    last_seen_ip: String,
    /// "12 requests".
    seen: String,
}

/// Whether the old secret can end.
struct OverlapWords {
    is_safe: bool,
    quiet_since: When,
    /// "24h".
    quiet_needed: String,
    /// "3d"; empty where it does not end by itself.
    ends_when_quiet: String,
}

/// A request that was refused.
struct Refused {
    words: &'static str,
    code: &'static str,
    /// "GET /unified/hris"; empty where no proxy said which request it was.
    request: String,
    /// From where; empty where nobody knows.
    ip: String,
    when: When,
}

/// The page of a key.
pub(crate) fn show(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project()?, visit.key_id()?);
    let mut frame = visit.frame(Place::Keys, &project)?;
    let key = visit.app.get_key(&visit.who(), &project, &KeyRef::from(id))?;
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    frame.toast = toast(visit, &project, &Back::Key);
    let of_key = AuditFilter { target_id: Some(id.to_string()), ..AuditFilter::default() };
    let newest = PageRequest { limit: Limit::default(), cursor: None };
    let history = visit.app.list_audit(&visit.who(), &of_key, &newest)?;
    let address = routes::key(&project, &id);
    let usage = |range: &UsageRange| visit.app.key_outcomes(&visit.who(), &project, &KeyRef::from(id), range);
    let found = Found {
        catalogue: &catalogue,
        limits: limits(visit, &key)?,
        usage: UsagePanel::read(visit, &address, usage)?,
        watched: visit.app.noted_key(&visit.who(), &project, &KeyRef::from(id))?,
        history: &history.items,
    };
    Answer::page(&KeyPage::new(frame, &key, found, visit.now()))
}

impl KeyPage {
    /// The page of a key at `now`.
    fn new(frame: Frame, key: &Key, found: Found<'_>, now: Timestamp) -> Self {
        let facts = &key.facts;
        let account = facts.account.as_ref().map(|account| routes::account(&frame.project, &account.id));
        Self {
            row: KeyRow::new(key, found.catalogue, now),
            account_page: account.unwrap_or_default(),
            expires: facts.expires_at.map(|at| When::new(at, now)),
            created: When::new(facts.created_at, now),
            created_by: by(&key.created_by),
            note: key.note.as_ref().map(|note| note.as_str().to_owned()).unwrap_or_default(),
            reason: key.disabled_reason.as_ref().map(|reason| reason.as_str().to_owned()).unwrap_or_default(),
            like: with_query(&routes::key_new(&frame.project), &format!("like={}", facts.id)),
            used: used(key, now),
            limits: found.limits,
            usage: found.usage,
            overlap: key.overlap().map(|overlap| OverlapWords {
                is_safe: overlap.is_safe_to_end(now),
                quiet_since: When::new(overlap.quiet_since(), now),
                quiet_needed: overlap.quiet_needed().to_string(),
                ends_when_quiet: overlap.old.quiet.map(|quiet| quiet.to_string()).unwrap_or_default(),
            }),
            secrets: key.secrets.iter().map(|secret| SecretWords::new(secret, now)).collect(),
            refused: found.watched.refusals.iter().map(|refusal| Refused::new(refusal, now)).collect(),
            narrow: NarrowWords::new(&Asked::new(key, &found.watched.asked, now), now),
            history: found.history.iter().map(|event| Change::of_it(event, now)).collect(),
            back: Back::Key.to_text(),
            frame,
        }
    }
}

/// The key's limits, its account's, and what was watched in 30 days.
fn limits(visit: &Visit, key: &Key) -> Result<KeyLimits, Problem> {
    let (who, project, now) = (visit.who(), &key.facts.project, visit.now());
    let account = match &key.facts.account {
        Some(account) if !account.limits.is_unlimited() => {
            Some(visit.app.get_account(&who, project, account.id.as_str())?)
        }
        _ => None,
    };
    let from = now.checked_sub(SignedDuration::from_hours(30 * 24)).unwrap_or(Timestamp::MIN);
    let to = now.checked_add(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MAX);
    let watched = visit.app.list_watched(&who, project, &KeyRef::from(key.facts.id), (from, to))?;
    Ok(KeyLimits::new(key, account.as_ref(), &watched, now))
}

impl SecretWords {
    fn new(secret: &SecretInfo, now: Timestamp) -> Self {
        Self {
            created: When::new(secret.created_at, now),
            last_used: secret.last_used_at.map(|at| When::new(at, now)),
            ends: secret.ends_at.map(|at| When::new(at, now)),
            last_seen: secret.last_seen_at.map(|at| When::new(at, now)),
            last_seen_ip: secret.last_seen_ip.clone().unwrap_or_default(),
            seen: counted(secret.n_seen, "request"),
        }
    }
}

impl Refused {
    fn new(refusal: &Refusal, now: Timestamp) -> Self {
        let request = refusal.request.as_ref();
        Self {
            words: refusal.code.title(),
            code: refusal.code.as_str(),
            request: request
                .map(|request| format!("{} {}", request.method, request.path))
                .unwrap_or_default(),
            ip: refusal.ip.map(|ip| ip.to_string()).unwrap_or_default(),
            when: When::new(refusal.at, now),
        }
    }
}
