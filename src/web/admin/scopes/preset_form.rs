//! The form for one preset: its label, and for each resource what it grants of it and why.

use askama::Template;

use crate::app::presets::PresetChange;
use crate::model::Invalid;
use crate::model::scope::{Catalogue, Preset, PresetName, PresetScope, Resource, Scope, ScopeDetail};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::{Choice, FieldErrors, Frame};

/// The field of the boxes, one a scope.
const GRANT: &str = "grant";
/// What the fields of the reasons start with.
const REASON: &str = "reason.";
/// The fields that show what is wrong with them.
const SHOWN: [&str; 4] = ["name", "label", "scopes", "reason"];

/// The form, in words.
#[derive(Template)]
#[template(path = "scopes/preset.html")]
pub(super) struct PresetPage {
    frame: Frame,
    /// `None` for a new one.
    known: Option<PresetName>,
    name: String,
    label: String,
    rows: Vec<GrantRow>,
    errors: FieldErrors,
}

/// One resource.
struct GrantRow {
    name: String,
    label: String,
    description: String,
    /// Its scopes, as boxes.
    scopes: Vec<Choice>,
    reason: String,
}

impl PresetPage {
    /// The form for a preset of the catalogue.
    pub(super) fn filled(frame: Frame, catalogue: &Catalogue, preset: &Preset) -> Self {
        let row = |resource: &Resource| {
            GrantRow::new(resource, |scope| preset.has(scope), preset.reason_for(&resource.name))
        };
        Self {
            frame,
            known: Some(preset.name.clone()),
            name: preset.name.to_string(),
            label: preset.label.clone(),
            rows: catalogue.resources.iter().map(row).collect(),
            errors: FieldErrors::default(),
        }
    }

    /// The form as it was filled in.
    pub(super) fn typed(
        frame: Frame,
        catalogue: &Catalogue,
        known: Option<PresetName>,
        fields: &Fields,
        errors: FieldErrors,
    ) -> Self {
        let is_chosen = |scope: &Scope| fields.all(GRANT).any(|chosen| chosen == scope.as_str());
        let row = |resource: &Resource| {
            GrantRow::new(resource, is_chosen, fields.typed(&reason_of(&resource.name)))
        };
        Self {
            frame,
            known,
            name: fields.typed("name").to_owned(),
            label: fields.typed("label").to_owned(),
            rows: catalogue.resources.iter().map(row).collect(),
            errors: errors.beside(&SHOWN),
        }
    }
}

impl GrantRow {
    fn new(resource: &Resource, is_granted: impl Fn(&Scope) -> bool, reason: &str) -> Self {
        let choice = |detail: &ScopeDetail| {
            Choice::new(detail.scope.as_str(), &detail.label, is_granted(&detail.scope))
        };
        Self {
            name: resource.name.clone(),
            label: resource.label.clone(),
            description: resource.description.clone(),
            scopes: resource.scopes.iter().map(choice).collect(),
            reason: reason.to_owned(),
        }
    }
}

/// What the form asks for. The reason stands with each scope of its resource, so that it stays when
/// one of them is taken out.
///
/// # Errors
/// When a scope is none.
pub(super) fn read(fields: &Fields, catalogue: &Catalogue) -> Result<PresetChange, Invalid> {
    let reason = |scope: &Scope| fields.filled(&reason_of(scope.resource())).unwrap_or_default().to_owned();
    let granted = fields.all(GRANT).map(Scope::parse).collect::<Result<Vec<_>, _>>()?;
    // In the catalogue's order, each once; what the catalogue lacks the use case refuses.
    let known = catalogue.scopes().map(|detail| detail.scope.clone()).filter(|scope| granted.contains(scope));
    let unknown =
        granted.iter().filter(|scope| catalogue.scopes().all(|detail| detail.scope != **scope)).cloned();
    let entry = |scope: Scope| PresetScope { reason: reason(&scope), scope };
    Ok(PresetChange {
        label: fields.filled("label").map(str::to_owned),
        scopes: Some(known.chain(unknown).map(entry).collect()),
    })
}

fn reason_of(resource: &str) -> String {
    format!("{REASON}{resource}")
}
