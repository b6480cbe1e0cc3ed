//! Disabling or deleting the keys that were selected in the table, after one question that names
//! each of them.

use askama::Template;

use super::back::Back;
use super::used::{is_in_use, used};
use crate::app::Permission;
use crate::app::keys_bulk::{Bulk, Fate};
use crate::model::Invalid;
use crate::model::key::{Key, KeyId, Note};
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

/// Disables or deletes the keys, and comes back to the table.
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
        let done = if self.fate == Fate::Deleted { "deleted" } else { "disabled" };
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
    let n: u64 = fields.get("it").parse().ok().filter(|n| *n <= u64::from(crate::model::page::Limit::MAX))?;
    let (done, then) = match fields.get("done") {
        "disabled" => ("Disabled", "They are refused from now on."),
        "deleted" => ("Deleted", "They are refused for good."),
        _ => return None,
    };
    let then = if n == 0 { "They were so already." } else { then };
    Some(Toast::new(done, counted(n, "key"), then, with_query(&routes::keys(project), &back.to_text())))
}
