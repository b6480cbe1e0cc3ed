//! `scope`: list, add, set, remove.

use clap::{Args, Subcommand, ValueEnum};

use super::context::Context;
use super::exit::Failure;
use super::output;
use crate::app::Error;
use crate::app::scopes::ScopeChange;
use crate::model::code::Code;
use crate::model::scope::{Catalogue, Scope};

/// Commands for the catalogue.
#[derive(Debug, Subcommand)]
pub(super) enum ScopeCommand {
    /// List the catalogue
    List,
    /// Add a scope, and its resource if that is new
    #[command(after_help = "\
Example:
  keysrv scope add reports:read --description \"Monthly reports\" --default on --add-to read-only")]
    Add {
        /// resource:action
        scope: String,
        #[command(flatten)]
        about: About,
    },
    /// Change a scope's words, its default, or the presets that have it
    #[command(after_help = "\
Example:
  keysrv scope set actions:execute --default off --remove-from ai-agent")]
    Set {
        /// resource:action
        scope: String,
        #[command(flatten)]
        about: About,
    },
    /// Remove a scope that no key holds
    #[command(after_help = "\
Example:
  keysrv scope remove reports:read")]
    Remove {
        /// resource:action
        scope: String,
    },
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Switch {
    On,
    Off,
}

/// What is said about a scope.
#[derive(Debug, Args)]
pub(super) struct About {
    /// The resource in words, such as "Platform API"
    #[arg(long, value_name = "TEXT")]
    resource_label: Option<String>,
    /// What the resource's scopes allow
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The action in a word, such as "Read"
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// Whether a new key gets it when nothing is said
    #[arg(long, value_enum, value_name = "SWITCH")]
    default: Option<Switch>,
    /// Put it into this preset; may be repeated
    #[arg(long, value_name = "PRESET")]
    add_to: Vec<String>,
    /// Take it out of this preset; may be repeated
    #[arg(long, value_name = "PRESET")]
    remove_from: Vec<String>,
}

impl About {
    fn change(self) -> ScopeChange {
        ScopeChange {
            resource_label: self.resource_label,
            description: self.description,
            action_label: self.label,
            is_default: self.default.map(|switch| switch == Switch::On),
            add_to_presets: self.add_to,
            remove_from_presets: self.remove_from,
        }
    }
}

pub(super) fn run(context: &Context, command: ScopeCommand) -> Result<(), Failure> {
    let app = context.app()?;
    let (who, project) = (&context.who, context.project());
    match command {
        ScopeCommand::List => list(context, &app.get_catalogue(who, project)?),
        ScopeCommand::Add { scope, about } => {
            let scope = Scope::parse(&scope)?;
            let added = app.add_scope(who, project, &scope, &about.change());
            let added = added.map_err(|error| explain(context, error, &scope))?;
            changed(context, &added, &scope, "added")
        }
        ScopeCommand::Set { scope, about } => {
            let (scope, change) = (Scope::parse(&scope)?, about.change());
            if change == ScopeChange::default() {
                let hint =
                    "give --label, --description, --resource-label, --default, --add-to or --remove-from";
                return Err(Failure::usage("nothing to change was named").hint(hint));
            }
            changed(context, &app.change_scope(who, project, &scope, &change)?, &scope, "changed")
        }
        ScopeCommand::Remove { scope } => {
            let scope = Scope::parse(&scope)?;
            let removed = app.remove_scope(who, project, &scope);
            let removed = removed.map_err(|error| explain(context, error, &scope))?;
            changed(context, &removed, &scope, "removed")
        }
    }
}

fn explain(context: &Context, error: Error, scope: &Scope) -> Failure {
    let code = error.code();
    let (failure, project) = (Failure::from(error), context.in_project());
    match code {
        Code::Taken => failure.hint(format!("`keysrv scope set {scope}{project} …` changes it")),
        Code::InUse if !Catalogue::is_own(scope.resource()) => {
            failure.hint(format!("`keysrv list --scope {scope}{project}` tells which"))
        }
        _ => failure,
    }
}

fn list(context: &Context, catalogue: &Catalogue) -> Result<(), Failure> {
    if context.is_json {
        return output::json_items(&catalogue.resources);
    }
    let presets = |scope: &Scope| {
        let having = catalogue.presets.iter().filter(|preset| preset.scope_set().contains(scope));
        having.map(|preset| preset.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let rows = catalogue.resources.iter().flat_map(|resource| {
        resource.scopes.iter().map(|detail| {
            let default = if detail.is_default { "on" } else { "off" };
            let words = format!("{}: {}", resource.label, detail.label);
            [detail.scope.to_string(), words, default.to_owned(), presets(&detail.scope)]
        })
    });
    output::table(["scope", "in words", "default", "presets"], rows.collect())
}

fn changed(context: &Context, catalogue: &Catalogue, scope: &Scope, what: &str) -> Result<(), Failure> {
    if context.is_json {
        return output::json(catalogue);
    }
    output::note(&format!("scope `{scope}` is {what}"));
    Ok(())
}
