//! The limits in the bodies that `/v1/keys` and `/v1/accounts` take.
//!
//! `"rate_limit": {"requests": 100, "per_seconds": 60, "mode": "watch"}`; `null` takes a limit away. A
//! `mode` that is not named stays as it is.

use serde_json::{Map, Value};

use crate::model::Invalid;
use crate::model::limit::{LimitsChange, Mode, Quota, RateLimit};
use crate::web::body::{Object, whole};
use crate::web::problem::Problem;

/// Reads `rate_limit` and `quota`.
///
/// # Errors
/// When one of them breaks a rule.
pub(super) fn read(body: &mut Object) -> Result<LimitsChange, Problem> {
    let mut change = LimitsChange::default();
    if let Some(limit) = body.find_nullable_object(RateLimit::FIELD)? {
        (change.rate, change.rate_mode) = read_limit(RateLimit::FIELD, limit, |fields| {
            RateLimit::new(fields.count("requests")?, fields.count("per_seconds")?).map_err(Into::into)
        })?;
    }
    if let Some(quota) = body.find_nullable_object(Quota::FIELD)? {
        (change.quota, change.quota_mode) = read_limit(Quota::FIELD, quota, |fields| {
            Quota::new(fields.count("requests")?, &fields.text("per")?).map_err(Into::into)
        })?;
    }
    Ok(change)
}

/// Reads what [`read`] does, and `allowed_ips_mode`.
///
/// # Errors
/// As [`read`].
pub(super) fn read_of_key(body: &mut Object) -> Result<LimitsChange, Problem> {
    let mode = body.find_text("allowed_ips_mode")?;
    let ips_mode = mode.map(|mode| Mode::parse("allowed_ips_mode", &mode)).transpose()?;
    Ok(LimitsChange { ips_mode, ..read(body)? })
}

/// Reads `reset_quota`, which starts the count anew.
///
/// # Errors
/// When it is neither `true` nor `false`.
pub(super) fn read_reset(body: &mut Object, change: LimitsChange) -> Result<LimitsChange, Problem> {
    Ok(LimitsChange { quota_reset: body.find_bool("reset_quota")?.unwrap_or_default(), ..change })
}

type Read<T> = (Option<Option<T>>, Option<Mode>);

fn read_limit<T>(
    name: &'static str,
    limit: Option<Map<String, Value>>,
    parse: impl FnOnce(&mut Fields) -> Result<T, Problem>,
) -> Result<Read<T>, Problem> {
    let Some(fields) = limit else { return Ok((Some(None), None)) };
    let mut fields = Fields { name, fields };
    let what = parse(&mut fields)?;
    let mode = match fields.fields.remove("mode") {
        None => None,
        Some(Value::String(mode)) => Some(Mode::parse(name, &mode)?),
        Some(_) => return Err(fields.wrong("mode", "is neither `enforce` nor `watch`")),
    };
    match fields.fields.keys().next() {
        None => Ok((Some(Some(what)), mode)),
        Some(unknown) => Err(Invalid::new(name, unknown, "is not known inside it").into()),
    }
}

/// The fields of one limit; every mistake is told with the limit's name.
struct Fields {
    name: &'static str,
    fields: Map<String, Value>,
}

impl Fields {
    fn count(&mut self, field: &str) -> Result<u64, Problem> {
        let count = self.fields.remove(field).as_ref().and_then(whole);
        count.ok_or_else(|| self.wrong(field, "is missing, or no whole number"))
    }

    fn text(&mut self, field: &str) -> Result<String, Problem> {
        match self.fields.remove(field) {
            Some(Value::String(text)) => Ok(text),
            _ => Err(self.wrong(field, "is missing, or no text")),
        }
    }

    fn wrong(&self, field: &str, rule: &'static str) -> Problem {
        Invalid::new(self.name, field, rule).into()
    }
}
