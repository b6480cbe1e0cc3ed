//! `project`: create, list, show, set, delete.

use clap::Subcommand;

use super::context::Context;
use super::exit::Failure;
use super::init::CatalogueChoice;
use super::output::{self, instant};
use super::prompt;
use crate::model::Invalid;
use crate::model::expiry::Span;
use crate::model::limit::Zone;
use crate::model::project::{Contact, Prefix, Project, ProjectChange, ProjectName, ReasonShown, parse_days};

/// Commands for projects.
#[derive(Debug, Subcommand)]
pub(super) enum ProjectCommand {
    /// Create a project
    #[command(after_help = "\
Example:
  keysrv project create staging --prefix acme_test")]
    Create {
        /// 1 to 40 of a-z, 0-9 and -
        name: String,
        /// What its tokens start with
        #[arg(long, value_name = "P", default_value = Prefix::DEFAULT)]
        prefix: String,
        /// The scopes that it starts with: six resources that show what scopes are for, or only
        /// what guards keysrv's own API
        #[arg(long, value_enum, value_name = "WHICH", default_value_t = CatalogueChoice::Example)]
        catalogue: CatalogueChoice,
    },
    /// List projects
    List,
    /// Show a project
    Show {
        /// Its name
        name: String,
    },
    /// Change a project
    #[command(after_help = "\
Examples:
  keysrv project set staging --name test --prefix acme_test
  keysrv project set default --timezone Europe/Berlin
  keysrv project set default --max-lifetime 365d --show-reason on
  keysrv project set default --disable-unused 90d")]
    Set {
        /// Its name
        name: String,
        /// What tokens made from now on start with
        #[arg(long, value_name = "P")]
        prefix: Option<String>,
        /// Where days and months begin for quotas, such as Europe/Berlin
        #[arg(long, value_name = "ZONE")]
        timezone: Option<String>,
        /// Whom a key's holder may ask, such as keys@acme.example; whoever is refused with a real
        /// token reads it. `none` names nobody
        #[arg(long, value_name = "TEXT")]
        contact: Option<String>,
        /// The longest time to a key's end, such as 365d; then `never` is refused, and no date
        /// means this long. `none` lifts it
        #[arg(long, value_name = "TIME")]
        max_lifetime: Option<String>,
        /// Disable keys that were not used for so long, such as 90d, announced 14 days ahead;
        /// `none` disables none
        #[arg(long, value_name = "TIME")]
        disable_unused: Option<String>,
        /// Whether the holder of a disabled key reads why: on or off
        #[arg(long, value_name = "on|off")]
        show_reason: Option<String>,
        /// Another name for it
        #[arg(long = "name", value_name = "NEW")]
        new_name: Option<String>,
    },
    /// Delete a project that has no keys and accounts any more
    Delete {
        /// Its name
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(super) fn run(context: &Context, command: ProjectCommand) -> Result<(), Failure> {
    let app = context.app()?;
    let who = &context.who;
    match command {
        ProjectCommand::Create { name, prefix, catalogue } => {
            let (name, prefix) = (ProjectName::parse(&name)?, Prefix::parse(&prefix)?);
            let project = app.create_project(who, &name, &prefix, &catalogue.catalogue())?;
            changed(context, &project, "created")
        }
        ProjectCommand::List => list(context, &app.list_projects(who)?),
        ProjectCommand::Show { name } => show(context, &app.get_project(who, &ProjectName::parse(&name)?)?),
        ProjectCommand::Set {
            name,
            prefix,
            timezone,
            contact,
            new_name,
            max_lifetime,
            disable_unused,
            show_reason,
        } => {
            let days = |field, text: &Option<String>| {
                text.as_deref().map(|text| parse_days(field, text)).transpose()
            };
            let change = ProjectChange {
                name: new_name.as_deref().map(ProjectName::parse).transpose()?,
                prefix: prefix.as_deref().map(Prefix::parse).transpose()?,
                timezone: timezone.as_deref().map(Zone::parse).transpose()?,
                contact: contact.as_deref().map(parse_contact).transpose()?,
                max_lifetime: days("max_lifetime", &max_lifetime)?,
                disable_unused: days("disable_unused", &disable_unused)?,
                reason: show_reason.as_deref().map(ReasonShown::parse).transpose()?,
            };
            if change == ProjectChange::default() {
                return Err(Failure::usage("nothing to change was named")
                    .hint("give one of the options, such as --prefix or --max-lifetime"));
            }
            changed(context, &app.change_project(who, &ProjectName::parse(&name)?, &change)?, "changed")
        }
        ProjectCommand::Delete { name, yes } => {
            let name = ProjectName::parse(&name)?;
            if !yes {
                prompt::confirm(&format!("Delete project `{name}`? This can't be undone."))?;
            }
            changed(context, &app.delete_project(who, &name)?, "deleted")
        }
    }
}

fn list(context: &Context, projects: &[Project]) -> Result<(), Failure> {
    if context.is_json {
        return output::json_items(projects);
    }
    let row = |project: &Project| {
        let (keys, accounts) = (project.n_keys.to_string(), project.n_accounts.to_string());
        [project.name.to_string(), project.prefix.to_string(), keys, accounts]
    };
    output::table(["name", "prefix", "keys", "accounts"], projects.iter().map(row).collect())
}

fn show(context: &Context, project: &Project) -> Result<(), Failure> {
    if context.is_json {
        return output::json(project);
    }
    output::facts(vec![
        ("name", project.name.to_string()),
        ("prefix", project.prefix.to_string()),
        ("time zone", project.timezone.as_str().to_owned()),
        ("contact", project.contact.as_ref().map_or("none", Contact::as_str).to_owned()),
        ("keys", project.n_keys.to_string()),
        ("accounts", project.n_accounts.to_string()),
        ("created", instant(project.created_at)),
        ("longest lifetime of a key", span_or(project.rules.max_lifetime, "any")),
        (
            "unused keys",
            match project.rules.disable_unused {
                Some(after) => format!("disabled after {after}"),
                None => "stay".to_owned(),
            },
        ),
        ("reason shown to holder", if project.rules.reason.is_shown() { "yes" } else { "no" }.to_owned()),
    ])
}

fn parse_contact(text: &str) -> Result<Option<Contact>, Invalid> {
    if text == "none" { Ok(None) } else { Contact::parse(text) }
}

fn span_or(span: Option<Span>, otherwise: &str) -> String {
    span.map_or_else(|| otherwise.to_owned(), |span| span.to_string())
}

fn changed(context: &Context, project: &Project, what: &str) -> Result<(), Failure> {
    if context.is_json {
        return output::json(project);
    }
    output::note(&format!("project `{}` is {what}", project.name));
    Ok(())
}
