//! Use cases for presets: what the form for a new key can start from.
//!
//! A preset is part of the project's catalogue and grants nothing by itself; keys that were made
//! from it keep their scopes when it changes or goes.

use super::scopes::{Edited, set_text};
use super::{App, Error, Result};
use crate::model::Invalid;
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::scope::{Catalogue, Preset, PresetName, PresetScope};
use crate::model::text::require_label;

/// The most stored presets that a catalogue may have; the form shows them all.
const PRESETS_MAX: usize = 50;
const LABEL_CHARS_MAX: usize = 40;
const REASON_CHARS_MAX: usize = 200;

/// What is said about a preset; `None` leaves it, or takes the obvious for a new one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PresetChange {
    /// For example "AI agent".
    pub label: Option<String>,
    /// All that it grants, each with a sentence why, or an empty one.
    pub scopes: Option<Vec<PresetScope>>,
}

impl App {
    /// Adds a preset behind those that are there.
    ///
    /// # Errors
    /// When there is one by this name, there are too many, or it grants what the catalogue lacks.
    pub fn add_preset(
        &self,
        who: &Principal,
        project: &ProjectName,
        name: &PresetName,
        about: &PresetChange,
    ) -> Result<Catalogue> {
        self.edit_catalogue(who, project, Edited::preset("preset.added", name), |_, _, catalogue| {
            if catalogue.presets.iter().any(|preset| preset.name == *name) {
                let message = format!("there is a preset `{name}` already");
                return Err(Error::Taken { field: "name", message });
            }
            if catalogue.presets.len() >= PRESETS_MAX {
                let message = format!("a catalogue has at most {PRESETS_MAX} presets; remove one first");
                return Err(Error::InUse(message));
            }
            catalogue.presets.push(Preset { name: name.clone(), label: name.in_words(), scopes: Vec::new() });
            apply(catalogue, name, about)
        })
    }

    /// Changes a preset's label and what it grants; keys that exist stay as they are.
    ///
    /// # Errors
    /// When there is no such preset, or it would grant what the catalogue lacks.
    pub fn change_preset(
        &self,
        who: &Principal,
        project: &ProjectName,
        name: &PresetName,
        change: &PresetChange,
    ) -> Result<Catalogue> {
        self.edit_catalogue(who, project, Edited::preset("preset.changed", name), |_, _, catalogue| {
            apply(catalogue, name, change)
        })
    }

    /// Removes a preset; keys that exist stay as they are.
    ///
    /// # Errors
    /// When there is no such preset.
    pub fn remove_preset(
        &self,
        who: &Principal,
        project: &ProjectName,
        name: &PresetName,
    ) -> Result<Catalogue> {
        self.edit_catalogue(who, project, Edited::preset("preset.removed", name), |_, _, catalogue| {
            find(catalogue, name)?;
            catalogue.presets.retain(|preset| preset.name != *name);
            Ok(())
        })
    }
}

fn apply(catalogue: &mut Catalogue, name: &PresetName, change: &PresetChange) -> Result<()> {
    if let Some(scopes) = &change.scopes {
        let known = |entry: &PresetScope| catalogue.scopes().any(|detail| detail.scope == entry.scope);
        if let Some(entry) = scopes.iter().find(|entry| !known(entry)) {
            let rule = "is not in this project's catalogue";
            return Err(Invalid::new("scope", entry.scope.as_str(), rule).into());
        }
        let mut granted = Vec::new();
        for PresetScope { scope, reason } in scopes {
            let mut kept = String::new();
            set_text("reason", &mut kept, Some(reason), REASON_CHARS_MAX)?;
            granted.push(PresetScope { scope: scope.clone(), reason: kept });
        }
        find(catalogue, name)?.scopes = granted;
    }
    let preset = find(catalogue, name)?;
    if let Some(label) = &change.label {
        require_label("label", label, LABEL_CHARS_MAX)?;
        preset.label.clone_from(label);
    }
    Ok(())
}

fn find<'a>(catalogue: &'a mut Catalogue, name: &PresetName) -> Result<&'a mut Preset> {
    let found = catalogue.presets.iter_mut().find(|preset| preset.name == *name);
    found.ok_or_else(|| Error::no_such("preset", name.as_str()))
}
