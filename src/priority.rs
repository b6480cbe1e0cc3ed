//! Threads that give way: for what takes so long that a verification would have to wait for a slice of the
//! scheduler, some milliseconds.
//!
//! A priority that was lowered is not given back, so that such a thread does nothing else.

/// A tenth of the share of a usual thread while others want the core, and all of it while none does.
const NICE: i32 = 10;

/// Lets this thread give way from now on, if it does not more so already.
// A priority is the calling thread's on Linux, and the whole process's elsewhere
// (https://man7.org/linux/man-pages/man2/setpriority.2.html, "C library/kernel differences").
pub fn give_way() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let lower = |now| if now < NICE { rustix::process::setpriority_process(None, NICE) } else { Ok(()) };
    if let Err(error) = rustix::process::getpriority_process(None).and_then(lower) {
        tracing::debug!(%error, "a thread could not give way");
    }
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
}
