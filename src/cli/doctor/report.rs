//! What came out of a check, and how it is told.

use serde::Serialize;

use crate::cli::exit::Failure;
use crate::cli::output;

/// Something that is wrong, and what to do about it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Finding {
    /// The check.
    pub(super) check: &'static str,
    /// What is wrong.
    pub(super) detail: String,
    /// What to do.
    pub(super) fix: &'static str,
}

/// Everything that was tried.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    findings: Vec<Finding>,
    passed: Vec<&'static str>,
    not_tried: Vec<NotTried>,
}

#[derive(Debug, Serialize)]
struct NotTried {
    check: &'static str,
    why: &'static str,
}

impl Report {
    /// Adds what is wrong.
    pub(super) fn find(&mut self, check: &'static str, detail: impl Into<String>, fix: &'static str) {
        self.findings.push(Finding { check, detail: detail.into(), fix });
    }

    /// Adds a check that could not be made.
    pub(super) fn skip(&mut self, check: &'static str, why: &'static str) {
        self.not_tried.push(NotTried { check, why });
    }

    /// Adds a check that was made; it passed when nothing was found.
    pub(super) fn done(&mut self, check: &'static str) {
        if !self.has(check) && !self.not_tried.iter().any(|skipped| skipped.check == check) {
            self.passed.push(check);
        }
    }

    fn has(&self, check: &str) -> bool {
        self.findings.iter().any(|finding| finding.check == check)
    }

    /// Prints everything; fails when something was found.
    pub(super) fn print(self, is_json: bool) -> Result<(), Failure> {
        if is_json {
            output::json(&self)?;
        } else {
            output::lines(self.lines().into_iter().map(Ok))?;
        }
        match self.findings.len() {
            0 => Ok(()),
            n => Err(Failure::new(format!("the doctor has {}", output::counted(n as u64, "finding")))),
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for finding in &self.findings {
            lines.push(format!("FINDING {}: {}", finding.check, finding.detail));
            lines.push(format!("    fix: {}", finding.fix));
        }
        lines.extend(self.passed.iter().map(|check| format!("passed {check}")));
        lines.extend(
            self.not_tried.iter().map(|skipped| format!("not tried {}: {}", skipped.check, skipped.why)),
        );
        lines
    }
}
