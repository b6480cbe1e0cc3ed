//! Asking for limits, setting them, and starting the count of a quota anew.

use actix_web::http::StatusCode;

use super::form::{LimitsForm, LimitsPage, read, read_addresses};
use crate::app::Permission;
use crate::model::account::{Account, AccountChange};
use crate::model::key::{Key, KeyChange, KeyRef};
use crate::model::limit::LimitsChange;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::page::{FieldErrors, Frame, Place};
use crate::web::admin::visit::Visit;
use crate::web::routes;

const RESET: LimitsChange = LimitsChange {
    rate: None,
    rate_mode: None,
    quota: None,
    quota_mode: None,
    ips_mode: None,
    quota_reset: true,
};

/// The form for a key's limits.
pub(crate) fn ask_key(visit: &Visit) -> PageResult {
    let project = visit.project_for(Permission::WriteKeys)?;
    let frame = visit.frame(Place::Keys, &project)?;
    let key = visit.app.get_key(&visit.who(), &project, &KeyRef::from(visit.key_id()?))?;
    let form = LimitsForm::of(&key.facts.limits, Some(&key.facts.allowed_ips));
    Answer::page(&page_of_key(frame, &key, form, FieldErrors::default()))
}

/// Sets a key's limits.
pub(crate) fn set_key(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteKeys)?, visit.key_id()?);
    let fields = visit.fields();
    let mut errors = FieldErrors::default();
    let change = if fields.get("step") == "reset" {
        KeyChange { limits: RESET, ..KeyChange::default() }
    } else {
        let (allowed_ips, ips_mode) = read_addresses(fields, &mut errors);
        let limits = LimitsChange { ips_mode, ..read(fields, &mut errors) };
        KeyChange { allowed_ips, limits, ..KeyChange::default() }
    };
    if errors != FieldErrors::default() {
        let frame = visit.frame(Place::Keys, &project)?;
        let key = visit.app.get_key(&visit.who(), &project, &KeyRef::from(id))?;
        let page = page_of_key(frame, &key, LimitsForm::typed(fields, true), errors);
        return Answer::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    visit.app.set_key(&visit.who(), &project, &KeyRef::from(id), &change)?;
    Ok(Answer::SeeOther(format!("{}#limits", routes::key(&project, &id))))
}

/// The form for the limits that an account's keys share.
pub(crate) fn ask_account(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteAccounts)?, visit.account_id()?);
    let frame = visit.frame(Place::Accounts, &project)?;
    let account = visit.app.get_account(&visit.who(), &project, id.as_str())?;
    let form = LimitsForm::of(&account.limits, None);
    Answer::page(&page_of_account(frame, &account, form, FieldErrors::default()))
}

/// Sets the limits that an account's keys share.
pub(crate) fn set_account(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteAccounts)?, visit.account_id()?);
    let fields = visit.fields();
    let mut errors = FieldErrors::default();
    let limits = if fields.get("step") == "reset" { RESET } else { read(fields, &mut errors) };
    if errors != FieldErrors::default() {
        let frame = visit.frame(Place::Accounts, &project)?;
        let account = visit.app.get_account(&visit.who(), &project, id.as_str())?;
        let page = page_of_account(frame, &account, LimitsForm::typed(fields, false), errors);
        return Answer::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let change = AccountChange { limits, ..AccountChange::default() };
    visit.app.set_account(&visit.who(), &project, id.as_str(), &change, None)?;
    Ok(Answer::SeeOther(format!("{}#account-{id}", routes::accounts(&project))))
}

fn page_of_key(frame: Frame, key: &Key, form: LimitsForm, errors: FieldErrors) -> LimitsPage {
    let (project, id) = (frame.project.clone(), key.facts.id);
    LimitsPage {
        name: key.facts.name.to_string(),
        action: routes::key_limits(&project, &id),
        cancel: routes::key(&project, &id),
        has_quota: key.facts.limits.quota.is_some(),
        frame,
        form,
        errors: errors.beside(&["rate_limit", "quota", "allowed_ips"]),
    }
}

fn page_of_account(frame: Frame, account: &Account, form: LimitsForm, errors: FieldErrors) -> LimitsPage {
    let project = frame.project.clone();
    LimitsPage {
        name: account.name.as_str().to_owned(),
        action: routes::account_limits(&project, &account.id),
        cancel: routes::accounts(&project),
        has_quota: account.limits.quota.is_some(),
        frame,
        form,
        errors: errors.beside(&["rate_limit", "quota", "allowed_ips"]),
    }
}
