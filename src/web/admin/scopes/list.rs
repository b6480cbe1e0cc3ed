//! The catalogue of a project: every resource, its scopes, and how many keys hold each.

use askama::Template;

use crate::model::project::ProjectName;
use crate::model::scope::{Catalogue, Holders, Preset, PresetName, Resource, Scope, ScopeDetail};
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::page::{Frame, Place, cli_project, with_query};
use crate::web::admin::visit::Visit;
use crate::web::routes;

/// The page, in words.
#[derive(Template)]
#[template(path = "scopes/list.html")]
struct ScopesPage {
    frame: Frame,
    resources: Vec<ResourceRow>,
    presets: Vec<PresetRow>,
    cli_project: String,
}

struct ResourceRow {
    name: String,
    label: String,
    description: String,
    /// Whether it guards keysrv's own API.
    is_own: bool,
    scopes: Vec<ScopeRow>,
}

struct ScopeRow {
    scope: Scope,
    label: String,
    is_default: bool,
    /// "2 keys"; empty for none.
    keys: String,
    keys_href: String,
    /// "AI agent, Read only".
    presets: String,
}

struct PresetRow {
    label: String,
    name: PresetName,
    scopes: Vec<String>,
}

/// The catalogue.
pub(crate) fn list(visit: &Visit) -> PageResult {
    let project = visit.project()?;
    let frame = visit.frame(Place::Scopes, &project)?;
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    let held = visit.app.count_scope_holders(&visit.who(), &project)?;
    let count =
        |scope: &Scope| held.iter().find(|(of, _)| of == scope).map(|(_, held)| *held).unwrap_or_default();
    let rows = catalogue.resources.iter().map(|resource| {
        ResourceRow::new(resource, |detail| ScopeRow::new(detail, &catalogue, &project, count(&detail.scope)))
    });
    Answer::page(&ScopesPage {
        resources: rows.collect(),
        presets: catalogue.presets.iter().map(PresetRow::new).collect(),
        cli_project: cli_project(&project),
        frame,
    })
}

impl ResourceRow {
    fn new(resource: &Resource, row: impl Fn(&ScopeDetail) -> ScopeRow) -> Self {
        Self {
            name: resource.name.clone(),
            label: resource.label.clone(),
            description: resource.description.clone(),
            is_own: Catalogue::is_own(&resource.name),
            scopes: resource.scopes.iter().map(row).collect(),
        }
    }
}

impl ScopeRow {
    fn new(detail: &ScopeDetail, catalogue: &Catalogue, project: &ProjectName, held: Holders) -> Self {
        let has = |preset: &&Preset| preset.has(&detail.scope);
        let presets: Vec<&str> =
            catalogue.presets.iter().filter(has).map(|preset| preset.label.as_str()).collect();
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("scope", detail.scope.as_str());
        Self {
            scope: detail.scope.clone(),
            label: detail.label.clone(),
            is_default: detail.is_default,
            keys: if held.is_none() { String::new() } else { held.to_string() },
            keys_href: with_query(&routes::keys(project), &query.finish()),
            presets: presets.join(", "),
        }
    }
}

impl PresetRow {
    fn new(preset: &Preset) -> Self {
        let scopes = preset.scopes.iter().map(|entry| entry.scope.to_string()).collect();
        Self { label: preset.label.clone(), name: preset.name.clone(), scopes }
    }
}
