//! Makes a key of what the form says; with something wrong, the form comes back as it was filled
//! in, every wrong field with its sentence.

use actix_web::http::StatusCode;
use jiff::Timestamp;

use super::form;
use super::new::{NewKeyForm, NewKeyPage};
use crate::app::{self, Permission};
use crate::model::Invalid;
use crate::model::account::AccountFilter;
use crate::model::expiry::parse_expiry;
use crate::model::key::{KeyName, NewKey};
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

/// The empty form; `?preset=` sets the rows.
pub(crate) fn ask(visit: &Visit) -> PageResult {
    let (project, query) = (visit.project_for(Permission::WriteKeys)?, visit.query());
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    let scopes = catalogue.preset(query.get(form::PRESET)).unwrap_or_else(|| catalogue.defaults());
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
    let new = match read(fields, &catalogue, visit.now()) {
        Ok(new) => new,
        Err(errors) => {
            let scopes = typed_scopes(fields, &catalogue);
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
    let form = NewKeyForm {
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
    let scopes = typed_scopes(fields, &catalogue);
    again(visit, project, fields, &Again { status, catalogue, scopes, errors })
}

/// Everything that the form says, or everything that is wrong with it.
fn read(fields: &Fields, catalogue: &Catalogue, now: Timestamp) -> Result<NewKey, FieldErrors> {
    let mut errors = FieldErrors::default();
    let name = errors.take(KeyName::parse(fields.get("name")));
    let expires_at = errors.take(expiry(fields, now));
    let scopes = errors.take(form::chosen(fields, catalogue));
    let (Some(name), Some(expires_at), Some(scopes)) = (name, expires_at, scopes) else { return Err(errors) };
    let account = fields.filled("account").map(str::to_owned);
    Ok(NewKey { expires_at, account, scopes: Some(scopes), ..NewKey::named(name) })
}

fn expiry(fields: &Fields, now: Timestamp) -> Result<Option<Timestamp>, Invalid> {
    let text = match fields.filled("expires").unwrap_or("never") {
        "date" => fields.get("expires_on"),
        other => other,
    };
    if text.is_empty() {
        return Err(Invalid::new("expires_at", text, "needs a date: the last day on which the key works"));
    }
    parse_expiry(text, now)
}

/// The rows as they were sent, to show them again.
fn typed_scopes(fields: &Fields, catalogue: &Catalogue) -> ScopeSet {
    form::chosen(fields, catalogue).or_else(|_| form::rows_chosen(fields, catalogue)).unwrap_or_default()
}
