//! One request of a signed-in person: who asks, in which session, and what every page needs.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;

use super::fields::Fields;
use super::page::{Frame, Place};
use super::shown_once::ShownOnce;
use crate::app::{self, App, Permission};
use crate::model::account::AccountId;
use crate::model::key::KeyId;
use crate::model::principal::{Principal, UserPrincipal};
use crate::model::project::ProjectName;
use crate::web::problem::Problem;

/// A request of a signed-in person.
pub(crate) struct Visit {
    /// The use cases.
    pub(crate) app: Arc<App>,
    /// Tokens on their way to the page that shows them.
    pub(crate) shown_once: Arc<ShownOnce>,
    /// Who asks.
    pub(crate) user: UserPrincipal,
    /// From where, as far as anybody knows.
    pub(crate) ip: IpAddr,
    /// In which session.
    pub(crate) session: String,
    /// The project that was looked at last, as the browser says it.
    pub(crate) last_project: Option<ProjectName>,
    /// Whether only the head of the answer is asked for, which nobody reads.
    pub(crate) is_head: bool,
    /// How callers reach this server, such as `http://127.0.0.1:8080`.
    pub(crate) base_url: String,
    /// What the address names and the form says.
    pub(crate) asked: Asked,
}

/// What a request says, before it is read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// The project in the path; empty where there is none.
    pub(crate) project: String,
    /// The key or account in the path; empty where there is none.
    pub(crate) id: String,
    /// The part of the address after the `?`.
    pub(crate) query: String,
    /// The fields of the form.
    pub(crate) fields: Fields,
}

impl Visit {
    /// Who asks, for a use case.
    pub(crate) fn who(&self) -> Principal {
        Principal::User(self.user.clone())
    }

    /// The project that the address names.
    ///
    /// # Errors
    /// When it cannot be one; whether there is one by this name, the use cases say.
    pub(crate) fn project(&self) -> Result<ProjectName, Problem> {
        let name = &self.asked.project;
        ProjectName::parse(name).map_err(|_| app::Error::no_such("project", name).into())
    }

    /// The project that the address names, if the person may do this there: nobody fills in a form
    /// only to be refused.
    ///
    /// # Errors
    /// As [`Visit::project`], and when the person may not.
    pub(crate) fn project_for(&self, permission: Permission) -> Result<ProjectName, Problem> {
        let project = self.project()?;
        app::require(&self.who(), permission, &project)?;
        Ok(project)
    }

    /// The key that the address names.
    ///
    /// # Errors
    /// As [`Visit::project`].
    pub(crate) fn key_id(&self) -> Result<KeyId, Problem> {
        let id = &self.asked.id;
        KeyId::parse(id).map_err(|_| app::Error::no_such("key", id).into())
    }

    /// The account that the address names.
    ///
    /// # Errors
    /// As [`Visit::project`].
    pub(crate) fn account_id(&self) -> Result<AccountId, Problem> {
        let id = &self.asked.id;
        AccountId::parse(id).map_err(|_| app::Error::no_such("account", id).into())
    }

    /// The fields of the query.
    pub(crate) fn query(&self) -> Fields {
        Fields::parse(self.asked.query.as_bytes())
    }

    /// The fields of the form.
    pub(crate) fn fields(&self) -> &Fields {
        &self.asked.fields
    }

    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        self.app.now()
    }

    /// The frame of a page about a project.
    ///
    /// # Errors
    /// When there is no such project.
    pub(crate) fn frame(&self, place: Place, project: &ProjectName) -> Result<Frame, Problem> {
        let projects = self.app.list_project_names(&self.who())?;
        if !projects.contains(project) {
            return Err(app::Error::no_such("project", project.as_str()).into());
        }
        Ok(Frame::new(place, project, &projects, &self.user))
    }

    /// The frame of a page about the server, and all projects' names; the navigation goes on to
    /// show the project that was looked at last.
    ///
    /// # Errors
    /// When the projects cannot be read.
    pub(crate) fn server_frame(&self, place: Place) -> Result<(Frame, Vec<ProjectName>), Problem> {
        let projects = self.app.list_project_names(&self.who())?;
        let frame = Frame::new(place, &self.pick(&projects), &projects, &self.user);
        Ok((frame, projects))
    }

    /// The project that was looked at last if it is still there, else `default`, else the first.
    ///
    /// # Errors
    /// When the projects cannot be read.
    pub(crate) fn some_project(&self) -> Result<ProjectName, Problem> {
        Ok(self.pick(&self.app.list_project_names(&self.who())?))
    }

    fn pick(&self, projects: &[ProjectName]) -> ProjectName {
        let is_there = |name: &ProjectName| projects.contains(name);
        let last = self.last_project.clone().filter(is_there);
        let default = || Some(ProjectName::default()).filter(is_there);
        last.or_else(default).or_else(|| projects.first().cloned()).unwrap_or_default()
    }
}
