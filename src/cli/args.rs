//! The command line as clap reads it: every command, its arguments and its help.
//!
//! Values stay text here; what they must be is the model's and the settings' business, so that a
//! flag, a variable and a file are held to one rule.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::accounts::AccountCommand;
use super::clock::ClockCommand;
use super::projects::ProjectCommand;
use super::routes::RouteCommand;
use super::scopes::ScopeCommand;
use super::settings::ConfigCommand;
use super::users::UserCommand;
use crate::config::Options;

const AFTER_HELP: &str = "\
First steps:
  keysrv serve                     start the server; it prints a link to set it up
  KEY=$(keysrv create my-key)      make a key in the shell; its token is printed once
  curl -u $KEY: http://127.0.0.1:8080/v1/accounts

Settings come from a flag, else the environment (KEYSRV_LISTEN, …), else keysrv.toml, else a
default; `keysrv config show` tells which.
Exit status: 0 done, 1 failed, 2 wrong usage, 3 the token was refused.";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(about = "A self-hosted API-key server: pages, a JSON API and one SQLite file")]
#[command(name = "keysrv", version, after_help = AFTER_HELP, disable_help_subcommand = true, max_term_width = 100)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(super) struct Global {
    /// Where the database is [default: the platform's data directory]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub(super) data_dir: Option<String>,
    /// A settings file [default: keysrv.toml in the data or settings directory]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub(super) config: Option<PathBuf>,
    /// The project to act in [default: default]
    #[arg(long, global = true, value_name = "P", help_heading = "Global options")]
    pub(super) project: Option<String>,
    /// Print data as JSON
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) json: bool,
}

/// One command.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create the database, and the first admin if one is named
    Init(super::init::InitArgs),
    /// Run the server; creates the database if there is none
    Serve(ServeArgs),
    /// Create an API key and print its token, once
    Create(super::keys_create::CreateArgs),
    /// List API keys, newest first
    List(super::keys::ListArgs),
    /// Show everything about an API key
    #[command(after_help = "\
Examples:
  keysrv show ci
  keysrv show ks_8Qm2LxT0aZr4_ --json")]
    Show {
        /// A key's id, visible start or name
        id: String,
    },
    /// Count an API key's requests by verdict and hour or day
    Usage(super::counts::UsageArgs),
    /// Switch an API key on; it works from now on
    #[command(after_help = "\
Example:
  keysrv enable ci")]
    Enable {
        /// A key's id, visible start or name
        id: String,
    },
    /// Switch an API key off; it stops at once
    Disable(super::keys::DisableArgs),
    /// Change an API key: scopes, note, expiry, account, addresses
    Set(super::keys_set::SetArgs),
    /// Delete an API key for good
    Delete(super::keys::DeleteArgs),
    /// Give an API key a new secret and print the token, once
    Rotate(super::keys::RotateArgs),
    /// Check a token from standard input or `KEYSRV_TOKEN`; counts as a use
    Verify(super::verify::VerifyArgs),
    /// Tell every check of a verification, passed or failed; counts nothing
    Explain(super::explain::ExplainArgs),
    /// Accounts: the customers, teams or agents that keys are issued to
    #[command(subcommand)]
    Account(AccountCommand),
    /// Projects: namespaces of keys, accounts and scopes
    #[command(subcommand)]
    Project(ProjectCommand),
    /// The project's catalogue of scopes
    #[command(subcommand)]
    Scope(ScopeCommand),
    /// Route rules: which scopes a request of your API needs
    #[command(subcommand)]
    Route(RouteCommand),
    /// Print the configuration of a proxy that asks keysrv about each request
    ProxyConfig(super::proxy_config::ProxyConfigArgs),
    /// Try a proxy from outside: who passes, and what reaches the API
    ProxyDoctor(super::doctor::DoctorArgs),
    /// Users: who may sign in to the pages
    #[command(subcommand)]
    User(UserCommand),
    /// Show the audit log, newest first
    Audit(super::audit::AuditArgs),
    /// Write a proven backup while the server runs
    Backup(super::backup::BackupArgs),
    /// Put a backup in place of the database, with the server stopped
    #[command(after_help = "\
The database that was there stays beside the new one. A key that was disabled, deleted or rotated
since the backup comes back disabled and is named; everybody is signed out.

Example:
  keysrv restore keys-2026-11-24.db")]
    Restore {
        /// A backup
        file: PathBuf,
    },
    /// Check the database, or a backup: would it restore?
    #[command(after_help = "\
Examples:
  keysrv check
  keysrv check keys-2026-11-24.db")]
    Check {
        /// A backup [default: the database]
        file: Option<PathBuf>,
    },
    /// The time that keysrv goes by, which never runs backwards
    #[command(subcommand)]
    Clock(ClockCommand),
    /// Settings: what they are and where they come from
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Ask the server whether it is alive, for containers
    Healthcheck(HealthcheckArgs),
    /// Print a completion script
    #[command(after_help = "\
Examples:
  keysrv completions bash > ~/.local/share/bash-completion/completions/keysrv
  keysrv completions fish > ~/.config/fish/completions/keysrv.fish")]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one for each command into a folder
    #[command(after_help = "\
Examples:
  keysrv man | man -l -
  keysrv man /usr/local/share/man/man1")]
    Man {
        /// A folder, made if there is none
        dir: Option<PathBuf>,
    },
}

/// Where the server listens.
#[derive(Debug, Args)]
#[command(after_help = "\
It asks the address where `serve` would listen; exit status 0 or 1.

Examples:
  keysrv healthcheck
  keysrv healthcheck --listen 127.0.0.1:9000")]
pub(super) struct HealthcheckArgs {
    #[command(flatten)]
    pub(super) listen: ListenArg,
}

/// Where the server listens.
#[derive(Debug, Args)]
pub(super) struct ListenArg {
    /// Where the server listens [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(super) listen: Option<String>,
}

/// Options of `serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
It prints what is needed to begin on standard error, and one line on standard output when it is
ready. SIGTERM and SIGINT stop it.

Examples:
  keysrv serve
  keysrv serve --listen 0.0.0.0:8080
  keysrv serve --base-url https://keys.example.com --trusted-proxy 10.0.0.5")]
pub(super) struct ServeArgs {
    #[command(flatten)]
    pub(super) listen: ListenArg,
    // Not a doc comment: a URL in one must be a link.
    #[arg(
        long,
        value_name = "URL",
        help = "The address under which people reach the server, such as https://keys.example.com"
    )]
    pub(super) base_url: Option<String>,
    /// A proxy whose word on the client's address is believed; may be repeated, replaces the
    /// default, loopback
    #[arg(long, value_name = "CIDR")]
    pub(super) trusted_proxy: Option<Vec<String>>,
    /// Threads that serve requests [default: one a core]
    #[arg(long, value_name = "N")]
    pub(super) workers: Option<String>,
    /// How much memory keys take between verifications [default: 64MiB]
    #[arg(long, value_name = "BYTES")]
    pub(super) key_cache: Option<String>,
    /// Who may read /metrics: loopback, all or off [default: loopback]
    #[arg(long, value_name = "WHO")]
    pub(super) metrics: Option<String>,
    /// How long uses are counted by hour [default: 90d]
    #[arg(long, value_name = "TIME")]
    pub(super) keep_usage_by_hour: Option<String>,
    /// How long uses are counted by day [default: 730d]
    #[arg(long, value_name = "TIME")]
    pub(super) keep_usage_by_day: Option<String>,
    /// How log lines look: text or json [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub(super) log_format: Option<String>,
    /// Which log lines are written: error, warn, info, debug or trace [default: info]
    #[arg(long, value_name = "LEVEL")]
    pub(super) log_level: Option<String>,
}

impl Cli {
    /// The settings that were given as flags.
    pub(super) fn options(&self) -> Options {
        let mut options = Options {
            data_dir: self.global.data_dir.clone(),
            project: self.global.project.clone(),
            ..Options::default()
        };
        match &self.command {
            Command::Serve(args) => {
                options.listen.clone_from(&args.listen.listen);
                options.base_url.clone_from(&args.base_url);
                options.trusted_proxy.clone_from(&args.trusted_proxy);
                options.workers.clone_from(&args.workers);
                options.key_cache.clone_from(&args.key_cache);
                options.metrics.clone_from(&args.metrics);
                options.keep_usage_by_hour.clone_from(&args.keep_usage_by_hour);
                options.keep_usage_by_day.clone_from(&args.keep_usage_by_day);
                options.log_format.clone_from(&args.log_format);
                options.log_level.clone_from(&args.log_level);
            }
            Command::ProxyConfig(args) => options.listen.clone_from(&args.listen.listen),
            Command::Healthcheck(args) => options.listen.clone_from(&args.listen.listen),
            _ => {}
        }
        options
    }
}
