//! A request to the API by a key: whose it is, where it acts, and the way to the use case.

use actix_web::HttpRequest;
use actix_web::web::Data;

use crate::app::{self, App};
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::web::auth::ApiKey;
use crate::web::blocking;
use crate::web::context::Context;
use crate::web::problem::Problem;

/// A request whose key was accepted.
pub(super) struct Call {
    who: Principal,
    project: ProjectName,
    context: Data<Context>,
}

impl Call {
    /// Requires a valid key that holds `scope`; the request counts as a use of it.
    ///
    /// # Errors
    /// The verdict that refuses.
    pub(super) fn by(request: &HttpRequest, context: &Data<Context>, scope: &str) -> Result<Self, Problem> {
        Ok(Self::of(ApiKey::require(request, context, scope)?, context))
    }

    /// Requires a valid key; the request counts as a use of it.
    ///
    /// # Errors
    /// The verdict that refuses.
    pub(super) fn by_any(request: &HttpRequest, context: &Data<Context>) -> Result<Self, Problem> {
        Ok(Self::of(ApiKey::require_any(request, context)?, context))
    }

    fn of(key: ApiKey, context: &Data<Context>) -> Self {
        let (who, project) = key.into_parts();
        Self { who, project, context: Data::clone(context) }
    }

    /// Runs a use case for the key, in its project, where it may wait for the disk.
    ///
    /// # Errors
    /// What the use case says.
    pub(super) async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&App, &Principal, &ProjectName) -> app::Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let Self { who, project, context } = self;
        blocking::run(&context, move |app| work(app, &who, &project)).await
    }

    /// The same for a change that waits for nothing but its turn to write: those of many callers share
    /// their way to the disk.
    ///
    /// # Errors
    /// What the use case says.
    pub(super) async fn change<T: Send + 'static>(
        self,
        work: impl Fn(&App, &Principal, &ProjectName) -> app::Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let Self { who, project, context } = self;
        blocking::change(&context, move |app| work(app, &who, &project)).await
    }
}
