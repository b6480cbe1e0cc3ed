//! One account's page: who it is, its keys, the limits that they share, their requests together.

use askama::Template;
use jiff::Timestamp;

use crate::model::account::{Account, AccountId, ExternalId, Metadata};
use crate::model::audit::{AuditEvent, AuditFilter};
use crate::model::key::{Key, KeyFilter};
use crate::model::page::{Limit, Page, PageRequest};
use crate::model::scope::Catalogue;
use crate::model::usage::UsageRange;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::audit::change::Change;
use crate::web::admin::chart::UsagePanel;
use crate::web::admin::keys::{KeyRow, StatusWords};
use crate::web::admin::limits::LimitWords;
use crate::web::admin::page::{Frame, Place, with_query};
use crate::web::admin::visit::Visit;
use crate::web::admin::when::{When, counted};
use crate::web::routes;

/// How many of its keys the page shows.
const KEYS_SHOWN: &str = "20";

/// The page, in words.
#[derive(Template)]
#[template(path = "accounts/show.html")]
struct AccountPage {
    frame: Frame,
    id: AccountId,
    name: String,
    external_id: String,
    enabled: bool,
    status: StatusWords,
    created: When,
    /// "2 keys".
    keys: String,
    rows: Vec<KeyRow>,
    /// All of them, where the page shows only some; empty where it shows all.
    all_keys: String,
    /// The form for another key of this account.
    new_key: String,
    limits: LimitWords,
    usage: UsagePanel,
    /// The JSON text, with a line for each field; empty where there is none.
    metadata: String,
    history: Vec<Change>,
    /// Where a change on this page comes back to.
    back: &'static str,
}

/// The page of an account.
pub(crate) fn show(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project()?, visit.account_id()?);
    let (app, who) = (&visit.app, visit.who());
    let frame = visit.frame(Place::Accounts, &project)?;
    let account = app.get_account(&who, &project, id.as_str())?;
    let filter = KeyFilter { account: Some(id.to_string()), ..KeyFilter::default() };
    let keys = PageRequest { limit: Limit::parse(KEYS_SHOWN)?, cursor: None };
    let keys = app.list_keys(&who, &project, &filter, &keys)?;
    let catalogue = app.get_catalogue(&who, &project)?;
    let of_account = AuditFilter { target_id: Some(id.to_string()), ..AuditFilter::default() };
    let history = app.list_audit(&who, &of_account, &PageRequest::default())?;
    let usage = |range: &UsageRange| app.account_outcomes(&who, &project, id.as_str(), range);
    let usage = UsagePanel::read(visit, &routes::account(&project, &id), usage)?;
    Answer::page(&AccountPage::new(frame, &account, (&keys, &catalogue), usage, &history.items, visit.now()))
}

impl AccountPage {
    fn new(
        frame: Frame,
        account: &Account,
        (keys, catalogue): (&Page<Key>, &Catalogue),
        usage: UsagePanel,
        history: &[AuditEvent],
        now: Timestamp,
    ) -> Self {
        let of_account = format!("account={}", account.id);
        let all_keys = with_query(&routes::keys(&frame.project), &of_account);
        Self {
            id: account.id.clone(),
            name: account.name.as_str().to_owned(),
            external_id: account.external_id.as_ref().map(ExternalId::as_str).unwrap_or_default().to_owned(),
            enabled: account.enabled,
            status: StatusWords::of_account(account),
            created: When::new(account.created_at, now),
            keys: counted(account.n_keys, "key"),
            rows: keys.items.iter().map(|key| KeyRow::new(key, catalogue, now)).collect(),
            all_keys: keys.next_cursor.as_ref().map(|_| all_keys).unwrap_or_default(),
            new_key: with_query(&routes::key_new(&frame.project), &of_account),
            limits: LimitWords::new(&account.limits, account.quota_state, now),
            usage,
            metadata: metadata(&account.metadata),
            history: history.iter().map(|event| Change::of_it(event, now)).collect(),
            back: super::BACK_TO_ACCOUNT,
            frame,
        }
    }
}

fn metadata(metadata: &Metadata) -> String {
    if *metadata == Metadata::default() {
        return String::new();
    }
    serde_json::to_string_pretty(metadata).unwrap_or_default()
}
