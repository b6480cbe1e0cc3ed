//! The shell: commands in, data on standard output, everything else on standard error.
//!
//! A command reads its arguments, calls one use case as the operator, and prints. Exit statuses: 0
//! done, 1 failed, 2 wrong usage, 3 the token was refused.
//!
//! Not here: any rule (`app`) and any setting's meaning (`config`).

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

mod accounts;
mod args;
mod audit;
mod backup;
mod clock;
mod context;
mod counts;
mod docs;
mod doctor;
mod exit;
mod explain;
mod greeting;
mod healthcheck;
mod init;
mod keys;
mod keys_create;
mod keys_set;
mod limits;
mod output;
mod pages;
mod progress;
mod projects;
mod prompt;
mod proxy_config;
mod routes;
mod scopes;
mod serve;
mod settings;
mod usage;
mod users;
mod verify;

use args::{Cli, Command};
use context::Context;
use exit::Failure;

use crate::telemetry;

/// Runs the program with this process's arguments.
pub fn main() -> ExitCode {
    telemetry::report_panics();
    let program = std::env::args_os().next().unwrap_or_else(|| "keysrv".into());
    let program = program.to_string_lossy();
    match run(&program) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.started_as(&context::quoted(&program)).report(),
    }
}

fn run(program: &str) -> Result<(), Failure> {
    let matches = match Cli::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return usage::report(&error),
    };
    let cli = Cli::from_arg_matches(&matches).map_err(|error| Failure::usage(error.to_string()))?;
    if !matches!(cli.command, Command::Man { .. }) {
        // Everything else that this program makes is its owner's alone: the database, its logs,
        // backups.
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    }
    let context = Context::new(program, &cli)?;
    dispatch(&context, cli.command).map_err(|failure| context.finish(failure))
}

fn dispatch(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Init(args) => init::init(context, &args),
        Command::Serve(_) => serve::serve(context),
        Command::Create(args) => keys_create::create(context, &args),
        Command::List(args) => keys::list(context, &args),
        Command::Show { id } => keys::show(context, &id),
        Command::Usage(args) => counts::of_key(context, &args),
        Command::Enable { id } => keys::enable(context, &id),
        Command::Disable(args) => keys::disable(context, &args),
        Command::Delete(args) => keys::delete(context, &args),
        Command::Set(args) => keys_set::set(context, &args),
        Command::Rotate(args) => keys::rotate(context, &args),
        Command::Verify(args) => verify::verify(context, &args),
        Command::Explain(args) => explain::explain(context, &args),
        Command::Account(command) => accounts::run(context, command),
        Command::Project(command) => projects::run(context, command),
        Command::Scope(command) => scopes::run(context, command),
        Command::Route(command) => routes::run(context, command),
        Command::ProxyDoctor(args) => doctor::examine(context, &args),
        Command::ProxyConfig(args) => proxy_config::print(context, &args),
        Command::User(command) => users::run(context, command),
        Command::Audit(args) => audit::list(context, &args),
        Command::Backup(args) => backup::backup(context, &args),
        Command::Restore { file } => backup::restore(context, &file),
        Command::Check { file } => backup::check(context, file.as_deref()),
        Command::Clock(command) => clock::run(context, command),
        Command::Config(settings::ConfigCommand::Show) => settings::show(context),
        Command::Healthcheck(_) => healthcheck::ask_server(context),
        Command::Completions { shell } => docs::completions(shell),
        Command::Man { dir } => docs::man(dir.as_deref()),
    }
}
