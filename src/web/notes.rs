//! What an answer tells about the key that asked, in headers, whether it lets the key through or not:
//! how its limits stand (`limits`) and when it ends (`ends`).
//!
//! Noted when the verdict is there, added when the answer is; in between they travel with the request.

use actix_web::http::header::HeaderMap;
use actix_web::{HttpMessage, HttpRequest};

use super::{ends, limits, wire};
use crate::app::verify::Verdict;

/// The notes of one request.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    limits: Option<limits::Noted>,
    ends: Option<ends::Noted>,
}

impl Notes {
    /// Everything that there is to tell of a verdict.
    pub(super) fn all(verdict: &Verdict) -> Self {
        Self { ends: ends::Noted::of(verdict), ..Self::limits(verdict) }
    }

    /// How its limits stand, and nothing else.
    pub(super) fn limits(verdict: &Verdict) -> Self {
        Self { limits: limits::Noted::of(verdict), ends: None }
    }

    /// Leaves them with a request that the router handles.
    pub(super) fn keep(self, request: &HttpRequest) {
        if self.limits.is_some() || self.ends.is_some() {
            request.extensions_mut().insert(self);
        }
    }

    /// What was left with a request.
    pub(super) fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_default()
    }

    /// Adds the lines to an answer that goes over the wire as it is written.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        if let Some(limits) = &self.limits {
            limits.write(out);
        }
        if let Some(ends) = &self.ends {
            ends.write(out);
        }
    }

    /// Adds the same to an answer that the framework sends.
    pub(super) fn complete(&self, headers: &mut HeaderMap) {
        if self.limits.is_some() || self.ends.is_some() {
            let mut lines = Vec::new();
            self.write(&mut lines);
            wire::insert_lines(headers, &lines);
        }
    }
}
