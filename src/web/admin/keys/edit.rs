//! The form for what may change about a key: its note, end, account and scopes. Its limits have a
//! form of their own.

use actix_web::http::StatusCode;
use askama::Template;

use super::back::{Back, Done};
use super::ends::{self, End, KEEP};
use super::form::{self, ScopeForm};
use super::new::account_choices;
use crate::app::{self, Permission, revision};
use crate::model::account::AccountFilter;
use crate::model::key::{Key, KeyChange, KeyId, KeyRef, Note, ScopesChange};
use crate::model::page::{Limit, PageRequest};
use crate::model::project::ProjectName;
use crate::model::revision::Expected;
use crate::model::scope::{Catalogue, ScopeSet};
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::{Choice, FieldErrors, Frame, Place};
use crate::web::admin::visit::Visit;
use crate::web::admin::when::When;
use crate::web::problem::Problem;

/// The page, in words.
#[derive(Template)]
#[template(path = "keys/edit.html")]
pub(crate) struct EditKeyPage {
    frame: Frame,
    id: KeyId,
    name: String,
    /// The state of the key that the form was made from.
    revision: String,
    note: String,
    expires: Vec<Choice>,
    expires_on: String,
    /// "365d": how long a key of this project lives at most; empty for as long as anybody likes.
    longest: String,
    accounts: Vec<Choice>,
    /// Whether all accounts are in the select; else the account is typed.
    accounts_fit: bool,
    account: String,
    scopes: ScopeForm,
    errors: FieldErrors,
}

/// What a form shows.
struct Shown {
    status: StatusCode,
    fields: Fields,
    scopes: ScopeSet,
    errors: FieldErrors,
}

/// The form as the key is.
pub(crate) fn ask(visit: &Visit) -> PageResult {
    let project = visit.project_for(Permission::WriteKeys)?;
    let key = get(visit, &project)?;
    let account = key.facts.account.as_ref().map(|account| account.id.to_string());
    let note = key.note.as_ref().map(|note| note.as_str().to_owned());
    let fields = Fields::of([
        ("note", note.unwrap_or_default()),
        ("account", account.unwrap_or_default()),
        ("expires", KEEP.to_owned()),
    ]);
    let (status, scopes) = (StatusCode::OK, key.facts.scopes.clone());
    show(visit, &project, &key, Shown { status, fields, scopes, errors: FieldErrors::default() })
}

/// Changes the key and leads back to its page; with something wrong the form comes back.
pub(crate) fn save(visit: &Visit) -> PageResult {
    let project = visit.project_for(Permission::WriteKeys)?;
    let (key, fields) = (get(visit, &project)?, visit.fields().clone());
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    if fields.get("step") == "preset" {
        let scopes = catalogue.preset(fields.get(form::PRESET)).unwrap_or_else(|| catalogue.defaults());
        let (status, errors) = (StatusCode::OK, FieldErrors::default());
        return show(visit, &project, &key, Shown { status, fields, scopes, errors });
    }
    let again = |status, errors| {
        let scopes = form::typed(&fields, &catalogue);
        show(visit, &project, &key, Shown { status, fields: fields.clone(), scopes, errors })
    };
    let change = match read(visit, &project, &fields, &catalogue)? {
        Ok(change) => change,
        Err(errors) => return again(StatusCode::UNPROCESSABLE_ENTITY, errors),
    };
    let expected = fields.filled("revision").map(Expected::parse).transpose()?.flatten();
    let reference = KeyRef::from(key.facts.id).expecting(expected);
    match visit.app.set_key(&visit.who(), &project, &reference, &change) {
        Ok(_) => Ok(Answer::SeeOther(Back::Key.after(&project, &key.facts.id, Done::Changed))),
        Err(error) => {
            let (status, errors) = told(error)?;
            again(status, errors)
        }
    }
}

/// What a person can do something about, at its field or above the form.
fn told(error: app::Error) -> Result<(StatusCode, FieldErrors), Problem> {
    let errors = match &error {
        app::Error::NoSuch { what: "account", .. } => FieldErrors::at("account", error.to_string()),
        app::Error::Changed => {
            let sentence =
                "somebody changed this key in the meantime; look at its page before you save again";
            FieldErrors::at("form", sentence.to_owned())
        }
        _ => match error.field() {
            Some(field) => FieldErrors::at(field, error.to_string()),
            None => return Err(error.into()),
        },
    };
    Ok((Problem::from(error).status(), errors))
}

/// Everything that the form says, or everything that is wrong with it.
fn read(
    visit: &Visit,
    project: &ProjectName,
    fields: &Fields,
    catalogue: &Catalogue,
) -> Result<Result<KeyChange, FieldErrors>, Problem> {
    let longest = visit.app.get_project(&visit.who(), project)?.rules.max_lifetime;
    let mut errors = FieldErrors::default();
    let note = errors.take(Note::parse("note", fields.get("note").trim()));
    let end = errors.take(End::parse(fields, visit.now()));
    let scopes = errors.take(form::chosen(fields, catalogue)).map(ScopesChange::Replace);
    let account = Some(fields.filled("account").map(str::to_owned));
    let Some(end) = end.filter(|_| errors.is_empty()) else { return Ok(Err(errors)) };
    let expires_at = match end {
        End::At(at) => Some(at),
        End::Longest => Some(longest.map(|longest| longest.after(visit.now()))),
        End::AsLike | End::Keep => None,
    };
    Ok(Ok(KeyChange { scopes, note, expires_at, account, ..KeyChange::default() }))
}

fn get(visit: &Visit, project: &ProjectName) -> Result<Key, Problem> {
    Ok(visit.app.get_key(&visit.who(), project, &KeyRef::from(visit.key_id()?))?)
}

fn show(visit: &Visit, project: &ProjectName, key: &Key, shown: Shown) -> PageResult {
    let frame = visit.frame(Place::Keys, project)?;
    let catalogue = visit.app.get_catalogue(&visit.who(), project)?;
    let all = PageRequest { limit: Limit::max(), cursor: None };
    let accounts = visit.app.list_accounts(&visit.who(), project, &AccountFilter::default(), &all)?;
    let longest = visit.app.get_project(&visit.who(), project)?.rules.max_lifetime;
    let fields = &shown.fields;
    let day = |at| When::new(at, visit.now()).day;
    let as_it_is = format!("As it is: {}", key.facts.expires_at.map_or("never".to_owned(), day));
    let mut scopes = ScopeForm::new(&catalogue, &shown.scopes);
    scopes.is_open = !shown.errors.of("scopes").is_empty() || fields.get("step") == "preset";
    let page = EditKeyPage {
        frame,
        id: key.facts.id,
        name: key.facts.name.to_string(),
        revision: revision::of_key(key).etag(),
        note: fields.typed("note").to_owned(),
        expires: ends::choices(fields.filled("expires"), longest, Some((KEEP, as_it_is))),
        expires_on: fields.typed("expires_on").to_owned(),
        longest: longest.map(|longest| longest.to_string()).unwrap_or_default(),
        accounts: account_choices(&accounts.items, fields.typed("account")),
        accounts_fit: accounts.next_cursor.is_none(),
        account: fields.typed("account").to_owned(),
        scopes,
        errors: shown.errors.beside(&["note", "expires_at", "account", "scopes"]),
    };
    Answer::page_with(shown.status, &page)
}
