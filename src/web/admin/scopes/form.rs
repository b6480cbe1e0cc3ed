//! The form for one scope: what is said about it, whether it is a default, which presets have it.

use askama::Template;

use crate::app::scopes::ScopeChange;
use crate::model::scope::{Catalogue, Preset, Scope, ScopeDetail};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::{Choice, FieldErrors, Frame};

/// The start of the names of the presets' boxes.
const PRESET: &str = "preset.";
const ON: &str = "on";

/// The fields that show what is wrong with them.
const SHOWN: [&str; 4] = ["scopes", "resource_label", "description", "action_label"];

/// The form, in words.
#[derive(Template)]
#[template(path = "scopes/form.html")]
pub(super) struct ScopePage {
    frame: Frame,
    /// `None` for a new one.
    known: Option<Scope>,
    /// Whether it guards keysrv's own API, so that its words are fixed.
    is_own: bool,
    scope: String,
    resource_label: String,
    description: String,
    action_label: String,
    is_default: bool,
    presets: Vec<Choice>,
    errors: FieldErrors,
}

impl ScopePage {
    /// The form for a new scope, as it was filled in.
    pub(super) fn blank(frame: Frame, catalogue: &Catalogue, fields: &Fields, errors: FieldErrors) -> Self {
        let typed = |name: &str| fields.typed(name).to_owned();
        Self {
            frame,
            known: None,
            is_own: false,
            scope: typed("scope"),
            resource_label: typed("resource_label"),
            description: typed("description"),
            action_label: typed("action_label"),
            is_default: fields.get("default") == ON,
            presets: presets(catalogue, |preset| fields.get(&box_name(preset)) == ON),
            errors: errors.beside(&SHOWN),
        }
    }

    /// The form for a scope of the catalogue.
    pub(super) fn filled(
        frame: Frame,
        catalogue: &Catalogue,
        (resource, detail): (&crate::model::scope::Resource, &ScopeDetail),
        errors: FieldErrors,
    ) -> Self {
        let has = |preset: &Preset| preset.has(&detail.scope);
        Self {
            frame,
            is_own: Catalogue::is_own(&resource.name),
            scope: detail.scope.to_string(),
            known: Some(detail.scope.clone()),
            resource_label: resource.label.clone(),
            description: resource.description.clone(),
            action_label: detail.label.clone(),
            is_default: detail.is_default,
            presets: presets(catalogue, has),
            errors: errors.beside(&SHOWN),
        }
    }
}

/// The change that a form asks for. The words of keysrv's own scopes are fixed and not sent.
pub(super) fn read(fields: &Fields, catalogue: &Catalogue) -> ScopeChange {
    let words = |name: &str| fields.filled(name).map(str::to_owned);
    let (wanted, unwanted): (Vec<&Preset>, Vec<&Preset>) =
        catalogue.presets.iter().partition(|preset| fields.get(&box_name(preset)) == ON);
    let names = |presets: Vec<&Preset>| presets.iter().map(|preset| preset.name.to_string()).collect();
    ScopeChange {
        resource_label: words("resource_label"),
        description: words("description"),
        action_label: words("action_label"),
        is_default: Some(fields.get("default") == ON),
        add_to_presets: names(wanted),
        remove_from_presets: names(unwanted),
    }
}

fn presets(catalogue: &Catalogue, is_chosen: impl Fn(&Preset) -> bool) -> Vec<Choice> {
    let choice = |preset: &Preset| Choice::new(&box_name(preset), &preset.label, is_chosen(preset));
    catalogue.presets.iter().map(choice).collect()
}

fn box_name(preset: &Preset) -> String {
    format!("{PRESET}{}", preset.name)
}
