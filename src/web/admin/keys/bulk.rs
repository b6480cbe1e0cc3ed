//! Disabling or deleting the keys that were selected in the table, after one question that names
//! each of them; and enabling those again that were just disabled, with one click.

use askama::Template;

use super::back::Back;
use super::used::{is_in_use, used};
use crate::app::Permission;
use crate::app::keys_bulk::{Bulk, Fate};
use crate::model::Invalid;
use crate::model::audit::AuditFilter;
use crate::model::key::{Key, KeyId, Note};
use crate::model::page::{Limit, PageRequest};
use crate::model::project::ProjectName;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::{Frame, Place, Toast, with_query};
use crate::web::admin::visit::Visit;
use crate::web::admin::when::counted;
use crate::web::routes;

/// The question, in words.
#[derive(Template)]
#[template(path = "keys/selected.html")]
struct AskSelected {
    frame: Frame,
    keys: Vec<SelectedKey>,
    /// "3 keys".
    n: String,
    /// "1 key was used in the last 24 hours"; empty for none.
    in_use: String,
    /// "1 key is gone already"; empty for none.
    gone: String,
    deletes: bool,
    reason_is_shown: bool,
    back: String,
    cancel: String,
}

/// A key that the question names.
struct SelectedKey {
    id: KeyId,
    name: String,
    used: String,
    is_off: bool,
}

/// What is asked for.
struct Selected {
    ids: Vec<KeyId>,
    fate: Fate,
    back: Back,
}

/// Asks whether to disable or delete the keys.
pub(crate) fn ask(visit: &Visit) -> PageResult {
    let project = visit.project_for(Permission::WriteKeys)?;
    let selected = Selected::parse(&visit.query())?;
    if selected.fate == Fate::Enabled {
        return Err(Invalid::new("do", "enable", "is nothing to ask about").into());
    }
    let keys = visit.app.get_keys(&visit.who(), &project, &selected.ids)?;
    let frame = visit.frame(Place::Keys, &project)?;
    let reason = visit.app.get_project(&visit.who(), &project)?.rules.reason;
    let count = |n: usize, of_one: &str, of_many: &str| match n {
        0 => String::new(),
        1 => format!("1 key {of_one}"),
        n => format!("{} {of_many}", counted(n as u64, "key")),
    };
    let n_in_use = keys.iter().filter(|key| key.facts.enabled && is_in_use(key, visit.now())).count();
    Answer::page(&AskSelected {
        n: counted(keys.len() as u64, "key"),
        in_use: count(n_in_use, "was used in the last 24 hours.", "were used in the last 24 hours."),
        gone: count(selected.ids.len() - keys.len(), "is gone already.", "are gone already."),
        keys: keys.iter().map(|key| SelectedKey::new(key, visit)).collect(),
        deletes: selected.fate == Fate::Deleted,
        reason_is_shown: reason.is_shown() && selected.fate == Fate::Disabled,
        cancel: with_query(&routes::keys(&project), &selected.back.to_text()),
        back: selected.back.to_text(),
        frame,
    })
}

/// Disables or deletes the keys, or enables them again, and comes back to the table.
pub(crate) fn change(visit: &Visit) -> PageResult {
    let project = visit.project_for(Permission::WriteKeys)?;
    let selected = Selected::parse(visit.fields())?;
    let reason = Note::parse("reason", visit.fields().get("reason"))?;
    let how = (selected.fate, reason.as_ref());
    let bulk = visit.app.change_keys(&visit.who(), &project, &selected.ids, how)?;
    Ok(Answer::SeeOther(selected.after(&project, bulk)))
}

impl Selected {
    fn parse(fields: &Fields) -> Result<Self, Invalid> {
        let mut ids = fields.all("key").map(KeyId::parse).collect::<Result<Vec<_>, _>>()?;
        ids.sort_unstable();
        ids.dedup();
        let fate = match fields.get("do") {
            "enable" => Fate::Enabled,
            "disable" => Fate::Disabled,
            "delete" => Fate::Deleted,
            other => return Err(Invalid::new("do", other, "is not `disable` or `delete`")),
        };
        let back = match Back::parse(fields.get("back")) {
            table @ Back::Table(_) => table,
            Back::Key => Back::parse(""),
        };
        Ok(Self { ids, fate, back })
    }

    fn after(&self, project: &ProjectName, bulk: Bulk) -> String {
        let mut query = form_urlencoded::Serializer::for_suffix(self.back.to_text(), 0);
        let done = match self.fate {
            Fate::Enabled => "enabled",
            Fate::Disabled => "disabled",
            Fate::Deleted => "deleted",
        };
        query.append_pair("done", done).append_pair("it", &bulk.n_changed.to_string());
        with_query(&routes::keys(project), &query.finish())
    }
}

impl SelectedKey {
    fn new(key: &Key, visit: &Visit) -> Self {
        Self {
            id: key.facts.id,
            name: key.facts.name.to_string(),
            used: used(key, visit.now()),
            is_off: !key.facts.enabled,
        }
    }
}

/// The message after that, as the address says it.
pub(super) fn toast(visit: &Visit, project: &ProjectName, back: &Back) -> Option<Toast> {
    let fields = visit.query();
    let n: u64 = fields.get("it").parse().ok().filter(|n| *n <= u64::from(Limit::MAX))?;
    let (done, then) = match fields.get("done") {
        "enabled" => ("Enabled", "They work again."),
        "disabled" => ("Disabled", "They are refused from now on."),
        "deleted" => ("Deleted", "They are refused for good."),
        _ => return None,
    };
    let then = if n == 0 { "They were so already." } else { then };
    let dismiss = with_query(&routes::keys(project), &back.to_text());
    let toast = Toast::new(done, counted(n, "key"), then, dismiss);
    let disabled =
        if done == "Disabled" { just_disabled(visit, project, n).unwrap_or_default() } else { vec![] };
    if disabled.is_empty() {
        return Some(toast);
    }
    let keys = disabled.iter().map(|id| ("key", id.to_string()));
    let hidden = std::iter::once(("do", "enable".to_owned())).chain(keys).collect();
    Some(Toast { undo: Some(routes::keys_selected(project)), hidden, back: back.to_text(), ..toast })
}

/// The keys that this person disabled last, if they were so many at once and all still are. The
/// address says only how many, so that a link can make nobody undo something else.
fn just_disabled(visit: &Visit, project: &ProjectName, n: u64) -> Option<Vec<KeyId>> {
    let filter = AuditFilter {
        project: Some(project.clone()),
        action: Some("key.disabled".to_owned()),
        actor: Some(visit.user.name.to_string()),
        ..AuditFilter::default()
    };
    let newest = PageRequest { limit: Limit::parse(&n.to_string()).ok()?, cursor: None };
    let events = visit.app.list_audit(&visit.who(), &filter, &newest).ok()?.items;
    let at = events.first()?.at;
    let is_one_change = events.len() as u64 == n && events.iter().all(|event| event.at == at);
    let ids: Vec<KeyId> = events.iter().filter_map(|event| KeyId::parse(&event.target.id).ok()).collect();
    let keys = visit.app.get_keys(&visit.who(), project, &ids).ok()?;
    let are_off = keys.len() == ids.len() && keys.iter().all(|key| !key.facts.enabled);
    (is_one_change && are_off).then_some(ids)
}
