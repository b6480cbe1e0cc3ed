//! Use cases for projects.
//!
//! `default` always exists and keeps its name. A project that still has keys or accounts is not
//! deleted: nobody should lose a thousand keys to one word.

use serde_json::json;

use super::audit::Entry;
use super::keys::find_project;
use super::permission::require;
use super::{App, Error, Permission, Result};
use crate::model::Invalid;
use crate::model::audit::Target;
use crate::model::expiry::Span;
use crate::model::principal::Principal;
use crate::model::project::{ANNOUNCED_AHEAD, Prefix, Project, ProjectChange, ProjectName};
use crate::model::scope::Catalogue;
use crate::store::StoreError;
use crate::store::projects::PROJECTS_MAX;

impl App {
    /// Every project by name.
    ///
    /// # Errors
    /// When `who` may not see them.
    pub fn list_projects(&self, who: &Principal) -> Result<Vec<Project>> {
        require_all_projects(who)?;
        Ok(self.read()?.list_projects()?)
    }

    /// The names of every project, for a chooser.
    ///
    /// # Errors
    /// When `who` may not see them.
    pub fn list_project_names(&self, who: &Principal) -> Result<Vec<ProjectName>> {
        require_all_projects(who)?;
        Ok(self.read()?.list_project_names()?)
    }

    /// One project.
    ///
    /// # Errors
    /// When there is none, or `who` may not see it.
    pub fn get_project(&self, who: &Principal, name: &ProjectName) -> Result<Project> {
        require(who, Permission::ReadProject, name)?;
        let tx = self.read()?;
        Ok(tx.get_project(find_project(&*tx, name)?)?)
    }

    /// Creates a project with a catalogue to start from.
    ///
    /// # Errors
    /// When the name is taken, or there are two hundred already.
    pub fn create_project(
        &self,
        who: &Principal,
        name: &ProjectName,
        prefix: &Prefix,
        catalogue: &Catalogue,
    ) -> Result<Project> {
        require(who, Permission::WriteProject, name)?;
        let mut tx = self.write()?;
        if tx.list_project_names()?.len() >= PROJECTS_MAX {
            return Err(Error::InUse(format!(
                "there are {PROJECTS_MAX} projects already, which is the most"
            )));
        }
        let at = self.now();
        let seq = tx.insert_project(name, prefix, at).map_err(|error| name_taken(error, name))?;
        tx.replace_catalogue(seq, catalogue)?;
        let entry = Entry { who, at, project: Some(name) };
        entry.append(&mut *tx, "project.created", target(name), json!({ "prefix": prefix }))?;
        let project = tx.get_project(seq)?;
        tx.commit()?;
        Ok(project)
    }

    /// Changes a project. A new prefix is for tokens made from now on, and a new longest lifetime
    /// for keys that are made or get another end from now on.
    ///
    /// # Errors
    /// When there is none, the new name is taken, or it is `default` that would get another name.
    pub fn change_project(
        &self,
        who: &Principal,
        name: &ProjectName,
        change: &ProjectChange,
    ) -> Result<Project> {
        require(who, Permission::WriteProject, name)?;
        let mut tx = self.write()?;
        let seq = find_project(&*tx, name)?;
        let before = tx.get_project(seq)?;
        let new_name = change.name.as_ref().unwrap_or(name);
        let new_prefix = change.prefix.as_ref().unwrap_or(&before.prefix);
        if new_name != name && name.as_str() == ProjectName::DEFAULT {
            return Err(Error::InUse("the project `default` always exists and keeps its name".to_owned()));
        }
        let new_zone = change.timezone.as_ref().unwrap_or(&before.timezone);
        let rules = change.rules(before.rules);
        require_announceable(change.disable_unused.flatten())?;
        let new_contact = change.contact.as_ref().unwrap_or(&before.contact);
        let is_same = (new_name, new_prefix, new_zone, new_contact)
            == (&before.name, &before.prefix, &before.timezone, &before.contact);
        if is_same && rules == before.rules {
            tx.commit()?;
            return Ok(before);
        }
        tx.update_project(seq, new_name, new_prefix, &rules).map_err(|error| name_taken(error, new_name))?;
        tx.set_timezone(seq, new_zone)?;
        tx.set_contact(seq, new_contact.as_ref())?;
        if rules.disable_unused != before.rules.disable_unused {
            tx.withdraw_all_unused(seq)?;
        }
        let entry = Entry { who, at: self.now(), project: Some(new_name) };
        let detail = json!({
            "name": { "from": before.name, "to": new_name },
            "prefix": { "from": before.prefix, "to": new_prefix },
            "timezone": { "from": before.timezone, "to": new_zone },
            "contact": { "from": before.contact, "to": new_contact },
            "rules": { "from": before.rules, "to": rules },
        });
        entry.append(&mut *tx, "project.changed", target(new_name), detail)?;
        let project = tx.get_project(seq)?;
        tx.commit()?;
        Ok(project)
    }

    /// Deletes a project that has no keys and accounts any more.
    ///
    /// # Errors
    /// When there is none, it is `default`, or it still has some.
    pub fn delete_project(&self, who: &Principal, name: &ProjectName) -> Result<Project> {
        require(who, Permission::WriteProject, name)?;
        let mut tx = self.write()?;
        let seq = find_project(&*tx, name)?;
        let project = tx.get_project(seq)?;
        if name.as_str() == ProjectName::DEFAULT {
            return Err(Error::InUse("the project `default` always exists".to_owned()));
        }
        if project.n_keys > 0 || project.n_accounts > 0 {
            return Err(Error::InUse(format!(
                "project `{name}` still has {} keys and {} accounts; delete those first",
                project.n_keys, project.n_accounts
            )));
        }
        tx.delete_project(seq)?;
        let entry = Entry { who, at: self.now(), project: Some(name) };
        entry.append(&mut *tx, "project.deleted", target(name), json!({ "prefix": project.prefix }))?;
        tx.commit()?;
        Ok(project)
    }
}

fn require_all_projects(who: &Principal) -> Result<()> {
    match who {
        Principal::Operator(_) | Principal::User(_) => Ok(()),
        Principal::Key(_) | Principal::Stranger(_) => {
            Err(Error::Forbidden("an API key sees its own project only".to_owned()))
        }
    }
}

fn require_announceable(disable_unused: Option<Span>) -> Result<()> {
    match disable_unused.filter(|after| *after <= ANNOUNCED_AHEAD) {
        Some(after) => {
            let rule = format!("is not longer than {ANNOUNCED_AHEAD}, the time that it is announced ahead");
            Err(Invalid::new("disable_unused", &after.to_string(), rule).into())
        }
        None => Ok(()),
    }
}

fn name_taken(error: StoreError, name: &ProjectName) -> Error {
    match error {
        StoreError::Taken(field) => {
            Error::Taken { field, message: format!("there is a project named `{name}` already") }
        }
        other => other.into(),
    }
}

pub(super) fn target(name: &ProjectName) -> Target {
    Target::new("project", name.as_str(), name.as_str())
}
