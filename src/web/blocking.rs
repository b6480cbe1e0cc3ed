//! The ways from an async handler to a use case that waits.
//!
//! Databases and password hashes block; a worker that waited for them would stop answering
//! everybody else. Verification alone is called where it stands: its one indexed read is shorter
//! than the way to another thread.
//!
//! What only shows something to a person runs on threads of its own that give way ([`Aside`]): reading a
//! page takes milliseconds, for which a verification would wait on a machine that is busy otherwise. Changes
//! do not, since others wait for their turn.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::context::Context;
use super::problem::Problem;
use crate::app::{self, App};
use crate::model::code::Code;
use crate::priority::give_way;

/// As many pages are read at the same time; the database has more connections for readers.
const ASIDE_THREADS_MAX: usize = 6;
const ASIDE_IDLE: Duration = Duration::from_secs(10);

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
    #[expect(clippy::disallowed_methods, reason = "this is the place that hops to the blocking pool")]
    let outcome = web::block(move || use_case(&app)).await;
    Ok(outcome.map_err(|_| panicked())??)
}

/// Runs what only shows something on a thread that may wait and gives way.
///
/// # Errors
/// As [`run`].
pub async fn show<T, E, F>(context: &Context, use_case: F) -> Result<T, Problem>
where
    T: Send + 'static,
    E: Send + 'static,
    Problem: From<E>,
    F: FnOnce(&App) -> Result<T, E> + Send + 'static,
{
    let app = Arc::clone(&context.app);
    let threads = context.aside.0.as_ref().ok_or_else(panicked)?;
    let outcome = threads.spawn_blocking(move || use_case(&app)).await;
    Ok(outcome.map_err(|_| panicked())??)
}

/// Makes a change, on a thread that makes those of many callers; `app::line` says which may be made there.
///
/// # Errors
/// As [`run`].
pub async fn change<T, F>(context: &Context, use_case: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: Fn(&App) -> app::Result<T> + Send + 'static,
{
    let (tell, told) = oneshot::channel();
    // Whoever asked may be gone when it is told.
    let service = context.app.line_up(use_case, move |outcome| drop(tell.send(outcome)));
    if let Some(service) = service {
        // It runs by itself; there is nothing to wait for but what is told.
        #[expect(clippy::disallowed_methods, reason = "the other way to the blocking pool")]
        drop(web::block(move || service.serve()));
    }
    Ok(told.await.map_err(|_| panicked())??)
}

fn panicked() -> Problem {
    Problem::new(Code::Internal, "keysrv failed")
}

/// The threads that give way. They are made when there is work for them, and end when there is none.
#[derive(Debug)]
pub struct Aside(Option<Runtime>);

impl Aside {
    /// None of them yet.
    ///
    /// # Errors
    /// When the system does not let them be.
    pub fn new() -> io::Result<Self> {
        let threads = Builder::new_current_thread()
            .thread_name("aside")
            .max_blocking_threads(ASIDE_THREADS_MAX)
            .thread_keep_alive(ASIDE_IDLE)
            .on_thread_start(give_way)
            .build()?;
        Ok(Self(Some(threads)))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // Whoever is last to hold it may be a worker, which must not wait.
        if let Some(threads) = self.0.take() {
            threads.shutdown_background();
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_threads_aside_give_way_and_may_be_dropped_anywhere() {
        let aside = Aside::new().unwrap();
        let priority = || rustix::process::getpriority_process(None).unwrap();
        let before = priority();
        actix_web::rt::System::new().block_on(async move {
            let inside = aside.0.as_ref().unwrap().spawn_blocking(priority).await.unwrap();
            assert!(inside > before.min(9), "{inside}");
            drop(aside);
        });
    }
}
