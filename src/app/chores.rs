//! What a server does by itself, as its operator told it to: old secrets that became
//! quiet end, and unused keys are announced and disabled. It also remembers the time.
//!
//! All of it is asked again in the transaction that does it, in small steps, and audited as done
//! by the server.

use super::{App, Result};

impl App {
    /// Does what is due.
    ///
    /// # Errors
    /// When the database does not answer; what is not done then is due the next time.
    pub fn do_chores(&self) -> Result<()> {
        self.keep_time()?;
        self.end_quiet_secrets()?;
        self.disable_unused_keys()?;
        Ok(())
    }
}
