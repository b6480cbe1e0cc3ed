//! Making accounts, and switching them on and off. Stopping an account's keys is asked about
//! first, on a page of its own that the script shows as a dialog.

use actix_web::http::StatusCode;

use super::list::AccountsQuery;
use super::new::NewAccountPage;
use super::{BACK_TO_ACCOUNT, ask};
use crate::app::Permission;
use crate::model::account::{AccountId, AccountName, ExternalId, Metadata, NewAccount};
use crate::model::key::KeyFilter;
use crate::model::limit::LimitsChange;
use crate::model::page::{Limit, PageRequest};
use crate::model::project::ProjectName;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::{FieldErrors, Place, with_query};
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;
use crate::web::routes;

/// The empty form.
pub(crate) fn ask_new(visit: &Visit) -> PageResult {
    let frame = visit.frame(Place::Accounts, &visit.project_for(Permission::WriteAccounts)?)?;
    Answer::page(&NewAccountPage::new(frame, &Fields::default(), FieldErrors::default()))
}

/// Makes the account, and leads to the table, in which it is the first.
pub(crate) fn create(visit: &Visit) -> PageResult {
    let (project, fields) = (visit.project_for(Permission::WriteAccounts)?, visit.fields());
    let frame = visit.frame(Place::Accounts, &project)?;
    let new = match read(fields) {
        Ok(new) => new,
        Err(errors) => {
            return Answer::page_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                &NewAccountPage::new(frame, fields, errors),
            );
        }
    };
    match visit.app.create_account(&visit.who(), &project, &new) {
        Ok(account) => Ok(Answer::SeeOther(after(&project, "", &account.id))),
        Err(error) => match error.field() {
            Some(field) => {
                let errors = FieldErrors::at(field, error.to_string());
                Answer::page_with(Problem::from(error).status(), &NewAccountPage::new(frame, fields, errors))
            }
            None => Err(error.into()),
        },
    }
}

/// Switches an account on.
pub(crate) fn enable(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteAccounts)?, visit.account_id()?);
    visit.app.enable_account(&visit.who(), &project, id.as_str())?;
    Ok(Answer::SeeOther(after(&project, visit.fields().get("back"), &id)))
}

/// Asks whether to stop an account's keys.
pub(crate) fn ask_disable(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteAccounts)?, visit.account_id()?);
    let frame = visit.frame(Place::Accounts, &project)?;
    let account = visit.app.get_account(&visit.who(), &project, id.as_str())?;
    Answer::page(&ask::ask_disable(frame, &account, back(visit.query().get("back"))))
}

/// Switches an account off, unless it has keys and nobody said that they are sure.
pub(crate) fn disable(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteAccounts)?, visit.account_id()?);
    let fields = visit.fields();
    let account = visit.app.get_account(&visit.who(), &project, id.as_str())?;
    let is_sure = fields.get("sure") == "yes" || account.n_keys == 0 || !account.enabled;
    if !is_sure {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("back", &back(fields.get("back")));
        return Ok(Answer::SeeOther(with_query(&routes::account_disable(&project, &id), &query.finish())));
    }
    visit.app.disable_account(&visit.who(), &project, id.as_str())?;
    Ok(Answer::SeeOther(after(&project, visit.fields().get("back"), &id)))
}

/// Asks whether to delete an account with its keys.
pub(crate) fn ask_delete(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteAccounts)?, visit.account_id()?);
    let frame = visit.frame(Place::Accounts, &project)?;
    let account = visit.app.get_account(&visit.who(), &project, id.as_str())?;
    let filter = KeyFilter { account: Some(id.to_string()), ..KeyFilter::default() };
    let some = PageRequest { limit: Limit::parse(ask::NAMED)?, cursor: None };
    let keys = visit.app.list_keys(&visit.who(), &project, &filter, &some)?;
    Answer::page(&ask::ask_delete(frame, &account, &keys.items))
}

/// Deletes an account, unless it has got more keys than whoever is sure has read of.
pub(crate) fn delete(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteAccounts)?, visit.account_id()?);
    let account = visit.app.get_account(&visit.who(), &project, id.as_str())?;
    let told: u64 = visit.fields().get("keys").parse().unwrap_or(0);
    if account.n_keys > told {
        return Ok(Answer::SeeOther(routes::account_delete(&project, &id)));
    }
    visit.app.delete_account(&visit.who(), &project, id.as_str(), None)?;
    Ok(Answer::SeeOther(routes::accounts(&project)))
}

/// The table in the view that the change was made in, at the account's row.
fn after(project: &ProjectName, view: &str, id: &AccountId) -> String {
    if view == BACK_TO_ACCOUNT {
        return routes::account(project, id);
    }
    format!("{}#account-{id}", with_query(&routes::accounts(project), &back(view)))
}

/// A view of the table, or the plain one where the field holds none; or the account's page.
fn back(view: &str) -> String {
    if view == BACK_TO_ACCOUNT {
        return view.to_owned();
    }
    AccountsQuery::parse(view).unwrap_or_default().to_text()
}

fn read(fields: &Fields) -> Result<NewAccount, FieldErrors> {
    let mut errors = FieldErrors::default();
    let name = errors.take(AccountName::parse(fields.get("name")));
    let external_id = errors.take(fields.filled("external_id").map(ExternalId::parse).transpose());
    let (Some(name), Some(external_id)) = (name, external_id) else { return Err(errors) };
    Ok(NewAccount {
        name,
        external_id,
        metadata: Metadata::default(),
        enabled: true,
        limits: LimitsChange::default(),
    })
}
