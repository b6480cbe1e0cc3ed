//! Makes a key of what the form says; with something wrong, the form comes back as it was filled
//! in, every wrong field with its sentence.

use actix_web::http::StatusCode;
use jiff::Timestamp;

use super::ends::End;
use super::form;
use super::new::{Like, NewKeyForm, NewKeyPage};
use crate::app::{self, Permission};
use crate::model::account::AccountFilter;
use crate::model::expiry::WithoutDate;
use crate::model::key::{Key, KeyName, KeyRef, NewKey};
use crate::model::page::{Limit, PageRequest};
use crate::model::project::ProjectName;
use crate::model::scope::{Catalogue, ScopeSet};
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::{FieldErrors, Place};
use crate::web::admin::shown_once::Sent;
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;
use crate::web::routes;

/// The empty form; `?preset=` sets the rows, `?like=` everything.
pub(crate) fn ask(visit: &Visit) -> PageResult {
    let (project, mut query) = (visit.project_for(Permission::WriteKeys)?, visit.query());
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    let mut scopes = catalogue.preset(query.get(form::PRESET)).unwrap_or_else(|| catalogue.defaults());
    if let Some(like) = like(visit, &project, &query)? {
        scopes = like.facts.scopes;
        if let Some(account) = &like.facts.account {
            query.set("account", account.id.as_str());
        }
    }
    again(
        visit,
        &project,
        &query,
        &Again { status: StatusCode::OK, catalogue, scopes, errors: FieldErrors::default() },
    )
}

/// Makes the key and leads to the page that shows its token once.
pub(crate) fn create(visit: &Visit) -> PageResult {
    let (project, fields) = (visit.project_for(Permission::WriteKeys)?, visit.fields());
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    if fields.get("step") == "preset" {
        let scopes = catalogue.preset(fields.get(form::PRESET)).unwrap_or_else(|| catalogue.defaults());
        let errors = FieldErrors::default();
        return again(visit, &project, fields, &Again { status: StatusCode::OK, catalogue, scopes, errors });
    }
    let like = like(visit, &project, fields)?.map(|key| KeyRef::from(key.facts.id));
    let based_on = |name: KeyName| match &like {
        Some(like) => visit.app.new_key_like(&visit.who(), &project, like, name),
        None => Ok(NewKey::named(name)),
    };
    let new = match read(fields, &catalogue, visit.now(), based_on) {
        Ok(new) => new,
        Err(errors) => {
            let scopes = form::typed(fields, &catalogue);
            return again(
                visit,
                &project,
                fields,
                &Again { status: StatusCode::UNPROCESSABLE_ENTITY, catalogue, scopes, errors },
            );
        }
    };
    let sent = Sent { session: &visit.session, nonce: fields.get("nonce"), wish: new.name.as_str() };
    let made =
        visit.shown_once.make(sent, visit.now(), || visit.app.create_key(&visit.who(), &project, &new));
    match made {
        Ok(id) => Ok(Answer::SeeOther(routes::key_token(&project, &id))),
        Err(error) => refused(visit, &project, fields, catalogue, error),
    }
}

/// What a form that comes back shows.
struct Again {
    status: StatusCode,
    catalogue: Catalogue,
    scopes: ScopeSet,
    errors: FieldErrors,
}

fn again(visit: &Visit, project: &ProjectName, fields: &Fields, again: &Again) -> PageResult {
    let frame = visit.frame(Place::Keys, project)?;
    let all = PageRequest { limit: Limit::max(), cursor: None };
    let accounts = visit.app.list_accounts(&visit.who(), project, &AccountFilter::default(), &all)?;
    let like = like(visit, project, fields)?.map(|key| Like {
        id: key.facts.id.to_string(),
        name: key.facts.name.to_string(),
        ends: key.facts.expires_at.is_some(),
    });
    let form = NewKeyForm {
        like,
        longest: visit.app.get_project(&visit.who(), project)?.rules.max_lifetime,
        fields,
        scopes: &again.scopes,
        catalogue: &again.catalogue,
        accounts: &accounts.items,
        accounts_fit: accounts.next_cursor.is_none(),
        errors: again.errors.clone(),
        nonce: visit.shown_once.nonce(visit.now()),
    };
    Answer::page_with(again.status, &NewKeyPage::new(frame, form))
}

/// A use case that points at a field gives the form back; anything else is told on its own page.
fn refused(
    visit: &Visit,
    project: &ProjectName,
    fields: &Fields,
    catalogue: Catalogue,
    error: app::Error,
) -> PageResult {
    let field = match &error {
        app::Error::NoSuch { what: "account", .. } => Some("account"),
        _ => error.field(),
    };
    let Some(field) = field else { return Err(error.into()) };
    let errors = FieldErrors::at(field, error.to_string());
    let status = Problem::from(error).status();
    let scopes = form::typed(fields, &catalogue);
    again(visit, project, fields, &Again { status, catalogue, scopes, errors })
}

/// Everything that the form says, or everything that is wrong with it.
fn read(
    fields: &Fields,
    catalogue: &Catalogue,
    now: Timestamp,
    based_on: impl Fn(KeyName) -> app::Result<NewKey>,
) -> Result<NewKey, FieldErrors> {
    let mut errors = FieldErrors::default();
    let name = errors.take(KeyName::parse(fields.get("name")));
    let end = errors.take(End::parse(fields, now));
    let scopes = errors.take(form::chosen(fields, catalogue));
    let (Some(name), Some(end), Some(scopes)) = (name, end, scopes) else { return Err(errors) };
    let new = based_on(name).map_err(|error| FieldErrors::at("form", error.to_string()))?;
    let account = fields.filled("account").map(str::to_owned);
    let (expires_at, without_date) = match end {
        End::At(at) => (at, WithoutDate::Never),
        End::Longest | End::Keep => (None, WithoutDate::Longest),
        End::AsLike => (new.expires_at, new.without_date),
    };
    Ok(NewKey { expires_at, without_date, account, scopes: Some(scopes), ..new })
}

/// The key that the new one is to be like, if the form or the address names one.
fn like(visit: &Visit, project: &ProjectName, fields: &Fields) -> Result<Option<Key>, Problem> {
    let Some(id) = fields.filled("like") else { return Ok(None) };
    Ok(Some(visit.app.get_key(&visit.who(), project, &KeyRef::parse(id)?)?))
}
