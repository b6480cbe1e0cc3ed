//! Computing what takes long on a thread that gives way to all others.
//!
//! A tenth of a second of arithmetic on as many cores as there are would make verifications wait for a
//! slice of the scheduler, some milliseconds each. A thread of its own, since a priority that was lowered
//! is not given back.

use super::{PasswordError, failed};

/// A tenth of the share of a usual thread while others want the core, and all of it while none does.
const NICE: i32 = 10;

/// Runs this and waits for it.
pub(super) fn compute<T: Send>(what: impl FnOnce() -> T + Send) -> Result<T, PasswordError> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("password".to_owned());
        let give_way_and_run = || {
            give_way();
            what()
        };
        let running = thread.spawn_scoped(scope, give_way_and_run).map_err(failed)?;
        running.join().map_err(|_| failed("it panicked"))
    })
}

// A priority is the calling thread's on Linux, and the whole process's elsewhere
// (https://man7.org/linux/man-pages/man2/setpriority.2.html, "C library/kernel differences").
fn give_way() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let lower = |now| if now < NICE { rustix::process::setpriority_process(None, NICE) } else { Ok(()) };
    if let Err(error) = rustix::process::getpriority_process(None).and_then(lower) {
        tracing::debug!(%error, "a computation could not give way");
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn it_gives_way_and_nobody_else_does() {
        let before = rustix::process::getpriority_process(None).unwrap();
        let inside = compute(|| rustix::process::getpriority_process(None).unwrap()).unwrap();
        assert_eq!(inside, NICE.max(before));
        assert_eq!(rustix::process::getpriority_process(None).unwrap(), before);
    }

    #[test]
    fn a_panic_is_an_error() {
        assert!(matches!(compute(|| panic!("on purpose")), Err::<(), _>(PasswordError::Failed(_))));
    }
}
