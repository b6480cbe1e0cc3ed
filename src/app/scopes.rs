//! Use cases for the scope catalogue.
//!
//! The resources `platform` and `keys` guard keysrv's own API: their scopes are neither added to
//! nor removed. A scope that keys hold is not removed, since the keys would keep a scope that
//! nobody can see any more.

use serde_json::{Value, json};

use super::audit::Entry;
use super::keys::find_project;
use super::permission::require;
use super::{App, Error, Permission, Result};
use crate::model::Invalid;
use crate::model::audit::Target;
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::scope::{
    Catalogue, Holders, Preset, PresetName, PresetScope, Resource, Scope, ScopeDetail,
};
use crate::model::text::require_text;
use crate::store::ReadTx;
use crate::store::projects::ProjectSeq;

/// The most resources and the most actions of one that a catalogue may have.
const RESOURCES_MAX: usize = 100;
const ACTIONS_MAX: usize = 20;

/// What is said about a scope; `None` leaves it, or takes the obvious for a new one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeChange {
    /// The resource's label, such as "Platform API".
    pub resource_label: Option<String>,
    /// What the resource's scopes allow.
    pub description: Option<String>,
    /// The action's label, such as "Read".
    pub action_label: Option<String>,
    /// Whether a new key gets it when nothing is said.
    pub is_default: Option<bool>,
    /// Presets that get it.
    pub add_to_presets: Vec<String>,
    /// Presets that lose it.
    pub remove_from_presets: Vec<String>,
}

impl App {
    /// The project's catalogue.
    ///
    /// # Errors
    /// When `who` may not see it.
    pub fn get_catalogue(&self, who: &Principal, project: &ProjectName) -> Result<Catalogue> {
        require(who, Permission::ReadProject, project)?;
        let tx = self.read()?;
        Ok(tx.get_catalogue(find_project(&*tx, project)?)?)
    }

    /// How many keys hold each scope of the catalogue.
    ///
    /// # Errors
    /// When `who` may not see them.
    pub fn count_scope_holders(
        &self,
        who: &Principal,
        project: &ProjectName,
    ) -> Result<Vec<(Scope, Holders)>> {
        require(who, Permission::ReadKeys, project)?;
        let tx = self.read()?;
        let seq = find_project(&*tx, project)?;
        let catalogue = tx.get_catalogue(seq)?;
        let counted = catalogue
            .scopes()
            .map(|detail| Ok((detail.scope.clone(), tx.count_keys_with_scope(seq, &detail.scope)?)));
        counted.collect()
    }

    /// Adds a scope, and its resource if that is new.
    ///
    /// # Errors
    /// When it is there already or its resource guards keysrv's own API.
    pub fn add_scope(
        &self,
        who: &Principal,
        project: &ProjectName,
        scope: &Scope,
        about: &ScopeChange,
    ) -> Result<Catalogue> {
        self.edit_catalogue(who, project, Edited::scope("scope.added", scope), |_, _, catalogue| {
            refuse_own(scope)?;
            if catalogue.scopes().any(|detail| detail.scope == *scope) {
                let message = format!("scope `{scope}` is in the catalogue already");
                return Err(Error::Taken { field: "scope", message });
            }
            push(catalogue, scope)?;
            apply(catalogue, scope, about)
        })
    }

    /// Changes what is said about a scope, whether it is a default, and which presets have it.
    ///
    /// # Errors
    /// When it is not in the catalogue, or there is no such preset.
    pub fn change_scope(
        &self,
        who: &Principal,
        project: &ProjectName,
        scope: &Scope,
        change: &ScopeChange,
    ) -> Result<Catalogue> {
        self.edit_catalogue(who, project, Edited::scope("scope.changed", scope), |_, _, catalogue| {
            if change.resource_label.is_some()
                || change.description.is_some()
                || change.action_label.is_some()
            {
                refuse_own(scope)?;
            }
            apply(catalogue, scope, change)
        })
    }

    /// Removes a scope that no key holds, and its resource with the last one.
    ///
    /// # Errors
    /// When it is not in the catalogue, keys hold it, or its resource guards keysrv's own API.
    pub fn remove_scope(&self, who: &Principal, project: &ProjectName, scope: &Scope) -> Result<Catalogue> {
        self.edit_catalogue(who, project, Edited::scope("scope.removed", scope), |tx, seq, catalogue| {
            refuse_own(scope)?;
            find_detail(catalogue, scope)?;
            refuse_held(tx, seq, scope)?;
            refuse_needed(tx, seq, scope)?;
            for resource in &mut catalogue.resources {
                resource.scopes.retain(|detail| detail.scope != *scope);
            }
            catalogue.resources.retain(|resource| !resource.scopes.is_empty());
            for preset in &mut catalogue.presets {
                preset.scopes.retain(|entry| entry.scope != *scope);
            }
            Ok(())
        })
    }

    /// Edits the catalogue in one transaction, with one event unless nothing changed.
    pub(super) fn edit_catalogue(
        &self,
        who: &Principal,
        project: &ProjectName,
        edited: Edited<'_>,
        edit: impl FnOnce(&dyn ReadTx, ProjectSeq, &mut Catalogue) -> Result<()>,
    ) -> Result<Catalogue> {
        require(who, Permission::WriteProject, project)?;
        let mut tx = self.write()?;
        let seq = find_project(&*tx, project)?;
        let before = tx.get_catalogue(seq)?;
        let mut catalogue = before.clone();
        edit(&*tx, seq, &mut catalogue)?;
        if catalogue == before {
            tx.commit()?;
            return Ok(before);
        }
        tx.replace_catalogue(seq, &catalogue)?;
        let (target, detail) = (edited.target(), edited.detail(&before, &catalogue));
        Entry { who, at: self.now(), project: Some(project) }.append(
            &mut *tx,
            edited.action,
            target,
            detail,
        )?;
        tx.commit()?;
        Ok(catalogue)
    }
}

/// Which part of the catalogue an edit is about, for its event.
pub(super) struct Edited<'a> {
    action: &'static str,
    part: Part<'a>,
}

enum Part<'a> {
    Scope(&'a Scope),
    Preset(&'a PresetName),
}

impl<'a> Edited<'a> {
    fn scope(action: &'static str, scope: &'a Scope) -> Self {
        Self { action, part: Part::Scope(scope) }
    }

    pub(super) fn preset(action: &'static str, preset: &'a PresetName) -> Self {
        Self { action, part: Part::Preset(preset) }
    }

    fn target(&self) -> Target {
        match self.part {
            Part::Scope(scope) => Target::new("scope", scope.as_str(), scope.as_str()),
            Part::Preset(preset) => Target::new("preset", preset.as_str(), preset.as_str()),
        }
    }

    /// The part before and after; null where it was not there.
    fn detail(&self, before: &Catalogue, after: &Catalogue) -> Value {
        let part = |catalogue: &Catalogue| match self.part {
            Part::Scope(scope) => json!(catalogue.scopes().find(|detail| detail.scope == *scope)),
            Part::Preset(name) => {
                json!(catalogue.presets.iter().find(|preset| preset.name == *name).map(told))
            }
        };
        json!({ "from": part(before), "to": part(after) })
    }
}

/// What an event tells of a preset.
fn told(preset: &Preset) -> Value {
    json!({ "label": preset.label, "scopes": preset.scope_set() })
}

fn refuse_held(tx: &dyn ReadTx, project: ProjectSeq, scope: &Scope) -> Result<()> {
    let held = tx.count_keys_with_scope(project, scope)?;
    if held.is_none() {
        return Ok(());
    }
    Err(Error::InUse(format!("{held} {} the scope `{scope}`", held.hold())))
}

/// A rule whose scope nobody can grant would be a door that nobody can open again.
fn refuse_needed(tx: &dyn ReadTx, project: ProjectSeq, scope: &Scope) -> Result<()> {
    let needing = tx.list_routes(project)?.iter().filter(|rule| rule.scopes.contains(scope)).count();
    match needing {
        0 => Ok(()),
        1 => Err(Error::InUse(format!("1 route rule needs the scope `{scope}`"))),
        n => Err(Error::InUse(format!("{n} route rules need the scope `{scope}`"))),
    }
}

fn refuse_own(scope: &Scope) -> Result<()> {
    if Catalogue::is_own(scope.resource()) {
        let message =
            format!("`{}` guards keysrv's own API: its scopes and words are fixed", scope.resource());
        return Err(Error::InUse(message));
    }
    Ok(())
}

fn find_detail<'a>(catalogue: &'a mut Catalogue, scope: &Scope) -> Result<&'a mut ScopeDetail> {
    let mut details = catalogue.resources.iter_mut().flat_map(|resource| &mut resource.scopes);
    details.find(|detail| detail.scope == *scope).ok_or_else(|| Error::no_such("scope", scope.as_str()))
}

fn push(catalogue: &mut Catalogue, scope: &Scope) -> Result<()> {
    let n_resources = catalogue.resources.len();
    let detail = ScopeDetail { scope: scope.clone(), label: capitalised(scope.action()), is_default: false };
    let of_scope = |resource: &&mut Resource| resource.name == scope.resource();
    match catalogue.resources.iter_mut().find(of_scope) {
        Some(resource) if resource.scopes.len() < ACTIONS_MAX => resource.scopes.push(detail),
        None if n_resources < RESOURCES_MAX => catalogue.resources.push(Resource {
            name: scope.resource().to_owned(),
            label: capitalised(scope.resource()),
            description: String::new(),
            scopes: vec![detail],
        }),
        _ => {
            let message = format!(
                "a catalogue has at most {RESOURCES_MAX} resources, and a resource {ACTIONS_MAX} actions; remove one first"
            );
            return Err(Error::InUse(message));
        }
    }
    Ok(())
}

fn apply(catalogue: &mut Catalogue, scope: &Scope, change: &ScopeChange) -> Result<()> {
    let detail = find_detail(catalogue, scope)?;
    if let Some(is_default) = change.is_default {
        detail.is_default = is_default;
    }
    set_text("label", &mut detail.label, change.action_label.as_ref(), 40)?;
    if let Some(resource) = catalogue.resources.iter_mut().find(|resource| resource.name == scope.resource())
    {
        set_text("label", &mut resource.label, change.resource_label.as_ref(), 40)?;
        set_text("description", &mut resource.description, change.description.as_ref(), 400)?;
    }
    for name in &change.add_to_presets {
        let preset = find_preset(catalogue, name)?;
        if !preset.has(scope) {
            preset.scopes.push(PresetScope { scope: scope.clone(), reason: String::new() });
        }
    }
    for name in &change.remove_from_presets {
        find_preset(catalogue, name)?.scopes.retain(|entry| entry.scope != *scope);
    }
    Ok(())
}

fn find_preset<'a>(catalogue: &'a mut Catalogue, name: &str) -> Result<&'a mut Preset> {
    let found = catalogue.presets.iter_mut().find(|preset| preset.name.as_str() == name);
    found.ok_or_else(|| Error::no_such("preset", name))
}

pub(super) fn set_text(
    field: &'static str,
    text: &mut String,
    new: Option<&String>,
    chars_max: usize,
) -> Result<()> {
    let Some(new) = new else { return Ok(()) };
    require_text(field, new, chars_max)?;
    if new.contains(['\n', '\t']) {
        return Err(Invalid::new(field, new, "contains a line break or tab").into());
    }
    text.clone_from(new);
    Ok(())
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + chars.as_str())
}
