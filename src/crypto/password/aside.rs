//! Computing what takes long on a thread that gives way to all others: a tenth of a second of arithmetic on as
//! many cores as there are would make verifications wait.

use super::{PasswordError, failed};
use crate::priority::give_way;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn it_gives_way_and_nobody_else_does() {
        let priority = || rustix::process::getpriority_process(None).unwrap();
        let before = priority();
        assert!(compute(priority).unwrap() > before.min(9));
        assert_eq!(priority(), before);
    }

    #[test]
    fn a_panic_is_an_error() {
        assert!(matches!(compute(|| panic!("on purpose")), Err::<(), _>(PasswordError::Failed(_))));
    }
}
