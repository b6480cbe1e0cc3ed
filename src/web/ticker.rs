//! What a server does once a second beside its requests: it writes the gathered usage, folds a
//! little of what is old, and looks whether the store still takes changes. Once a minute it does
//! what is due (`app::chores`).
//!
//! A thread of its own, since both may wait for the disk. When it is dropped it writes a last time.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::app::App;
use crate::model::usage::Retention;

const EVERY: Duration = Duration::from_secs(1);
/// What is due to the hour or the day is looked for once a minute.
const CHORES_EVERY: u64 = 60;

/// The thread, as long as the server runs.
pub(super) struct Ticker {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Starts to tick; `failed` is called once, when the store takes no changes any more.
    pub(super) fn start(
        app: Arc<App>,
        keep: Retention,
        failed: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = channel();
        let mut failed = Some(failed);
        let tick = move || {
            for second in 0_u64.. {
                if stopped.recv_timeout(EVERY) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
                warn(app.note_usage(second));
                if second % CHORES_EVERY == 0 {
                    do_chores(&app);
                }
                fold(&app, &keep);
                if let Some(failed) = failed.take_if(|_| app.has_failed()) {
                    failed();
                }
            }
            warn(app.flush_usage());
            // A start with a clock that was set back meanwhile goes on from here.
            warn(app.keep_time());
        };
        let thread = std::thread::Builder::new().name("ticker".to_owned()).spawn(tick)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that writes usage has panicked");
        }
    }
}

fn do_chores(app: &App) {
    // What could not be done is due the next time, too.
    if let Err(error) = app.do_chores() {
        tracing::warn!(?error, "what is due could not be done");
    }
}

// What could not be written is kept for the next time, so that this is no reason to stop.
fn warn(written: crate::app::Result<()>) {
    if let Err(error) = written {
        tracing::warn!(?error, "usage or the time could not be written");
    }
}

fn fold(app: &App, keep: &Retention) {
    if let Err(error) = app.fold_usage(keep) {
        tracing::warn!(?error, "old counts of use could not be folded into days");
    }
}
