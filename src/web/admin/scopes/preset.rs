//! Adding, changing and removing a preset: what the form for a new key can start from.

use actix_web::http::StatusCode;

use super::change::told;
use super::preset_form::{PresetPage, read};
use crate::app::{Error, Permission};
use crate::model::project::ProjectName;
use crate::model::scope::{Catalogue, Preset, PresetName};
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::ask::{AskPage, Yes};
use crate::web::admin::page::{FieldErrors, Place};
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;
use crate::web::routes;

/// The empty form.
pub(crate) fn ask_new(visit: &Visit) -> PageResult {
    show_new(visit, StatusCode::OK, FieldErrors::default())
}

/// Adds the preset and leads to the catalogue.
pub(crate) fn create(visit: &Visit) -> PageResult {
    let project = visit.project_for(Permission::WriteProject)?;
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    let mut errors = FieldErrors::default();
    let name = errors.take(PresetName::parse(visit.fields().get("name").trim()));
    let about = errors.take(read(visit.fields(), &catalogue));
    let (Some(name), Some(about)) = (name, about) else {
        return show_new(visit, StatusCode::UNPROCESSABLE_ENTITY, errors);
    };
    match visit.app.add_preset(&visit.who(), &project, &name, &about) {
        Ok(_) => Ok(Answer::SeeOther(after(&project, &name))),
        Err(error) => {
            let (status, errors) = told(error)?;
            show_new(visit, status, errors)
        }
    }
}

/// The form for a preset that is there.
pub(crate) fn ask(visit: &Visit) -> PageResult {
    let project = visit.project_for(Permission::WriteProject)?;
    let frame = visit.frame(Place::Scopes, &project)?;
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    let found = find(&catalogue, &named(visit)?)?;
    Answer::page(&PresetPage::filled(frame, &catalogue, found))
}

/// Changes the preset; with something wrong the form comes back as it was typed.
pub(crate) fn change(visit: &Visit) -> PageResult {
    let (project, name) = (visit.project_for(Permission::WriteProject)?, named(visit)?);
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    find(&catalogue, &name)?;
    let changed = read(visit.fields(), &catalogue).map_err(Error::from);
    let changed = changed.and_then(|change| visit.app.change_preset(&visit.who(), &project, &name, &change));
    match changed {
        Ok(_) => Ok(Answer::SeeOther(after(&project, &name))),
        Err(error) => {
            let (status, errors) = told(error)?;
            let frame = visit.frame(Place::Scopes, &project)?;
            Answer::page_with(
                status,
                &PresetPage::typed(frame, &catalogue, Some(name), visit.fields(), errors),
            )
        }
    }
}

/// Asks whether to remove the preset.
pub(crate) fn ask_remove(visit: &Visit) -> PageResult {
    let (project, name) = (visit.project_for(Permission::WriteProject)?, named(visit)?);
    let frame = visit.frame(Place::Scopes, &project)?;
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    let preset = find(&catalogue, &name)?;
    let gone = "The form for a new key no longer offers it, and the shell no longer knows it.";
    Answer::page(&AskPage {
        frame,
        question: format!("Remove the preset {}?", preset.label),
        stake: "Keys that were made from it keep their scopes.".to_owned(),
        then: vec![gone.to_owned()],
        cancel: routes::preset(&project, &name),
        reason: None,
        instead: None,
        yes: Yes::new("Remove preset", routes::preset_remove(&project, &name)),
    })
}

/// Removes the preset.
pub(crate) fn remove(visit: &Visit) -> PageResult {
    let (project, name) = (visit.project_for(Permission::WriteProject)?, named(visit)?);
    visit.app.remove_preset(&visit.who(), &project, &name)?;
    Ok(Answer::SeeOther(routes::scopes(&project)))
}

fn show_new(visit: &Visit, status: StatusCode, errors: FieldErrors) -> PageResult {
    let project = visit.project_for(Permission::WriteProject)?;
    let frame = visit.frame(Place::Scopes, &project)?;
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    Answer::page_with(status, &PresetPage::typed(frame, &catalogue, None, visit.fields(), errors))
}

fn find<'a>(catalogue: &'a Catalogue, name: &PresetName) -> Result<&'a Preset, Problem> {
    let found = catalogue.presets.iter().find(|preset| preset.name == *name);
    found.ok_or_else(|| Error::no_such("preset", name.as_str()).into())
}

fn named(visit: &Visit) -> Result<PresetName, Problem> {
    let name = &visit.asked.id;
    PresetName::parse(name).map_err(|_| Error::no_such("preset", name).into())
}

/// The catalogue at the preset's row.
fn after(project: &ProjectName, name: &PresetName) -> String {
    format!("{}#preset-{name}", routes::scopes(project))
}
