//! The one way from an async handler to a use case that waits.
//!
//! Databases and password hashes block; a worker that waited for them would stop answering
//! everybody else. Verification alone is called where it stands: its one indexed read is shorter
//! than the way to another thread.

use std::sync::Arc;

use actix_web::web;

use super::context::Context;
use super::problem::Problem;
use crate::app::App;
use crate::model::code::Code;

/// Runs a use case on a thread that may wait.
///
/// # Errors
/// Whatever the use case says; [`Code::Internal`] when it panicked.
pub async fn run<T, E, F>(context: &Context, use_case: F) -> Result<T, Problem>
where
    T: Send + 'static,
    E: Send + 'static,
    Problem: From<E>,
    F: FnOnce(&App) -> Result<T, E> + Send + 'static,
{
    let app = Arc::clone(&context.app);
    #[expect(clippy::disallowed_methods, reason = "this is the one place that hops to the blocking pool")]
    let outcome = web::block(move || use_case(&app)).await;
    let panicked = |_| Problem::new(Code::Internal, "keysrv failed");
    Ok(outcome.map_err(panicked)??)
}
