//! The message after a change of a key.
//!
//! The address says only what was done and to which key; the words come from what is so now, so
//! that a link sent to somebody cannot tell a story that is not true.

use super::back::{Back, Done};
use super::bulk;
use crate::model::audit::AuditFilter;
use crate::model::key::{Key, KeyId, KeyRef};
use crate::model::page::PageRequest;
use crate::model::project::ProjectName;
use crate::web::admin::page::{Toast, with_query};
use crate::web::admin::visit::Visit;
use crate::web::routes;

/// The message that the query of a page asks for, if what it says is so.
pub(crate) fn toast(visit: &Visit, project: &ProjectName, back: &Back) -> Option<Toast> {
    let fields = visit.query();
    let done = Done::find(fields.get("done"))?;
    let Ok(id) = KeyId::parse(fields.get("it")) else { return bulk::toast(visit, project, back) };
    let name = match done {
        Done::Deleted => deleted_name(visit, project, &id)?,
        Done::Changed => get(visit, project, &id)?.facts.name.to_string(),
        Done::Enabled | Done::Disabled => {
            let key = get(visit, project, &id)?;
            let is_so = key.facts.enabled == (done == Done::Enabled);
            is_so.then(|| key.facts.name.to_string())?
        }
        Done::Narrowed | Done::Widened => {
            let key = get(visit, project, &id)?;
            let removed = visit.app.removed_scopes(&visit.who(), project, &key).ok()?;
            let is_so = removed.is_empty() == (done == Done::Widened);
            is_so.then(|| key.facts.name.to_string())?
        }
    };
    let (word, then) = words(done);
    let undo = match done {
        Done::Disabled => Some(routes::key_enable(project, &id)),
        Done::Narrowed => Some(with_query(&routes::key_narrow(project, &id), "undo=yes")),
        Done::Enabled | Done::Deleted | Done::Changed | Done::Widened => None,
    };
    Some(Toast { undo, back: back.to_text(), ..Toast::new(word, name, then, back.address(project, &id)) })
}

fn words(done: Done) -> (&'static str, &'static str) {
    match done {
        Done::Enabled => ("Enabled", "It works again."),
        Done::Disabled => ("Disabled", "It is refused from now on."),
        Done::Changed => ("Changed", "It counts from the next request on."),
        Done::Deleted => ("Deleted", "It is refused for good."),
        Done::Narrowed => ("Narrowed", "It may do what it was asked for, and nothing else."),
        Done::Widened => ("Widened", "It has the scopes from before again."),
    }
}

fn get(visit: &Visit, project: &ProjectName, id: &KeyId) -> Option<Key> {
    visit.app.get_key(&visit.who(), project, &KeyRef::from(*id)).ok()
}

/// The name of a key that is gone, from the record of its end.
fn deleted_name(visit: &Visit, project: &ProjectName, id: &KeyId) -> Option<String> {
    let filter = AuditFilter {
        project: Some(project.clone()),
        action: Some("key.deleted".to_owned()),
        target_id: Some(id.to_string()),
        ..AuditFilter::default()
    };
    let events = visit.app.list_audit(&visit.who(), &filter, &PageRequest::default()).ok()?;
    events.items.into_iter().next().map(|event| event.target.name)
}
