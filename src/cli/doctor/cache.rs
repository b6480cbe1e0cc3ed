//! The check that a verdict holds for one request and an answer for one caller.

use super::Doctor;
use crate::cli::exit::Failure;

pub(super) const VERDICT: &str = "keep no verdicts: nginx, `proxy_cache off` where it asks keysrv; a key that is \
                                  switched off must stop on the next request";
pub(super) const REFUSAL: &str = "hand on `Cache-Control` of keysrv's answer";
const ANSWER: &str =
    "keep no answers of the API, or only where it says who may read them: nginx, `proxy_cache off`";

impl Doctor<'_> {
    pub(super) fn cache(&mut self) -> Result<(), Failure> {
        let (first, second) = (self.keys.good()?, self.keys.good()?);
        let path = self.path.clone();
        self.ask(Some(&first.token), &path, &[])?;
        let asked = self.ask(Some(&second.token), &path, &[])?;
        if self.sight.is_there()
            && !asked.look.has_passed
            && asked.reply.is_some_and(|reply| reply.status < 400)
        {
            let detail = "a request is answered without the API: another caller gets what the first one read";
            self.report.find("cache", detail, ANSWER);
        }
        self.keys.disable(&first.id)?;
        let asked = self.ask(Some(&first.token), &path, &[])?;
        // With an answer that was kept, the API is not asked and the status tells.
        if asked.look.has_passed || asked.reply.is_some_and(|reply| reply.status < 400) {
            self.report.find("cache", "a key that was switched off a moment ago still passes", VERDICT);
        }
        self.report.done("cache");
        Ok(())
    }
}
