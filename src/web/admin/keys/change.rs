//! Switching keys on and off, deleting and rotating them. Whatever somebody would notice is asked
//! about first, on a page of its own that the script shows as a dialog.

use super::ask::{self, AskRotate};
use super::back::{Back, Done};
use super::used::is_in_use;
use crate::app::Permission;
use crate::model::Invalid;
use crate::model::expiry::Span;
use crate::model::key::{Key, KeyId, KeyRef, Note, Rotation};
use crate::model::project::ProjectName;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::{Place, with_query};
use crate::web::admin::shown_once::Sent;
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;
use crate::web::routes;

/// Switches a key on.
pub(crate) fn enable(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteKeys)?, visit.key_id()?);
    visit.app.enable_key(&visit.who(), &project, &KeyRef::from(id))?;
    Ok(Answer::SeeOther(Back::parse(visit.fields().get("back")).after(&project, &id, Done::Enabled)))
}

/// Asks whether to switch off a key.
pub(crate) fn ask_disable(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteKeys)?, visit.key_id()?);
    let (frame, key) = (visit.frame(Place::Keys, &project)?, get(visit, &project, &id)?);
    let back = Back::parse(visit.query().get("back"));
    let reason = visit.app.get_project(&visit.who(), &project)?.rules.reason;
    Answer::page(&ask::ask_disable(frame, &key, &back, reason, visit.now()))
}

/// Switches a key off, unless it is in use and nobody said that they are sure.
pub(crate) fn disable(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteKeys)?, visit.key_id()?);
    let fields = visit.fields();
    let back = Back::parse(fields.get("back"));
    let key = get(visit, &project, &id)?;
    let is_sure = fields.get("sure") == "yes";
    if !is_sure && key.facts.enabled && is_in_use(&key, visit.now()) {
        return Ok(Answer::SeeOther(with_back(&routes::key_disable(&project, &id), &back)));
    }
    let reason = Note::parse("reason", fields.get("reason"))?;
    visit.app.disable_key(&visit.who(), &project, &KeyRef::from(id), reason.as_ref())?;
    Ok(Answer::SeeOther(back.after(&project, &id, Done::Disabled)))
}

/// Asks whether to delete a key.
pub(crate) fn ask_delete(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteKeys)?, visit.key_id()?);
    let (frame, key) = (visit.frame(Place::Keys, &project)?, get(visit, &project, &id)?);
    Answer::page(&ask::ask_delete(frame, &key, visit.now()))
}

/// Deletes a key.
pub(crate) fn delete(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteKeys)?, visit.key_id()?);
    let reason = Note::parse("reason", visit.fields().get("reason"))?;
    visit.app.delete_key(&visit.who(), &project, &KeyRef::from(id), reason.as_ref())?;
    Ok(Answer::SeeOther(Back::Key.after(&project, &id, Done::Deleted)))
}

/// Asks when the old secret ends.
pub(crate) fn ask_rotate(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteKeys)?, visit.key_id()?);
    let (frame, key) = (visit.frame(Place::Keys, &project)?, get(visit, &project, &id)?);
    let nonce = visit.shown_once.nonce(visit.now());
    Answer::page(&AskRotate::new(frame, &key, routes::key(&project, &id), nonce, visit.now()))
}

/// Gives a key a new secret, and leads to the page that shows it once.
pub(crate) fn rotate(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteKeys)?, visit.key_id()?);
    let fields = visit.fields();
    let rotation = read_rotation(fields)?;
    let sent = Sent { session: &visit.session, nonce: fields.get("nonce"), wish: id.as_str() };
    visit.shown_once.make(sent, visit.now(), || {
        visit.app.rotate_key(&visit.who(), &project, &KeyRef::from(id), rotation)
    })?;
    Ok(Answer::SeeOther(routes::key_token(&project, &id)))
}

/// Ends the old secret, and comes back to the key's page.
pub(crate) fn end_old_secret(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteKeys)?, visit.key_id()?);
    visit.app.end_old_secret(&visit.who(), &project, &KeyRef::from(id))?;
    Ok(Answer::SeeOther(routes::key(&project, &id)))
}

fn read_rotation(fields: &Fields) -> Result<Rotation, Invalid> {
    let overlap = match fields.filled("overlap").unwrap_or("0s") {
        "other" => fields.get("overlap_other"),
        preset => preset,
    };
    let quiet = fields.filled("end_when_quiet").map(|text| Span::parse("end_when_quiet", text));
    let rotation = Rotation { overlap: Span::parse("overlap", overlap)?, quiet: quiet.transpose()? };
    // "At once" leaves nothing that could become quiet, whatever else was chosen.
    let quiet = rotation.quiet.filter(|_| rotation.overlap != Span::default());
    Rotation { quiet, ..rotation }.checked()
}

fn get(visit: &Visit, project: &ProjectName, id: &KeyId) -> Result<Key, Problem> {
    Ok(visit.app.get_key(&visit.who(), project, &KeyRef::from(*id))?)
}

fn with_back(address: &str, back: &Back) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("back", &back.to_text());
    with_query(address, &query.finish())
}
