//! Threads that give way: for what takes so long that a verification would have to wait for a slice of the
//! scheduler, some milliseconds.
//!
//! A lower priority alone is not enough: a scheduler lets whoever runs keep the core to the end of a slice, also
//! when another wakes up whose turn it is. So such a thread lets others run every now and then ([`step_aside`]).
//! Where they want the core for good, it would come to nothing that way: after each wait it
//! works for a part of that time. A priority that was lowered is not given back, so that such a thread does
//! nothing else.

use std::cell::Cell;
use std::time::Instant;

/// A tenth of the share of a usual thread while others want the core, and all of it while none does.
const NICE: i32 = 10;
/// Of what was waited. Long enough for a page where others want the cores for good: a wait is then some ten
/// milliseconds, and it takes five times as long instead of seventy. Short enough for a verification to wait for:
/// a wait for one, or for a password, is a few milliseconds at most.
const WORK_PART: u32 = 32;

thread_local! {
    /// When a thread that gives way steps aside again; no other has it.
    static NEXT: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Lets this thread give way from now on, if it does not more so already.
// A priority is the calling thread's on Linux, and the whole process's elsewhere
// (https://man7.org/linux/man-pages/man2/setpriority.2.html, "C library/kernel differences").
pub fn give_way() {
    NEXT.set(Some(Instant::now()));
    if !cfg!(target_os = "linux") {
        return;
    }
    let lower = |now| if now < NICE { rustix::process::setpriority_process(None, NICE) } else { Ok(()) };
    if let Err(error) = rustix::process::getpriority_process(None).and_then(lower) {
        tracing::debug!(%error, "a thread could not give way");
    }
}

/// Lets others run that wait for the core of this thread, if it is one that gives way; for long work to call every
/// few dozen microseconds.
pub fn step_aside() {
    let Some(next) = NEXT.get() else { return };
    #[cfg(test)]
    N_STEPS.set(N_STEPS.get() + 1);
    let before = Instant::now();
    if before >= next {
        std::thread::yield_now();
        let after = Instant::now();
        NEXT.set(Some(after + (after - before) / WORK_PART));
    }
}

#[cfg(test)]
thread_local! {
    static N_STEPS: Cell<usize> = const { Cell::new(0) };
}

/// How often a thread that gives way is asked to step aside in this.
#[cfg(test)]
pub fn count_steps(work: impl FnOnce() + Send) -> usize {
    let count = || {
        give_way();
        work();
        N_STEPS.get()
    };
    std::thread::scope(|scope| scope.spawn(count).join().unwrap())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_gives_way_and_nobody_else_does() {
        let priority = || rustix::process::getpriority_process(None).unwrap();
        let before = priority();
        let inside = std::thread::spawn(move || {
            give_way();
            priority()
        });
        assert_eq!(inside.join().unwrap(), NICE.max(before));
        assert_eq!(priority(), before);
    }

    #[test]
    fn nobody_else_steps_aside() {
        assert_eq!(count_steps(|| (0..3).for_each(|_| step_aside())), 3);
        step_aside();
        assert_eq!((N_STEPS.get(), NEXT.get()), (0, None));
    }

    #[test]
    fn who_has_waited_works_for_a_while_before_it_steps_aside_again() {
        let inside = std::thread::spawn(|| {
            give_way();
            let began = NEXT.get().unwrap();
            step_aside();
            let waited = NEXT.get().unwrap();
            assert!(waited > began, "it steps aside at once, and then not before it has worked");
            let later = Instant::now() + std::time::Duration::from_mins(1);
            NEXT.set(Some(later));
            step_aside();
            assert_eq!(NEXT.get(), Some(later), "nothing was waited for");
        });
        inside.join().unwrap();
    }
}
