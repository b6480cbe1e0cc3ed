//! The bodies that `/v1/keys` takes.
//!
//! Every value is parsed by its own type, so that what breaks a rule is told with its field; a
//! field that nobody knows is refused.

use jiff::Timestamp;

use crate::model::Invalid;
use crate::model::account::Metadata;
use crate::model::code::Code;
use crate::model::expiry::{Span, WithoutDate};
use crate::model::key::{KeyChange, KeyName, NewKey, Note, Rotation, ScopesChange, parse_allowed_ips};
use crate::model::scope::ScopeSet;
use crate::web::api::limits;
use crate::web::body::Object;
use crate::web::problem::Problem;

/// The body of `POST /v1/keys`.
pub(super) fn new_key(mut body: Object) -> Result<NewKey, Problem> {
    // `null` says that it never ends; nothing says that nobody cares.
    let expires_at = body.find_nullable("expires_at")?;
    let new = NewKey {
        scopes: scopes(&mut body)?,
        note: body.find_text("note")?.map(|text| Note::parse("note", &text)).transpose()?.flatten(),
        account: body.find_text("account_id")?,
        without_date: if expires_at.is_some() { WithoutDate::Never } else { WithoutDate::Longest },
        expires_at: expires_at.flatten().map(|text| instant(&text)).transpose()?,
        metadata: metadata(&mut body)?.unwrap_or_default(),
        allowed_ips: addresses(&mut body)?.unwrap_or_default(),
        limits: limits::read_of_key(&mut body)?,
        ..NewKey::named(KeyName::parse(&body.text("name")?)?)
    };
    body.finish()?;
    Ok(new)
}

/// The body of `PATCH /v1/keys/{id}`.
pub(super) fn key_change(mut body: Object) -> Result<KeyChange, Problem> {
    if body.has("name") {
        let detail = "a key's name never changes; create a key with the other name instead";
        return Err(Problem::new(Code::NameImmutable, detail).field("name"));
    }
    let note = body.find_nullable("note")?;
    let expires_at = body.find_nullable("expires_at")?;
    let limits = limits::read_of_key(&mut body)?;
    let limits = limits::read_reset(&mut body, limits)?;
    let change = KeyChange {
        enabled: body.find_bool("enabled")?,
        reason: body.find_text("reason")?.map(|text| Note::parse("reason", &text)).transpose()?.flatten(),
        scopes: scopes(&mut body)?.map(ScopesChange::Replace),
        note: note.map(|text| Note::parse("note", &text.unwrap_or_default())).transpose()?,
        expires_at: expires_at.map(|text| text.map(|text| instant(&text)).transpose()).transpose()?,
        account: body.find_nullable("account_id")?,
        metadata: metadata(&mut body)?,
        allowed_ips: addresses(&mut body)?,
        limits,
    };
    body.finish()?;
    Ok(change)
}

/// The body of `DELETE /v1/keys/{id}`, which may be missing.
pub(super) fn reason(mut body: Object) -> Result<Option<Note>, Problem> {
    let reason = body.find_text("reason")?.map(|text| Note::parse("reason", &text)).transpose()?;
    body.finish()?;
    Ok(reason.flatten())
}

/// The body of `POST /v1/keys/{id}/rotate`, which may be missing.
pub(super) fn rotation(mut body: Object) -> Result<Rotation, Problem> {
    let overlap = span("overlap_seconds", body.find_count("overlap_seconds")?)?.unwrap_or_default();
    let quiet = span("end_when_quiet_seconds", body.find_count("end_when_quiet_seconds")?)?;
    body.finish()?;
    Ok(Rotation { overlap, quiet })
}

fn span(field: &'static str, seconds: Option<u64>) -> Result<Option<Span>, Invalid> {
    seconds.map(|seconds| Span::parse(field, &format!("{seconds}s"))).transpose()
}

fn scopes(body: &mut Object) -> Result<Option<ScopeSet>, Problem> {
    let Some(names) = body.find_texts("scopes")? else { return Ok(None) };
    Ok(Some(ScopeSet::parse(names.iter().map(String::as_str))?))
}

fn addresses(body: &mut Object) -> Result<Option<Vec<ipnet::IpNet>>, Problem> {
    let Some(values) = body.find_texts("allowed_ips")? else { return Ok(None) };
    Ok(Some(parse_allowed_ips(values.iter().map(String::as_str))?))
}

fn metadata(body: &mut Object) -> Result<Option<Metadata>, Problem> {
    Ok(body.find_object("metadata")?.map(Metadata::new).transpose()?)
}

/// Programs send instants; the shell's and the pages' other forms are for people.
fn instant(text: &str) -> Result<Timestamp, Invalid> {
    // Some programs write the last day of the year 9999 for never.
    let rule = "is not a time such as `2027-01-31T12:00:00Z` before the year 9999; `null` says never";
    text.parse().map_err(|_| Invalid::new("expires_at", text, rule))
}
