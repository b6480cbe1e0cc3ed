//! Keys that exist: `list`, `show`, `enable`, `disable`, `delete`, `rotate`.

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use super::context::{Context, key_ref};
use super::exit::Failure;
use super::output::{self, instant, instant_or};
use super::{keys_create, limits, pages, prompt};
use crate::app::App;
use crate::app::view::ManagerView;
use crate::model::expiry::Span;
use crate::model::key::{Key, KeyFilter, KeyStatus, Note, Rotation, SecretInfo};
use crate::model::scope::{Catalogue, Scope};

/// Arguments of `list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keysrv list
  keysrv list --unused-for 90d --status active
  keysrv list --expires-within 14d
  keysrv list --account cus_42 --json")]
pub(super) struct ListArgs {
    /// Part of a name, id or account
    #[arg(long, value_name = "TEXT")]
    q: Option<String>,
    /// active, disabled, expired or `account_disabled`
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// Keys that hold this scope
    #[arg(long, value_name = "S")]
    scope: Option<String>,
    /// Keys of this account, by id or external id
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Keys that were not accepted for so long, such as 90d
    #[arg(long, value_name = "TIME")]
    unused_for: Option<String>,
    /// Keys that end within so long, such as 14d
    #[arg(long, value_name = "TIME")]
    expires_within: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

/// Arguments of `disable`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  keysrv disable ci --reason \"leaked in a build log\"")]
pub(super) struct DisableArgs {
    /// A key's id, visible start or name
    id: String,
    /// Why, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Arguments of `delete`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keysrv delete ci
  keysrv delete ci --yes --reason \"left the company\"")]
pub(super) struct DeleteArgs {
    /// A key's id, visible start or name
    id: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Why, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Arguments of `rotate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  KEY=$(keysrv rotate ci)
  keysrv rotate ci --overlap 7d --end-when-quiet 24h
  keysrv rotate ci --end-old")]
pub(super) struct RotateArgs {
    /// A key's id, visible start or name
    id: String,
    /// How long the old secret goes on, such as 24h; at most 90d [default: it ends now]
    #[arg(long, value_name = "TIME")]
    overlap: Option<String>,
    /// End the old secret before that, once it was not seen for so long, such as 24h
    #[arg(long, value_name = "TIME", requires = "overlap")]
    end_when_quiet: Option<String>,
    /// Make no new secret: end the old one, of which `show` tells who still uses it
    #[arg(long, conflicts_with_all = ["overlap", "end_when_quiet"])]
    end_old: bool,
}

pub(super) fn list(context: &Context, args: &ListArgs) -> Result<(), Failure> {
    let app = context.app()?;
    let filter = KeyFilter {
        q: args.q.clone(),
        status: args.status.as_deref().map(KeyStatus::parse).transpose()?,
        scope: args.scope.as_deref().map(Scope::parse).transpose()?,
        account: args.account.clone(),
        unused_since: span("unused_for", args.unused_for.as_deref())?.map(|span| span.before(app.now())),
        expires_by: span("expires_within", args.expires_within.as_deref())?.map(|span| span.after(app.now())),
        never_ends: false,
        ..KeyFilter::default()
    };
    let keys = pages::items(args.limit, |page| app.list_keys(&context.who, context.project(), &filter, page));
    if context.is_json {
        return output::json_list(keys, |key| output::json_text(&ManagerView::new(key, app.now())));
    }
    let catalogue = app.get_catalogue(&context.who, context.project())?;
    let rows = keys.map(|key| Ok(row(&key?, &catalogue, app.now()))).collect::<Result<_, Failure>>()?;
    output::table(["name", "id", "scopes", "status", "last used", "account"], rows)
}

fn span(field: &'static str, text: Option<&str>) -> Result<Option<Span>, Failure> {
    Ok(text.map(|text| Span::parse(field, text)).transpose()?)
}

fn row(key: &Key, catalogue: &Catalogue, now: Timestamp) -> [String; 6] {
    let facts = &key.facts;
    [
        facts.name.as_str().to_owned(),
        facts.id.to_string(),
        catalogue.summary(&facts.scopes).to_string(),
        facts.status(now).as_str().to_owned(),
        instant_or(key.last_used_at, "never"),
        facts.account.as_ref().map(|account| account.name.as_str().to_owned()).unwrap_or_default(),
    ]
}

pub(super) fn show(context: &Context, id: &str) -> Result<(), Failure> {
    let app = context.app()?;
    let key = app.get_key(&context.who, context.project(), &key_ref(id)?)?;
    if context.is_json {
        return output::json(&ManagerView::new(&key, app.now()));
    }
    let month = (app.now() - SignedDuration::from_hours(30 * 24), app.now() + SignedDuration::from_hours(1));
    let watched = app.list_watched(&context.who, context.project(), &key_ref(id)?, month)?;
    let mut rows = facts(&key, app.now());
    rows.extend(limits::of_key(&key, &watched));
    output::facts(rows)
}

fn facts(key: &Key, now: Timestamp) -> Vec<(&'static str, String)> {
    let facts = &key.facts;
    let account = facts.account.as_ref();
    let refused = key.last_refused_at.zip(key.last_refused_code);
    let by = &key.created_by;
    let mut rows = vec![
        ("name", facts.name.as_str().to_owned()),
        ("id", facts.id.to_string()),
        ("starts with", facts.visible_start()),
        ("project", facts.project.to_string()),
        ("status", status(key, now)),
        ("scopes", facts.scopes.to_text()),
        ("account", account.map_or("none".to_owned(), |a| format!("{} ({})", a.name.as_str(), a.id))),
        ("expires", instant_or(facts.expires_at, "never")),
        ("created", format!("{} by {} {}", instant(facts.created_at), by.kind.as_str(), by.name)),
        ("last used", last_used(key)),
        ("last refused", refused.map_or("never".to_owned(), |(at, code)| format!("{} {code}", instant(at)))),
        ("note", key.note.as_ref().map_or("none", Note::as_str).to_owned()),
    ];
    rows.extend(secrets(key, now));
    rows
}

fn secrets(key: &Key, now: Timestamp) -> Vec<(&'static str, String)> {
    let Some(overlap) = key.overlap() else {
        let made = |secret: &SecretInfo| {
            format!(
                "made {}, last used {}",
                instant(secret.created_at),
                instant_or(secret.last_used_at, "never")
            )
        };
        return key.secrets.iter().map(|secret| ("secret", made(secret))).collect();
    };
    let seen = |secret: &SecretInfo| match (secret.last_seen_at, &secret.last_seen_ip) {
        (Some(at), Some(ip)) => format!("last seen {} from {ip}", instant(at)),
        (at, _) => format!("last seen {}", instant_or(at, "never")),
    };
    let line = |secret: &SecretInfo, ends: String| {
        let made = instant(secret.created_at);
        format!("made {made}{ends}, {}, {} since the rotation", seen(secret), secret.n_seen)
    };
    let ends = overlap.old.ends_at.map(|at| format!(", ends {}", instant(at))).unwrap_or_default();
    let quiet = overlap.old.quiet.map(|quiet| format!(" or when quiet for {quiet}")).unwrap_or_default();
    let advice = if overlap.is_safe_to_end(now) {
        format!("safe to end now: not seen since {}", instant(overlap.quiet_since()))
    } else {
        format!("not yet safe to end: seen within {}", overlap.quiet_needed())
    };
    vec![
        ("new secret", line(overlap.new, String::new())),
        ("old secret", line(overlap.old, format!("{ends}{quiet}"))),
        ("", advice),
    ]
}

fn status(key: &Key, now: Timestamp) -> String {
    let status = key.facts.status(now).as_str();
    match (&key.disabled_reason, key.unused_off_at) {
        (Some(reason), _) if !key.facts.enabled => format!("{status}: {}", reason.as_str()),
        (_, Some(at)) => format!("{status}; unused, will be disabled {}", instant(at)),
        _ => status.to_owned(),
    }
}

fn last_used(key: &Key) -> String {
    match (key.last_used_at, &key.last_used_ip) {
        (Some(at), Some(ip)) => format!("{} from {ip}", instant(at)),
        (at, _) => instant_or(at, "never"),
    }
}

pub(super) fn enable(context: &Context, id: &str) -> Result<(), Failure> {
    let app = context.app()?;
    let key = app.enable_key(&context.who, context.project(), &key_ref(id)?)?;
    changed(context, &app, &key, "enabled; it works from now on")
}

pub(super) fn disable(context: &Context, args: &DisableArgs) -> Result<(), Failure> {
    let app = context.app()?;
    let reason = reason(args.reason.as_deref())?;
    let key = app.disable_key(&context.who, context.project(), &key_ref(&args.id)?, reason.as_ref())?;
    changed(context, &app, &key, "disabled; no request with it succeeds any more")
}

pub(super) fn delete(context: &Context, args: &DeleteArgs) -> Result<(), Failure> {
    let app = context.app()?;
    let (reference, reason) = (key_ref(&args.id)?, reason(args.reason.as_deref())?);
    if !args.yes {
        let key = app.get_key(&context.who, context.project(), &reference)?;
        let used = key
            .last_used_at
            .map_or("was never used".to_owned(), |at| format!("was last used {}", instant(at)));
        let name = key.facts.name.as_str();
        prompt::confirm(&format!("Key `{name}` {used}. Delete it? It stops at once; this can't be undone."))?;
    }
    let key = app.delete_key(&context.who, context.project(), &reference, reason.as_ref())?;
    changed(context, &app, &key, "deleted; no request with it succeeds any more")
}

pub(super) fn rotate(context: &Context, args: &RotateArgs) -> Result<(), Failure> {
    let app = context.app()?;
    if args.end_old {
        let key = app.end_old_secret(&context.who, context.project(), &key_ref(&args.id)?)?;
        return changed(context, &app, &key, "left with its new secret; the old one ended");
    }
    let rotation = Rotation {
        overlap: span("overlap", args.overlap.as_deref())?.unwrap_or_default(),
        quiet: span("end_when_quiet", args.end_when_quiet.as_deref())?,
    };
    let rotated = app.rotate_key(&context.who, context.project(), &key_ref(&args.id)?, rotation)?;
    keys_create::print(context, &rotated, app.now())
}

fn reason(text: Option<&str>) -> Result<Option<Note>, Failure> {
    Ok(text.map(|text| Note::parse("reason", text)).transpose()?.flatten())
}

pub(super) fn changed(context: &Context, app: &App, key: &Key, what: &str) -> Result<(), Failure> {
    if context.is_json {
        return output::json(&ManagerView::new(key, app.now()));
    }
    output::note(&format!("key `{}` ({}) is {what}", key.facts.name, key.facts.id));
    Ok(())
}
