//! `backup`, `restore`, `check`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::context::{Context, quoted};
use super::exit::Failure;
use super::output::counted;
use super::{output, progress};
use crate::app::Error;
use crate::app::backup::{Report, check_file};
use crate::app::restore::{Restored, restore as restore_file};

/// Arguments of `backup`.
#[derive(Debug, Args)]
#[command(after_help = "\
What it writes is a whole database that was proven to restore, or nothing.

Examples:
  keysrv backup keys-$(date +%F).db
  keysrv backup - | gzip > keys.db.gz")]
pub(super) struct BackupArgs {
    /// A new file, or - for standard output
    file: PathBuf,
    /// Replace a file that has that name
    #[arg(long)]
    force: bool,
}

pub(super) fn backup(context: &Context, args: &BackupArgs) -> Result<(), Failure> {
    let app = context.app()?;
    if args.file.as_os_str() == "-" {
        let folder = context.data_dir();
        let made = progress::with_bar("backing up", |told| app.backup_draft(&context.who, folder, told));
        let (draft, report) = made?;
        copy_to_stdout(draft.path())?;
        output::note(&summary("backup", &report));
        return Ok(());
    }
    let made = progress::with_bar("backing up", |told| {
        if args.force {
            app.backup_over(&context.who, &args.file, told)
        } else {
            app.backup(&context.who, &args.file, told)
        }
    });
    let report = made.map_err(|error| explain(&args.file, error))?;
    if context.is_json {
        return output::json(&report);
    }
    output::note(&summary(&args.file.display().to_string(), &report));
    Ok(())
}

fn explain(file: &Path, error: Error) -> Failure {
    let is_taken = matches!(error, Error::Taken { .. });
    let failure = Failure::from(error);
    if !is_taken || file.is_dir() {
        return failure;
    }
    let file = quoted(&file.display().to_string());
    failure.hint(format!("choose another name, or replace it with `keysrv backup {file} --force`"))
}

fn copy_to_stdout(path: &Path) -> Result<(), Failure> {
    let copied = File::open(path).and_then(|mut file| io::copy(&mut file, &mut io::stdout().lock()));
    copied
        .map(|_| ())
        .map_err(|error| Failure::new(format!("cannot write the backup to standard output: {error}")))
}

fn summary(what: &str, report: &Report) -> String {
    let counts = [
        counted(report.n_keys, "key"),
        counted(report.n_accounts, "account"),
        counted(report.n_users as u64, "user"),
        counted(report.n_events.unsigned_abs(), "audit event"),
        counted(report.bytes, "byte"),
    ];
    let (schema, head) = (report.schema_version, &report.audit_head);
    format!("{what}: {}; schema {schema}; audit head {head}; this backup would restore", counts.join(", "))
}

pub(super) fn restore(context: &Context, file: &Path) -> Result<(), Failure> {
    let restored = progress::with_bar("restoring", |told| {
        restore_file(context.data_dir(), file, &context.clock, &context.who, told)
    })?;
    if context.is_json {
        return output::json(&restored);
    }
    tell(context, &restored);
    Ok(())
}

fn tell(context: &Context, restored: &Restored) {
    output::note(&format!(
        "restored {} into {}",
        counted(restored.report.n_keys, "key"),
        context.data_dir().display()
    ));
    if let Some(kept) = &restored.kept {
        output::note(&format!("the database that was there is kept as {}", kept.display()));
    }
    if let Some(why) = &restored.not_compared {
        output::note(&format!("warning: what was revoked since the backup is not known: {why}"));
        output::note(
            "warning: keys that were disabled, deleted or rotated since then work again; go through them",
        );
    }
    for key in &restored.revoked {
        let how = key.why.replace('_', " ");
        output::note(&format!("came back disabled: `{}` ({}), {how} since the backup", key.name, key.id));
    }
    output::note("everybody is signed out");
}

pub(super) fn check(context: &Context, file: Option<&Path>) -> Result<(), Failure> {
    let report = progress::with_bar("checking", |told| {
        if let Some(file) = file {
            check_file(file, &scratch(context), told)
        } else {
            let app = crate::app::App::open(context.data_dir(), std::sync::Arc::clone(&context.clock))?;
            app.check(&context.who, context.data_dir(), told)
        }
    })?;
    print(context, file, &report)?;
    let state = crate::app::clock::state_of(&*context.clock, report.seen_at);
    if let Some(warning) = super::clock::warning(context, &state).filter(|_| file.is_none()) {
        output::note(&format!("warning: {warning}"));
    }
    if report.would_restore() {
        return Ok(());
    }
    let failure = Failure::new(format!("it would not restore: {}", report.damage.join("; ")));
    Err(failure.hint("put a sound backup in place with `keysrv restore FILE`"))
}

/// Where a copy is examined: beside the database if there is one, else in the system's folder.
fn scratch(context: &Context) -> PathBuf {
    if context.data_dir().is_dir() { context.data_dir().to_owned() } else { std::env::temp_dir() }
}

fn print(context: &Context, file: Option<&Path>, report: &Report) -> Result<(), Failure> {
    if context.is_json {
        return output::json(report);
    }
    let verdict = match (report.would_restore(), file) {
        (true, Some(_)) => "this backup would restore",
        (true, None) => "sound; a backup of it would restore",
        (false, _) => "damaged",
    };
    output::facts(vec![
        ("keys", report.n_keys.to_string()),
        ("accounts", report.n_accounts.to_string()),
        ("projects", report.n_projects.to_string()),
        ("users", report.n_users.to_string()),
        ("audit events", report.n_events.to_string()),
        ("audit head", report.audit_head.clone()),
        ("schema", report.schema_version.to_string()),
        ("bytes", report.bytes.to_string()),
        ("verdict", verdict.to_owned()),
    ])
}
